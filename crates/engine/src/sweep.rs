//! Questions about the documents as a set, which no few passages answer: every current document is looked through.
//!
//! A document has the topic where all its words stand in one chunk: decided by words alone, so that the answer can say by
//! which, and is the same whatever the indexes hold.

mod sought;
#[cfg(test)]
mod tests;
mod wording;

use std::time::Instant;

use citadel_catalog::{DocumentFilter, DocumentSummary, SourceState, StoredChunk};
use citadel_core::{
    Answer, AnswerTimings, CharRange, Citation, ModelError, NearestReason, Outcome, Passage, PassageScores,
    Sentence, StopFlag, SweepReport, SweptDocument, Verdict,
};

use crate::ask::{answer_id, rfc3339, whole_ms, with_marks};
use crate::evidence::{Evidence, Relevance};
use crate::question::Sweep;
use crate::search::passage;
use crate::vault::now_ms;
use crate::{AskEvent, AskRequest, Engine, EngineError};
use sought::{Best, Sought};

/// Documents that are cited; the rest is counted and named.
const CITED: usize = 20;
/// Documents of each kind that the report names.
const LISTED: usize = 1_000;

/// What a look through the documents found.
pub(crate) struct Swept {
    /// The counts, and which documents.
    pub report: SweepReport,
    /// The best sentence of each of the first matching documents, with the chunk it stands in.
    pub found: Vec<(Passage, Evidence)>,
}

/// What became of one document.
enum Looked {
    Has(Box<(StoredChunk, Best)>),
    Lacks,
    /// Removed in the meantime.
    Gone,
}

