//! Mailboxes: messages one after the other, each behind a line that begins with `From `. Read as a stream.

use std::io::{self, BufRead, BufReader, Read};

use crate::archive::names::Names;
use crate::frame::Tally;
use crate::outlet::{Member, Outlet};
use crate::reader::{Input, Place, unreadable};
use crate::{Failure, mail};

/// A longer line is looked at in pieces.
const MAX_LINE: u64 = 64 << 10;
/// Bytes read between two signs of life.
const ALIVE_EVERY: usize = 8 << 20;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Whether these bytes begin a mailbox.
pub(crate) fn is_mailbox(head: &[u8]) -> bool {
    let end = head.iter().position(|byte| *byte == b'\n');
    end.and_then(|end| head.get(..end)).is_some_and(is_border)
}

/// Whether a line stands before a message: `From ann@x.org Sat Jan  3 01:05:34 2026`. A sentence has no such date.
fn is_border(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let Ok(rest) = std::str::from_utf8(rest) else { return false };
    let words: Vec<&str> = rest.split_whitespace().collect();
    let is_time = |word: &&str| word.contains(':') && word.bytes().all(|b| b.is_ascii_digit() || b == b':');
    words.iter().any(is_time) && words.iter().any(|word| DAYS.contains(&word.trim_end_matches(',')))
}

/// Reads each message, one in memory at a time.
pub(crate) fn read(input: &mut dyn Input, to: &mut Outlet<'_>) -> Result<Tally, Failure> {
    let mut mailbox = Mailbox { from: BufReader::new(input), after_gap: true };
    let mut given = Names::default();
    // What stands before the first border is nothing.
    mailbox.next(to).map_err(unreadable)?;
    while let Some(message) = mailbox.next(to).map_err(unreadable)? {
        let bytes = message.bytes.len() as u64;
        let name = mail::subject(&message.bytes).unwrap_or_else(|| "message".into());
        let member =
            Member { part: given.unique(name.clone()), place: Place::default(), bytes, attached_to: None };
        let go_on = to.member(member, |to| match message.is_cut {
            true => Err(Failure::TooLarge(format!("more than {} MiB", to.max_file_bytes() >> 20))),
            false => to.holding(bytes, |to| mail::read(&message.bytes, &name, to)),
        });
        if !go_on {
            break;
        }
    }
    to.end(Ok(Tally::default()))
}

struct Mailbox<R> {
    from: R,
    /// Whether the last line was empty.
    after_gap: bool,
}

struct Letter {
    bytes: Vec<u8>,
    /// Whether it was too large to be kept.
    is_cut: bool,
}

impl<R: BufRead> Mailbox<R> {
    /// What stands before the next border or the end; `None` at the end.
    fn next(&mut self, to: &mut Outlet<'_>) -> io::Result<Option<Letter>> {
        let mut letter = Letter { bytes: Vec::new(), is_cut: false };
        let mut line = Vec::new();
        let (mut read, mut starts_line) = (0usize, true);
        loop {
            line.clear();
            let count = (&mut self.from).take(MAX_LINE).read_until(b'\n', &mut line)?;
            if count == 0 {
                return Ok((read > 0).then_some(letter));
            }
            if starts_line && self.after_gap && is_border(&line) {
                self.after_gap = false;
                return Ok(Some(letter));
            }
            if read / ALIVE_EVERY != (read + count) / ALIVE_EVERY && !to.event(None) {
                return Ok(None);
            }
            read += count;
            let content = if starts_line { unquoted(&line) } else { &line };
            if letter.bytes.len() as u64 + content.len() as u64 > to.max_file_bytes() {
                letter.is_cut = true;
            } else if !letter.is_cut {
                letter.bytes.extend_from_slice(content);
            }
            self.after_gap = starts_line && matches!(line.as_slice(), b"\n" | b"\r\n");
            starts_line = line.ends_with(b"\n");
        }
    }
}

/// A line of a message that would look like a border has a `>` in front, one that has such a `>` another.
fn unquoted(line: &[u8]) -> &[u8] {
    let quotes = line.iter().take_while(|byte| **byte == b'>').count();
    match line.get(quotes..).is_some_and(|rest| quotes > 0 && rest.starts_with(b"From ")) {
        true => line.get(1..).unwrap_or_default(),
        false => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders() {
        for (line, expected) in [
            ("From ann@x.org Sat Jan  3 01:05:34 2026", true),
            ("From 17@xxx Mon Jan 01 00:00:00 +0000 2026\r", true),
            ("From ann at x.org  Tue Jan  3 01:05 2026", true),
            ("From what I hear, the 9:30 train is late", false),
            ("From: ann@x.org Sat Jan 3 01:05:34 2026", false),
            (">From ann@x.org Sat Jan  3 01:05:34 2026", false),
        ] {
            assert_eq!(is_border(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn quotes_are_taken_off_once() {
        for (line, expected) in [
            (">From x", "From x"),
            (">>From x", ">From x"),
            ("> From x", "> From x"),
            ("From x", "From x"),
            (">Fromage", ">Fromage"),
        ] {
            assert_eq!(unquoted(line.as_bytes()), expected.as_bytes());
        }
    }
}
