//! What a file is read as.

use std::io::{Read, Seek};

use citadel_core::Format;

use crate::archive::Content;
use crate::frame::Tally;
use crate::outlet::Outlet;
use crate::sniff::{self, Kind};
use crate::{
    Failure, archive, confluence, csv, docx, epub, html, markdown, mediawiki, open_document, pptx, text, xlsx,
};

/// A file, or the bytes of one that lies in a file.
pub(crate) trait Input: Read + Seek + Send {}

impl<T: Read + Seek + Send> Input for T {}

/// Where a file stands: what tells of it beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its name without folders; a hint, and its title if nothing better is found.
    pub file_name: String,
    /// The folders above it, outermost first, as far as they belong to what was named: below the folder that the user
    /// named, or in the archive.
    pub folders: Vec<String>,
}

impl Place {
    /// That of a member, whose `name` is its way in the file around it.
    pub fn of_member(name: &str) -> Self {
        let mut steps: Vec<String> =
            name.split(['/', '\\']).filter(|step| !step.is_empty()).map(str::to_owned).collect();
        let file_name = steps.pop().unwrap_or_default();
        Self { file_name, folders: steps }
    }

    /// The file's name without its ending; never empty.
    pub fn stem(&self) -> &str {
        match self.file_name.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ if self.file_name.is_empty() => "untitled",
            _ => &self.file_name,
        }
    }
}

/// Reads a file of `size` bytes and gives its documents to `to`.
pub(crate) fn read(
    input: &mut dyn Input,
    size: u64,
    place: &Place,
    to: &mut Outlet<'_>,
) -> Result<Tally, Failure> {
    let mut head = Vec::new();
    input.take(sniff::HEAD_BYTES as u64).read_to_end(&mut head).map_err(unreadable)?;
    input.rewind().map_err(unreadable)?;
    let kind = sniff::kind(&head, &place.file_name)?;
    if let Kind::MediaWiki { packing } = kind {
        to.started(Format::MediaWiki, false);
        let result = mediawiki::parse(input, packing, &mut |event| to.event(event));
        return to.end(result);
    }
    if kind == Kind::Archive {
        if let Some(archive) = archive::confluence(&mut *input) {
            to.started(Format::Confluence, false);
            let result = confluence::parse(archive, &mut |event| to.event(event));
            return to.end(result);
        }
        input.rewind().map_err(unreadable)?;
    }
    if kind == Kind::Pdf {
        to.started(Format::Pdf, true);
        let result = crate::pdf::parse(input, size, place.stem(), to);
        return to.end(result.map(|()| Tally::default()));
    }
    if size > to.max_file_bytes() {
        let limit = to.max_file_bytes() >> 20;
        return Err(Failure::TooLarge(format!("{} MiB, the limit is {limit} MiB", size >> 20)));
    }
    let mut bytes = Vec::new();
    input.take(to.max_file_bytes()).read_to_end(&mut bytes).map_err(unreadable)?;
    drop(head);
    let (stem, options) = (place.stem(), to.options());
    let document = match kind {
        Kind::Archive => match archive::look(&bytes)? {
            Content::Docx => {
                to.started(Format::Docx, true);
                docx::parse(&bytes, stem)?
            }
            Content::Pptx => {
                to.started(Format::Pptx, true);
                pptx::parse(&bytes, stem)?
            }
            Content::Xlsx => {
                to.started(Format::Xlsx, true);
                xlsx::parse(&bytes, options.max_text_chars, stem)?
            }
            Content::Epub => {
                to.started(Format::Epub, true);
                epub::parse(&bytes, stem)?
            }
            Content::Odt => {
                to.started(Format::Odt, true);
                open_document::parse(&bytes, Format::Odt, stem)?
            }
            Content::Odp => {
                to.started(Format::Odp, true);
                open_document::parse(&bytes, Format::Odp, stem)?
            }
        },
        Kind::Html | Kind::Markdown | Kind::Separated(_) | Kind::Text => {
            let format = match kind {
                Kind::Html => Format::Html,
                Kind::Markdown => Format::Markdown,
                Kind::Separated(_) => Format::Csv,
                _ => Format::Text,
            };
            to.started(format, true);
            // No encoding spends more than four bytes on a character.
            if bytes.len() / 4 > options.max_text_chars {
                return Err(Failure::too_long(options.max_text_chars));
            }
            let decoded = text::decode(&bytes, format == Format::Html)?;
            drop(bytes);
            match kind {
                Kind::Html => html::parse(decoded, stem),
                Kind::Markdown => markdown::parse(decoded, stem),
                Kind::Separated(separator) => csv::parse(decoded, separator, options.max_text_chars, stem)?,
                _ => text::parse(decoded, stem),
            }
        }
        Kind::Pdf => return Err(Failure::Unsupported("a PDF inside a PDF".into())),
        Kind::MediaWiki { .. } => return Err(Failure::Unsupported("a wiki dump inside a wiki dump".into())),
    };
    // A scan has pages without text: a document still, which the caller may want to tell about.
    if document.blocks.is_empty() && document.pages.is_empty() {
        return Err(Failure::Empty);
    }
    to.document(document);
    to.end(Ok(Tally::default()))
}

fn unreadable(e: std::io::Error) -> Failure {
    Failure::Unreadable(e.to_string())
}