impl Engine {
    /// Looks through every current document of the scope (all, where nothing is named) for the topic. Looks at
    /// `stop` at every chunk; `progress` is told how many documents of how many are done.
    pub(crate) fn sweep(
        &self,
        sweep: &Sweep,
        (collections, documents): (&[String], &[String]),
        stop: &StopFlag,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Swept, EngineError> {
        // An unknown collection is refused, as it is in a search.
        let versions = self.scope(collections, documents)?.versions;
        let sought = Sought::new(&sweep.topic);
        let filter = DocumentFilter { collections: collections.to_vec(), withdrawn: false };
        let mut documents = self.catalog().documents(&filter)?;
        documents.retain(|document| versions.as_ref().is_none_or(|only| only.contains(&document.version_id)));
        let mut report = SweepReport {
            words: sweep.topic.clone(),
            unreadable: if versions.is_some() { 0 } else { self.unreadable(collections)? },
            ..SweepReport::default()
        };
        let mut found = Vec::new();
        for (at, document) in documents.iter().enumerate() {
            if document.chunks == 0 {
                report.unreadable += 1;
                continue;
            }
            match self.look_through(document, &sought, stop)? {
                Looked::Gone => continue,
                Looked::Has(has) => {
                    report.matching += 1;
                    name(&mut report.matching_documents, document);
                    if found.len() < CITED {
                        found.push(evidence(*has, found.len(), sought.terms()));
                    }
                }
                Looked::Lacks => {
                    report.lacking += 1;
                    name(&mut report.lacking_documents, document);
                }
            }
            report.searched += 1;
            report.unread_pages += document.pages.no_text + document.pages.unreadable;
            progress(at + 1, documents.len());
        }
        Ok(Swept { report, found })
    }

    /// Files of the scope that failed, and parts of files that were lost.
    fn unreadable(&self, collections: &[String]) -> Result<u64, EngineError> {
        let sources = self.catalog().sources(None)?;
        let in_scope =
            sources.iter().filter(|s| collections.is_empty() || collections.contains(&s.collection));
        let of = |failed: bool, lost: usize| u64::from(failed) + u64::try_from(lost).unwrap_or(u64::MAX);
        Ok(in_scope.map(|s| of(matches!(s.state, SourceState::Failed { .. }), s.lost.len())).sum())
    }

    fn look_through(
        &self,
        document: &DocumentSummary,
        sought: &Sought,
        stop: &StopFlag,
    ) -> Result<Looked, EngineError> {
        let catalog = self.catalog();
        let Some(version) = catalog.current_version(&document.document_id)? else { return Ok(Looked::Gone) };
        let mut best: Option<(StoredChunk, Best)> = None;
        catalog.each_chunk(version, |chunk| {
            if stop.is_stopped() {
                return false;
            }
            if let Some(better) = sought.best_sentence(&chunk.text, &chunk.title)
                && best.as_ref().is_none_or(|(_, b)| better.rank() > b.rank())
            {
                best = Some((chunk, better));
            }
            // No sentence can be better than one with all the words.
            !best.as_ref().is_some_and(|(_, b)| b.is_whole(sought.terms()))
        })?;
        if stop.is_stopped() {
            return Err(ModelError::Stopped.into());
        }
        Ok(best.map_or(Looked::Lacks, |has| Looked::Has(Box::new(has))))
    }

    /// Answers a question about the documents as a set, and stores the answer.
    pub(crate) fn answer_sweep(
        &self,
        request: &AskRequest,
        sweep: &Sweep,
        stop: &StopFlag,
        sink: &mut dyn FnMut(AskEvent<'_>),
    ) -> Result<Answer, EngineError> {
        let begun = Instant::now();
        let swept =
            self.sweep(sweep, (&request.collections, &request.documents), stop, &mut |documents, of| {
                sink(AskEvent::Searched { documents, of });
            })?;
        let retrieve = whole_ms(begun);
        let mut answer = self.compose_sweep(request, sweep, swept)?;
        sink(AskEvent::Passages { passages: &answer.passages });
        let total = whole_ms(begun);
        answer.timings_ms = AnswerTimings { retrieve, total, ..AnswerTimings::default() };
        self.catalog().put_answer(&answer, now_ms())?;
        Ok(answer)
    }

    fn compose_sweep(
        &self,
        request: &AskRequest,
        sweep: &Sweep,
        swept: Swept,
    ) -> Result<Answer, EngineError> {
        let Swept { report, found } = swept;
        let citations: Vec<Citation> = found
            .iter()
            .enumerate()
            .map(|(at, (passage, evidence))| self.cite(at + 1, evidence, passage))
            .collect::<Result<_, _>>()?;
        let confidence = searchable(&report);
        let numbers: Vec<usize> = citations.iter().map(|c| c.number).collect();
        let shared = wording::shared_titles(&report);
        let counted = wording::counted(sweep, &report, &shared);
        let mut text = wording::with_marks_behind(&counted.matching, &numbers, &counted.rest);
        let mut sentences = vec![Sentence {
            text: format!("{}{}", counted.matching, counted.rest),
            citations: numbers,
            verdict: Verdict::Supported,
            score: confidence,
            checks: None,
        }];
        // Where those without it are asked for, the others are counted and cited, not quoted.
        let quoted = if sweep.lacking { &[] } else { citations.as_slice() };
        for (citation, (_, evidence)) in quoted.iter().zip(&found) {
            let sentence =
                wording::quoted(&wording::called(&citation.title, &citation.path, &shared), &citation.quote);
            text.push('\n');
            text.push_str(&with_marks(&sentence, &[citation.number]));
            sentences.push(Sentence {
                text: sentence,
                citations: vec![citation.number],
                verdict: Verdict::Supported,
                score: evidence.relevance.overlap,
                checks: None,
            });
        }
        let uncited = report.matching_documents.get(quoted.len()..).unwrap_or_default();
        if !sweep.lacking && !uncited.is_empty() {
            let more = wording::more(uncited, report.matching - quoted.len() as u64, &shared);
            text.push('\n');
            text.push_str(&more);
            sentences.push(Sentence {
                text: more,
                citations: Vec::new(),
                verdict: Verdict::Supported,
                score: confidence,
                checks: None,
            });
        }
        let nothing = report.searched == 0;
        let now = now_ms();
        Ok(Answer {
            id: answer_id(now, &request.question),
            question_id: request.question_id.clone(),
            question: request.question.clone(),
            created_at: rfc3339(now),
            outcome: if nothing { Outcome::NotFound } else { Outcome::Answered },
            text,
            sentences: if nothing { Vec::new() } else { sentences },
            citations,
            passages: found.into_iter().map(|(passage, _)| passage).collect(),
            confidence,
            corrected: false,
            reason: nothing.then_some(NearestReason::NoDocuments),
            after: request.after.clone(),
            scope: self.answer_scope(request)?,
            sweep: Some(report),
            evidence: Vec::new(),
            parts: Vec::new(),
            model: None,
            timings_ms: AnswerTimings::default(),
        })
    }
}

/// The share of what is in scope that could be looked through: what an answer of this kind can be wrong by. 0 where there
/// is nothing.
fn searchable(report: &SweepReport) -> f64 {
    let all = report.searched + report.unreadable;
    if all == 0 { 0.0 } else { report.searched as f64 / all as f64 }
}

fn name(documents: &mut Vec<SweptDocument>, document: &DocumentSummary) {
    if documents.len() < LISTED {
        documents.push(SweptDocument {
            document_id: document.document_id.clone(),
            path: document.path.clone(),
            title: document.title.clone(),
        });
    }
}

/// The chunk as a passage and its best sentence as evidence.
fn evidence((chunk, best): (StoredChunk, Best), at: usize, terms: usize) -> (Passage, Evidence) {
    let share = best.terms as f64 / terms.max(1) as f64;
    let base = chunk.range.start;
    let evidence = Evidence {
        passage: at,
        range: CharRange::new(base + best.range.start, base + best.range.end),
        text: best.text,
        relevance: Relevance { cosine: 0.0, overlap: share, score: share, total: share },
    };
    let passage = Passage { used: Some(true), ..passage(chunk, at + 1, share, PassageScores::default()) };
    (passage, evidence)
}
