//! What a file is read as.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};

use citadel_core::{Document, Format};

use crate::archive::Content;
use crate::archive::files::{self, Files};
use crate::archive::tape;
use crate::frame::Tally;
use crate::outlet::Outlet;
use crate::sniff::{self, Kind, Packing};
use crate::{
    Failure, Options, archive, confluence, csv, docx, dokuwiki, epub, html, mail, mailbox, markdown,
    mediawiki, ods, open_document, pptx, rtf, text, xlsx,
};

/// A file, or the bytes of one that lies in a file.
pub(crate) trait Input: Read + Seek + Send {
    /// All of it, from the start.
    fn whole(&mut self) -> io::Result<Vec<u8>>;
}

impl Input for File {
    fn whole(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.rewind()?;
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Input for Cursor<Vec<u8>> {
    /// Nothing is left behind: a copy would cost as much memory again.
    fn whole(&mut self) -> io::Result<Vec<u8>> {
        self.set_position(0);
        Ok(std::mem::take(self.get_mut()))
    }
}

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
    /// That of a file in an archive by its way there, with `/` between folders.
    pub fn of_member(way: &str) -> Self {
        let mut folders: Vec<String> = way.split('/').map(str::to_owned).collect();
        let file_name = folders.pop().unwrap_or_default();
        Self { file_name, folders }
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
    (&mut *input).take(sniff::HEAD_BYTES as u64).read_to_end(&mut head).map_err(unreadable)?;
    input.rewind().map_err(unreadable)?;
    let kind = sniff::kind(&head, place)?;
    drop(head);
    let mut parts = Content::Files;
    match kind {
        Kind::MediaWiki => return wiki(input, Packing::None, to),
        Kind::Packed(packing) => return packed(input, size, packing, place, to),
        Kind::Tar => {
            to.started(Format::Archive, false);
            return tape::read(BufReader::new(input), size, to);
        }
        Kind::Mailbox => {
            to.started(Format::Email, false);
            return mailbox::read(input, to);
        }
        Kind::Zip => {
            let mut files = Files::open(&mut *input, size)?;
            parts = files.content()?;
            match parts {
                Content::Confluence => {
                    to.started(Format::Confluence, false);
                    return confluence::parse(files, to);
                }
                Content::Files => return archive_of_files(files, to),
                _ => {}
            }
        }
        _ => {}
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
    let bytes = input.whole().map_err(unreadable)?;
    let format = format(kind, parts);
    to.started(format, true);
    if format == Format::Email {
        return mail::read(&bytes, place.stem(), to);
    }
    if kind == Kind::Zip {
        let unpacked = archive::count(&bytes)?;
        to.count_unpacked(unpacked)?;
    }
    let document = document(bytes, kind, format, place, to.options())?;
    // A scan has pages without text: a document still, which the caller may want to tell about.
    if document.blocks.is_empty() && document.pages.is_empty() {
        return Err(Failure::Empty);
    }
    to.document(document);
    to.end(Ok(Tally::default()))
}

/// What a file is that is read as a whole.
fn format(kind: Kind, parts: Content) -> Format {
    match kind {
        Kind::Email => Format::Email,
        Kind::Html => Format::Html,
        Kind::ConfluencePage => Format::Confluence,
        Kind::Markdown => Format::Markdown,
        Kind::DokuWiki => Format::DokuWiki,
        Kind::Rtf => Format::Rtf,
        Kind::Separated(_) => Format::Csv,
        Kind::Zip => match parts {
            Content::Docx => Format::Docx,
            Content::Pptx => Format::Pptx,
            Content::Xlsx => Format::Xlsx,
            Content::Epub => Format::Epub,
            Content::Odt => Format::Odt,
            Content::Odp => Format::Odp,
            Content::Ods => Format::Ods,
            Content::Confluence | Content::Files => Format::Archive,
        },
        Kind::Text | Kind::Pdf | Kind::MediaWiki | Kind::Packed(_) | Kind::Tar | Kind::Mailbox => {
            Format::Text
        }
    }
}

/// The one document of a file.
fn document(
    bytes: Vec<u8>,
    kind: Kind,
    format: Format,
    place: &Place,
    options: &Options,
) -> Result<Document, Failure> {
    let stem = place.stem();
    match format {
        Format::Docx => return docx::parse(&bytes, stem),
        Format::Pptx => return pptx::parse(&bytes, stem),
        Format::Xlsx => return xlsx::parse(&bytes, options.max_text_chars, stem),
        Format::Epub => return epub::parse(&bytes, stem),
        Format::Ods => return ods::parse(&bytes, options.max_text_chars, stem),
        Format::Rtf => return rtf::parse(&bytes, options.max_text_chars, stem),
        Format::Odt | Format::Odp => return open_document::parse(&bytes, format, stem),
        _ => {}
    }
    // No encoding spends more than four bytes on a character.
    if bytes.len() / 4 > options.max_text_chars {
        return Err(Failure::too_long(options.max_text_chars));
    }
    let decoded = text::decode(&bytes, matches!(format, Format::Html | Format::Confluence))?;
    drop(bytes);
    Ok(match kind {
        Kind::Html => html::parse(decoded, place),
        Kind::ConfluencePage => confluence::page::parse(decoded, place),
        Kind::Markdown => markdown::parse(decoded, place),
        Kind::DokuWiki => dokuwiki::parse(decoded, place),
        Kind::Separated(separator) => csv::parse(decoded, separator, options.max_text_chars, place)?,
        _ => text::parse(decoded, stem),
    })
}

fn archive_of_files(mut files: Files<'_>, to: &mut Outlet<'_>) -> Result<Tally, Failure> {
    if let Some(folder) = confluence::site::find(&mut files) {
        to.started(Format::Confluence, false);
        return confluence::site::read(&folder, files, to);
    }
    to.started(Format::Archive, false);
    files::read(files, to)
}

fn wiki(from: impl Read, packing: Packing, to: &mut Outlet<'_>) -> Result<Tally, Failure> {
    to.started(Format::MediaWiki, false);
    let result = mediawiki::parse(from, packing, &mut |event| to.event(event));
    to.end(result)
}

/// Reads what is packed: a wiki dump or a TAR archive as a stream, any other file as if it had been unpacked before.
fn packed(
    input: &mut dyn Input,
    size: u64,
    packing: Packing,
    place: &Place,
    to: &mut Outlet<'_>,
) -> Result<Tally, Failure> {
    let mut start = Vec::new();
    // Damage comes up again where the whole is read.
    let _ =
        packing.unpack(BufReader::new(&mut *input)).take(sniff::HEAD_BYTES as u64).read_to_end(&mut start);
    input.rewind().map_err(unreadable)?;
    if sniff::is_dump(&start) {
        return wiki(input, packing, to);
    }
    let mut unpacked = packing.unpack(BufReader::new(input));
    if tape::is_tar(&start) {
        to.started(Format::Archive, false);
        return tape::read(unpacked, size, to);
    }
    let bytes = to.unpack(&mut unpacked, size)?;
    let file_name = match place.file_name.rsplit_once('.') {
        Some((name, "gz" | "bz2" | "GZ" | "BZ2")) => name.to_owned(),
        _ => place.file_name.clone(),
    };
    to.nested(bytes, &Place { file_name, folders: place.folders.clone() })
}

/// The system refused while the file was read.
pub(crate) fn unreadable(e: io::Error) -> Failure {
    Failure::Unreadable(e.to_string())
}
