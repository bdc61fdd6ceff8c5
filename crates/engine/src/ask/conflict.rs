//! Documents that contradict each other: where two say the same of different figures, the answer shows both, with their dates.

use std::collections::HashSet;

use citadel_core::{Checks, Passage, Verdict};

use super::{Judged, Outcomes};
use crate::check::Finding;
use crate::evidence::Evidence;
use crate::reading::{Found, Read};
use crate::words::{content_words, facts};
use crate::{Engine, EngineError};

/// The other answer must be this likely, against the likeliest and by itself.
const SHARE: f64 = 0.4;
const LEAST: f64 = 0.2;
/// Share of the words of the two sentences, their figures aside, that must be the same.
const ALIKE: f64 = 0.5;

impl Engine {
    /// Adds to an answer the source that contradicts it, if one does.
    pub(super) fn add_conflict(
        &self,
        outcomes: &mut Outcomes,
        read: &Read,
        passages: &[Passage],
    ) -> Result<(), EngineError> {
        let Some((one, other)) = conflict(read, passages) else { return Ok(()) };
        let quoted = |e: &Evidence| e.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut source = |evidence: &Evidence| {
            let there = |e: &Evidence| e.passage == evidence.passage && e.range.contains(evidence.range);
            outcomes.evidence.iter().position(there).unwrap_or_else(|| {
                outcomes.evidence.push(evidence.clone());
                outcomes.evidence.len() - 1
            })
        };
        let sources = vec![source(one), source(other)];
        let text = format!(
            "The documents differ: against {}, {} says “{}”.",
            self.named(&passages[one.passage])?,
            self.named(&passages[other.passage])?,
            quoted(other).trim_end_matches('.'),
        );
        let checks = Checks { quote: true, facts: true, entailment: 1.0, ..Checks::default() };
        let finding = Finding { sources, score: 1.0, verdict: Verdict::Supported, checks };
        outcomes.kept.push(Judged { text, finding });
        Ok(())
    }

    /// A document's title with the day of its file's last change, where that is known.
    fn named(&self, passage: &Passage) -> Result<String, EngineError> {
        let catalog = self.catalog();
        let document = catalog.document(&passage.document_id.0)?;
        let source = catalog.source(&document.collection, &document.key)?;
        let day = source
            .and_then(|s| chrono::DateTime::from_timestamp(s.modified_ns.div_euclid(1_000_000_000), 0))
            .map(|day| format!(" ({})", day.format("%Y-%m-%d")));
        Ok(format!("{}{}", passage.title, day.unwrap_or_default()))
    }
}

/// The sentence that answers, and one of another document that says the same with another figure.
fn conflict<'a>(read: &'a Read, passages: &[Passage]) -> Option<(&'a Evidence, &'a Evidence)> {
    let figures = |text: &str| facts(text).numbers.into_iter().collect::<HashSet<String>>();
    let words = |text: &str| {
        let own = figures(text);
        content_words(text).into_iter().filter(|w| !own.contains(w)).collect::<HashSet<String>>()
    };
    let best = read.found.first()?;
    let one = read.ranked.get(best.sentence)?;
    let (best_figures, best_words) = (figures(&best.text), words(&one.text));
    if best_figures.is_empty() {
        return None;
    }
    let differs = |found: &&Found| {
        let other = &read.ranked[found.sentence];
        let (figures, words) = (figures(&found.text), words(&other.text));
        let common = best_words.intersection(&words).count() as f64;
        found.probability >= LEAST.max(best.probability * SHARE)
            && passages[other.passage].document_id != passages[one.passage].document_id
            && !figures.is_empty()
            && figures.is_disjoint(&best_figures)
            && common >= ALIKE * best_words.len().max(words.len()) as f64
    };
    let other = read.found.iter().skip(1).find(differs)?;
    Some((one, read.ranked.get(other.sentence)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Relevance, tests::passage};
    use citadel_core::CharRange;

    #[test]
    fn only_other_figures_for_the_same_thing_in_another_document_differ() {
        let check = |one: (&str, &str), other: (&str, &str), probability: f64, expected: bool| {
            let passages = [passage(one.0, 0), passage(other.0, 9)];
            let ranked: Vec<Evidence> = passages
                .iter()
                .enumerate()
                .map(|(number, p)| Evidence {
                    passage: number,
                    range: CharRange::new(p.start, p.end),
                    text: p.text.clone(),
                    relevance: Relevance::default(),
                })
                .collect();
            let found = |sentence: usize, text: &str, probability: f64| Found {
                sentence,
                text: text.to_owned(),
                probability,
                answerable: 1.0,
            };
            let found = vec![found(0, one.1, 0.8), found(1, other.1, probability)];
            let read = Read { ranked, found, ..Read::default() };
            assert_eq!(conflict(&read, &passages).is_some(), expected, "{one:?} {other:?}");
        };
        let fee = ("The berth fee is 40 pounds a night.", "40 pounds");
        check(fee, ("The berth fee is 45 pounds a night now.", "45 pounds"), 0.6, true);
        check(fee, ("The berth fee is 45 pounds a night now.", "45 pounds"), 0.1, false);
        check(fee, ("The berth fee is forty pounds a night.", "forty pounds"), 0.6, false);
        check(fee, ("The crane on the north quay lifts 45 tonnes.", "45 tonnes"), 0.6, false);
        check(fee, ("The berth fee is paid in advance each night.", "in advance"), 0.6, false);
    }
}
