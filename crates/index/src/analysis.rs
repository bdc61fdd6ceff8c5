//! How text becomes index terms. The same functions run over documents and over questions.
//!
//! Two views of a text are indexed. *Words* are alphanumeric runs, lower-cased, folded to ASCII and stemmed: `leaves`
//! finds `leave`. *Exact* terms are the unstemmed words and, beside them, every run held together by connecting
//! punctuation: `4.2.1`, `x-1234-b`, and without its connectors `x1234b`. Scripts that do not put spaces between words
//! are cut into single characters and overlapping pairs in both views, so that any part of a run is found.

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, Stemmer, TextAnalyzer, Token, TokenStream,
    Tokenizer,
};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The name under which [`words`] is registered.
pub(crate) const WORDS: &str = "citadel_words";
/// The name under which [`exact`] is registered.
pub(crate) const EXACT: &str = "citadel_exact";

/// Longer tokens, in bytes, are data rather than words; a SHA-512 in hexadecimal still fits.
const LONGEST_TOKEN: usize = 200;

/// The stemmed view. The stemmer is English: it leaves words of other languages whole or cuts them alike in document
/// and question.
pub(crate) fn words() -> TextAnalyzer {
    TextAnalyzer::builder(Splitter { compounds: false })
        .filter(RemoveLongFilter::limit(LONGEST_TOKEN))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
}

/// The unstemmed view with compounds.
pub(crate) fn exact() -> TextAnalyzer {
    TextAnalyzer::builder(Splitter { compounds: true })
        .filter(RemoveLongFilter::limit(LONGEST_TOKEN))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .build()
}

/// NFKC, without the invisible characters that PDF and web text put inside words (soft hyphen, zero-width space and
/// joiners): `ﬁle` becomes `file`, full-width `Ａ` becomes `A`.
pub(crate) fn normalise(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.nfkc()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'))
        .collect()
}

/// English words that ask or join rather than tell, sorted. They are indexed all the same; a question that has others
/// is searched without them.
#[rustfmt::skip]
const STOP_WORDS: [&str; 57] = [
    "a", "about", "an", "and", "are", "as", "at", "be", "but", "by", "can", "did", "do", "does", "for", "from", "had",
    "has", "have", "her", "his", "how", "i", "if", "in", "into", "is", "it", "its", "no", "not", "of", "on", "or",
    "such", "than", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "we", "were", "what",
    "when", "where", "which", "who", "why", "will", "with", "you",
];

/// Whether `word`, as typed, is a stop word. Capitals throughout, as in `IT` or `WHO`, mark a name.
pub(crate) fn is_stop_word(word: &str) -> bool {
    let is_name = word.len() > 1 && word.chars().all(char::is_uppercase);
    !is_name && STOP_WORDS.binary_search(&word.to_lowercase().as_str()).is_ok()
}

/// Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, Kana, Bopomofo, Han and, because its words
/// carry endings no stemmer here removes, Hangul.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1100..=0x11ff | 0x1780..=0x17ff | 0x3005..=0x3007 | 0x3040..=0x30ff
        | 0x3100..=0x312f | 0x3130..=0x318f | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af
        | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

fn is_word(c: char) -> bool {
    (c.is_alphanumeric() || is_combining_mark(c)) && !is_unspaced(c)
}

/// Punctuation that joins the parts of a clause number, part number, version, path or address.
fn is_connector(c: char) -> bool {
    matches!(c, '-' | '.' | '/' | '_' | ':' | '+' | '@' | '&' | '#' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[derive(Clone)]
struct Splitter {
    compounds: bool,
}

/// The tokens of one text, cut in advance: a chunk has some hundreds.
struct Tokens {
    tokens: Vec<Token>,
    /// One past the current token.
    next: usize,
    none: Token,
}

impl Tokenizer for Splitter {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        Tokens { tokens: split(text, self.compounds), next: 0, none: Token::default() }
    }
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        self.tokens.get(self.next.wrapping_sub(1)).unwrap_or(&self.none)
    }

    fn token_mut(&mut self) -> &mut Token {
        self.tokens.get_mut(self.next.wrapping_sub(1)).unwrap_or(&mut self.none)
    }
}

