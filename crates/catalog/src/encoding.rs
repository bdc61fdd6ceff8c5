//! Compact forms of structure, word boxes and vectors, and the hashes of documents.
//!
//! Integers are LEB128; positions are differences to the position before, zigzag-coded, since they nearly always
//! ascend. Numbers are little-endian `f32`, bit for bit.

use citadel_core::{Block, BlockKind, CharRange, Document, DocumentId, PageStatus, Windows, WordBox};
use sha2::{Digest, Sha256};

/// The id of the document that is `part` of the file `key` in `collection`: the first 128 bits of a SHA-256, in
/// hexadecimal. The same document has the same id in every vault.
pub fn document_id(collection: &str, key: &str, part: Option<&str>) -> DocumentId {
    let mut hash = Fields(Sha256::new());
    hash.field(collection.as_bytes());
    hash.field(key.as_bytes());
    hash.optional(part);
    let mut id = hash.hex();
    id.truncate(32);
    DocumentId(id)
}

/// SHA-256 over everything of a document but its part and its warnings, in hexadecimal.
///
/// Warnings are left out because they are words about the reading, not content: a reworded warning must not make a
/// new version.
pub fn document_hash(document: &Document) -> String {
    let mut hash = Fields(Sha256::new());
    hash.field(document.title.as_bytes());
    hash.field(format!("{:?}", document.format).as_bytes());
    hash.field(document.text.as_bytes());
    hash.field(&encode_blocks(&document.blocks));
    hash.number(document.pages.len());
    for page in &document.pages {
        hash.field(&page.number.to_le_bytes());
        hash.optional(page.label.as_deref());
        hash.number(page.range.start);
        hash.number(page.range.end);
        hash.field(&page.width.to_le_bytes());
        hash.field(&page.height.to_le_bytes());
        let (status, confidence, reason) = page_status(&page.status);
        hash.field(status.as_bytes());
        hash.optional(reason);
        if let Some(confidence) = confidence {
            hash.number(confidence.into());
        }
        hash.field(&encode_words(&page.words));
    }
    for (name, value) in &document.metadata {
        hash.field(name.as_bytes());
        hash.field(value.as_bytes());
    }
    // Left out where there is none, so that hashes made before it was known still hold.
    if !document.hidden.is_empty() {
        hash.field(&encode_ranges(&document.hidden));
    }
    hash.hex()
}

/// Fields with their lengths, so that no two different lists of fields give the same bytes.
struct Fields(Sha256);

impl Fields {
    fn field(&mut self, bytes: &[u8]) {
        self.number(bytes.len());
        self.0.update(bytes);
    }

