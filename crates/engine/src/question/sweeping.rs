//! Questions about the documents as a set, which only a look through every document answers.

use super::reading::{Token, follows, gap, one_of, quotes, read};
use crate::words::normal;

/// A question about the documents as a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sweep {
    /// What is wanted of the documents.
    pub aim: Aim,
    /// Whether those are meant that do *not* contain the topic.
    pub lacking: bool,
    /// What is sought, as asked: single words, and phrases that stood in quotation marks, without the marks.
    pub topic: Vec<String>,
    /// What the documents are called in the question: `contracts`.
    pub noun: String,
}

/// What is wanted of the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Which they are.
    List,
    /// How many they are.
    Count,
    /// Whether all of them do.
    All,
}

/// Names of documents, in the singular.
const NOUNS: &str = "document file page contract agreement policy report letter email e-mail mail message invoice note \
article paper protocol filing manual guideline memo memorandum lease quotation handbook certificate brochure newsletter \
presentation transcript publication book";
/// Words between `which` and the noun, or after `of`, that take nothing away from the documents.
const AROUND: &str = "the our my your these those all of any other every each some both";
/// Verbs of containing, in the singular of the present; forms are told by [`verb`].
const CONTAIN: &str = "mention contain include discuss cite reference name state cover describe have has specify address \
lack omit concern define";
/// Those that mean containing also where one document is asked for.
const MENTION: &str = "mention contain include discuss cite reference lack omit";
/// Verbs with a word behind them.
const WITH_WORD: &[(&str, &str)] = &[
    ("refer", "to"),
    ("relate", "to"),
    ("deal", "with"),
    ("talk", "about"),
    ("speak", "about"),
    ("speak", "of"),
    ("write", "about"),
    ("are", "about"),
    ("is", "about"),
    ("touch", "on"),
    ("touch", "upon"),
    ("point", "to"),
    ("inform", "about"),
];
const NOT: &str = "not don't doesn't never";
/// What holds the topic and is no topic itself.
const HOLDERS: &str = "clause provision section paragraph passage word reference mention anything something detail phrase \
explicit regarding concerning";
/// What holds a phrase in quotation marks.
const HOLDERS_OF_PHRASES: &str = "term expression name sentence statement string title text keyword";
/// Words that ask for more than the rules can look for.
const BEYOND: &str = "or nor neither either but except unless only than if when while because most least best worst \
highest lowest largest smallest longest shortest oldest newest latest earliest biggest more fewer less and/or been he \
she i we you they it to";
/// A topic of more words is a statement, not a topic: it would hardly stand in any document in just these words.
const MOST_WORDS: usize = 4;

/// Reads `question` as one about the documents as a set.
pub(super) fn sweep(question: &str) -> Option<Sweep> {
    let tokens = read(question);
    let reading = Reading { text: question, tokens: &tokens };
    reading.active().or_else(|| reading.passive())
}

struct Reading<'q> {
    text: &'q str,
    tokens: &'q [Token<'q>],
}

/// Documents as a question names them.
struct Named {
    noun: String,
    plural: bool,
    /// The position behind the noun.
    next: usize,
}

