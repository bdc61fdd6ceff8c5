//! The sufficiency gate: does the evidence answer *this* question? A regression over what the reader, the two legs and the
//! words say.

use std::collections::HashSet;

use citadel_core::{Passage, Sufficiency};

use crate::calibration::GATE;
use crate::prompt;
use crate::reading::Read;
use crate::words::{facts, word_set};

/// Stands for the log-odds where there is nothing.
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

/// What the gate looks at, of the first sentence in which an answer was found. `answerable`: the reader's log-odds for its
/// stretch; `cosine`: of the sentence and the question; `names`: the share of the question's names and numbers that stand in its
/// passage. More was tried and left out: docs/evaluation.md.
fn features(question: &str, read: &Read, passages: &[Passage]) -> Vec<(&'static str, f64)> {
    let Some(found) = read.found.first() else {
        return vec![("answerable", read.answerable.unwrap_or(NOTHING))];
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
    vec![("answerable", found.answerable), ("cosine", evidence.relevance.cosine), ("names", share(&named))]
}
