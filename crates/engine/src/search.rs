use std::time::Instant;

use citadel_catalog::StoredChunk;
use citadel_core::{AnswerScope, Passage, PassageScores};
use citadel_index::{FusedHit, FusionWeights, Hit, Index, Scope, fuse};
use serde::Serialize;

use crate::vault::lock;
use crate::{AskRequest, Engine, EngineError};

/// The longest question, in characters: far beyond any question, far below what would slow a search down.
pub const MAX_QUESTION_CHARS: usize = 8_000;

/// Hits that each leg gives to the fusion: deep enough that a chunk which is middling in both can win.
const LEG_DEPTH: usize = 100;

/// Which index to ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchMode {
    /// Both, fused.
    #[default]
    Hybrid,
    /// Meaning only.
    Vector,
    /// Words only.
    Keyword,
}

/// What to search for.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// In plain words.
    pub query: String,
    /// The caller's id in a batch.
    pub query_id: Option<String>,
    /// Which index to ask.
    pub mode: SearchMode,
    /// Only these collections; all where empty.
    pub collections: Vec<String>,
    /// Most passages to give.
    pub limit: usize,
}

/// What was found. The JSON is a public contract.
#[derive(Clone, Debug, Serialize)]
pub struct SearchResult {
    /// The caller's id in a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
    /// As asked.
    pub query: String,
    /// Best first.
    pub passages: Vec<Passage>,
    /// How long it took.
    pub timings_ms: SearchTimings,
}

/// How long the parts of a search took, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct SearchTimings {
    /// Turning the query into a vector.
    pub embed: f64,
    /// Both indexes, fusion, and reading the passages.
    pub search: f64,
    /// Everything; loading models and indexes at the first query not counted.
    pub total: f64,
}

/// The passages found for a question, and the question's vector.
pub(crate) struct Retrieved {
    pub passages: Vec<Passage>,
    pub query_vector: Vec<f32>,
    pub timings: SearchTimings,
}

