//! The keyword store: a tantivy index that ranks by BM25 (k1 1.2, b 0.75: tantivy's constants). It stores no text,
//! only terms and ids.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery, TermSetQuery};
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, TantivyError, Term};

use crate::analysis::{self, EXACT, WORDS};
use crate::error::is_disk_full;
use crate::store::Fault;
use crate::{ChunkEntry, Hit, IndexError, Scope};

/// Weights of the fields beside the text's 1; docs/evaluation.md has the measurements.
const TITLE: f32 = 0.5;
const EXACT_TERM: f32 = 0.5;

/// Bytes the writer may hold before it starts a new segment.
const WRITER_MEMORY: usize = 50 << 20;
/// Distinct terms of each field that a question contributes; a pasted page is cut there.
const MAX_TERMS: usize = 256;
/// Characters of a question that are looked at.
const MAX_QUERY_CHARS: usize = 20_000;

/// An open keyword store. Blocking.
pub(crate) struct Keywords {
    index: Index,
    reader: IndexReader,
    fields: Fields,
    writer: Mutex<IndexWriter>,
    path: PathBuf,
}

/// Documents and segments of the keyword store.
pub(crate) struct KeywordStats {
    pub(crate) chunks: u64,
    pub(crate) deleted: u64,
    pub(crate) segments: usize,
}

#[derive(Clone, Copy)]
struct Fields {
    chunk_id: Field,
    version_id: Field,
    collection: Field,
    /// Title, headings and body, stemmed.
    text: Field,
    /// Title and headings once more, stemmed.
    title: Field,
    /// Title, headings and body, unstemmed and with compounds.
    exact: Field,
}

fn schema() -> (Schema, Fields) {
    // No positions: phrases were tried and not worth it, and the order of words is nearly the text itself.
    let text = |tokenizer, record| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record);
        TextOptions::default().set_indexing_options(indexing)
    };
    let mut schema = Schema::builder();
    let fields = Fields {
        chunk_id: schema.add_i64_field("chunk_id", INDEXED | FAST),
        version_id: schema.add_i64_field("version_id", INDEXED | FAST),
        collection: schema.add_text_field("collection", text("raw", IndexRecordOption::Basic)),
        text: schema.add_text_field("text", text(WORDS, IndexRecordOption::WithFreqs)),
        title: schema.add_text_field("title", text(WORDS, IndexRecordOption::WithFreqs)),
        exact: schema.add_text_field("exact", text(EXACT, IndexRecordOption::WithFreqs)),
    };
    (schema.build(), fields)
}

/// Whether there is a keyword store in `path`. One whose making was cut short before its first `meta.json` has no
/// segment either, only hidden files, and is none.
pub(crate) fn exists(path: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(path) else { return path.symlink_metadata().is_ok() };
    entries.into_iter().any(|e| e.map_or(true, |e| !e.file_name().as_encoded_bytes().starts_with(b".")))
}

impl Keywords {
    /// Makes an empty store in `path` and takes its lock.
    pub(crate) fn create(path: &Path) -> Result<Keywords, Fault> {
        std::fs::create_dir_all(path).map_err(Fault::failed)?;
        let (schema, fields) = schema();
        let index = Index::create_in_dir(path, schema).map_err(Fault::from_tantivy)?;
        Keywords::with_index(index, fields, path)
    }

    /// Opens the store in `path`, takes its lock and reads every segment's footer, so that damage shows now.
    pub(crate) fn open(path: &Path) -> Result<(Keywords, Option<u64>), Fault> {
        let (schema, fields) = schema();
        let index = Index::open_in_dir(path).map_err(Fault::from_tantivy)?;
        if index.schema() != schema {
            return Err(Fault::Damaged("its fields are not those of this version".to_owned()));
        }
        let generation =
            index.load_metas().map_err(Fault::from_tantivy)?.payload.and_then(|p| p.parse().ok());
        Ok((Keywords::with_index(index, fields, path)?, generation))
    }

