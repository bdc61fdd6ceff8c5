//! TAR archives of files, read forward.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use tar::{Archive, EntryType};

use super::names::{self, Names};
use crate::frame::Tally;
use crate::outlet::{Member, Outlet};
use crate::reader::Place;
use crate::{Failure, archive};

/// What may stand between the bytes of two files: headers, and long names, which the library takes into memory.
const MAX_BETWEEN: u64 = 1 << 20;
/// The size of a header, and what all sizes are rounded up to.
const BLOCK: usize = 512;

/// Whether these bytes begin a TAR archive.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..BLOCK) else { return false };
    // The sum of all bytes, where those of the sum itself count as spaces.
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    let written = header.get(148..156).unwrap_or_default();
    let own: u64 = written.iter().map(|byte| u64::from(*byte)).sum();
    let digits: String = written
        .iter()
        .map(|byte| char::from(*byte))
        .skip_while(|c| *c == ' ')
        .take_while(|c| c.is_digit(8))
        .collect();
    header.first() != Some(&0) && u64::from_str_radix(&digits, 8) == Ok(sum - own + 8 * 32)
}

/// Reads each file as what it is; `packed` bytes unpack to the archive.
pub(crate) fn read(from: impl Read, packed: u64, to: &mut Outlet<'_>) -> Result<Tally, Failure> {
    let gate = Gate { left: Rc::new(Cell::new(MAX_BETWEEN)), ended: Rc::new(Cell::new(false)), from };
    let (left, ended) = (Rc::clone(&gate.left), Rc::clone(&gate.ended));
    let broken = |e: &io::Error| match ended.get() {
        true => Failure::Truncated("the archive ends in the middle".into()),
        false => archive::broken(e),
    };
    let mut archive = Archive::new(gate);
    let mut tally = Tally::default();
    let mut given = Names::default();
    for entry in archive.entries().map_err(|e| broken(&e))? {
        let mut entry = entry.map_err(|e| broken(&e))?;
        let kind = entry.header().entry_type();
        let raw = names::decode(&entry.path_bytes());
        // Of what is not read below, the library passes over so much.
        left.set(entry.header().entry_size().unwrap_or_default().saturating_add(MAX_BETWEEN));
        if kind.is_dir() || kind == EntryType::XGlobalHeader || (kind.is_file() && raw.ends_with('/')) {
            continue;
        }
        let way = match kind {
            EntryType::Regular | EntryType::Continuous => names::way(&raw),
            EntryType::Symlink | EntryType::Link => Err(Failure::Refused("it is a link".into())),
            EntryType::GNUSparse => {
                Err(Failure::Unsupported("it is a sparse file, which no document is".into()))
            }
            _ => Err(Failure::Refused("it is a device or pipe".into())),
        };
        if way.as_deref().is_ok_and(names::is_hidden) {
            tally.skipped += 1;
            continue;
        }
        let name = way.as_deref().map_or_else(|_| names::shown(&raw), str::to_owned);
        let place = Place::of_member(way.as_deref().unwrap_or_default());
        let bytes = entry.size();
        let member = Member { part: given.unique(name), place: place.clone(), bytes, attached_to: None };
        let is_read = way.is_ok();
        let go_on = to.member(member, |to| {
            way?;
            // How much it is packed is known of the archive as a whole only.
            let file = to.unpack(&mut entry, packed)?;
            if (file.len() as u64) < bytes {
                return Err(Failure::Truncated("the archive ends in the middle".into()));
            }
            to.nested(file, &place)
        });
        if !go_on {
            break;
        }
        if is_read {
            // A sparse file would be endless zeros.
            to.drain(&mut entry)?;
            left.set(MAX_BETWEEN);
        }
    }
    to.end(Ok(tally))
}

/// Lets so many bytes through; then an error comes.
struct Gate<R> {
    left: Rc<Cell<u64>>,
    /// Whether the end has been seen.
    ended: Rc<Cell<bool>>,
    from: R,
}

impl<R: Read> Read for Gate<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let allowed = usize::try_from(self.left.get()).unwrap_or(usize::MAX).min(to.len());
        if allowed == 0 && !to.is_empty() {
            return Err(io::Error::other("a name in it is too long"));
        }
        let read = self.from.read(to.get_mut(..allowed).unwrap_or_default())?;
        self.ended.set(read == 0 && allowed > 0);
        self.left.set(self.left.get() - read as u64);
        Ok(read)
    }
}
