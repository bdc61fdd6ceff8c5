//! LanceDB vectors, tantivy BM25 and rank fusion; derived from the catalog.
//!
//! The index holds ids, vectors and terms, never text, and can be rebuilt from the catalog at any time: a store that
//! cannot be read is set aside and made anew. One [`Index`] at a time may hold a folder. Every batch carries the
//! generation of the catalog that it brings the index to; after a crash the engine compares generations and applies the
//! missing batches again, which changes nothing where they had been applied.

mod analysis;
mod error;
mod fuse;
mod keywords;
mod provider;
mod store;
mod vectors;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use citadel_core::Windows;
use tokio::sync::{Mutex, RwLock};

pub use error::IndexError;
pub use fuse::{FusedHit, FusionWeights, fuse};

use keywords::Keywords;
use store::Fault;
use vectors::Vectors;

/// Where the index lies and what may be in it.
#[derive(Clone, Debug)]
pub struct IndexOptions {
    /// The folder, absolute; made if absent. Nothing else may lie in it.
    pub dir: PathBuf,
    /// [`Embedder::fingerprint`](citadel_core::Embedder::fingerprint) of the model whose vectors are indexed.
    pub fingerprint: String,
    /// Numbers per vector; at least 1.
    pub dimensions: usize,
}

/// A chunk as it is indexed.
#[derive(Clone, Debug)]
pub struct ChunkEntry {
    /// The catalog's id; an entry replaces an earlier one of the same id.
    pub chunk_id: i64,
    /// The document version it belongs to; the unit of deletion.
    pub version_id: i64,
    /// The collection by which searches are narrowed; at most 60,000 bytes.
    pub collection: String,
    /// The document's title.
    pub title: String,
    /// The name of its file without the ending; empty where it says nothing that the title does not.
    pub file_name: String,
    /// The headings above it, outermost first.
    pub heading: Vec<String>,
    /// The chunk's text. It is turned into terms and not kept.
    pub text: String,
    /// Its vectors; at least one.
    pub windows: Windows,
}

/// Changes that are applied together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Chunks to add or replace. About 1,000 per batch keep the number of files down.
    pub upserts: Vec<ChunkEntry>,
    /// Versions whose chunks are forgotten, before `upserts` are added.
    pub delete_versions: Vec<i64>,
    /// The catalog's generation that the index stands at afterwards.
    pub generation: u64,
}

/// What a search looks through.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The collections to look in; `None` is everything, an empty list nothing.
    pub collections: Option<Vec<String>>,
    /// The document versions to look in, likewise.
    pub versions: Option<Vec<i64>>,
}

impl Scope {
    /// Whether nothing can be in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.collections.as_ref().is_some_and(Vec::is_empty)
            || self.versions.as_ref().is_some_and(Vec::is_empty)
    }
}

/// A chunk that one leg of a search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The chunk.
    pub chunk_id: i64,
    /// The document version it belongs to. The caller drops versions that are not current.
    pub version_id: i64,
    /// Cosine similarity, -1 to 1, or BM25, 0 and up.
    pub score: f32,
}

impl Hit {
    /// Best first; equal scores by chunk id, so that the order never depends on the layout of the files.
    fn sort(hits: &mut [Hit]) {
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk_id.cmp(&b.chunk_id)));
    }
}

/// How a store was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// In order.
    Ready {
        /// The generation of the last batch that was applied in full; `None` before the first.
        generation: Option<u64>,
    },
    /// There was none: it is empty now.
    Created,
    /// It could not be read: it was renamed to this path, and the store is empty now.
    SetAside(PathBuf),
}

/// How both stores were found. What is not `Ready` at the catalog's generation has to be filled from the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The vector store.
    pub vectors: StoreState,
    /// The keyword store.
    pub keywords: StoreState,
}

/// Counts, for the doctor and for deciding when to compact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexStats {
    /// Vectors that can be found: one per window.
    pub vector_rows: usize,
    /// Deleted vectors that are still on disk in the newest version.
    pub vector_rows_deleted: usize,
    /// Files that a vector search reads.
    pub vector_fragments: usize,
    /// Versions kept on disk; 1 after compaction.
    pub vector_versions: usize,
    /// Chunks that a keyword search can find.
    pub keyword_chunks: u64,
    /// Deleted chunks whose terms are still on disk.
    pub keyword_chunks_deleted: u64,
    /// Files that a keyword search reads.
    pub keyword_segments: usize,
    /// Bytes below the index folder, stores that were set aside included.
    pub bytes: u64,
    /// Damaged stores that were set aside.
    pub set_aside: Vec<PathBuf>,
}

