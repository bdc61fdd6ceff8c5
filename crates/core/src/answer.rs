use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{DocumentId, Passage};

/// An answer with its evidence. The JSON is a public contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct Answer {
    /// Names the stored answer.
    pub id: String,
    /// The caller's id in a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question_id: Option<String>,
    /// The question as asked.
    pub question: String,
    /// When it was given: RFC 3339, UTC.
    #[serde(default)]
    pub created_at: String,
    /// Whether the documents answer it.
    pub outcome: Outcome,
    /// The answer with its citation marks `[1]`, or the refusal in the user's words.
    pub text: String,
    /// The sentences of the answer, those taken out by the self-check too.
    pub sentences: Vec<Sentence>,
    /// What the marks point at. Empty with [`Outcome::NotFound`].
    pub citations: Vec<Citation>,
    /// All that the model was shown, or the nearest passages where nothing was found.
    pub passages: Vec<Passage>,
    /// 0 to 1.
    pub confidence: f64,
    /// Whether the self-check changed the text.
    pub corrected: bool,
    /// Why nothing was found; absent where something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<NearestReason>,
    /// The stored answer that the question followed up on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Where it was looked for; absent where everything was searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<AnswerScope>,
    /// The stretches of the passages that were read for it, most relevant first; what the language model is shown is chosen
    /// from them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<_>"))]
    pub evidence: Vec<EvidenceRange>,
    /// The questions that were found in it, one for most, and whether the evidence was enough for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<_>"))]
    pub parts: Vec<QuestionPart>,
    /// What a look through every document found; absent where the answer came from passages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweepReport>,
    /// The model that wrote it; `None` where no model was used.
    pub model: Option<ModelInfo>,
    /// How long it took.
    pub timings_ms: AnswerTimings,
}

/// What of the vault an answer was looked for in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AnswerScope {
    /// Only these collections; all where empty.
    #[serde(default)]
    pub collections: Vec<String>,
    /// Only these documents; all where empty.
    #[serde(default)]
    pub documents: Vec<DocumentId>,
}

/// Whether the documents answer the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Outcome {
    /// They do, and every sentence is cited. Only what a sweep counted may stand without: that no document has it.
    Answered,
    /// They do not.
    NotFound,
}

/// Why an answer is [`Outcome::NotFound`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum NearestReason {
    /// The vault (or the chosen collections) holds nothing to search.
    NoDocuments,
    /// No passage comes near the question.
    WeakEvidence,
    /// Passages come near the question, and none of them answers it.
    Insufficient,
    /// The model itself said that the evidence does not answer.
    ModelDeclined,
    /// The self-check removed every sentence.
    NothingSupported,
}

/// A stretch of a passage that was read as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EvidenceRange {
    /// The rank of its passage.
    pub passage: usize,
    /// First character, counted in Unicode scalar values of the document.
    pub start: usize,
    /// First character after.
    pub end: usize,
}

/// A question that was answered by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct QuestionPart {
    /// As it was searched for and read.
    pub question: String,
    /// Whether the answer holds something about it.
    pub answered: bool,
    /// What the gate said; `None` where nothing was found to judge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sufficiency: Option<Sufficiency>,
}

/// Whether the evidence answers the question, as the gate judged it before anything was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Sufficiency {
    /// How likely the evidence answers: 0 to 1, calibrated.
    pub probability: f64,
    /// Below this nothing is answered.
    pub threshold: f64,
    /// What it was judged by.
    pub features: BTreeMap<String, f64>,
}

/// What a look through every document of the scope found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SweepReport {
    /// Documents that were looked through.
    pub searched: u64,
    /// Of them, those in which all the words stand in one passage.
    pub matching: u64,
    /// Of them, the others.
    pub lacking: u64,
    /// Files, and parts of files, that could not be read, and documents without text: nothing is known of them.
    pub unreadable: u64,
    /// Pages without text in documents that were looked through.
    pub unread_pages: u64,
    /// The words and phrases that were looked for.
    pub words: Vec<String>,
    /// The first of those that have the words, by path.
    pub matching_documents: Vec<SweptDocument>,
    /// The first of those that do not, by path.
    pub lacking_documents: Vec<SweptDocument>,
}

