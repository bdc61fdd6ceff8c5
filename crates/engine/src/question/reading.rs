//! A question as words with their places, and the closed classes of English that the rules look at.

use std::ops::Range;

use crate::words::{self, is_function_word};

/// Words that ask.
const ASKING: &str = "what who whom whose which when where why how";
/// What a question for yes or no begins with, and what stands before the subject in other questions.
const AUXILIARIES: &str = "is are was were am do does did can could may might must has have had should shall will would \
isn't aren't wasn't weren't don't doesn't didn't can't couldn't mustn't hasn't haven't hadn't shouldn't won't wouldn't";
/// What asks without being a question.
const REQUESTS: &str = "list name enumerate explain describe summarise summarize compare find show give tell state \
identify outline define provide";
const DETERMINERS: &str = "the a an this that these those our my your their its his her all each every any some no both \
another either neither";
const PREPOSITIONS: &str = "about above after against around as at before behind below beside between by during except \
for from in inside into near on onto outside over per since through to toward towards under until upon via with within \
without";
const PRONOUNS: &str = "i you he she it we they me him her us them this that these those there who which";
/// What stands before a person's name.
pub(super) const TITLES: &str = "mr mrs ms dr prof professor sir lady";
/// Words of German, French, Spanish, Italian, Dutch and Portuguese that are no English words.
const FOREIGN: &str = "der das und ist wer wie welche welcher welches wann warum wo ein eine einen den dem des von mit \
für auf sind wird werden hat haben gibt kann muss nicht bedeutet kostet gilt les une est qui que quel quelle quels \
quelles quand où pourquoi et du dans sont el los las qué quién cuál cuándo dónde por para una il gli che chi quando dove \
perché het een wat welk welke hoe wanneer waar waarom zijn uma quem della";

/// Marks of quotation.
pub(super) const QUOTES: [char; 8] = ['"', '“', '”', '„', '«', '»', '‘', '’'];

/// A word of a question.
#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    /// As it stands.
    pub text: &'a str,
    /// In lower case with plain apostrophes, for the rules; empty inside quotation marks, which no rule may touch.
    pub lower: String,
    /// Its bytes in the question.
    pub at: Range<usize>,
}

impl Token<'_> {
    pub(super) fn is(&self, list: &str) -> bool {
        one_of(list, &self.lower)
    }

    pub(super) fn asks(&self) -> bool {
        self.is(ASKING)
    }

    pub(super) fn is_auxiliary(&self) -> bool {
        self.is(AUXILIARIES)
    }

    pub(super) fn requests(&self) -> bool {
        self.is(REQUESTS)
    }

    pub(super) fn is_determiner(&self) -> bool {
        self.is(DETERMINERS)
    }

    pub(super) fn is_preposition(&self) -> bool {
        self.is(PREPOSITIONS)
    }

    pub(super) fn is_pronoun(&self) -> bool {
        self.is(PRONOUNS)
    }

    /// Whether it carries meaning of its own.
    pub(super) fn is_content(&self) -> bool {
        !self.lower.is_empty() && !is_function_word(&self.lower)
    }

    pub(super) fn is_capitalised(&self) -> bool {
        self.text.starts_with(char::is_uppercase)
    }

    /// A noun of the plural, as far as its end tells.
    pub(super) fn is_plural(&self) -> bool {
        let w = self.lower.as_str();
        one_of("people children staff men women criteria data", w)
            || (w.len() > 3
                && w.ends_with('s')
                && !["ss", "us", "is", "'s"].iter().any(|end| w.ends_with(end)))
    }
}

/// Whether `word` is one of the words of `list`.
pub(super) fn one_of(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split(' ').any(|w| w == word)
}

/// The words of a question, in order.
pub(super) fn read(text: &str) -> Vec<Token<'_>> {
    let quoted = quotes(text);
    let mut from = 0;
    words::words(text)
        .into_iter()
        .filter_map(|word| {
            let start = from + text[from..].find(word.text)?;
            let at = start..start + word.text.len();
            from = at.end;
            let inside = quoted.iter().any(|q| q.start <= at.start && at.end <= q.end);
            let lower = if inside { String::new() } else { word.text.to_lowercase().replace('’', "'") };
            Some(Token { text: word.text, lower, at })
        })
        .collect()
}

/// The bytes of each phrase in quotation marks, marks included.
pub(super) fn quotes(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut rest = 0;
    while let Some((open, mark)) = text[rest..].char_indices().find_map(|(at, c)| {
        let before = text[..rest + at].chars().next_back();
        Some((rest + at, closing(c, before)?))
    }) {
        let inside = open + text[open..].chars().next().map_or(1, char::len_utf8);
        let Some(close) = text[inside..].char_indices().find_map(|(at, c)| {
            let after = text[inside + at + c.len_utf8()..].chars().next();
            let ends = c != '\'' || !after.is_some_and(char::is_alphanumeric);
            (mark.contains(c) && ends).then_some(inside + at + c.len_utf8())
        }) else {
            rest = inside;
            continue;
        };
        out.push(open..close);
        rest = close;
    }
    out
}

