//! From a question to a cited answer: retrieve, select evidence, read, gate, generate, check, correct once.

mod compose;
mod conflict;
mod quote;
mod write;

use std::time::Instant;

use citadel_core::{
    Answer, AnswerTimings, CharRange, ModelInfo, NearestReason, Passage, StopFlag, Sufficiency,
};
use serde::{Deserialize, Serialize};

use crate::calibration::{CONFIDENCE, GATE_THRESHOLD, QUOTE_GATE_THRESHOLD, log_odds};
use crate::check::{Finding, Stage};
use crate::copies::alike;
use crate::evidence::{Evidence, is_list, rank_sentences};
use crate::question::{Kind, clean, follow_up, kind, parts};
use crate::reading::{self, Read};
use crate::search::{SearchMode, check_question};
use crate::vault::{lock, now_ms};
use crate::{AskEvent, Engine, EngineError, gate};
use compose::Part;
pub(crate) use compose::{answer_id, rfc3339, with_marks};
use quote::quotation;
use write::Draw;

/// Passages that an answer is written from where nothing else is asked for. Gate and verdicts were fitted with as many.
pub const PASSAGES: usize = 5;
/// The most that may be asked for: more are not read anyway.
const MAX_PASSAGES: usize = 10;

/// Passages looked at beyond those, to take the place of copies: the same file twice in a vault is common.
const COPIES: usize = 10;
/// Sentences of an answer in quote mode.
const QUOTED: usize = 2;

/// How to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum AskMode {
    /// The language model writes from the evidence.
    #[default]
    Generate,
    /// Verbatim evidence only, no generation.
    Quote,
}

/// What to ask.
#[derive(Clone, Debug, Default)]
pub struct AskRequest {
    /// In plain words.
    pub question: String,
    /// The caller's id in a batch.
    pub question_id: Option<String>,
    /// How to answer.
    pub mode: AskMode,
    /// Only these collections; all where empty.
    pub collections: Vec<String>,
    /// Only these documents, by their ids or the beginnings of them; all where empty.
    pub documents: Vec<String>,
    /// The stored answer that the question follows up on, by its id.
    pub after: Option<String>,
    /// Passages that the answer is written from, 1 to 10; [`PASSAGES`] where `None`.
    pub passages: Option<usize>,
    /// Stages to leave out: for measuring what each is worth, not for use.
    pub without: Vec<Stage>,
}

/// A sentence on its way into the answer.
struct Judged {
    text: String,
    finding: Finding,
}

/// What a run of the pipeline came to for one question.
#[derive(Default)]
struct Outcomes {
    kept: Vec<Judged>,
    removed: Vec<Judged>,
    evidence: Vec<Evidence>,
    reason: Option<NearestReason>,
    corrected: bool,
    model: Option<ModelInfo>,
    sufficiency: Option<Sufficiency>,
    /// How likely the answer is right, 0 to 1.
    confidence: f64,
    /// What was read: passage and characters of the document.
    read: Vec<(usize, CharRange)>,
}

