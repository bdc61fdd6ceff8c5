//! Mail messages: their headers and text as a document, their attachments as files of their own.
//!
//! Of a text that is sent in two forms the plain one is read. Quoted replies stay; pictures that the text shows are
//! passed over.

use citadel_core::{BlockKind, Document, Format};
use mail_parser::{Address, Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::archive::names::{self, Names};
use crate::builder::{TextBuilder, one_line};
use crate::frame::Tally;
use crate::outlet::{Member, Outlet};
use crate::reader::Place;
use crate::{Failure, html, text};

/// What a message is encrypted with.
const PGP: &str = "-----BEGIN PGP MESSAGE-----";

/// Whether these bytes begin a message: nothing but headers before the first empty line, and among them such as only
/// messages have. Of a file that is `named` a message any header will do.
pub(crate) fn is_message(head: &[u8], named: bool) -> bool {
    let mut found: Vec<String> = Vec::new();
    for line in head.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if found.is_empty() {
                return false;
            }
            continue;
        }
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if name.is_empty() || name.len() == line.len() || !name.iter().all(u8::is_ascii_graphic) {
            return false;
        }
        found.push(String::from_utf8_lossy(name).to_ascii_lowercase());
    }
    let has = |wanted: &[&str]| found.iter().any(|name| wanted.contains(&name.as_str()));
    let written = has(&["from", "subject", "date", "content-type"]);
    let sent = has(&["message-id", "mime-version", "received", "return-path", "delivered-to"]);
    (written && (sent || named)) || (has(&["from"]) && has(&["date"]) && has(&["to", "subject"]))
}

/// The subject of a message, if it has one.
pub(crate) fn subject(bytes: &[u8]) -> Option<String> {
    let message = MessageParser::default().parse_headers(bytes)?;
    message.subject().map(one_line).filter(|subject| !subject.is_empty())
}

/// Reads a message; `stem` is its title if it has no subject.
pub(crate) fn read(bytes: &[u8], stem: &str, to: &mut Outlet<'_>) -> Result<Tally, Failure> {
    let message = MessageParser::default().parse(bytes);
    let message = message.filter(|message| !message.headers().is_empty());
    let message = message.ok_or_else(|| Failure::Damaged("the message has no headers".into()))?;
    if let Some(failure) = locked(&message) {
        return Err(failure);
    }
    let document = document(&message, stem);
    let title = document.title.clone();
    let mut tally = Tally::default();
    let is_empty = document.blocks.is_empty();
    if is_empty && message.attachments.is_empty() {
        return Err(Failure::Empty);
    }
    if is_empty || to.document(document) {
        // Their texts are in memory twice: in the message and on their own.
        to.holding(bytes.len() as u64, |to| attachments(&message, &title, &mut tally, to));
    }
    to.end(Ok(tally))
}

/// Why a message's text cannot be read.
fn locked(message: &Message<'_>) -> Option<Failure> {
    let locked = message.parts.iter().find_map(|part| {
        let kind = part.content_type()?;
        match (kind.ctype(), kind.subtype().unwrap_or_default()) {
            ("multipart", "encrypted") => Some(Failure::Encrypted),
            ("application", "pkcs7-mime" | "x-pkcs7-mime") => match kind.attribute("smime-type") {
                Some("signed-data" | "certs-only" | "compressed-data") => {
                    Some(Failure::Unsupported("its text is packed into an S/MIME signature".into()))
                }
                _ => Some(Failure::Encrypted),
            },
            _ => None,
        }
    });
    let is_pgp = |part: &MessagePart<'_>| matches!(&part.body, PartType::Text(text) if text.trim_start().starts_with(PGP));
    locked.or_else(|| message.text_bodies().any(is_pgp).then_some(Failure::Encrypted))
}

fn document(message: &Message<'_>, stem: &str) -> Document {
    let mut builder = TextBuilder::default();
    builder.push(BlockKind::Paragraph, &headers(message).join("\n"));
    let mut warnings = Vec::new();
    let is_blank = |part: &MessagePart<'_>| part.text_contents().is_none_or(|text| text.trim().is_empty());
    let parts = if message.text_bodies().all(is_blank) { &message.html_body } else { &message.text_body };
    for part in parts.iter().filter_map(|id| message.part(*id)) {
        let (PartType::Text(body) | PartType::Html(body)) = &part.body else { continue };
        let is_html = matches!(part.body, PartType::Html(_));
        let (body, warned) = decoded(body, part, is_html, message);
        warnings.extend(warned);
        if is_html {
            warnings.extend(html::push_any(&body, &mut builder));
        } else {
            text::push(&body, &mut builder);
        }
    }
    let mut document = builder.finish(Format::Email, &[message.subject()], stem);
    document.warnings = warnings;
    let facts = [
        ("author", message.from().map(people)),
        ("timestamp", message.date().filter(|date| date.is_valid()).map(|date| date.to_rfc3339())),
        ("message_id", message.message_id().map(str::to_owned)),
    ];
    for (key, value) in facts {
        let value = value.map(|value| one_line(&value)).filter(|value| !value.is_empty());
        document.metadata.extend(value.map(|value| (key.to_owned(), value)));
    }
    document
}

