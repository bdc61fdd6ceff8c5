use serde::{Deserialize, Serialize};

/// A half-open range `start..end` of Unicode scalar values, counted from the start of a document's extracted text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CharRange {
    /// The first character inside.
    pub start: usize,
    /// The first character after; never less than `start`.
    pub end: usize,
}

impl CharRange {
    /// `start..end`; an inverted pair becomes the empty range at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The number of characters inside.
    pub fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether no character is inside.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every character of `other` is inside.
    pub fn contains(&self, other: CharRange) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share at least one character.
    pub fn overlaps(&self, other: CharRange) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }
}

/// Characters between two remembered byte positions: a look-up walks at most this many characters.
const STRIDE: usize = 128;

/// Converts between character and byte positions of one text in constant time.
///
/// Byte positions are remembered at every `STRIDE`-th character, which costs one word per 128 characters.
pub struct TextMap<'a> {
    text: &'a str,
    bytes_at_stride: Vec<usize>,
    chars: usize,
}

impl<'a> TextMap<'a> {
    /// Reads `text` once.
    pub fn new(text: &'a str) -> Self {
        let mut bytes_at_stride = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut chars = 0;
        for (byte, _) in text.char_indices() {
            if chars % STRIDE == 0 {
                bytes_at_stride.push(byte);
            }
            chars += 1;
        }
        if chars % STRIDE == 0 {
            bytes_at_stride.push(text.len());
        }
        Self { text, bytes_at_stride, chars }
    }

    /// The text itself.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The number of characters in the text.
    pub fn chars(&self) -> usize {
        self.chars
    }

    /// The byte position of character `char`; `None` past the end. The end itself is a position.
    pub fn byte_of(&self, char: usize) -> Option<usize> {
        if char > self.chars {
            return None;
        }
        let base = *self.bytes_at_stride.get(char / STRIDE)?;
        let rest = self.text.get(base..)?;
        rest.char_indices().map(|(b, _)| b).chain([rest.len()]).nth(char % STRIDE).map(|b| base + b)
    }

    /// The number of characters before byte position `byte`; `None` past the end or inside a character.
    pub fn char_of(&self, byte: usize) -> Option<usize> {
        if !self.text.is_char_boundary(byte) {
            return None;
        }
        let slot = self.bytes_at_stride.partition_point(|&b| b <= byte).checked_sub(1)?;
        let between = self.text.get(self.bytes_at_stride[slot]..byte)?;
        Some(slot * STRIDE + between.chars().count())
    }

    /// The characters of `range`; `None` where it reaches past the end.
    pub fn slice(&self, range: CharRange) -> Option<&'a str> {
        self.text.get(self.byte_of(range.start)?..self.byte_of(range.end)?)
    }

    /// The character range of a byte range; `None` where either end is outside or inside a character.
    pub fn char_range(&self, bytes: std::ops::Range<usize>) -> Option<CharRange> {
        Some(CharRange::new(self.char_of(bytes.start)?, self.char_of(bytes.end)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn positions_agree_with_a_plain_count(text in "(\\PC|\n){0,400}", a in 0usize..420, b in 0usize..420) {
            let map = TextMap::new(&text);
            let plain: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
            prop_assert_eq!(map.chars(), plain.len() - 1);
            prop_assert_eq!(map.byte_of(a), plain.get(a).copied());
            if let Some(&byte) = plain.get(a) {
                prop_assert_eq!(map.char_of(byte), Some(a));
            }
            let range = CharRange::new(a.min(b), a.max(b));
            let expected: Option<String> =
                (range.end < plain.len()).then(|| text.chars().skip(range.start).take(range.len()).collect());
            prop_assert_eq!(map.slice(range).map(str::to_owned), expected);
        }
    }

    #[test]
    fn a_byte_inside_a_character_is_no_position() {
        assert_eq!(TextMap::new("é").char_of(1), None);
    }
}
