//! XML read as a stream: what its readers share. Entities that a document type defines are not expanded.

use std::borrow::Cow;
use std::io::{BufReader, Cursor};

use quick_xml::Reader;
use quick_xml::events::{self, BytesStart};

use crate::text::Transcoder;
use crate::{Failure, archive};

/// Elements inside each other; no program that writes documents comes near.
const MAX_DEPTH: usize = 1_000;

/// What stands next in a part. An element without content is opened and closed.
pub(crate) enum Event<'a> {
    Open(Tag<'a>),
    Text(&'a str),
    /// The local name of the element that ends.
    Close(&'a str),
}

/// The start of an element.
pub(crate) struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    /// The name without its prefix.
    pub fn name(&self) -> String {
        let name = self.0.local_name();
        let name: &str = name.as_ref();
        name.to_owned()
    }

    /// The value of the attribute `name`, which has no prefix.
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.find(|key| key == name)
    }

    /// The value of the attribute `name` under any prefix.
    pub fn prefixed(&self, name: &str) -> Option<String> {
        self.find(|key| key.split_once(':').is_some_and(|(_, local)| local == name))
    }

    fn find(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut attributes = self.0.attributes();
        let found = attributes.with_checks(false).flatten().find(|a| wanted(a.key.as_ref()))?;
        let value = quick_xml::escape::unescape(&found.value).map(|value| value.into_owned());
        Some(value.unwrap_or_else(|_| found.value.into_owned()))
    }
}

/// Gives what stands in the part `name` to `sink`, in order.
pub(crate) fn read(
    name: &str,
    bytes: &[u8],
    sink: &mut dyn FnMut(Event<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let broken = |what: &dyn std::fmt::Display| Failure::Damaged(format!("{name}: {what}"));
    let mut reader = Reader::from_reader(BufReader::new(Transcoder::new(Cursor::new(bytes))));
    reader.config_mut().allow_dangling_amp = true;
    reader.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    let mut depth = 0usize;
    loop {
        match reader.read_event_into(&mut buffer).map_err(|e| broken(&e))? {
            events::Event::Start(tag) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(broken(&format!("elements are nested more than {MAX_DEPTH} deep")));
                }
                sink(Event::Open(Tag(tag)))?;
            }
            events::Event::End(tag) => {
                depth = depth.saturating_sub(1);
                sink(Event::Close(tag.local_name().as_ref()))?;
            }
            event @ (events::Event::Text(_) | events::Event::CData(_) | events::Event::GeneralRef(_)) => {
                sink(Event::Text(&text(&event)))?;
            }
            events::Event::Eof if depth > 0 => return Err(broken(&"it has no end")),
            events::Event::Eof => return Ok(()),
            _ => {}
        }
        buffer.clear();
    }
}

/// What an event adds to the text around it. Of entities only XML's own five and numbered ones are known: others
/// would be a document type's.
pub(crate) fn text<'a>(event: &'a events::Event<'_>) -> Cow<'a, str> {
    match event {
        events::Event::Text(text) => Cow::Borrowed(text),
        events::Event::CData(text) => Cow::Borrowed(text),
        events::Event::GeneralRef(name) => match name.resolve_char_ref() {
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
        quick_xml::Error::Io(e) => archive::broken(&e),
        e @ quick_xml::Error::Syntax(_) => Failure::Truncated(e.to_string()),
        e => Failure::Damaged(e.to_string()),
    }
}
