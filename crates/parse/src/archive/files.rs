//! ZIP archives of files.

use std::io::{BufReader, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::names::{self, Names};
use crate::frame::Tally;
use crate::outlet::{Member, Outlet};
use crate::reader::{Input, Place};
use crate::{Failure, archive};

/// The files of a ZIP archive, which may be of any size: one is in memory at a time.
pub(crate) struct Files<'a> {
    archive: ZipArchive<BufReader<&'a mut dyn Input>>,
    /// Bytes of the archive.
    size: u64,
}

/// A file as the archive's directory tells of it.
pub(crate) struct Entry {
    pub at: usize,
    /// Its name as it is written.
    pub name: String,
    /// Its way in the archive, or why it is not read.
    pub way: Result<String, Failure>,
    /// To how many bytes it says to unpack.
    pub bytes: u64,
}

impl Entry {
    /// The file as a member with this name.
    pub fn member(&self, part: String) -> Member {
        let way = self.way.as_deref().unwrap_or_default();
        Member { part, place: Place::of_member(way), bytes: self.bytes, attached_to: None }
    }
}

impl<'a> Files<'a> {
    /// Reads the archive's directory.
    pub fn open(input: &'a mut dyn Input, size: u64) -> Result<Self, Failure> {
        Ok(Self { archive: archive::open(BufReader::new(input))?, size })
    }

    /// What the archive is.
    pub fn content(&mut self) -> Result<archive::Content, Failure> {
        archive::content(&mut self.archive)
    }

    /// The files that it lists, without folders.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        (0..self.archive.len()).filter_map(|at| self.entry(at))
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        let entry = self.archive.by_index_data(at).ok().filter(|entry| !entry.is_dir())?;
        let name = names::decode(entry.name_raw());
        // The kind of file in the bits above the permissions; archives made elsewhere than on Unix have none.
        let way = match entry.unix_mode().unwrap_or_default() & 0o170_000 {
            0 | 0o100_000 => names::way(&name),
            0o120_000 => Err(Failure::Refused("it is a link".into())),
            _ => Err(Failure::Refused("it is a device or pipe".into())),
        };
        Some(Entry { at, name, way, bytes: entry.size() })
    }

    /// Whether some files have the same name, of which only the last can be read.
    pub fn has_duplicates(&self) -> bool {
        self.archive.has_duplicate_names()
    }

    /// A part by its name, with its packed size.
    pub fn part(&mut self, name: &str) -> Result<(impl Read, u64), Failure> {
        let part = self.archive.by_name(name).map_err(archive::closed)?;
        let packed = part.compressed_size().min(self.size);
        Ok((part, packed))
    }

    /// The first bytes of a file, at most `count`; fewer where they cannot be read.
    pub fn start(&mut self, at: usize, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Ok(file) = self.archive.by_index(at) {
            // Damage comes up again where the file is read.
            let _ = file.take(count as u64).read_to_end(&mut bytes);
        }
        bytes
    }

    /// The bytes of a file. One with a password is tried with those that the user gave.
    pub fn load(&mut self, at: usize, to: &mut Outlet<'_>) -> Result<Vec<u8>, Failure> {
        let entry = self.archive.by_index_data(at).map_err(archive::closed)?;
        let (locked, packed) = (entry.encrypted(), entry.compressed_size().min(self.size));
        if !locked {
            return to.unpack(&mut self.archive.by_index(at).map_err(archive::closed)?, packed);
        }
        for password in &to.options().passwords {
            match self.archive.by_index_decrypt(at, password.as_bytes()) {
                Err(ZipError::InvalidPassword) => {}
                Err(e) => return Err(archive::closed(e)),
                Ok(mut file) => match to.unpack(&mut file, packed) {
                    // Of the old encryption one in 256 wrong passwords is found out only by what comes of it.
                    Err(Failure::Damaged(_) | Failure::Truncated(_)) => {}
                    result => return result,
                },
            }
        }
        Err(Failure::Encrypted)
    }
}

/// Reads each file as what it is.
pub(crate) fn read(mut files: Files<'_>, to: &mut Outlet<'_>) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    let mut given = Names::default();
    let entries: Vec<Entry> = files.entries().collect();
    for entry in entries {
        if !read_entry(&entry, &mut files, &mut given, &mut tally, to) {
            break;
        }
    }
    if files.has_duplicates() {
        tally.warn("files of the same name are in it, of which only the last was read".into());
    }
    to.end(Ok(tally))
}

/// Reads a file as what it is, unless it is hidden. Whether to go on.
pub(crate) fn read_entry(
    entry: &Entry,
    files: &mut Files<'_>,
    given: &mut Names,
    tally: &mut Tally,
    to: &mut Outlet<'_>,
) -> bool {
    if entry.way.as_deref().is_ok_and(names::is_hidden) {
        tally.skipped += 1;
        return true;
    }
    let name = entry.way.as_deref().map_or_else(|_| names::shown(&entry.name), str::to_owned);
    let member = entry.member(given.unique(name));
    let place = member.place.clone();
    to.member(member, |to| {
        entry.way.clone()?;
        let bytes = files.load(entry.at, to)?;
        to.nested(bytes, &place)
    })
}