    fn with_index(index: Index, fields: Fields, path: &Path) -> Result<Keywords, Fault> {
        index.tokenizers().register(WORDS, analysis::words());
        index.tokenizers().register(EXACT, analysis::exact());
        let writer = index.writer_with_num_threads(1, WRITER_MEMORY).map_err(Fault::from_tantivy)?;
        // A commit that was killed leaves files that the same commit, tried again, would name alike and refuse to
        // overwrite.
        writer.garbage_collect_files().wait().map_err(Fault::from_tantivy)?;
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(Fault::from_tantivy)?;
        Ok(Keywords { index, reader, fields, writer: Mutex::new(writer), path: path.to_owned() })
    }

    fn failed(&self, action: &'static str, reason: impl ToString) -> IndexError {
        let (path, reason) = (self.path.clone(), reason.to_string());
        match is_disk_full(&reason) {
            true => IndexError::DiskFull { path },
            false => IndexError::Keywords { path, action, reason },
        }
    }

    /// Forgets `delete_versions`, then replaces or adds `upserts`, in one commit that carries `generation`.
    pub(crate) fn apply(
        &self,
        upserts: &[&ChunkEntry],
        delete_versions: &[i64],
        generation: u64,
    ) -> Result<(), IndexError> {
        let mut writer = self.writer.lock().map_err(|e| self.failed("write", e))?;
        let written = self.write(&mut writer, upserts, delete_versions, generation);
        if written.is_err() {
            // What was added before the failure must not ride along with the next commit.
            writer.rollback().map_err(|e| self.failed("roll back", e))?;
        }
        written.and_then(|()| self.reader.reload()).map_err(|e| self.failed("write", e))
    }

