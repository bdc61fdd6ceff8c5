//! The file that a PDF is read from: piece by piece, so that its size does not matter, or as a whole where a reader
//! needs that.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Failure;
use crate::reader::{Input, unreadable};

/// Where the mark that ends every PDF is looked for, in bytes from the end.
const TAIL_BYTES: u64 = 4096;
/// What is read ahead at once. PDFium asks for 512 bytes at a time.
const BLOCK_BYTES: usize = 64 << 10;
/// Blocks that are kept: a page's objects lie far apart.
const BLOCKS: usize = 16;

/// A PDF's bytes.
pub(super) struct Source<'a> {
    input: &'a mut dyn Input,
    size: u64,
    max_whole: u64,
}

impl<'a> Source<'a> {
    /// `size` is the input's length in bytes, `max_whole` the most that may be held in memory.
    pub fn new(input: &'a mut dyn Input, size: u64, max_whole: u64) -> Self {
        Self { input, size, max_whole }
    }

    /// Whether the mark that ends every PDF is missing (ISO 32000-1, 7.5.5).
    pub fn is_cut_off(&mut self) -> Result<bool, Failure> {
        let mut tail = Vec::new();
        self.input
            .seek(SeekFrom::Start(self.size.saturating_sub(TAIL_BYTES)))
            .and_then(|_| (&mut *self.input).take(TAIL_BYTES).read_to_end(&mut tail))
            .map_err(unreadable)?;
        Ok(!tail.windows(5).any(|w| w == b"%%EOF"))
    }

    /// All bytes.
    pub fn whole(&mut self) -> Result<Vec<u8>, Failure> {
        if self.size > self.max_whole {
            let (size, limit) = (self.size >> 20, self.max_whole >> 20);
            return Err(Failure::TooLarge(format!("{size} MiB, the limit is {limit} MiB")));
        }
        let mut bytes = Vec::new();
        self.input
            .rewind()
            .and_then(|()| (&mut *self.input).take(self.max_whole).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        Ok(bytes)
    }

    /// The file for a reader that jumps about in it.
    pub fn window(&mut self) -> Window<'_> {
        Window::new(&mut *self.input, self.size)
    }
}

/// A file behind a few blocks of memory. Each read gives all that was asked for, up to the end of the file.
pub(super) struct Window<'a> {
    input: &'a mut dyn Input,
    size: u64,
    at: u64,
    /// The last used last, each with its number.
    blocks: Vec<(u64, Vec<u8>)>,
    given: Arc<AtomicU64>,
}

impl Window<'_> {
    /// A window on bytes in memory or on another input.
    pub fn new(input: &mut dyn Input, size: u64) -> Window<'_> {
        Window { input, size, at: 0, blocks: Vec::new(), given: Arc::default() }
    }

    /// Counts the bytes that are read through it, which is about what PDFium keeps.
    pub fn given(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.given)
    }

    fn block(&mut self, number: u64) -> io::Result<&[u8]> {
        match self.blocks.iter().position(|(of, _)| *of == number) {
            Some(place) => {
                let block = self.blocks.remove(place);
                self.blocks.push(block);
            }
            None => {
                let mut bytes = if self.blocks.len() < BLOCKS { Vec::new() } else { self.blocks.remove(0).1 };
                bytes.clear();
                self.input.seek(SeekFrom::Start(number * BLOCK_BYTES as u64))?;
                (&mut *self.input).take(BLOCK_BYTES as u64).read_to_end(&mut bytes)?;
                self.blocks.push((number, bytes));
            }
        }
        Ok(self.blocks.last().map_or(&[], |(_, bytes)| bytes))
    }
}

impl Read for Window<'_> {
    fn read(&mut self, mut out: &mut [u8]) -> io::Result<usize> {
        let mut all = 0;
        while !out.is_empty() && self.at < self.size {
            let (number, offset) = (self.at / BLOCK_BYTES as u64, (self.at % BLOCK_BYTES as u64) as usize);
            let rest = self.block(number)?.get(offset..).unwrap_or_default();
            let some = rest.len().min(out.len());
            let (Some(from), Some((to, after))) = (rest.get(..some), out.split_at_mut_checked(some)) else {
                break;
            };
            if some == 0 {
                // The file became shorter while it was read.
                break;
            }
            to.copy_from_slice(from);
            out = after;
            self.at += some as u64;
            all += some;
        }
        self.given.fetch_add(all as u64, Ordering::Relaxed);
        Ok(all)
    }
}

impl Seek for Window<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_window_gives_what_the_file_has() {
        let bytes: Vec<u8> = (0..3_000_000u32).flat_map(u32::to_le_bytes).collect();
        let mut input = io::Cursor::new(bytes.clone());
        let mut window = Window::new(&mut input, bytes.len() as u64);
        for (at, length) in
            [(0, 10), (65_530, 20), (11_999_990, 100), (5_000_000, 200_000), (0, 1), (20_000_000, 5)]
        {
            let mut out = vec![0; length];
            window.seek(SeekFrom::Start(at as u64)).unwrap();
            let got = window.read(&mut out).unwrap();
            let expected = bytes.get(at..bytes.len().min(at + length)).unwrap_or_default();
            assert_eq!(&out[..got], expected, "{length} bytes at {at}");
        }
        assert_eq!(window.seek(SeekFrom::End(-1)).unwrap(), bytes.len() as u64 - 1);
    }
}