impl Reading<'_> {
    fn is(&self, at: usize, list: &str) -> bool {
        self.tokens.get(at).is_some_and(|t| t.is(list))
    }

    /// `Which contracts mention X?`, `How many policies do not refer to X?`, `List all reports about X`, `Do all contracts
    /// have X?`, `Are there letters that mention X?`
    fn active(&self) -> Option<Sweep> {
        let (aim, at, indirect) = self.opening()?;
        let named = self.named(at)?;
        let (at, lacking, singular_too) =
            if indirect { self.clause(named.next)? } else { self.predicate(named.next)? };
        if !(named.plural || singular_too || aim == Aim::All || indirect) {
            return None;
        }
        let none = self.is(at, "no");
        if self.is(at, "that how whether") {
            // A statement, not a topic.
            return None;
        }
        let topic = self.topic(at + usize::from(none), self.tokens.len())?;
        Some(Sweep { aim, lacking: lacking != none, topic, noun: named.noun })
    }

    /// How the question begins, where the documents are named, and whether a clause follows (`that mention`) rather than
    /// a verb.
    fn opening(&self) -> Option<(Aim, usize, bool)> {
        if self.is(0, "which what") {
            return Some((Aim::List, 1, false));
        }
        if self.is(0, "how") && self.is(1, "many") {
            return Some((Aim::Count, 2, false));
        }
        if self.is(0, "list name show find identify enumerate give") {
            return Some((Aim::List, if self.is(1, "me us") { 2 } else { 1 }, true));
        }
        if self.is(0, "do does") && self.is(1, "all every each") {
            return Some((Aim::All, 2, false));
        }
        if self.is(0, "do does") && self.is(1, "any some") {
            return Some((Aim::List, 2, false));
        }
        if self.is(0, "is are") && self.is(1, "there") {
            return Some((Aim::List, if self.is(2, "a an") { 3 } else { 2 }, true));
        }
        if self.is(0, "count") {
            return Some((Aim::Count, 1, true));
        }
        if self.is(0, "all every") {
            return Some((Aim::List, 0, true));
        }
        None
    }

    /// The documents named at `at`, with at most two words of their kind before the noun: `the employment contracts`.
    fn named(&self, mut at: usize) -> Option<Named> {
        while self.is(at, AROUND) {
            at += 1;
        }
        let end = (at..at + 3).find(|i| self.tokens.get(*i).is_some_and(is_document))?;
        // `Which contracts report …`: the first noun counts, unless another follows it at once.
        let end = if self.tokens.get(end + 1).is_some_and(is_document) && !self.is(end + 1, CONTAIN) {
            end + 1
        } else {
            end
        };
        let kind = self.tokens.get(at..end)?;
        let plain = kind.iter().all(|t| {
            t.is_content()
                && !t.is(CONTAIN)
                && !t.text.contains(char::is_numeric)
                && !t.lower.ends_with("ing")
        });
        let together = (at + 1..=end).all(|i| follows(self.text, self.tokens, i));
        let noun = self.text.get(self.tokens.get(at)?.at.start..self.tokens.get(end)?.at.end)?;
        (plain && together).then(|| Named {
            noun: noun.to_owned(),
            plural: self.tokens.get(end).is_some_and(|t| t.is_plural() || t.is("minutes")),
            next: end + 1,
        })
    }

    /// What follows the documents where a verb must: the position behind it, whether it is denied, and whether it means
    /// mentioning in the narrow sense.
    fn predicate(&self, at: usize) -> Option<(usize, bool, bool)> {
        let mut at = self.past_whole(at);
        let mut denied = false;
        if self.is(at, "do does") && self.is(at + 1, "not never") {
            (at, denied) = (at + 2, true);
        } else if self.is(at, NOT) {
            (at, denied) = (at + 1, true);
        } else if self.is(at, "fail fails") && self.is(at + 1, "to") {
            (at, denied) = (at + 2, true);
        }
        while self.is(at, "also explicitly specifically ever actually") {
            at += 1;
        }
        let (next, verb) = self.verb(at)?;
        let lacks = one_of("lack omit", &verb);
        Some((next, denied != lacks, one_of(MENTION, &verb) || verb == "refer"))
    }

    /// `of the contracts in the vault`: words that name the whole again.
    fn past_whole(&self, at: usize) -> usize {
        let whole = "vault collection folder archive library files documents system";
        let noun = (at + 1..at + 4).find(|i| self.is(*i, whole));
        match noun {
            Some(noun)
                if self.is(at, "in of from")
                    && (at + 1..noun).all(|i| self.is(i, AROUND) || self.is(i, "this")) =>
            {
                noun + 1
            }
            _ if self.is(at, "here") => at + 1,
            _ => at,
        }
    }

    /// What follows the documents where a clause must: `that mention`, `mentioning`, `about`, `with`, `without`.
    fn clause(&self, at: usize) -> Option<(usize, bool, bool)> {
        let at = self.past_whole(at);
        if self.is(at, "that which") {
            return self.predicate(at + 1);
        }
        if self.is(
            at,
            "about mentioning containing including discussing citing covering referencing describing having",
        ) {
            return Some((at + 1, false, true));
        }
        if (self.is(at, "referring relating") && self.is(at + 1, "to"))
            || (self.is(at, "dealing") && self.is(at + 1, "with"))
        {
            return Some((at + 2, false, true));
        }
        if self.is(at, "with without lacking") {
            return Some((at + 1, !self.is(at, "with"), true));
        }
        if self.is(at, "not") && self.is(at + 1, "mentioning containing including") {
            return Some((at + 2, true, true));
        }
        None
    }

    /// The position behind the verb at `at`, and the verb in its first form.
    fn verb(&self, at: usize) -> Option<(usize, String)> {
        let token = self.tokens.get(at)?;
        let stem = verb(&token.lower);
        if WITH_WORD.iter().any(|(v, word)| (stem == *v || token.lower == *v) && self.is(at + 1, word)) {
            return Some((at + 2, stem));
        }
        if one_of("say", &stem)
            && self.is(at + 1, "something anything nothing")
            && self.is(at + 2, "about on")
        {
            return Some((at + 3, stem));
        }
        if one_of("make", &stem) && self.is(at + 1, "reference mention") && self.is(at + 2, "to of") {
            return Some((at + 3, stem));
        }
        // `have expired`, `have to be signed`, `have they`, `have not been paid` ask for something else.
        let auxiliary = one_of("have has", &token.lower)
            && self.tokens.get(at + 1).is_none_or(|t| {
                (t.is_pronoun() && !t.is_determiner()) || t.is("to been not never") || t.lower.ends_with("ed")
            });
        (one_of(CONTAIN, &stem) && !auxiliary).then(|| (at + 1, stem))
    }

    /// `In which contracts is X mentioned?`, `In how many letters does X occur?`, `Is X mentioned in all contracts?`
    fn passive(&self) -> Option<Sweep> {
        if self.is(0, "in") {
            let (aim, at) = match () {
                () if self.is(1, "which what") => (Aim::List, 2),
                () if self.is(1, "how") && self.is(2, "many") => (Aim::Count, 3),
                () => return None,
            };
            let named = self.named(at).filter(|n| n.plural)?;
            let verb = self.is(named.next, "is are was were do does did").then_some(named.next)?;
            let (end, lacking) = self.participle(self.tokens.len())?;
            return Some(Sweep { aim, lacking, topic: self.topic(verb + 1, end)?, noun: named.noun });
        }
        if !self.is(0, "is are") {
            return None;
        }
        let at = (2..self.tokens.len()).rev().find(|i| self.is(*i, "in by"))?;
        let aim = match () {
            () if self.is(at + 1, "all every each") => Aim::All,
            () if self.is(at + 1, "any some") => Aim::List,
            () => return None,
        };
        let named = self.named(at + 1).filter(|n| self.past_whole(n.next) == self.tokens.len())?;
        let (end, lacking) = self.participle(at)?;
        Some(Sweep { aim, lacking, topic: self.topic(1, end)?, noun: named.noun })
    }

    /// Where the topic ends that stands before `mentioned` or `not mentioned`, which ends at `end`.
    fn participle(&self, end: usize) -> Option<(usize, bool)> {
        let mut at = end.checked_sub(1)?;
        if self.is(at, "to with of about") {
            at = at.checked_sub(1)?;
        }
        let verbs = "mentioned contained included discussed cited referenced named covered described addressed referred dealt \
                     defined specified occur appear found present missing lacking";
        self.tokens.get(at).filter(|t| t.is(verbs))?;
        let missing = self.is(at, "missing lacking");
        let denied = at.checked_sub(1).is_some_and(|before| self.is(before, NOT));
        Some((at - usize::from(denied), denied != missing))
    }

    /// The words and quoted phrases sought, between two positions.
    fn topic(&self, from: usize, to: usize) -> Option<Vec<String>> {
        let tokens = self.tokens.get(from..to).filter(|t| !t.is_empty())?;
        if tokens.iter().any(|t| t.is(BEYOND) || t.asks()) || gap_breaks(self.text, self.tokens, from, to) {
            return None;
        }
        let mut topic: Vec<(usize, String)> = Vec::new();
        let quoted = quotes(self.text);
        let span = tokens.first()?.at.start..tokens.last()?.at.end;
        for quote in quoted.iter().filter(|q| q.end > span.start && q.start < span.end) {
            let mut inside = self.text.get(quote.clone())?.chars();
            let (_, _) = (inside.next(), inside.next_back());
            let phrase = inside.as_str().trim();
            if phrase.contains(char::is_alphanumeric) {
                topic.push((quote.start, phrase.to_owned()));
            }
        }
        let phrases = !topic.is_empty();
        let holds = |word: &str| one_of(HOLDERS, word) || phrases && one_of(HOLDERS_OF_PHRASES, word);
        let held = |t: &&Token<'_>| t.is_content() && !holds(&normal(&t.lower));
        let mut words: Vec<&Token<'_>> = tokens.iter().filter(held).collect();
        if words.is_empty() && topic.is_empty() {
            words = tokens.iter().filter(|t| t.is_content()).collect();
        }
        if words.len() > MOST_WORDS {
            return None;
        }
        topic.extend(words.iter().map(|t| (t.at.start, t.text.to_owned())));
        topic.sort();
        let mut seen = std::collections::HashSet::new();
        let topic: Vec<String> =
            topic.into_iter().map(|(_, term)| term).filter(|term| seen.insert(normal(term))).collect();
        (!topic.is_empty()).then_some(topic)
    }
}

/// Whether a mark other than an inner one stands within the topic: `mention A, B and C`, `mention A? And B?`.
fn gap_breaks(text: &str, tokens: &[Token<'_>], from: usize, to: usize) -> bool {
    (from + 1..to).any(|at| gap(text, tokens, at).contains([',', ';', '?', '!', ':', '(', '/']))
}

fn is_document(token: &Token<'_>) -> bool {
    one_of(NOUNS, &normal(&token.lower)) || token.is("minutes")
}

/// The first form of a verb of the present: `mentions` → `mention`.
fn verb(lower: &str) -> String {
    match lower {
        "has" | "is" | "discuss" | "address" => lower.to_owned(),
        "discusses" | "addresses" | "touches" => lower.trim_end_matches("es").to_owned(),
        "says" | "makes" | "cites" | "includes" | "names" | "states" | "describes" | "references"
        | "defines" | "writes" => lower.trim_end_matches('s').to_owned(),
        _ => normal(lower),
    }
}