impl SweepReport {
    /// All documents that it names.
    pub fn documents(&self) -> impl Iterator<Item = &SweptDocument> {
        self.matching_documents.iter().chain(&self.lacking_documents)
    }
}

/// A document as a sweep names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SweptDocument {
    /// The document.
    pub document_id: DocumentId,
    /// Its path as ingested.
    pub path: String,
    /// Its title.
    pub title: String,
}

/// One sentence of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct Sentence {
    /// The sentence without its marks.
    pub text: String,
    /// Numbers of the citations that carry it.
    pub citations: Vec<usize>,
    /// What the self-check found.
    pub verdict: Verdict,
    /// Support, 0 to 1.
    pub score: f64,
    /// What each stage of the self-check said; absent in answers of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks: Option<Checks>,
}

/// The three stages of the self-check for one sentence and the evidence that carries it best.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct Checks {
    /// *Quote*: what is cited is, to the letter, text of the document.
    pub quote: bool,
    /// *Facts*: numbers, dates, names and negations of the sentence stand in one statement of the evidence.
    pub facts: bool,
    /// The facts that do not, as they were compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<_>"))]
    pub missing: Vec<String>,
    /// *Entailment*: how likely the evidence carries the sentence, by the trained reader: 0 to 1.
    pub entailment: f64,
    /// What the score was made of; empty for a quotation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<_>"))]
    pub features: BTreeMap<String, f64>,
}

impl fmt::Display for Checks {
    /// `quote ✓ · facts ✗ (90) · entailment 12 %`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = |holds: bool| if holds { "✓" } else { "✗" };
        write!(f, "quote {} · facts {}", sign(self.quote), sign(self.facts))?;
        if !self.missing.is_empty() {
            write!(f, " ({})", self.missing.join(", "))?;
        }
        write!(f, " · entailment {:.0} %", self.entailment * 100.0)
    }
}

/// What the self-check found of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Verdict {
    /// What it cites carries it.
    Supported,
    /// What it cites does not carry it.
    Unsupported,
    /// It was not supported and is not in the text any more.
    Removed,
}

/// A verbatim piece of a document that carries one or more sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct Citation {
    /// The mark in the text, from 1.
    pub number: usize,
    /// The document.
    pub document_id: DocumentId,
    /// The version of the document that the offsets count in.
    #[serde(default)]
    pub version_id: i64,
    /// The document's path as ingested.
    pub path: String,
    /// The document's title.
    pub title: String,
    /// The headings above the quote, outermost first.
    pub heading: Vec<String>,
    /// 1-based physical page on which the quote starts.
    pub page: Option<u32>,
    /// The printed label of that page.
    pub page_label: Option<String>,
    /// The document's text from `start` to `end`, to the letter.
    pub quote: String,
    /// First character, counted in Unicode scalar values.
    pub start: usize,
    /// First character after.
    pub end: usize,
}

/// The model that wrote an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ModelInfo {
    /// Its name in the model pack.
    pub name: String,
    /// SHA-256 of its file, hexadecimal.
    pub file_sha256: String,
    /// `cpu`, `cuda:0` or `metal`.
    pub device: String,
}

/// How long the stages of an answer took, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct AnswerTimings {
    /// From the question to the passages.
    pub retrieve: u64,
    /// From the question to the first token; `None` where nothing was generated.
    pub first_token: Option<u64>,
    /// All generation.
    pub generate: u64,
    /// The self-check.
    pub check: u64,
    /// From the question to the finished answer.
    pub total: u64,
}

/// A sentence as the self-check alone reports it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckedSentence {
    /// The sentence.
    pub text: String,
    /// What was found.
    pub verdict: Verdict,
    /// Support, 0 to 1.
    pub score: f64,
    /// What each stage of the self-check said; absent in answers of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks: Option<Checks>,
}
