//! Answers as JSON.

use citadel_core::{Answer, DocumentId};
use serde::Serialize;

use crate::{SourceFacts, Sources};

#[derive(Serialize)]
struct Conversation<'a> {
    answers: &'a [Answer],
    sources: Vec<Source<'a>>,
}

#[derive(Serialize)]
struct Source<'a> {
    document_id: &'a DocumentId,
    version_id: i64,
    ingested_at: Option<&'a str>,
    text_sha256: Option<&'a str>,
    file_sha256: Option<&'a str>,
}

impl<'a> Source<'a> {
    fn new((document_id, version_id): &'a (DocumentId, i64), facts: &'a SourceFacts) -> Self {
        Self {
            document_id,
            version_id: *version_id,
            ingested_at: facts.ingested_at.as_deref(),
            text_sha256: facts.text_sha256.as_deref(),
            file_sha256: facts.file_sha256.as_deref(),
        }
    }
}

/// One answer as it is, a public contract; more as a list with the facts of their sources.
pub(crate) fn write(answers: &[Answer], sources: &Sources) -> Result<Vec<u8>, String> {
    let written = match answers {
        [answer] => serde_json::to_string_pretty(answer),
        _ => serde_json::to_string_pretty(&Conversation {
            answers,
            sources: sources.iter().map(|(version, facts)| Source::new(version, facts)).collect(),
        }),
    };
    match written {
        Ok(json) => Ok((json + "\n").into_bytes()),
        Err(e) => Err(e.to_string()),
    }
}
