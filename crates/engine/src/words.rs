//! Words and facts of a sentence, as evidence selection and the self-check compare them.

use std::collections::HashSet;

/// Function words: they carry no evidence. Closed classes of English (articles, pronouns, auxiliaries, prepositions,
/// conjunctions, question words); a language without an entry here is compared by all its words.
const FUNCTION_WORDS: &str = "a about above after again all also am an and any are as at be because been before being \
below between both but by can could did do does doing down during each either few for from further get had has have \
having he her here hers him his how i if in into is it its itself just many may me might more most much must my no nor \
not of off on once only or other our ours out over own per please same shall she should so some such tell than that \
the their theirs them then there these they this those through to too under until up upon us very was we were what \
when where which while who whom whose why will with within would you your yours";

/// Words that turn a statement round.
const NEGATIONS: &[&str] =
    &["not", "no", "never", "none", "neither", "nor", "without", "cannot", "nobody", "nothing"];

/// Number words up to twelve and the tens: texts write small numbers in words, answers often in digits.
const NUMBER_WORDS: &[(&str, &str)] = &[
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("fifteen", "15"),
    ("twenty", "20"),
    ("thirty", "30"),
    ("forty", "40"),
    ("fifty", "50"),
    ("sixty", "60"),
    ("seventy", "70"),
    ("eighty", "80"),
    ("ninety", "90"),
];

fn function_words() -> &'static HashSet<&'static str> {
    static WORDS: std::sync::OnceLock<HashSet<&'static str>> = std::sync::OnceLock::new();
    WORDS.get_or_init(|| FUNCTION_WORDS.split_whitespace().collect())
}

/// Whether a word, in lower case, carries no evidence.
pub(crate) fn is_function_word(lower: &str) -> bool {
    function_words().contains(lower)
}

/// A word as it stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// The letters and digits, inner points, commas, hyphens and apostrophes included.
    pub text: &'a str,
    /// Whether it begins a sentence (or the text).
    pub first: bool,
}

/// Whether `c` belongs to a script written without spaces, where each character counts as a word.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// The words of `text`, in order.
pub(crate) fn words(text: &str) -> Vec<Word<'_>> {
    let mut out: Vec<Word<'_>> = Vec::new();
    let mut start = None;
    let mut first = true;
    let mut push = |from: usize, to: usize, first: &mut bool| {
        let word = text[from..to].trim_end_matches(['.', ',', '\'', '’', '-']);
        if !word.is_empty() {
            out.push(Word { text: word, first: std::mem::take(first) });
        }
    };
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_word = chars.peek().is_some_and(|(_, n)| n.is_alphanumeric());
        let inside = c.is_alphanumeric()
            || (start.is_some() && next_is_word && matches!(c, '.' | ',' | '\'' | '’' | '-'));
        if is_unspaced(c) {
            if let Some(from) = start.take() {
                push(from, at, &mut first);
            }
            push(at, at + c.len_utf8(), &mut first);
        } else if inside {
            start.get_or_insert(at);
        } else {
            if let Some(from) = start.take() {
                push(from, at, &mut first);
            }
            first |= matches!(c, '.' | '!' | '?' | '\n' | ':' | '"' | '“' | '|');
        }
    }
    if let Some(from) = start {
        push(from, text.len(), &mut first);
    }
    out
}

/// A word in the form in which two texts are compared: lower case, possessive off, number words as digits, thousands
/// separators off, plural off (the S-stemmer of Harman 1991, "How effective is suffixing?").
pub(crate) fn normal(word: &str) -> String {
    let mut w = word.to_lowercase().replace('’', "'");
    if let Some(stem) = w.strip_suffix("'s") {
        w = stem.to_owned();
    }
    if let Some((_, digits)) = NUMBER_WORDS.iter().find(|(name, _)| *name == w) {
        return (*digits).to_owned();
    }
    if w.starts_with(|c: char| c.is_ascii_digit()) {
        return normal_number(&w);
    }
    if w.len() > 3 && w.ends_with("ies") && !w.ends_with("eies") && !w.ends_with("aies") {
        w.truncate(w.len() - 3);
        w.push('y');
    } else if w.len() > 3
        && w.ends_with("es")
        && !w.ends_with("aes")
        && !w.ends_with("ees")
        && !w.ends_with("oes")
        || w.len() > 3 && w.ends_with('s') && !w.ends_with("us") && !w.ends_with("ss")
    {
        w.truncate(w.len() - 1);
    }
    w
}