impl Engine {
    /// Answers from the documents and stores the answer. When `stop` is raised, the result is
    /// [`citadel_core::ModelError::Stopped`] and nothing is stored.
    pub fn ask(
        &self,
        request: &AskRequest,
        stop: &StopFlag,
        sink: &mut dyn FnMut(AskEvent<'_>),
    ) -> Result<Answer, EngineError> {
        check_question(&request.question)?;
        let question = self.in_full(request)?;
        if let Kind::Sweep(sweep) = kind(&question) {
            return self.answer_sweep(request, &sweep, stop, sink);
        }
        let begun = Instant::now();
        let mut timings = AnswerTimings::default();
        let parts = parts(&question)
            .iter()
            .map(|part| self.answer_part(part, request, stop, sink, (begun, &mut timings)))
            .collect::<Result<Vec<Part>, _>>()?;
        let mut answer = self.compose(request, parts)?;
        timings.total = whole_ms(begun);
        answer.timings_ms = timings;
        self.catalog().put_answer(&answer, now_ms())?;
        Ok(answer)
    }

    /// The question as it stands by itself, where it leans on the one before.
    fn in_full(&self, request: &AskRequest) -> Result<String, EngineError> {
        let Some(id) = &request.after else { return Ok(request.question.clone()) };
        let before = self.answer(id)?;
        // As it was understood, so that a chain of such questions stays whole.
        let understood: Vec<&str> = before.parts.iter().map(|part| part.question.as_str()).collect();
        let previous = if understood.is_empty() { before.question.clone() } else { understood.join(" ") };
        let full = follow_up(&request.question, &previous, &before.text);
        Ok(full.unwrap_or_else(|| request.question.clone()))
    }

    /// One question by itself.
    fn answer_part(
        &self,
        question: &str,
        request: &AskRequest,
        stop: &StopFlag,
        sink: &mut dyn FnMut(AskEvent<'_>),
        (begun, timings): (Instant, &mut AnswerTimings),
    ) -> Result<Part, EngineError> {
        let started = Instant::now();
        let scope = self.scope(&request.collections, &request.documents)?;
        let most = request.passages.unwrap_or(PASSAGES).clamp(1, MAX_PASSAGES);
        let mut found = self.retrieve(&clean(question), SearchMode::Hybrid, scope, most + COPIES)?;
        keep_distinct(&mut found.passages, most);
        timings.retrieve += whole_ms(started);
        let passages = found.passages;
        let part = |passages, outcomes| Part { question: question.to_owned(), passages, outcomes };
        sink(AskEvent::Passages { passages: &passages });
        if passages.is_empty() {
            let nothing = Outcomes { reason: Some(NearestReason::NoDocuments), ..Outcomes::default() };
            return Ok(part(passages, nothing));
        }
        let encoder = self.encoder()?;
        let vector = &found.query_vector;
        let ranked = rank_sentences(question, vector, &passages, lock(&encoder.embedder).as_mut(), stop)?;
        let read = if request.without.contains(&Stage::Reader) {
            Read { ranked, ..Read::default() }
        } else {
            let reader = self.reader()?;
            reading::read(question, ranked, &passages, lock(&reader).as_mut(), stop)?
        };
        let threshold = match request.mode {
            AskMode::Generate => GATE_THRESHOLD,
            AskMode::Quote => QUOTE_GATE_THRESHOLD,
        };
        let sufficiency = gate::judge(question, &read, &passages, threshold);
        let judged = !request.without.iter().any(|s| matches!(s, Stage::Gate | Stage::Reader));
        let list = kind(question) == Kind::List && read.ranked.first().is_some_and(|e| is_list(e, &passages));
        let mut outcomes = if judged && sufficiency.probability < sufficiency.threshold {
            Outcomes { reason: Some(NearestReason::Insufficient), ..Outcomes::default() }
        } else if request.mode == AskMode::Quote || list {
            // A small model drops items of a list; its words are the answer.
            let mut evidence = Vec::new();
            let kept = quotation(question, &read, &mut evidence, &passages, if list { 1 } else { QUOTED })?;
            let reason = kept.is_empty().then_some(NearestReason::Insufficient);
            Outcomes { kept, evidence, reason, ..Outcomes::default() }
        } else {
            let draw = Draw { question, passages: &passages, read: &read, without: &request.without };
            self.write(&draw, stop, sink, (begun, timings))?
        };
        if !outcomes.kept.is_empty() {
            self.add_conflict(&mut outcomes, &read, &passages)?;
        }
        let odds = ("gate", log_odds(sufficiency.probability));
        outcomes.confidence = CONFIDENCE.probability(&[odds]);
        outcomes.sufficiency = Some(sufficiency);
        outcomes.read = read.stretches;
        Ok(part(passages, outcomes))
    }
}

pub(crate) fn whole_ms(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The best passages, none of them twice: of those that say the same in nearly the same words the first stays.
fn keep_distinct(passages: &mut Vec<Passage>, most: usize) {
    let mut kept: Vec<Passage> = Vec::new();
    for passage in passages.drain(..) {
        if kept.len() < most && !kept.iter().any(|k| alike(&k.text, &passage.text)) {
            kept.push(Passage { rank: kept.len() + 1, ..passage });
        }
    }
    *passages = kept;
}