impl Engine {
    /// The passages nearest to a query, best first. Nothing in an empty vault.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResult, EngineError> {
        let found = self.retrieve(
            &request.query,
            request.mode,
            self.scope(&request.collections, &[])?,
            request.limit,
        )?;
        Ok(SearchResult {
            query_id: request.query_id.clone(),
            query: request.query.clone(),
            passages: found.passages,
            timings_ms: found.timings,
        })
    }

    pub(crate) fn retrieve(
        &self,
        query: &str,
        mode: SearchMode,
        scope: Scope,
        limit: usize,
    ) -> Result<Retrieved, EngineError> {
        check_question(query)?;
        let Some(index) = self.index()? else {
            return Ok(Retrieved {
                passages: Vec::new(),
                query_vector: Vec::new(),
                timings: Default::default(),
            });
        };
        let encoder = if mode == SearchMode::Keyword { None } else { Some(self.encoder()?) };
        let begun = Instant::now();
        let query_vector = match &encoder {
            Some(encoder) => {
                let mut embedder = lock(&encoder.embedder);
                self.same_embedder(embedder.fingerprint())?;
                embedder.embed_query(query)?
            }
            None => Vec::new(),
        };
        let embed = ms(begun);
        let depth = LEG_DEPTH.max(limit * 2);
        let (vectors, keywords) =
            self.runtime.block_on(both_legs(&index, query, &query_vector, mode, &scope, depth))?;
        let fused = fuse(&vectors, &keywords, &FusionWeights::default());
        let passages = self.passages(&fused, limit)?;
        let total = ms(begun);
        let timings = SearchTimings { embed, search: total - embed, total };
        Ok(Retrieved { passages, query_vector, timings })
    }

    fn same_embedder(&self, fingerprint: &str) -> Result<(), EngineError> {
        match self.catalog().embedder()? {
            Some(record) if record.fingerprint != fingerprint => Err(EngineError::OtherEmbedder {
                found: record.fingerprint,
                expected: fingerprint.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// What a search looks through: these collections and these documents, by their ids; all where none is named.
    pub(crate) fn scope(&self, collections: &[String], documents: &[String]) -> Result<Scope, EngineError> {
        let mut scope = Scope::default();
        if !documents.is_empty() {
            let version = |id: &String| Ok(self.find_document(id)?.version_id);
            scope.versions = Some(documents.iter().map(version).collect::<Result<_, EngineError>>()?);
        }
        if collections.is_empty() {
            return Ok(scope);
        }
        let known: Vec<String> = self.catalog().collections()?.into_iter().map(|(name, _)| name).collect();
        if let Some(name) = collections.iter().find(|c| !known.contains(c)) {
            let known = if known.is_empty() { "none yet".to_owned() } else { known.join(", ") };
            return Err(EngineError::UnknownCollection { name: name.clone(), known });
        }
        scope.collections = Some(collections.to_vec());
        Ok(scope)
    }

    /// The scope of a question as its answer tells it; `None` where everything is searched.
    pub(crate) fn answer_scope(&self, request: &AskRequest) -> Result<Option<AnswerScope>, EngineError> {
        let whole = |id: &String| Ok(self.find_document(id)?.document_id);
        let documents = request.documents.iter().map(whole).collect::<Result<Vec<_>, EngineError>>()?;
        let scope = AnswerScope { collections: request.collections.clone(), documents };
        Ok(Some(scope).filter(|scope| *scope != AnswerScope::default()))
    }

    /// Joins hits with current versions; hits of others are dropped.
    fn passages(&self, fused: &[FusedHit], limit: usize) -> Result<Vec<Passage>, EngineError> {
        let mut passages = Vec::new();
        // Read in portions: mostly the first suffices.
        for hits in fused.chunks(limit.max(1)) {
            let ids: Vec<i64> = hits.iter().map(|h| h.chunk_id).collect();
            for chunk in self.catalog().hydrate(&ids)? {
                let Some(hit) = hits.iter().find(|h| h.chunk_id == chunk.chunk_id) else { continue };
                if passages.len() == limit {
                    return Ok(passages);
                }
                let scores = PassageScores {
                    vector: hit.vector.map(f64::from),
                    keyword: hit.keyword.map(f64::from),
                    fused: hit.fused,
                };
                passages.push(passage(chunk, passages.len() + 1, hit.fused.clamp(0.0, 1.0), scores));
            }
        }
        Ok(passages)
    }
}

/// A stored chunk as a passage of that rank.
pub(crate) fn passage(chunk: StoredChunk, rank: usize, score: f64, scores: PassageScores) -> Passage {
    Passage {
        rank,
        score,
        document_id: chunk.document_id,
        version_id: chunk.version_id,
        path: chunk.path,
        title: chunk.title,
        collection: chunk.collection,
        heading: chunk.heading,
        page: chunk.page,
        page_label: chunk.page_label,
        text: chunk.text,
        start: chunk.range.start,
        end: chunk.range.end,
        scores,
        used: None,
    }
}

async fn both_legs(
    index: &Index,
    query: &str,
    query_vector: &[f32],
    mode: SearchMode,
    scope: &Scope,
    depth: usize,
) -> Result<(Vec<Hit>, Vec<Hit>), EngineError> {
    let vectors = async {
        if mode == SearchMode::Keyword {
            Ok(Vec::new())
        } else {
            index.search_vectors(query_vector, scope, depth).await
        }
    };
    let keywords = async {
        if mode == SearchMode::Vector {
            Ok(Vec::new())
        } else {
            index.search_keywords(query, scope, depth).await
        }
    };
    let (vectors, keywords) = tokio::join!(vectors, keywords);
    Ok((vectors?, keywords?))
}

/// Refuses a question with nothing in it, or far too much.
pub(crate) fn check_question(question: &str) -> Result<(), EngineError> {
    if !question.contains(char::is_alphanumeric) {
        return Err(EngineError::EmptyQuestion);
    }
    let chars = question.chars().count();
    if chars > MAX_QUESTION_CHARS {
        return Err(EngineError::QuestionTooLong { chars, limit: MAX_QUESTION_CHARS });
    }
    Ok(())
}

/// Milliseconds since `begun`.
pub(crate) fn ms(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}
