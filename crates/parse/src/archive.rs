//! Archives: what lies in them, and whether it can be unpacked without harm. Nothing is ever written to the disk.

use std::io::{self, Cursor, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::{Failure, confluence};

pub(crate) mod files;
pub(crate) mod names;
pub(crate) mod tape;

/// A document has a few dozen parts, with many pictures a few thousand.
const MAX_ENTRIES: usize = 20_000;
/// All parts together, unpacked.
const MAX_UNPACKED: u64 = 1 << 30;
/// One part may unpack to this many times its packed size, once it is over [`SMALL`].
pub(crate) const MAX_RATIO: u64 = 200;
const SMALL: u64 = 8 << 20;

/// The parts of an archive that has been [counted](count).
pub(crate) struct Parts<'a>(ZipArchive<Cursor<&'a [u8]>>);

impl<'a> Parts<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, Failure> {
        ZipArchive::new(Cursor::new(bytes)).map(Self).map_err(|e| Failure::Damaged(e.to_string()))
    }

    /// The bytes of a part; `None` where the archive has none of this name.
    pub fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        let mut part = match self.0.by_name(name) {
            Ok(part) => part,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(e) => return Err(Failure::Damaged(format!("{name}: {e}"))),
        };
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).map_err(|e| Failure::Damaged(format!("{name}: {e}")))?;
        Ok(Some(bytes))
    }

    /// The bytes of a part that has to be there.
    pub fn require(&mut self, name: &str) -> Result<Vec<u8>, Failure> {
        self.read(name)?.ok_or_else(|| Failure::Damaged(format!("the part {name} is missing")))
    }
}

/// The name of the part that `target`, written in the part `from`, points at.
pub(crate) fn resolve(from: &str, target: &str) -> String {
    let mut path: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => from.rsplit_once('/').map(|(folder, _)| folder.split('/').collect()).unwrap_or_default(),
    };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            name => path.push(name),
        }
    }
    path.join("/")
}

/// What an archive is, told by the names of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A Word document.
    Docx,
    /// A PowerPoint presentation.
    Pptx,
    /// An Excel workbook.
    Xlsx,
    /// A book.
    Epub,
    /// An OpenDocument text.
    Odt,
    /// An OpenDocument presentation.
    Odp,
    /// A Confluence XML export.
    Confluence,
    /// Files of any kind.
    Files,
}

/// Unpacks every part of a document's archive into nothing to count: the sizes in the archive's directory may lie. Gives
/// the bytes of all.
pub(crate) fn count(bytes: &[u8]) -> Result<u64, Failure> {
    let mut archive = open(Cursor::new(bytes))?;
    if archive.len() > MAX_ENTRIES {
        return Err(Failure::Bomb(format!("{} parts", archive.len())));
    }
    let mut total = 0;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(closed)?;
        let packed = entry.compressed_size();
        let most = most_unpacked(packed).min(MAX_UNPACKED.saturating_sub(total));
        let unpacked = io::copy(&mut entry.take(most + 1), &mut io::sink());
        let unpacked = unpacked.map_err(|e| Failure::Damaged(e.to_string()))?;
        if unpacked > most {
            return Err(bomb(packed, most));
        }
        total += unpacked;
    }
    Ok(total)
}

/// Opens a file that begins as a ZIP archive does; only its directory is read.
pub(crate) fn open<R: Read + Seek>(mut file: R) -> Result<ZipArchive<R>, Failure> {
    let mut start = [0; 4];
    let has_files = file.read_exact(&mut start).is_ok() && start == *b"PK\x03\x04";
    ZipArchive::new(file).map_err(|_| match has_files {
        true => Failure::Truncated("the archive's directory is missing".into()),
        false => Failure::Damaged("the archive has no directory".into()),
    })
}

/// Why the next bytes could not be unpacked.
pub(crate) fn broken(e: &io::Error) -> Failure {
    match e.kind() {
        io::ErrorKind::UnexpectedEof => Failure::Truncated("the archive ends in the middle".into()),
        _ => Failure::Damaged(e.to_string()),
    }
}

/// Why a part cannot be opened.
pub(crate) fn closed(e: ZipError) -> Failure {
    match e {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Failure::Encrypted,
        ZipError::CompressionMethodNotSupported(method) => {
            Failure::Unsupported(format!("it is packed in a way that is not read (method {method})"))
        }
        ZipError::UnsupportedArchive(what) => Failure::Unsupported(format!("it is packed with {what}")),
        e => Failure::Damaged(e.to_string()),
    }
}

/// To how many bytes a part of `packed` bytes may unpack.
pub(crate) fn most_unpacked(packed: u64) -> u64 {
    packed.saturating_mul(MAX_RATIO).max(SMALL)
}

pub(crate) fn bomb(packed: u64, most: u64) -> Failure {
    Failure::Bomb(format!("one part of {packed} bytes unpacks to more than {most}"))
}

/// Looks at the names of an archive's parts.
pub(crate) fn content<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<Content, Failure> {
    let has = |name: &str| archive.index_for_name(name).is_some();
    let what = match () {
        () if archive.is_empty() => return Err(Failure::Empty),
        () if has(confluence::ENTITIES) => return Ok(Content::Confluence),
        () if has("word/document.xml") => return Ok(Content::Docx),
        () if has("ppt/presentation.xml") => return Ok(Content::Pptx),
        () if has("xl/workbook.xml") => return Ok(Content::Xlsx),
        () if has("xl/workbook.bin") => "it is a binary Excel workbook",
        () if has("META-INF/container.xml") => return Ok(Content::Epub),
        () if has("mimetype") && has("content.xml") => return open_document(archive),
        () if has("[Content_Types].xml") => "it is an Office file that is no text, presentation or workbook",
        () if has("Index/Document.iwa") => "it is an Apple iWork document",
        () if has("META-INF/MANIFEST.MF") => "it is a program",
        () => return Ok(Content::Files),
    };
    Err(Failure::Unsupported(what.into()))
}

/// Which kind of OpenDocument file it says to be.
fn open_document<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<Content, Failure> {
    let mut kind = String::new();
    let part = archive.by_name("mimetype").map_err(|e| Failure::Damaged(e.to_string()))?;
    part.take(200).read_to_string(&mut kind).map_err(|e| Failure::Damaged(e.to_string()))?;
    match kind.trim().strip_prefix("application/vnd.oasis.opendocument.").unwrap_or_default() {
        "text" | "text-template" => Ok(Content::Odt),
        "presentation" | "presentation-template" => Ok(Content::Odp),
        _ => {
            Err(Failure::Unsupported("it is an OpenDocument file that is no text and no presentation".into()))
        }
    }
}
