//! The words and phrases that a sweep looks for, and where a text has them.

use citadel_core::{CharRange, TextMap};

use crate::words::{normal, word_set, words};

/// What is looked for: all of it must stand in one chunk.
pub(super) struct Sought {
    /// Words, normalised.
    words: Vec<String>,
    /// Phrases, folded.
    phrases: Vec<String>,
    /// Letters that a text in lower case has if it has the words and phrases. Looking for them costs a hundredth of taking
    /// the text apart into words.
    needles: Vec<String>,
}

/// The sentence of a chunk with the most of what is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Best {
    /// How many of the words and phrases it has.
    pub terms: usize,
    /// Whether it is more than a heading, the title or the row of a table.
    pub says: bool,
    /// Its characters in the chunk.
    pub range: CharRange,
    /// Those characters.
    pub text: String,
}

impl Best {
    /// What it is better by.
    pub fn rank(&self) -> (usize, bool) {
        (self.terms, self.says)
    }

    /// Whether it has all, in a sentence.
    pub fn is_whole(&self, terms: usize) -> bool {
        self.terms == terms && self.says
    }
}

impl Sought {
    /// Of the terms of a topic, those of several words are phrases, wanted to the letter but for case.
    pub fn new(topic: &[String]) -> Self {
        let (phrases, single): (Vec<&String>, Vec<&String>) = topic.iter().partition(|t| words(t).len() != 1);
        let words: Vec<String> = single.iter().flat_map(|t| words(t)).map(|w| normal(w.text)).collect();
        let phrases: Vec<String> = phrases.iter().map(|t| folded(t)).collect();
        let begins = phrases.iter().filter_map(|p| p.split(' ').next());
        // `policies` is `policy` made normal; numbers stand as words too.
        let stems = words.iter().map(|w| w.strip_suffix('y').unwrap_or(w));
        let plain = |needle: &&str| !needle.is_empty() && needle.chars().all(char::is_alphabetic);
        let needles = stems.chain(begins).filter(plain).map(str::to_owned).collect();
        Self { words, phrases, needles }
    }

    /// Whether it is worth taking `text` apart.
    fn may_be_in(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        self.needles.iter().all(|needle| lower.contains(needle))
    }

    /// How many words and phrases.
    pub fn terms(&self) -> usize {
        self.words.len() + self.phrases.len()
    }

    /// How many of them `text` has.
    fn count(&self, text: &str) -> usize {
        let set = if self.words.is_empty() { Default::default() } else { word_set(text) };
        let words = self.words.iter().filter(|w| set.contains(*w)).count();
        let text = if self.phrases.is_empty() { String::new() } else { folded(text) };
        words + self.phrases.iter().filter(|p| has_phrase(&text, p)).count()
    }

    /// The sentence of `chunk` with the most of them, the first of several; `None` where the chunk has not all. `title` is
    /// the document's.
    pub fn best_sentence(&self, chunk: &str, title: &str) -> Option<Best> {
        if self.terms() == 0 || !self.may_be_in(chunk) || self.count(chunk) < self.terms() {
            return None;
        }
        let map = TextMap::new(chunk);
        let mut best: Option<Best> = None;
        for range in citadel_chunk::sentences(chunk) {
            let Some(text) = map.slice(range) else { continue };
            let words = text.split_whitespace().nth(2).is_some() || !text.is_ascii();
            let says = words && !text.contains(" | ") && text.trim() != title.trim();
            let found = Best { terms: self.count(text), says, range, text: text.to_owned() };
            if found.terms > 0 && best.as_ref().is_none_or(|b| found.rank() > b.rank()) {
                best = Some(found);
            }
        }
        // A phrase over the end of a sentence: the chunk itself is the evidence.
        best.or_else(|| {
            let range = CharRange::new(0, chunk.chars().count());
            Some(Best { terms: self.terms(), says: true, range, text: chunk.to_owned() })
        })
    }
}

/// In lower case, with single spaces and plain apostrophes: a line break within a phrase changes nothing.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('’', "'").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the phrase stands in the text, not as a part of longer words.
fn has_phrase(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let ends = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        ends(text[..at].chars().next_back()) && ends(text[at + phrase.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_has_all_or_nothing() {
        let check = |topic: &[&str], chunk: &str, expected: Option<&str>| {
            let topic: Vec<String> = topic.iter().map(|t| (*t).to_owned()).collect();
            let best = Sought::new(&topic).best_sentence(chunk, "The title of it");
            assert_eq!(best.as_ref().map(|b| b.text.trim()), expected, "{topic:?} in {chunk}");
            if let Some(best) = best {
                assert_eq!(TextMap::new(chunk).slice(best.range), Some(best.text.as_str()));
            }
        };
        let leave = "Leave. The firm grants parental leave of 20 weeks. Other leave is unpaid.";
        check(&["leave"], leave, Some("The firm grants parental leave of 20 weeks."));
        check(&["Parental", "leaves"], leave, Some("The firm grants parental leave of 20 weeks."));
        check(&["parental", "unpaid"], leave, Some("The firm grants parental leave of 20 weeks."));
        check(&["parental", "sabbatical"], leave, None);
        check(&["twenty"], "It takes 20 weeks.", Some("It takes 20 weeks."));
        check(
            &["parental leave"],
            "Parental\nLEAVE is granted here.",
            Some("Parental\nLEAVE is granted here."),
        );
        check(&["leave of"], "They sleave often.", None);
        check(&["best efforts"], "Our best effortsmanship.", None);
        check(&["tenant's keys"], "The tenant’s keys are lost.", Some("The tenant’s keys are lost."));
        check(&["policy"], "Both POLICIES apply.", Some("Both POLICIES apply."));
        check(&["company's"], "The Company pays.", Some("The Company pays."));
        check(&["art"], "All parties agree.", None);
        check(&["non-compete"], "A non-compete applies for ever.", Some("A non-compete applies for ever."));
        check(&["gdpr"], "Heading\n\nGDPR\n\nThe GDPR applies here.", Some("The GDPR applies here."));
        check(&["gdpr"], "GDPR", Some("GDPR"));
        check(&["gdpr"], "GDPR | 4\n\nThe GDPR applies here.", Some("The GDPR applies here."));
        check(&["title"], "The title of it\n\nNo title is void.", Some("No title is void."));
        check(&["größe"], "Die Größe 𝔣ünf zählt.", Some("Die Größe 𝔣ünf zählt."));
        check(&[], leave, None);
        check(&["leave"], "", None);
    }
}