/// What closes a quotation that `open` begins.
fn closing(open: char, before: Option<char>) -> Option<&'static str> {
    match open {
        '"' => Some("\""),
        '“' => Some("”“"),
        '„' => Some("“”"),
        '«' => Some("»"),
        '‘' => Some("’"),
        // An apostrophe stands behind a letter.
        '\'' if !before.is_some_and(char::is_alphanumeric) => Some("'"),
        _ => None,
    }
}

/// Whether the rules of English may be used.
pub(super) fn is_english(tokens: &[Token<'_>]) -> bool {
    let other_script = |t: &Token<'_>| t.lower.starts_with(|c: char| c.is_alphabetic() && c > '\u{24F}');
    let foreign = tokens.iter().filter(|t| t.is(FOREIGN) || other_script(t)).count();
    let english = tokens.iter().filter(|t| !t.lower.is_empty() && is_function_word(&t.lower)).count();
    foreign == 0 || english > 2 * foreign
}

/// The position after `phrase`, where the tokens from `at` are its words with nothing but space and commas between them.
pub(super) fn after(text: &str, tokens: &[Token<'_>], at: usize, phrase: &str) -> Option<usize> {
    let mut next = at;
    for word in phrase.split(' ') {
        let token = tokens.get(next).filter(|t| t.lower == word)?;
        if next > at && !gap(text, tokens, next).chars().all(|c| c.is_whitespace() || c == ',') {
            return None;
        }
        debug_assert!(token.at.end <= text.len());
        next += 1;
    }
    Some(next)
}

/// What stands between a token and the one before it, or the beginning.
pub(super) fn gap<'t>(text: &'t str, tokens: &[Token<'_>], at: usize) -> &'t str {
    let start = at.checked_sub(1).and_then(|before| tokens.get(before)).map_or(0, |t| t.at.end);
    let end = tokens.get(at).map_or(text.len(), |t| t.at.start);
    text.get(start..end).unwrap_or_default()
}

/// Whether a token follows the one before it with space only.
pub(super) fn follows(text: &str, tokens: &[Token<'_>], at: usize) -> bool {
    at > 0 && gap(text, tokens, at).chars().all(char::is_whitespace)
}

/// Runs of capitalised words, numbers at their end included: names. The first word counts where it is no word of the
/// language that merely begins the sentence.
pub(super) fn names(text: &str, tokens: &[Token<'_>]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let titled = at > 0 && tokens[at - 1].is(TITLES) && gap(text, tokens, at).trim() == ".";
        let begins = at == 0 || (!titled && gap(text, tokens, at).contains(['.', '!', '?', '\n']));
        let ordinary = !token.is_content() || token.requests() || (begins && !next_is_name(tokens, at));
        let run = out.last_mut().filter(|r| r.end == at && (titled || follows(text, tokens, at)));
        match run {
            Some(run) if token.is_capitalised() && !token.lower.is_empty() => run.end = at + 1,
            _ if token.is_capitalised() && !ordinary => out.push(at..at + 1),
            _ => {}
        }
    }
    out
}

fn next_is_name(tokens: &[Token<'_>], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|t| t.is_capitalised() && t.is_content())
}

/// The text of a run of tokens, to the letter.
pub(super) fn slice<'t>(text: &'t str, tokens: &[Token<'_>], run: &Range<usize>) -> &'t str {
    let (Some(first), Some(last)) =
        (tokens.get(run.start), run.end.checked_sub(1).and_then(|e| tokens.get(e)))
    else {
        return "";
    };
    let quoted = |t: &Token<'_>| t.lower.is_empty();
    let before = text.get(..first.at.start).unwrap_or_default();
    let behind = text.get(last.at.end..).unwrap_or_default();
    // Marks of quotation stay with what they hold.
    let start = if quoted(first) { before.trim_end_matches(QUOTES).len() } else { before.len() };
    let more = behind.len() - behind.trim_start_matches(QUOTES).len();
    let end = if quoted(last) { last.at.end + more } else { last.at.end };
    text.get(start..end).unwrap_or_default()
}

/// The question with its first letter large, where that is the letter of a word that begins questions.
pub(super) fn begun_large(text: &str) -> String {
    let begins = read(text)
        .first()
        .is_some_and(|t| t.asks() || t.is_auxiliary() || t.requests() || t.is_preposition());
    let mut chars = text.chars();
    match chars.next().filter(|_| begins) {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => text.to_owned(),
    }
}

/// The question without the marks at its end.
pub(super) fn without_end(text: &str) -> &str {
    text.trim().trim_end_matches(['?', '.', '!', ';', ',', ' '])
}