    fn write(
        &self,
        writer: &mut IndexWriter,
        upserts: &[&ChunkEntry],
        delete_versions: &[i64],
        generation: u64,
    ) -> Result<(), TantivyError> {
        let f = self.fields;
        for &version in delete_versions {
            writer.delete_term(Term::from_field_i64(f.version_id, version));
        }
        for entry in upserts {
            writer.delete_term(Term::from_field_i64(f.chunk_id, entry.chunk_id));
            let names: Vec<&str> = [&entry.title, &entry.file_name]
                .into_iter()
                .chain(&entry.heading)
                .map(String::as_str)
                .collect();
            let title = analysis::normalise(&names.join("\n"));
            let text = format!("{title}\n{}", analysis::normalise(&entry.text));
            let mut document = TantivyDocument::new();
            document.add_i64(f.chunk_id, entry.chunk_id);
            document.add_i64(f.version_id, entry.version_id);
            document.add_text(f.collection, &entry.collection);
            document.add_text(f.exact, &text);
            document.add_text(f.text, &text);
            document.add_text(f.title, &title);
            writer.add_document(document)?;
        }
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&generation.to_string());
        commit.commit()?;
        Ok(())
    }

    /// The `limit` chunks with the highest BM25 score, best first. Any text is a question; one without a term finds
    /// nothing.
    pub(crate) fn search(&self, question: &str, scope: &Scope, limit: usize) -> Result<Vec<Hit>, IndexError> {
        let searcher = self.reader.searcher();
        // The collector asserts a limit above 0 and reserves memory for it.
        let limit = limit.min(usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX));
        let Some(query) = self.query(question, scope) else { return Ok(Vec::new()) };
        if limit == 0 {
            return Ok(Vec::new());
        }
        let search = || -> Result<Vec<Hit>, TantivyError> {
            let mut hits = Vec::with_capacity(limit);
            for (score, address) in searcher.search(&query, &TopDocs::with_limit(limit).order_by_score())? {
                let columns = searcher.segment_reader(address.segment_ord).fast_fields();
                let id = |name| Ok::<_, TantivyError>(columns.i64(name)?.first(address.doc_id));
                if let (Some(chunk_id), Some(version_id)) = (id("chunk_id")?, id("version_id")?) {
                    hits.push(Hit { chunk_id, version_id, score });
                }
            }
            Hit::sort(&mut hits);
            Ok(hits)
        };
        search().map_err(|e| self.failed("search", e))
    }

    /// A disjunction of all terms in all fields; `None` where nothing could match.
    fn query(&self, question: &str, scope: &Scope) -> Option<BooleanQuery> {
        let f = self.fields;
        let question: String = question.chars().take(MAX_QUERY_CHARS).collect();
        let question = analysis::normalise(&question);
        let words = terms(analysis::words(), &question);
        let exact = terms(analysis::exact(), &question);
        let mut clauses: Vec<Box<dyn Query>> = Vec::new();
        for (field, weight, terms) in
            [(f.text, 1.0, &words), (f.title, TITLE, &words), (f.exact, EXACT_TERM, &exact)]
        {
            for term in terms {
                let term = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::WithFreqs);
                clauses.push(Box::new(BoostQuery::new(Box::new(term), weight)));
            }
        }
        if clauses.is_empty() {
            return None;
        }
        let text: Box<dyn Query> = Box::new(BooleanQuery::union(clauses));
        let collections = scope
            .collections
            .as_ref()
            .map(|wanted| TermSetQuery::new(wanted.iter().map(|c| Term::from_field_text(f.collection, c))));
        let versions = scope.versions.as_ref().map(|wanted| {
            TermSetQuery::new(wanted.iter().map(|&version| Term::from_field_i64(f.version_id, version)))
        });
        let within = [collections, versions].into_iter().flatten().map(|set| {
            let unscored: Box<dyn Query> = Box::new(BoostQuery::new(Box::new(set), 0.0));
            (Occur::Must, unscored)
        });
        Some(BooleanQuery::new([(Occur::Must, text)].into_iter().chain(within).collect()))
    }

    /// Writes every segment anew without its deleted chunks and removes the files of the old ones.
    pub(crate) fn purge(&self) -> Result<(), IndexError> {
        let mut writer = self.writer.lock().map_err(|e| self.failed("purge", e))?;
        let segments = self.index.searchable_segment_ids().map_err(|e| self.failed("purge", e))?;
        if !segments.is_empty() {
            writer.merge(&segments).wait().map_err(|e| self.failed("merge", e))?;
        }
        // The reader holds the old segments open, which keeps their files from being collected.
        self.reader.reload().map_err(|e| self.failed("purge", e))?;
        writer.garbage_collect_files().wait().map(drop).map_err(|e| self.failed("purge", e))
    }

    pub(crate) fn stats(&self) -> KeywordStats {
        let searcher = self.reader.searcher();
        let readers = searcher.segment_readers();
        KeywordStats {
            chunks: searcher.num_docs(),
            deleted: readers.iter().map(|r| u64::from(r.num_deleted_docs())).sum(),
            segments: readers.len(),
        }
    }
}

/// The distinct terms of a question without its stop words, at most [`MAX_TERMS`], in order of first occurrence. A
/// question of stop words alone keeps them.
fn terms(mut analyzer: TextAnalyzer, question: &str) -> Vec<String> {
    let mut all = TermList::default();
    let mut telling = TermList::default();
    let mut stream = analyzer.token_stream(question);
    while stream.advance() {
        let token = stream.token();
        all.add(&token.text);
        let source = question.get(token.offset_from..token.offset_to).unwrap_or_default();
        if !analysis::is_stop_word(source) {
            telling.add(&token.text);
        }
    }
    if telling.order.is_empty() { all.order } else { telling.order }
}

#[derive(Default)]
struct TermList {
    seen: HashSet<String>,
    order: Vec<String>,
}

impl TermList {
    fn add(&mut self, term: &str) {
        if self.order.len() < MAX_TERMS && self.seen.insert(term.to_owned()) {
            self.order.push(term.to_owned());
        }
    }
}
