use serde::{Deserialize, Serialize};

use crate::{CharRange, DocumentId};

/// A chunk that was found for a query, with all that is needed to show and verify it. The JSON is a public contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct Passage {
    /// 1 for the best.
    pub rank: usize,
    /// Relevance for people, 0 to 1; comparable within one query only.
    pub score: f64,
    /// The document it stands in.
    pub document_id: DocumentId,
    /// The version of the document that the offsets count in; an earlier answer opens the text it cited.
    #[serde(default)]
    pub version_id: i64,
    /// The document's path as ingested.
    pub path: String,
    /// The document's title.
    pub title: String,
    /// The collection it was ingested into.
    pub collection: String,
    /// The headings above it, outermost first.
    pub heading: Vec<String>,
    /// 1-based physical page on which it starts; `None` where the format has none.
    pub page: Option<u32>,
    /// The printed label of that page.
    pub page_label: Option<String>,
    /// The whole chunk, verbatim: the document's text from `start` to `end`.
    pub text: String,
    /// First character, counted in Unicode scalar values.
    pub start: usize,
    /// First character after.
    pub end: usize,
    /// What each leg of the search gave.
    pub scores: PassageScores,
    /// In an answer: whether the answer cites it. Absent in search results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<bool>,
}

impl Passage {
    /// The passage's characters in its document.
    pub fn range(&self) -> CharRange {
        CharRange::new(self.start, self.end)
    }
}

/// What each leg of a search gave for a passage; `None` where the leg did not find it or did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct PassageScores {
    /// Cosine similarity, -1 to 1.
    pub vector: Option<f64>,
    /// BM25, 0 and up.
    pub keyword: Option<f64>,
    /// The fused score that gave the rank.
    pub fused: f64,
}
