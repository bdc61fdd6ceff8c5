//! What the readers of streamed XML share.

use std::borrow::Cow;
use std::io;

use quick_xml::events::{BytesStart, Event};

use crate::Failure;

/// What an event adds to the text around it. Of entities only XML's own five and numbered ones are known: others
/// would be a document type's.
pub(crate) fn text<'a>(event: &'a Event<'_>) -> Cow<'a, str> {
    match event {
        Event::Text(text) => Cow::Borrowed(text),
        Event::CData(text) => Cow::Borrowed(text),
        Event::GeneralRef(name) => match name.resolve_char_ref() {
            Ok(Some(c)) => Cow::Owned(c.into()),
            _ => quick_xml::escape::resolve_predefined_entity(name).unwrap_or_default().into(),
        },
        _ => Cow::Borrowed(""),
    }
}

/// The value of an attribute as it is written.
pub(crate) fn attribute(tag: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut all = attributes.with_checks(false).flatten();
    all.find(|a| a.key.as_ref() == wanted).map(|a| a.value.into_owned())
}

/// Why the next event could not be read.
pub(crate) fn failure(e: quick_xml::Error) -> Failure {
    match e {
        quick_xml::Error::Io(e) => broken(&e),
        e @ quick_xml::Error::Syntax(_) => Failure::Truncated(e.to_string()),
        e => Failure::Damaged(e.to_string()),
    }
}

/// Why the next bytes could not be unpacked.
pub(crate) fn broken(e: &io::Error) -> Failure {
    match e.kind() {
        io::ErrorKind::UnexpectedEof => Failure::Truncated("the archive ends in the middle".into()),
        _ => Failure::Damaged(e.to_string()),
    }
}
