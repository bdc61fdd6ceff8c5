//! The sufficiency gate: does the evidence answer *this* question? A regression over what the reader, the two legs and the
//! words say.

use std::collections::HashSet;

use citadel_core::{Passage, Sufficiency};

use crate::calibration::GATE;
use crate::prompt;
use crate::question::{answer_type, fits};
use crate::reading::Read;
use crate::words::{content_words, facts, word_set};

/// Stands for the log-odds, and for the logarithm of a probability, where there is nothing.
const NOTHING: f64 = -10.0;

/// Judges the evidence that was read for `question`; below `threshold` it is not enough.
pub(crate) fn judge(question: &str, read: &Read, passages: &[Passage], threshold: f64) -> Sufficiency {
    let features = features(question, read, passages);
    Sufficiency {
        probability: GATE.probability(&features),
        threshold,
        features: features.iter().map(|&(name, value)| (name.to_owned(), value)).collect(),
    }
}

/// What the gate looks at. `answerable`: the reader's log-odds for the stretch of the likeliest answer; `span`: the logarithm
/// of that answer's probability; `relevance`, `overlap` and `cosine`: of its sentence; `names` and `words`: the share of the
/// question's names and numbers, and of its content words, that stand in its passage; `rank`: whether words and vectors
/// have that sentence among their first three; `type`: 1 where the answer is of the kind asked for, -1 where it is not, 0 where
/// that cannot be told.
fn features(question: &str, read: &Read, passages: &[Passage]) -> Vec<(&'static str, f64)> {
    let Some(found) = read.found.first() else {
        return vec![("answerable", read.answerable.unwrap_or(NOTHING)), ("span", NOTHING)];
    };
    let evidence = &read.ranked[found.sentence];
    let passage = &passages[evidence.passage];
    let mut there = word_set(&passage.text);
    there.extend(word_set(&prompt::context(passage)));
    let share = |wanted: &HashSet<String>| {
        let held = wanted.iter().filter(|w| there.contains(*w)).count();
        if wanted.is_empty() { 1.0 } else { held as f64 / wanted.len() as f64 }
    };
    let asked = facts(question);
    let named: HashSet<String> = asked.names.into_iter().chain(asked.numbers).collect();
    let worded: HashSet<String> = content_words(question).into_iter().collect();
    let better = read.ranked.iter().filter(|e| e.relevance.score > evidence.relevance.score).count();
    vec![
        ("answerable", found.answerable),
        ("span", found.span.max(f64::MIN_POSITIVE).ln().max(NOTHING)),
        ("relevance", evidence.relevance.score),
        ("overlap", evidence.relevance.overlap),
        ("cosine", evidence.relevance.cosine),
        ("names", share(&named)),
        ("words", share(&worded)),
        ("rank", if better < 3 { 1.0 } else { 0.0 }),
        ("type", fits(answer_type(question), &found.text).map_or(0.0, |fits| if fits { 1.0 } else { -1.0 })),
    ]
}