/// Both stores, open. Searches may run at the same time as each other and as [`apply`](Index::apply).
pub struct Index {
    vectors: Vectors,
    keywords: Arc<Keywords>,
    options: IndexOptions,
    /// Held while anything is written: Lance repeats rows where two writers merge at once.
    writing: Mutex<()>,
    /// Shared by searches, exclusive where files of earlier versions are removed.
    files: RwLock<()>,
}

impl Index {
    /// Opens the index in `options.dir` and takes its lock. A store that is absent or cannot be read is made anew; the
    /// second result says which.
    ///
    /// # Errors
    /// [`IndexError::WrongEmbedder`] and [`IndexError::InUse`], both before anything is changed;
    /// [`IndexError::Io`], [`IndexError::Vectors`] and [`IndexError::Keywords`] where the system refuses.
    pub async fn open(options: IndexOptions) -> Result<(Index, Opened), IndexError> {
        let dir = options.dir.clone();
        std::fs::create_dir_all(&dir).map_err(|source| IndexError::Io { path: dir.clone(), source })?;
        let vectors_path = dir.join("vectors");
        let keywords_path = dir.join("keywords");

        // First a look at the vectors that changes nothing: a wrong embedder leaves everything as it is. Then the keywords,
        // whose lock stands for both; only then is anything renamed.
        let found_vectors = match vectors::exists(&vectors_path) {
            false => None,
            true => Some(open_vectors(&vectors_path, &options).await),
        };
        if let Some(Err(Fault::WrongEmbedder { fingerprint, dimensions })) = found_vectors {
            return Err(IndexError::WrongEmbedder {
                dir,
                found: fingerprint,
                found_dimensions: dimensions,
                expected: options.fingerprint,
                expected_dimensions: options.dimensions,
            });
        }
        let (keywords, keywords_state) = open_keywords(dir.clone(), keywords_path).await?;
        let failed = |fault| fault_error(fault, &dir, &vectors_path, Leg::Vectors);
        let create = || Vectors::create(&vectors_path, &options.fingerprint, options.dimensions);
        let (vectors, vectors_state) = match found_vectors {
            Some(Ok((vectors, generation))) => (vectors, StoreState::Ready { generation }),
            Some(Err(Fault::Damaged(_))) => {
                let kept = store::set_aside(&vectors_path)?;
                (create().await.map_err(failed)?, StoreState::SetAside(kept))
            }
            Some(Err(fault)) => return Err(failed(fault)),
            None => (create().await.map_err(failed)?, StoreState::Created),
        };
        let opened = Opened { vectors: vectors_state, keywords: keywords_state };
        let index = Index {
            vectors,
            keywords: Arc::new(keywords),
            options,
            writing: Mutex::new(()),
            files: RwLock::new(()),
        };
        Ok((index, opened))
    }

    /// Applies a batch: to the vectors first, then to the keywords. Applying it again changes nothing that a search could
    /// see, so after an error or a crash the caller applies it again.
    ///
    /// # Errors
    /// [`IndexError::BadEntry`] before anything is written; otherwise the store that failed.
    pub async fn apply(&self, batch: &Batch) -> Result<(), IndexError> {
        for entry in &batch.upserts {
            self.check(entry)?;
        }
        // Where a chunk occurs twice, the last one counts.
        let upserts: BTreeMap<i64, &ChunkEntry> = batch.upserts.iter().map(|e| (e.chunk_id, e)).collect();
        let upserts: Vec<&ChunkEntry> = upserts.into_values().collect();
        let _writing = self.writing.lock().await;
        self.vectors.apply(&upserts, &batch.delete_versions, batch.generation).await?;
        // Adding to tantivy blocks for milliseconds and borrows the batch, so the thread is lent rather than changed.
        block(|| self.keywords.apply(&upserts, &batch.delete_versions, batch.generation))
    }

    fn check(&self, entry: &ChunkEntry) -> Result<(), IndexError> {
        /// tantivy drops longer terms in silence, and the chunk could not be found by its collection.
        const LONGEST_COLLECTION: usize = 60_000;
        let bad = |reason| IndexError::BadEntry { chunk_id: entry.chunk_id, reason };
        if entry.collection.len() > LONGEST_COLLECTION {
            return Err(bad(format!("its collection's name is longer than {LONGEST_COLLECTION} bytes")));
        }
        if entry.windows.is_empty() {
            return Err(bad("it has no vector".to_owned()));
        }
        entry
            .windows
            .iter()
            .try_for_each(|vector| vectors::check_vector(vector, self.options.dimensions))
            .map_err(|reason| bad(format!("its vector cannot be used: {reason}")))
    }

    /// The `limit` chunks nearest to `query` by the cosine of their best window, best first, each once.
    ///
    /// # Errors
    /// [`IndexError::BadQuery`] where the vector does not fit; [`IndexError::Vectors`].
    pub async fn search_vectors(
        &self,
        query: &[f32],
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        let _files = self.files.read().await;
        self.vectors.search(query, scope, limit).await
    }