/// Cuts `text` into words, single characters and pairs of unspaced scripts, and, where asked, compounds. Offsets are
/// bytes, as tantivy counts them; they are not stored.
fn split(text: &str, compounds: bool) -> Vec<Token> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let byte = |i: usize| chars.get(i).map_or(text.len(), |&(b, _)| b);
    let at = |i: usize| chars.get(i).map(|&(_, c)| c);
    let is = |i: usize, test: fn(char) -> bool| at(i).is_some_and(test);
    let mut tokens = Vec::new();
    let mut position = 0;
    let mut push = |from: usize, to: usize, text: String, position: usize| {
        tokens.push(Token {
            offset_from: byte(from),
            offset_to: byte(to),
            position,
            text,
            position_length: 1,
        });
    };
    let slice = |from: usize, to: usize| text.get(byte(from)..byte(to)).unwrap_or_default().to_owned();
    let mut i = 0;
    // The first character of the compound that the current word continues, and the position of its first word.
    let mut compound: Option<(usize, usize)> = None;
    while i < chars.len() {
        let start = i;
        if is(i, is_unspaced) {
            while is(i, is_unspaced) {
                push(i, i + 1, slice(i, i + 1), position);
                if is(i + 1, is_unspaced) {
                    push(i, i + 2, slice(i, i + 2), position);
                }
                position += 1;
                i += 1;
            }
        } else if is(i, is_word) {
            while is(i, is_word) {
                i += 1;
            }
            push(start, i, slice(start, i), position);
            let (from, first) = *compound.get_or_insert((start, position));
            position += 1;
            if is(i, is_connector) && is(i + 1, is_word) {
                i += 1;
                continue;
            }
            compound = None;
            if compounds && from < start {
                let joined = slice(from, i);
                let bare: String = joined.chars().filter(|&c| !is_connector(c)).collect();
                push(from, i, joined.chars().map(|c| if is_dash(c) { '-' } else { c }).collect(), first);
                if bare.chars().any(|c| c.is_ascii_digit()) {
                    push(from, i, bare, first);
                }
            }
        } else {
            i += 1;
        }
    }
    tokens
}

/// The dashes that typesetting puts where people type a hyphen.
fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(mut analyzer: TextAnalyzer, text: &str) -> Vec<String> {
        let text = normalise(text);
        let mut stream = analyzer.token_stream(&text);
        let mut terms = Vec::new();
        while stream.advance() {
            terms.push(stream.token().text.clone());
        }
        terms
    }

    #[track_caller]
    fn check(text: &str, stemmed: &str, unstemmed: &str) {
        assert_eq!(terms(words(), text).join(" "), stemmed, "words of {text:?}");
        assert_eq!(terms(exact(), text).join(" "), unstemmed, "exact terms of {text:?}");
    }

    #[test]
    fn text_becomes_terms() {
        check("Annual leaves", "annual leav", "annual leaves");
        check("§ 4.2.1", "4 2 1", "4 2 1 4.2.1 421");
        check("X-1234-B.", "x 1234 b", "x 1234 b x-1234-b x1234b");
        check("X\u{2011}1234", "x 1234", "x 1234 x-1234 x1234");
        check("a-b c", "a b c", "a b a-b c");
        check("Straße café cafe\u{301} ﬁle", "strass cafe cafe file", "strasse cafe cafe file");
        check("soft\u{ad}ware", "softwar", "software");
        check("年次休暇", "年 年次 次 次休 休 休暇 暇", "年 年次 次 次休 休 休暇 暇");
        check("ABC株1", "abc 株 1", "abc 株 1");
        check("", "", "");
        check("- . -- ... ?!", "", "");
        check("trailing- -leading", "trail lead", "trailing leading");
        check("ＡＢＣ", "abc", "abc");
    }

    #[test]
    fn stop_words_are_found_by_binary_search() {
        assert!(STOP_WORDS.is_sorted());
        for (word, expected) in
            [("What", true), ("what", true), ("WHO", false), ("I", true), ("leave", false), ("", false)]
        {
            assert_eq!(is_stop_word(word), expected, "{word:?}");
        }
    }

    proptest! {
        #[test]
        fn tokens_lie_inside_the_text_in_order(text in "(\\PC|[-. \n]){0,200}", compounds: bool) {
            let tokens = split(&text, compounds);
            for token in &tokens {
                let slice = text.get(token.offset_from..token.offset_to);
                prop_assert!(slice.is_some_and(|s| !s.is_empty()));
                prop_assert!(!token.text.is_empty());
            }
            let plain: Vec<_> = split(&text, false).iter().map(|t| t.offset_from).collect();
            prop_assert!(plain.windows(2).all(|w| w.first().unwrap() <= w.last().unwrap()));
        }
    }
}
