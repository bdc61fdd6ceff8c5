//! A vault folder with documents whose content is told by a few words.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "tests; no test file uses all of it")]

use std::path::PathBuf;

use citadel_catalog::{
    Catalog, EmbedderRecord, NewDocument, OutboxAction, SourceName, SourceRecord, SourceState, Staged,
};
use citadel_core::{
    Answer, AnswerTimings, Block, BlockKind, CharRange, Chunk, Citation, Document, DocumentId, Format,
    Outcome, Page, PageStatus, Passage, PassageScores, TextMap, Windows, WordBox,
};

pub const DIMENSIONS: usize = 3;

/// A folder with an open catalog in it.
pub struct Vault {
    pub folder: tempfile::TempDir,
    pub catalog: Catalog,
}

pub fn vault() -> Vault {
    let folder = tempfile::tempdir().unwrap();
    let mut catalog = Catalog::open(&folder.path().join("catalog.sqlite")).unwrap();
    catalog
        .set_embedder(&EmbedderRecord { fingerprint: "fake:3".to_owned(), dimensions: DIMENSIONS })
        .unwrap();
    Vault { folder, catalog }
}

impl Vault {
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("catalog.sqlite")
    }

    /// Closes the catalog and opens it again.
    pub fn reopen(self) -> Self {
        let file = self.file();
        drop(self.catalog);
        Self { folder: self.folder, catalog: Catalog::open(&file).unwrap() }
    }

    pub fn stage(&mut self, key: &str, document: &Document, chunk_chars: usize, now: i64) -> Staged {
        stage(&mut self.catalog, key, document, chunk_chars, now)
    }

    pub fn ingest(&mut self, key: &str, document: &Document, now: i64) -> Staged {
        let staged = self.stage(key, document, 40, now);
        self.catalog.publish(&[staged.version_id], now).unwrap();
        staged
    }

    /// Works off the outbox as an engine does, without indexes.
    pub fn replay(&mut self, now: i64) {
        for entry in self.catalog.outbox(usize::MAX).unwrap() {
            match entry.action {
                OutboxAction::Upsert => drop(self.catalog.publish(&[entry.version_id], now).unwrap()),
                OutboxAction::Delete => self.catalog.outbox_done(&[entry.id]).unwrap(),
            }
        }
    }

    pub fn actions(&self) -> Vec<(i64, OutboxAction)> {
        self.catalog.outbox(usize::MAX).unwrap().iter().map(|e| (e.version_id, e.action)).collect()
    }

    pub fn sound(&self) {
        assert_eq!(self.catalog.integrity_check().unwrap(), Vec::<String>::new());
    }
}

pub fn stage(catalog: &mut Catalog, key: &str, document: &Document, chunk_chars: usize, now: i64) -> Staged {
    let (chunks, contexts, vectors) = chunked(document, chunk_chars);
    let path = format!("./{key}");
    let source = SourceName { collection: "default", key, path: &path };
    let new = NewDocument { source, document, chunks: &chunks, contexts: &contexts, vectors: &vectors };
    catalog.stage(&new, now).unwrap()
}

/// A plain text document.
pub fn plain(title: &str, text: &str) -> Document {
    let chars = text.chars().count();
    Document {
        part: None,
        title: title.to_owned(),
        format: Format::Text,
        text: text.to_owned(),
        blocks: vec![Block { kind: BlockKind::Paragraph, range: CharRange::new(0, chars) }],
        pages: Vec::new(),
        metadata: [("language".to_owned(), "en".to_owned())].into(),
        warnings: Vec::new(),
        hidden: Vec::new(),
    }
}