    /// The `limit` chunks with the highest BM25 score for the words of `query`, best first. Any text is a question: there is
    /// no query syntax, and nothing in it can fail.
    ///
    /// # Errors
    /// [`IndexError::Keywords`].
    pub async fn search_keywords(
        &self,
        query: &str,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        let _files = self.files.read().await;
        block(|| self.keywords.search(query, scope, limit))
    }

    /// Joins small files and drops earlier versions: after each job, and now and then in a long one. Waits for searches
    /// and holds them up.
    ///
    /// # Errors
    /// [`IndexError::Vectors`]; the index is as before.
    pub async fn compact(&self) -> Result<(), IndexError> {
        let _writing = self.writing.lock().await;
        let _files = self.files.write().await;
        self.vectors.compact().await
    }

    /// After deletions: rewrites what is needed so that no byte of a deleted chunk's terms or vectors is left below
    /// the index folder. Stores that were set aside are deleted, for they may hold the same. Waits for searches and holds
    /// them up.
    ///
    /// # Errors
    /// The store that failed; purge again.
    pub async fn purge(&self) -> Result<(), IndexError> {
        let _writing = self.writing.lock().await;
        let _files = self.files.write().await;
        self.vectors.purge().await?;
        block(|| self.keywords.purge())?;
        store::delete_set_aside(&self.options.dir)
    }

    /// Counts what is there; reads no vectors and no terms.
    ///
    /// # Errors
    /// The store that failed, or [`IndexError::Io`].
    pub async fn stats(&self) -> Result<IndexStats, IndexError> {
        let _files = self.files.read().await;
        let vectors = self.vectors.stats().await?;
        let keywords = self.keywords.stats();
        let dir = &self.options.dir;
        Ok(IndexStats {
            vector_rows: vectors.rows,
            vector_rows_deleted: vectors.deleted_rows,
            vector_fragments: vectors.fragments,
            vector_versions: vectors.versions,
            keyword_chunks: keywords.chunks,
            keyword_chunks_deleted: keywords.deleted,
            keyword_segments: keywords.segments,
            bytes: bytes_below(dir).map_err(|source| IndexError::Io { path: dir.clone(), source })?,
            set_aside: store::list_set_aside(dir)?,
        })
    }
}

#[derive(Clone, Copy)]
enum Leg {
    Vectors,
    Keywords,
}

/// Opens the vector store in a task of its own, because Lance subtracts lengths that it read from a damaged manifest
/// and panics: to its caller that is damage like any other.
async fn open_vectors(path: &Path, options: &IndexOptions) -> Result<(Vectors, Option<u64>), Fault> {
    let path = path.to_owned();
    let (fingerprint, dimensions) = (options.fingerprint.clone(), options.dimensions);
    match tokio::spawn(async move { Vectors::open(&path, &fingerprint, dimensions).await }).await {
        Ok(opened) => opened,
        Err(error) if error.is_panic() => Err(Fault::Damaged("reading it made Lance panic".to_owned())),
        Err(error) => Err(Fault::failed(error)),
    }
}

async fn open_keywords(dir: PathBuf, path: PathBuf) -> Result<(Keywords, StoreState), IndexError> {
    let failed = |fault| fault_error(fault, &dir, &path, Leg::Keywords);
    block(|| {
        if !keywords::exists(&path) {
            return Ok((Keywords::create(&path).map_err(failed)?, StoreState::Created));
        }
        match Keywords::open(&path) {
            Ok((keywords, generation)) => Ok((keywords, StoreState::Ready { generation })),
            Err(Fault::Damaged(_)) => {
                let kept = store::set_aside(&path)?;
                Ok((Keywords::create(&path).map_err(failed)?, StoreState::SetAside(kept)))
            }
            Err(fault) => Err(failed(fault)),
        }
    })
}

fn fault_error(fault: Fault, dir: &Path, path: &Path, leg: Leg) -> IndexError {
    let reason = match fault {
        Fault::InUse => return IndexError::InUse { dir: dir.to_owned() },
        Fault::WrongEmbedder { fingerprint, .. } => format!("it holds vectors of {fingerprint}"),
        Fault::Damaged(reason) | Fault::Failed(reason) => reason,
    };
    let path = path.to_owned();
    match leg {
        _ if error::is_disk_full(&reason) => IndexError::DiskFull { path },
        Leg::Vectors => IndexError::Vectors { path, action: "open", reason },
        Leg::Keywords => IndexError::Keywords { path, action: "open", reason },
    }
}

/// Runs blocking work in place: other tasks of a many-threaded runtime move on; a single-threaded one waits.
fn block<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

fn bytes_below(dir: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            bytes += bytes_below(&entry.path())?;
        } else if kind.is_file() {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}
