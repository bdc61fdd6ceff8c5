//! How a text longer than the model was trained for is cut: into parts of nearly equal length, each with a vector of its
//! own. docs/embedding-windows.md has the measurements behind it.

use std::ops::Range;

/// Tokens of the longest text with one vector, special tokens left out; longer texts have more than one. A chunk of 512
/// tokens has four. Most of the sentences that the model was trained on were shorter.
pub const WINDOW_TOKENS: usize = 128;
/// Changes when the same text would be cut otherwise; part of the embedder's fingerprint.
pub(crate) const VERSION: &str = "windows-128-v1";
const SPECIAL_TOKENS: usize = 2;
/// How far a cut may move to the start of a word, in tokens. A longer run without white space is cut anywhere.
const REACH: usize = 16;

/// A part of a text: its bytes, and its tokens with the special ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) bytes: Range<usize>,
    pub(crate) tokens: usize,
}

/// The windows of `text`, whose tokens (special ones left out) lie at the byte ranges `tokens`, in order. At least one;
/// they follow each other without gap, from the start of the text to the end of its last token.
pub(crate) fn windows(text: &str, tokens: &[Range<usize>]) -> Vec<Window> {
    let parts = tokens.len().div_ceil(WINDOW_TOKENS).max(1);
    let (mut token, mut byte) = (0, 0);
    let mut windows = Vec::with_capacity(parts);
    for part in 1..=parts {
        let next =
            if part == parts { tokens.len() } else { word_start(text, tokens, tokens.len() * part / parts) };
        let end = match tokens.get(next) {
            Some(first_outside) => first_outside.start,
            None => tokens.last().map_or(0, |last| last.end),
        };
        windows.push(Window { bytes: byte..end, tokens: next - token + SPECIAL_TOKENS });
        (token, byte) = (next, end);
    }
    windows
}

/// The token nearest to `wanted` that follows white space, so that no word is cut; `wanted` itself where none is near.
fn word_start(text: &str, tokens: &[Range<usize>], wanted: usize) -> usize {
    let after_space = |token: &usize| {
        let before = tokens.get(*token).and_then(|t| text.get(..t.start));
        before.and_then(|before| before.chars().next_back()).is_some_and(char::is_whitespace)
    };
    (0..=REACH)
        .flat_map(|step| [wanted.saturating_sub(step), wanted + step])
        .find(after_space)
        .unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every character that is no space as a token: the worst case for cuts inside words.
    fn tokens(text: &str) -> Vec<Range<usize>> {
        text.char_indices().filter(|(_, c)| !c.is_whitespace()).map(|(i, c)| i..i + c.len_utf8()).collect()
    }

    fn check(text: &str, lengths: &[usize], starts: &[&str]) {
        let found = windows(text, &tokens(text));
        assert_eq!(found.iter().map(|w| w.tokens).collect::<Vec<_>>(), lengths);
        for (window, start) in found.iter().zip(starts) {
            assert!(text[window.bytes.clone()].starts_with(start));
        }
    }

    #[test]
    fn a_text_is_cut_between_words_into_like_lengths() {
        check("", &[2], &[""]);
        check("a b", &[4], &["a b"]);
        check(&"x".repeat(128), &[130], &["x"]);
        check(&"x".repeat(129), &[66, 67], &["x", "x"]);
        check(&"x".repeat(510), &[129, 130, 129, 130], &["x", "x", "x", "x"]);
        check(&format!("{} {}", "x".repeat(70), "y".repeat(80)), &[72, 82], &["x", "y"]);
        check(&format!("{} {}", "x".repeat(40), "y".repeat(110)), &[77, 77], &["x", "y"]);
        check(&"é ".repeat(300), &[102, 102, 102], &["é", "é", "é"]);
    }

    proptest! {
        #[test]
        fn windows_cover_every_token_once(text in "[a-c é\n]{0,1200}") {
            let tokens = tokens(&text);
            let windows = windows(&text, &tokens);
            prop_assert_eq!(windows.iter().map(|w| w.tokens - SPECIAL_TOKENS).sum::<usize>(), tokens.len());
            prop_assert_eq!(windows[0].bytes.start, 0);
            prop_assert_eq!(windows[windows.len() - 1].bytes.end, tokens.last().map_or(0, |t| t.end));
            for pair in windows.windows(2) {
                prop_assert_eq!(pair[0].bytes.end, pair[1].bytes.start);
            }
            for window in &windows {
                prop_assert!(text.is_char_boundary(window.bytes.start));
                prop_assert!(window.tokens <= WINDOW_TOKENS + SPECIAL_TOKENS + 2 * REACH);
            }
        }
    }
}