/// A document of pages, separated by a line break, with a box for every word. Page 3 is blank, page 4 unreadable.
pub fn paged(pages: [&str; 2]) -> Document {
    let text = pages.join("\n");
    let mut document = Document { format: Format::Pdf, ..plain("Händbuch", &text) };
    let mut start = 0;
    for (number, content) in (1u32..).zip(pages) {
        let end = start + content.chars().count();
        let mut words = Vec::new();
        let mut at = start;
        for word in content.split(' ') {
            let range = CharRange::new(at, at + word.chars().count());
            words.push(WordBox { range, rect: [at as f32 * 0.1, 72.5, range.end as f32 / 3.0, 84.25] });
            at = range.end + 1;
        }
        let label = (number == 1).then(|| "xii".to_owned());
        let range = CharRange::new(start, end);
        document.pages.push(Page {
            number,
            label,
            range,
            width: 595.3,
            height: 841.9,
            status: PageStatus::Text,
            words,
        });
        start = end + 1;
    }
    let end = text.chars().count();
    let broken = PageStatus::Unreadable("no font".to_owned());
    for (number, status) in [(3, PageStatus::Blank), (4, broken)] {
        let range = CharRange::new(end, end);
        document.pages.push(Page {
            number,
            label: None,
            range,
            width: 1.0,
            height: 2.0,
            status,
            words: Vec::new(),
        });
    }
    document.blocks = vec![
        Block { kind: BlockKind::Heading { level: 2 }, range: CharRange::new(0, 3) },
        Block { kind: BlockKind::TableRow, range: CharRange::new(4, end) },
    ];
    document.warnings = vec!["page 4: no font".to_owned()];
    document
}

/// Chunks of `chars` characters, each begun halfway through the one before.
pub fn chunked(document: &Document, chars: usize) -> (Vec<Chunk>, Vec<Vec<String>>, Vec<Windows>) {
    let total = TextMap::new(&document.text).chars();
    let page_of =
        |at| document.pages.iter().find(|p| p.range.start <= at && at < p.range.end).map(|p| p.number);
    let mut chunks = Vec::new();
    for (ordinal, start) in (0u32..).zip((0..total).step_by(chars.div_ceil(2).max(1))) {
        let range = CharRange::new(start, (start + chars).min(total));
        let heading = vec!["Benefits".to_owned(), format!("Leave {ordinal}")];
        let first_page = page_of(range.start);
        let last_page = page_of(range.end - 1);
        chunks.push(Chunk { ordinal, range, heading, first_page, last_page, tokens: 7 });
    }
    let contexts =
        chunks.iter().map(|chunk| vec![document.title.clone(), chunk.heading[0].clone()]).collect();
    let vectors = chunks
        .iter()
        .map(|chunk| vec![vec![chunk.ordinal as f32, 0.5, -1.0]; 1 + chunk.ordinal as usize % 2])
        .collect();
    (chunks, contexts, vectors)
}

pub fn done(key: &str) -> SourceRecord {
    SourceRecord {
        collection: "default".to_owned(),
        key: key.to_owned(),
        path: format!("./{key}"),
        size: 12,
        modified_ns: 1_700_000_000_000_000_001,
        sha256: Some("ab".repeat(32)),
        state: SourceState::Done,
        ..SourceRecord::default()
    }
}

/// An answer that cites `cited` and shows `shown`, with `quote` in every field that can hold a document's words.
pub fn answer(id: &str, cited: Option<&DocumentId>, shown: Option<&DocumentId>, quote: &str) -> Answer {
    let citation = |document_id: &DocumentId| Citation {
        number: 1,
        document_id: document_id.clone(),
        version_id: 1,
        path: "./a".to_owned(),
        title: "A".to_owned(),
        heading: Vec::new(),
        page: None,
        page_label: None,
        quote: quote.to_owned(),
        start: 0,
        end: quote.chars().count(),
    };
    let passage = |document_id: &DocumentId| Passage {
        rank: 1,
        score: 0.5,
        document_id: document_id.clone(),
        version_id: 1,
        path: "./a".to_owned(),
        title: "A".to_owned(),
        collection: "default".to_owned(),
        heading: Vec::new(),
        page: None,
        page_label: None,
        text: quote.to_owned(),
        start: 0,
        end: quote.chars().count(),
        scores: PassageScores::default(),
        used: Some(true),
    };
    Answer {
        id: id.to_owned(),
        question_id: None,
        question: format!("What about {quote}?"),
        created_at: String::new(),
        outcome: Outcome::Answered,
        text: format!("{quote} [1]"),
        sentences: Vec::new(),
        citations: cited.map(citation).into_iter().collect(),
        passages: shown.map(passage).into_iter().collect(),
        confidence: 0.75,
        corrected: false,
        reason: None,
        after: None,
        scope: None,
        sweep: None,
        evidence: Vec::new(),
        parts: Vec::new(),
        model: None,
        timings_ms: AnswerTimings::default(),
    }
}

/// Ends one file.
pub fn finish(
    catalog: &mut Catalog,
    source: &SourceRecord,
    seen: &[DocumentId],
    now: i64,
) -> Result<Vec<DocumentId>, citadel_catalog::CatalogError> {
    catalog.finish_sources([(source, seen)], now)
}
