//! From checked sentences to the stored answer: citations are numbered, and each quote is verified against the catalog.

use citadel_core::{
    Answer, AnswerTimings, Citation, EvidenceRange, NearestReason, Outcome, Passage, QuestionPart, Sentence,
    Verdict,
};
use sha2::{Digest, Sha256};

use super::{AskRequest, Outcomes};
use crate::evidence::Evidence;
use crate::vault::now_ms;
use crate::{Engine, EngineError};

/// One question with the passages found for it and what came of them.
pub(super) struct Part {
    pub question: String,
    pub passages: Vec<Passage>,
    pub outcomes: Outcomes,
}

impl Engine {
    /// Numbers the citations, verifies each quote against the stored text, and writes the answer.
    pub(super) fn compose(&self, request: &AskRequest, parts: Vec<Part>) -> Result<Answer, EngineError> {
        let mut citations: Vec<Citation> = Vec::new();
        let mut passages: Vec<Passage> = Vec::new();
        let mut evidence: Vec<EvidenceRange> = Vec::new();
        let mut said: Vec<String> = Vec::new();
        let (mut kept, mut removed, mut told) = (Vec::new(), Vec::new(), Vec::new());
        let (mut confidence, mut corrected, mut model) = (1.0f64, false, None);
        let answered = parts.iter().any(|p| !p.outcomes.kept.is_empty());
        let reason = parts.iter().find_map(|p| p.outcomes.reason);
        for part in parts {
            let Part { question, passages: found, outcomes } = part;
            let mut used = vec![false; found.len()];
            for judged in &outcomes.kept {
                let mut numbers = Vec::new();
                for &source in &judged.finding.sources {
                    let evidence = &outcomes.evidence[source];
                    used[evidence.passage] = true;
                    let passage = &found[evidence.passage];
                    let same = |c: &&Citation| {
                        c.version_id == passage.version_id
                            && (c.start, c.end) == (evidence.range.start, evidence.range.end)
                    };
                    let number = match citations.iter().find(same) {
                        Some(citation) => citation.number,
                        None => {
                            citations.push(self.cite(citations.len() + 1, evidence, passage)?);
                            citations.len()
                        }
                    };
                    numbers.push(number);
                }
                said.push(with_marks(&judged.text, &numbers));
                kept.push(Sentence {
                    text: judged.text.clone(),
                    citations: numbers,
                    verdict: Verdict::Supported,
                    score: judged.finding.score,
                    checks: Some(judged.finding.checks.clone()),
                });
            }
            removed.extend(outcomes.removed.into_iter().map(|judged| Sentence {
                text: judged.text,
                citations: Vec::new(),
                verdict: Verdict::Removed,
                score: judged.finding.score,
                checks: Some(judged.finding.checks),
            }));
            if outcomes.kept.is_empty() {
                if answered {
                    said.push(silent_on(&question));
                }
            } else {
                confidence = confidence.min(outcomes.confidence);
            }
            corrected |= outcomes.corrected;
            model = model.or(outcomes.model);
            told.push(QuestionPart {
                question,
                answered: !outcomes.kept.is_empty(),
                sufficiency: outcomes.sufficiency,
            });
            let ranks: Vec<usize> = found
                .into_iter()
                .zip(used)
                .map(|(passage, used)| {
                    let same = |p: &Passage| p.version_id == passage.version_id && p.start == passage.start;
                    let at = passages.iter().position(same).unwrap_or_else(|| {
                        passages.push(Passage { rank: passages.len() + 1, ..passage });
                        passages.len() - 1
                    });
                    passages[at].used = Some(used || passages[at].used == Some(true));
                    at + 1
                })
                .collect();
            evidence.extend(outcomes.read.iter().map(|&(passage, range)| EvidenceRange {
                passage: ranks[passage],
                start: range.start,
                end: range.end,
            }));
        }
        kept.extend(removed);
        let text = if answered { said.join(" ") } else { refusal(&request.question, reason) };
        let now = now_ms();
        Ok(Answer {
            id: answer_id(now, &request.question),
            question_id: request.question_id.clone(),
            question: request.question.clone(),
            created_at: rfc3339(now),
            outcome: if answered { Outcome::Answered } else { Outcome::NotFound },
            text,
            sentences: kept,
            citations,
            passages,
            evidence,
            confidence: if answered { confidence } else { 0.0 },
            corrected,
            reason: if answered { None } else { reason },
            after: request.after.clone(),
            scope: self.answer_scope(request)?,
            sweep: None,
            parts: told,
            model,
            timings_ms: AnswerTimings::default(),
        })
    }

    /// A citation whose quote was read again from the catalog: a slice that is not the stored text is a fault of ours
    /// and must never reach a reader.
    pub(crate) fn cite(
        &self,
        number: usize,
        evidence: &Evidence,
        passage: &Passage,
    ) -> Result<Citation, EngineError> {
        let catalog = self.catalog();
        let stored = catalog.slice(passage.version_id, evidence.range)?;
        if stored.as_deref() != Some(evidence.text.as_str()) {
            return Err(EngineError::Internal("a quote that is not the stored text"));
        }
        let (page, page_label) = match catalog.page_at(passage.version_id, evidence.range.start)? {
            Some((page, label)) => (Some(page), label),
            None => (None, None),
        };
        Ok(Citation {
            number,
            document_id: passage.document_id.clone(),
            version_id: passage.version_id,
            path: passage.path.clone(),
            title: passage.title.clone(),
            heading: passage.heading.clone(),
            page,
            page_label,
            quote: evidence.text.clone(),
            start: evidence.range.start,
            end: evidence.range.end,
        })
    }
}

/// `It is 5.` with 1 and 2 → `It is 5 [1][2].`
pub(crate) fn with_marks(sentence: &str, numbers: &[usize]) -> String {
    let body = sentence.trim_end_matches(['.', '!', '?', '。']);
    let marks: String = numbers.iter().map(|n| format!("[{n}]")).collect();
    format!("{} {marks}{}", body.trim_end(), &sentence[body.len()..])
}

fn refusal(question: &str, reason: Option<NearestReason>) -> String {
    let question: String = question.split_whitespace().collect::<Vec<_>>().join(" ");
    match reason {
        Some(NearestReason::NoDocuments) => {
            format!("There are no documents to answer “{question}” from.")
        }
        _ => format!("The documents do not answer “{question}”. The nearest passages are shown instead."),
    }
}

/// Said within an answer of the part of a question that the documents do not answer.
fn silent_on(question: &str) -> String {
    format!("The documents do not answer “{question}”.")
}

/// Time-ordered and unlikely to meet its like: 48 bits of milliseconds, 32 bits of a hash.
pub(crate) fn answer_id(now: i64, question: &str) -> String {
    static ASKED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let count = ASKED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let hash = Sha256::digest(format!("{now} {count} {} {question}", std::process::id()));
    format!("{now:012x}{}", crate::models::hex(&hash[..4]))
}

pub(crate) fn rfc3339(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms)
        .map(|t| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_before_the_full_stop() {
        assert_eq!(with_marks("It is 5.", &[1, 2]), "It is 5 [1][2].");
        assert_eq!(with_marks("180 EUR", &[1]), "180 EUR [1]");
        assert_eq!(with_marks("180 EUR per night (see p. 3).", &[3]), "180 EUR per night (see p. 3) [3].");
    }

    #[test]
    fn answer_ids_differ_and_are_in_order_of_time() {
        let (a, b) = (answer_id(1_000, "q"), answer_id(1_000, "q"));
        assert_ne!(a, b);
        assert!(answer_id(2_000, "q") > a);
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
    }
}