    fn number(&mut self, number: usize) {
        self.0.update((number as u64).to_le_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.number(usize::from(text.is_some()));
        self.field(text.unwrap_or_default().as_bytes());
    }

    fn hex(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The name of a status in the table, and the confidence and the reason where there is one.
pub(crate) fn page_status(status: &PageStatus) -> (&'static str, Option<u8>, Option<&str>) {
    match status {
        PageStatus::Text => ("text", None, None),
        PageStatus::Ocr { confidence } => ("ocr", Some(*confidence), None),
        PageStatus::NoText => ("no_text", None, None),
        PageStatus::Blank => ("blank", None, None),
        PageStatus::Unreadable(reason) => ("unreadable", None, Some(reason)),
    }
}

/// The status of a name in the table; `None` for an unknown one.
pub(crate) fn page_status_of(
    name: &str,
    confidence: Option<u8>,
    reason: Option<String>,
) -> Option<PageStatus> {
    match name {
        "text" => Some(PageStatus::Text),
        "ocr" => Some(PageStatus::Ocr { confidence: confidence? }),
        "no_text" => Some(PageStatus::NoText),
        "blank" => Some(PageStatus::Blank),
        "unreadable" => Some(PageStatus::Unreadable(reason.unwrap_or_default())),
        _ => None,
    }
}

pub(crate) fn encode_blocks(blocks: &[Block]) -> Vec<u8> {
    let mut out = Vec::with_capacity(blocks.len() * 4);
    let mut last = 0;
    for block in blocks {
        out.push(match block.kind {
            BlockKind::Paragraph => 0,
            BlockKind::ListItem => 1,
            BlockKind::TableRow => 2,
            BlockKind::Code => 3,
            BlockKind::Heading { level } => level.saturating_add(16),
        });
        write_range(&mut out, &mut last, block.range);
    }
    out
}

/// `None` where the bytes are not what [`encode_blocks`] writes.
pub(crate) fn decode_blocks(mut bytes: &[u8]) -> Option<Vec<Block>> {
    let (mut blocks, mut last) = (Vec::new(), 0);
    while let Some((&kind, rest)) = bytes.split_first() {
        bytes = rest;
        let kind = match kind {
            0 => BlockKind::Paragraph,
            1 => BlockKind::ListItem,
            2 => BlockKind::TableRow,
            3 => BlockKind::Code,
            16.. => BlockKind::Heading { level: kind - 16 },
            _ => return None,
        };
        blocks.push(Block { kind, range: read_range(&mut bytes, &mut last)? });
    }
    Some(blocks)
}

pub(crate) fn encode_ranges(ranges: &[CharRange]) -> Vec<u8> {
    let mut out = Vec::with_capacity(ranges.len() * 4);
    let mut last = 0;
    for range in ranges {
        write_range(&mut out, &mut last, *range);
    }
    out
}

/// `None` where the bytes are not what [`encode_ranges`] writes.
pub(crate) fn decode_ranges(mut bytes: &[u8]) -> Option<Vec<CharRange>> {
    let (mut ranges, mut last) = (Vec::new(), 0);
    while !bytes.is_empty() {
        ranges.push(read_range(&mut bytes, &mut last)?);
    }
    Some(ranges)
}

pub(crate) fn encode_words(words: &[WordBox]) -> Vec<u8> {
    let mut out = Vec::with_capacity(words.len() * 18);
    let mut last = 0;
    for word in words {
        write_range(&mut out, &mut last, word.range);
        for number in word.rect {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
    out
}

/// `None` where the bytes are not what [`encode_words`] writes.
pub(crate) fn decode_words(mut bytes: &[u8]) -> Option<Vec<WordBox>> {
    let (mut words, mut last) = (Vec::new(), 0);
    while !bytes.is_empty() {
        let range = read_range(&mut bytes, &mut last)?;
        let mut rect = [0.0; 4];
        for number in &mut rect {
            *number = read_f32(&mut bytes)?;
        }
        words.push(WordBox { range, rect });
    }
    Some(words)
}

/// The vectors one after the other, after the length of one.
pub(crate) fn encode_windows(windows: &Windows) -> Vec<u8> {
    let dimensions = windows.first().map_or(0, Vec::len);
    let mut out = Vec::with_capacity(windows.len() * dimensions * 4 + 4);
    write_number(&mut out, dimensions as u64);
    for number in windows.iter().flatten() {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out
}

/// `None` where the bytes are not what [`encode_windows`] writes.
pub(crate) fn decode_windows(mut bytes: &[u8]) -> Option<Windows> {
    let dimensions = usize::try_from(read_number(&mut bytes)?).ok()?;
    let stride =
        dimensions.checked_mul(4).filter(|&stride| stride > 0 && bytes.len().is_multiple_of(stride))?;
    bytes
        .chunks_exact(stride)
        .map(|mut vector| (0..dimensions).map(|_| read_f32(&mut vector)).collect())
        .collect()
}

fn write_range(out: &mut Vec<u8>, last: &mut usize, range: CharRange) {
    let step = range.start as i64 - *last as i64;
    write_number(out, ((step << 1) ^ (step >> 63)) as u64);
    write_number(out, range.len() as u64);
    *last = range.start;
}

fn read_range(bytes: &mut &[u8], last: &mut usize) -> Option<CharRange> {
    let zigzag = read_number(bytes)?;
    let step = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
    let start = usize::try_from(i64::try_from(*last).ok()?.checked_add(step)?).ok()?;
    let end = start.checked_add(usize::try_from(read_number(bytes)?).ok()?)?;
    *last = start;
    Some(CharRange::new(start, end))
}

fn write_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn read_f32(bytes: &mut &[u8]) -> Option<f32> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(f32::from_le_bytes(*number))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            ranges in prop::collection::vec((0usize..1 << 40, 0usize..1 << 20, 0u8..6), 0..40),
            numbers in prop::array::uniform4(prop::num::f32::NORMAL | prop::num::f32::ZERO),
            windows in prop::collection::vec(prop::collection::vec(-1f32..1.0, 3), 1..4),
        ) {
            let range = |start, length| CharRange::new(start, start + length);
            let words: Vec<WordBox> =
                ranges.iter().map(|&(s, l, _)| WordBox { range: range(s, l), rect: numbers }).collect();
            let blocks: Vec<Block> = ranges.iter().map(|&(s, l, k)| {
                let kind = match k {
                    0 => BlockKind::Paragraph,
                    1 => BlockKind::ListItem,
                    2 => BlockKind::TableRow,
                    3 => BlockKind::Code,
                    level => BlockKind::Heading { level },
                };
                Block { kind, range: range(s, l) }
            }).collect();
            prop_assert_eq!(decode_words(&encode_words(&words)), Some(words));
            prop_assert_eq!(decode_blocks(&encode_blocks(&blocks)), Some(blocks));
            let hidden: Vec<CharRange> = ranges.iter().map(|&(s, l, _)| range(s, l)).collect();
            prop_assert_eq!(decode_ranges(&encode_ranges(&hidden)), Some(hidden));
            prop_assert_eq!(decode_windows(&encode_windows(&windows)), Some(windows));
        }

        #[test]
        fn foreign_bytes_are_refused_or_read_but_never_fatal(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (decode_words(&bytes), decode_blocks(&bytes), decode_windows(&bytes), decode_ranges(&bytes));
        }
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let ids = [
            document_id("a", "bc", None),
            document_id("ab", "c", None),
            document_id("a", "b", Some("c")),
            document_id("a", "bc", Some("")),
        ];
        for (i, a) in ids.iter().enumerate() {
            assert_eq!(a.0.len(), 32);
            assert!(ids.iter().skip(i + 1).all(|b| a != b), "{ids:?}");
        }
        assert_eq!(ids[0], document_id("a", "bc", None));
    }
}