/// The headers that a reader is shown.
fn headers(message: &Message<'_>) -> Vec<String> {
    let date = message.header_raw("Date").map(str::to_owned);
    let headers = [
        ("From", message.from().map(people)),
        ("To", message.to().map(people)),
        ("Cc", message.cc().map(people)),
        ("Date", date),
        ("Subject", message.subject().map(str::to_owned)),
    ];
    let headers = headers.into_iter().filter_map(|(name, value)| Some((name, one_line(&value?))));
    headers.filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}: {value}")).collect()
}

/// `Ann <ann@x.org>, bob@x.org`
fn people(addresses: &Address<'_>) -> String {
    let person = |address: &mail_parser::Addr<'_>| match (address.name(), address.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    };
    addresses.iter().map(person).collect::<Vec<_>>().join(", ")
}

/// A text in Unicode, with a warning if some of it was lost. The encoding of one that names none, or a wrong one, is
/// guessed.
fn decoded(
    body: &str,
    part: &MessagePart<'_>,
    is_html: bool,
    message: &Message<'_>,
) -> (String, Option<String>) {
    let lost = body.matches('\u{fffd}').count();
    if lost == 0 {
        return (body.to_owned(), None);
    }
    let raw = raw(part, message).filter(|_| part.encoding == Encoding::None);
    if let Some(Ok(guessed)) = raw.map(|raw| text::decode(raw, is_html))
        && guessed.warnings.is_empty()
    {
        return (guessed.text, None);
    }
    (body.to_owned(), Some(format!("{lost} characters of the message could not be read")))
}

/// A part as it stands in the message.
fn raw<'a>(part: &MessagePart<'_>, message: &'a Message<'_>) -> Option<&'a [u8]> {
    let at = |offset: u32| usize::try_from(offset).ok();
    message.raw_message.get(at(part.raw_body_offset())?..at(part.raw_end_offset())?)
}

fn attachments(message: &Message<'_>, title: &str, tally: &mut Tally, to: &mut Outlet<'_>) {
    let mut given = Names::default();
    for part in message.attachments() {
        if is_shown_in_text(part) {
            tally.skipped += 1;
            continue;
        }
        let (bytes, name) = match &part.body {
            // A message that is not packed has its bytes in the message around it.
            PartType::Message(inner) => {
                let bytes = match part.encoding {
                    Encoding::None => raw(part, message).unwrap_or_default(),
                    _ => inner.raw_message(),
                };
                (bytes, inner.subject().map(|subject| format!("{subject}.eml")))
            }
            _ => (part.contents(), None),
        };
        let name = part.attachment_name().map(str::to_owned).or(name);
        let name = names::shown(name.as_deref().unwrap_or("attachment"));
        let file_name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let place = Place { file_name, folders: Vec::new() };
        let member = Member {
            part: given.unique(name),
            place: place.clone(),
            bytes: bytes.len() as u64,
            attached_to: Some(title.to_owned()),
        };
        let go_on = to.member(member, |to| {
            to.count_unpacked(bytes.len() as u64)?;
            to.nested(bytes.to_vec(), &place)
        });
        if !go_on {
            return;
        }
    }
}

/// Whether a part is a picture that the message shows, or a signature.
fn is_shown_in_text(part: &MessagePart<'_>) -> bool {
    let kind = part.content_type();
    let is_picture = kind.is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("image"));
    let is_signature = kind.and_then(|kind| kind.subtype()).is_some_and(|kind| {
        ["pgp-signature", "pkcs7-signature", "x-pkcs7-signature"]
            .iter()
            .any(|known| kind.eq_ignore_ascii_case(known))
    });
    let is_inline =
        part.content_disposition().is_some_and(|said| said.is_inline()) || part.content_id().is_some();
    is_signature || (is_picture && is_inline)
}
