//! What a file is, told by its first bytes; its name only decides between Markdown, separated values and plain
//! text.

use std::io::Read;

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;

use crate::archive::tape;
use crate::confluence::page::{self, Told};
use crate::{Failure, csv, mail, mailbox, text};

/// How much of a file is looked at: enough to tell every format.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Pdf,
    /// A ZIP archive: [`crate::archive`] tells of what.
    Zip,
    Tar,
    /// Something packed: what, [`crate::reader`] finds out.
    Packed(Packing),
    MediaWiki,
    /// Messages, one after the other.
    Mailbox,
    /// A message.
    Email,
    Html,
    /// A page of a Confluence HTML export.
    ConfluencePage,
    Markdown,
    /// Values that this character parts.
    Separated(u8),
    Text,
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Bzip2,
    Gzip,
}

impl Packing {
    /// The bytes inside; several streams after one another are one.
    pub(crate) fn unpack<'a>(self, packed: impl Read + 'a) -> Box<dyn Read + 'a> {
        match self {
            Packing::None => Box::new(packed),
            Packing::Bzip2 => Box::new(MultiBzDecoder::new(packed)),
            Packing::Gzip => Box::new(MultiGzDecoder::new(packed)),
        }
    }
}

/// Formats that people will try and that this crate does not read.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"7z\xbc\xaf\x27\x1c", "it is a 7-Zip archive"),
    (b"Rar!", "it is a RAR archive"),
    (b"\xfd7zXZ\0", "it is an xz archive"),
    (b"\x28\xb5\x2f\xfd", "it is a Zstandard archive"),
    (b"{\\rtf", "it is an RTF document"),
    (b"\x89PNG", "it is a picture"),
    (b"\xff\xd8\xff", "it is a picture"),
    (b"GIF8", "it is a picture"),
    (b"II*\0", "it is a picture"),
    (b"MM\0*", "it is a picture"),
    (b"%!PS", "it is a PostScript document"),
    (b"\x7fELF", "it is a program"),
    (b"MZ", "it is a program"),
    (b"SQLite format 3\0", "it is a database"),
    (b"\x78\x9f\x3e\x22", "it is what Outlook attaches in a format of its own (winmail.dat)"),
];

/// The kind of a file whose first bytes are `head`.
pub(crate) fn kind(head: &[u8], file_name: &str) -> Result<Kind, Failure> {
    // Readers accept a PDF whose magic number comes late, but a text may mention it too.
    let first_kib = head.get(..1024).unwrap_or(head);
    if first_kib.starts_with(b"%PDF-")
        || (find(first_kib, b"%PDF-").is_some() && find(head, b" obj").is_some())
    {
        return Ok(Kind::Pdf);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Kind::Zip);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        // Office puts a document with a password into the old container, under this name in UTF-16.
        let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|b| [b, 0]).collect();
        return Err(match find(head, &name) {
            Some(_) => Failure::Encrypted,
            None => Failure::Unsupported("it is an Office document of the years before 2007".into()),
        });
    }
    for (magic, packing) in [(&b"BZh"[..], Packing::Bzip2), (b"\x1f\x8b", Packing::Gzip)] {
        if head.starts_with(magic) {
            return Ok(Kind::Packed(packing));
        }
    }
    if tape::is_tar(head) {
        return Ok(Kind::Tar);
    }
    if let Some((_, what)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        // Two letters are too little to call a text a program.
        if *what != "it is a program" || head.contains(&0) {
            return Err(Failure::Unsupported((*what).into()));
        }
    }
    if is_dump(head) {
        return Ok(Kind::MediaWiki);
    }
    if mailbox::is_mailbox(head) {
        return Ok(Kind::Mailbox);
    }
    if mail::is_message(head, named(file_name, &["eml"])) {
        return Ok(Kind::Email);
    }
    let start = text::decode_head(head)?;
    let named = |endings: &[&str]| named(file_name, endings);
    if starts_as_html(&start) {
        return match page::told(&start) {
            Some(Told::Page) => Ok(Kind::ConfluencePage),
            Some(Told::Index) => {
                Err(Failure::Unsupported("it only lists the pages of a Confluence export".into()))
            }
            None => Ok(Kind::Html),
        };
    }
    if named(&["csv", "tsv", "tab"])
        && let Some(separator) = csv::separator(&start, head.len() >= HEAD_BYTES)
    {
        return Ok(Kind::Separated(separator));
    }
    if named(&["md", "markdown", "mdown", "mkd", "mdx"]) {
        return Ok(Kind::Markdown);
    }
    if (named(&["html", "htm", "xhtml"]) || start.trim_start().starts_with('<')) && tags(&start) >= 3 {
        return Ok(Kind::Html);
    }
    let unnamed = !file_name.contains('.') || named(&["txt", "text"]);
    Ok(if unnamed && is_clearly_markdown(&start) { Kind::Markdown } else { Kind::Text })
}

fn named(file_name: &str, endings: &[&str]) -> bool {
    file_name.rsplit_once('.').is_some_and(|(_, end)| endings.iter().any(|e| end.eq_ignore_ascii_case(e)))
}

/// Whether these bytes, in any Unicode encoding, open a MediaWiki dump.
pub(crate) fn is_dump(head: &[u8]) -> bool {
    // Reading ASCII only is enough and needs no encoding: UTF-16 has a zero beside each letter.
    let ascii: Vec<u8> = head.iter().take(8192).copied().filter(|b| (b' '..=b'~').contains(b)).collect();
    let Some(at) = find(&ascii, b"<mediawiki") else { return false };
    // Only a declaration, a document type and comments may stand in front.
    let before = ascii.get(..at).unwrap_or_default();
    before.is_empty()
        || before.starts_with(b"<?")
        || before.starts_with(b"<!")
        || before.iter().all(|b| *b == b' ')
}

pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn starts_as_html(text: &str) -> bool {
    let mut rest = text.trim_start();
    // An XML declaration or comments may come first.
    while let Some((opening, closing)) =
        [("<?", "?>"), ("<!--", "-->")].into_iter().find(|(o, _)| rest.starts_with(o))
    {
        let Some((_, after)) = rest.get(opening.len()..).and_then(|inner| inner.split_once(closing)) else {
            return false;
        };
        rest = after.trim_start();
    }
    let start: String = rest.chars().take(20).collect::<String>().to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| start.starts_with(tag))
}

fn tags(text: &str) -> usize {
    let lower = text.to_ascii_lowercase();
    ["<p>", "<p ", "<div", "<table", "<a ", "<h1", "<h2", "<ul", "<li", "<br", "<span", "</p>", "</div>"]
        .iter()
        .map(|tag| lower.matches(tag).count())
        .sum()
}

/// Two headings with empty lines around, or one and a link: a script's comments have neither.
fn is_clearly_markdown(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let empty = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_none_or(|line| line.is_empty());
    let is_heading = |line: &str| {
        let after = line.trim_start_matches('#');
        (1..=6).contains(&(line.len() - after.len())) && after.starts_with(' ')
    };
    let headings = lines
        .iter()
        .enumerate()
        .filter(|(at, line)| is_heading(line) && empty(at.checked_sub(1)) && empty(Some(at + 1)))
        .count();
    headings >= 2 || (headings == 1 && (text.contains("](") || text.contains("\n```")))
}