/// `1,200.50` → `1200.5`, `3rd` → `3`, `25%` has no sign here already.
fn normal_number(word: &str) -> String {
    let grouped = word.split(',').skip(1).all(|g| g.split('.').next().is_some_and(|g| g.len() == 3));
    let mut w = if grouped { word.replace(',', "") } else { word.to_owned() };
    for ordinal in ["st", "nd", "rd", "th"] {
        if let Some(stem) = w.strip_suffix(ordinal) {
            w = stem.to_owned();
            break;
        }
    }
    if w.contains('.') && w.bytes().filter(|b| *b == b'.').count() == 1 && !w.contains(char::is_alphabetic) {
        w = w.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    w
}

/// The words of `text` that carry evidence, normalised, in order; all words where none is left.
pub(crate) fn content_words(text: &str) -> Vec<String> {
    let all = words(text);
    let content: Vec<String> = all
        .iter()
        .filter(|w| !function_words().contains(w.text.to_lowercase().as_str()))
        .map(|w| normal(w.text))
        .collect();
    if content.is_empty() { all.iter().map(|w| normal(w.text)).collect() } else { content }
}

/// Whether the text turns its statement round.
pub(crate) fn is_negated(text: &str) -> bool {
    words(text).iter().any(|w| {
        let lower = w.text.to_lowercase().replace('’', "'");
        NEGATIONS.contains(&lower.as_str()) || lower.ends_with("n't")
    })
}

/// Numbers, dates and names of a sentence, normalised: what must stand in the evidence to the letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Everything with a digit in it, and number words.
    pub numbers: Vec<String>,
    /// Capitalised words (inside a sentence, or at its start when they are no ordinary word of the evidence), months
    /// and codes.
    pub names: Vec<String>,
}

/// Reads the facts of `sentence`.
pub(crate) fn facts(sentence: &str) -> Facts {
    let mut facts = Facts::default();
    for word in words(sentence) {
        let lower = word.text.to_lowercase();
        if function_words().contains(lower.as_str()) || NEGATIONS.contains(&lower.as_str()) {
            continue;
        }
        let normalised = normal(word.text);
        // "one" is more often a pronoun than a number.
        let is_number = normalised.starts_with(|c: char| c.is_numeric()) && lower != "one";
        let capital = word.text.starts_with(char::is_uppercase);
        let code = word.text.chars().skip(1).any(char::is_uppercase)
            || (word.text.contains(char::is_alphabetic) && word.text.contains(char::is_numeric));
        if is_number {
            facts.numbers.push(normalised);
        } else if code || (capital && !word.first) {
            facts.names.push(normalised);
        }
    }
    facts
}

/// The set of normalised words of a text, for membership tests.
pub(crate) fn word_set(text: &str) -> HashSet<String> {
    let mut set = HashSet::new();
    for word in words(text) {
        set.insert(normal(word.text));
        // A hyphenated word also counts as its parts: "three-month" carries "three".
        if word.text.contains('-') {
            set.extend(word.text.split('-').filter(|p| !p.is_empty()).map(normal));
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_normalised_alike_in_question_and_evidence() {
        for (a, b) in [
            ("1,200.50", "1200.5"),
            ("Policies", "policy"),
            ("company's", "Company"),
            ("three", "3"),
            ("3rd", "3"),
            ("claims", "claim"),
            ("employees", "employee"),
            ("2023", "2023"),
            ("v2.1.0", "v2.1.0"),
        ] {
            assert_eq!(normal(a), normal(b), "{a} / {b}");
        }
        assert_ne!(normal("12"), normal("1.2"));
        assert_ne!(normal("1,5"), normal("15"), "a decimal comma is no thousands separator");
    }

    #[test]
    fn facts_of_a_sentence() {
        let check = |sentence: &str, numbers: &[&str], names: &[&str]| {
            let found = facts(sentence);
            assert_eq!(found.numbers, numbers, "{sentence}");
            assert_eq!(found.names, names, "{sentence}");
        };
        check("The cap is 180 EUR per night.", &["180"], &["eur"]);
        check(
            "Under the contract, Acme pays within 30 days of March 5, 2024.",
            &["30", "5", "2024"],
            &["acme", "march"],
        );
        check("It takes three weeks.", &["3"], &[]);
        check("One of them is X-1234-B.", &[], &["x-1234-b"]);
        check("Nothing here.", &[], &[]);
    }

    #[test]
    fn unspaced_scripts_are_split_by_character() {
        assert_eq!(
            words("休暇は20日").iter().map(|w| w.text).collect::<Vec<_>>(),
            ["休", "暇", "は", "20", "日"]
        );
    }
}
