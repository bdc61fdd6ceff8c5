//! The vector store: one LanceDB table of chunk ids and vectors, no text.
//!
//! Rows are keyed by chunk and window. Searches read every row (flat scan), which is exact and, up to about 200,000
//! rows, fast enough that a vector index would cost more than it saves.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::types::Float32Type;
use arrow_array::{
    Array, FixedSizeListArray, Float32Array, Int32Array, Int64Array, RecordBatch, RecordBatchIterator,
    StringArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use futures::TryStreamExt;
use lancedb::expr::{DfExpr, col, is_in, lit};
use lancedb::query::{ExecutableQuery, QueryBase, Select};
use lancedb::table::{CompactionOptions, NativeTable, OptimizeAction};
use lancedb::{DistanceType, Session, Table};
use url::Url;

use crate::error::is_disk_full;
use crate::provider::{SCHEME, registry};
use crate::store::Fault;
use crate::{ChunkEntry, Hit, IndexError, Scope};

const TABLE: &str = "chunks";
/// Raised when the columns change: a store of another layout is set aside.
const LAYOUT: &str = "1";
const LAYOUT_KEY: &str = "citadel.layout";
const FINGERPRINT_KEY: &str = "citadel.fingerprint";
const GENERATION_KEY: &str = "citadel.generation";
/// Budgets of Lance's caches in bytes; its defaults are 6 GiB and 1 GiB.
const INDEX_CACHE: usize = 256 << 20;
const METADATA_CACHE: usize = 64 << 20;

/// An open vector store.
pub(crate) struct Vectors {
    table: Table,
    schema: SchemaRef,
    dimensions: usize,
    path: PathBuf,
}

/// Rows and versions of the vector store.
pub(crate) struct VectorStats {
    pub(crate) rows: usize,
    pub(crate) deleted_rows: usize,
    pub(crate) fragments: usize,
    pub(crate) versions: usize,
}

fn schema(fingerprint: &str, dimensions: usize) -> Schema {
    let item = Arc::new(Field::new("item", DataType::Float32, true));
    let width = i32::try_from(dimensions).unwrap_or(i32::MAX);
    Schema::new_with_metadata(
        vec![
            Field::new("chunk_id", DataType::Int64, false),
            Field::new("window", DataType::Int32, false),
            Field::new("version_id", DataType::Int64, false),
            Field::new("collection", DataType::Utf8, false),
            Field::new("vector", DataType::FixedSizeList(item, width), false),
        ],
        HashMap::from([
            (LAYOUT_KEY.to_owned(), LAYOUT.to_owned()),
            (FINGERPRINT_KEY.to_owned(), fingerprint.to_owned()),
        ]),
    )
}

/// Whether there is a vector store in `path`. One whose making was cut short before its first manifest has no data
/// either, and is none.
pub(crate) fn exists(path: &Path) -> bool {
    let table = path.join(format!("{TABLE}.lance"));
    let holds = |folder: &str, wanted: fn(&Path) -> bool| match std::fs::read_dir(table.join(folder)) {
        Ok(entries) => entries.into_iter().any(|e| e.map_or(true, |e| wanted(&e.path()))),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    holds("_versions", |file| file.extension().is_some_and(|e| e == "manifest")) || holds("data", |_| true)
}

async fn connect(path: &Path) -> Result<lancedb::Connection, Fault> {
    let unusable = || Fault::failed(format!("{} is no absolute path", path.display()));
    let file = Url::from_directory_path(path).map_err(|()| unusable())?;
    let uri = file.as_str().replacen("file", SCHEME, 1);
    let registry = registry().ok_or_else(|| Fault::failed("Lance knows no local file store"))?;
    let session = Arc::new(Session::new(INDEX_CACHE, METADATA_CACHE, Arc::new(registry)));
    lancedb::connect(&uri).session(session).execute().await.map_err(Fault::from_lance)
}

impl Vectors {
    /// Makes an empty store in `path`.
    pub(crate) async fn create(path: &Path, fingerprint: &str, dimensions: usize) -> Result<Vectors, Fault> {
        let schema = Arc::new(schema(fingerprint, dimensions));
        let connection = connect(path).await?;
        let table = connection
            .create_empty_table(TABLE, schema.clone())
            .execute()
            .await
            .map_err(Fault::from_lance)?;
        Ok(Vectors { table, schema, dimensions, path: path.to_owned() })
    }

    /// Opens the store in `path` and reads one column of it, so that damage shows now and not in a search.
    /// Changes nothing.
    pub(crate) async fn open(
        path: &Path,
        fingerprint: &str,
        dimensions: usize,
    ) -> Result<(Vectors, Option<u64>), Fault> {
        let connection = connect(path).await?;
        let table = connection.open_table(TABLE).execute().await.map_err(Fault::from_lance)?;
        let found = table.schema().await.map_err(Fault::from_lance)?;
        let expected = Arc::new(schema(fingerprint, dimensions));
        let same_layout = found.metadata().get(LAYOUT_KEY).is_some_and(|l| l == LAYOUT);
        let found_fingerprint = found.metadata().get(FINGERPRINT_KEY);
        let (Some(found_fingerprint), true) = (found_fingerprint, same_layout) else {
            return Err(Fault::Damaged("it was written with another layout".to_owned()));
        };
        let found_dimensions = match found.field_with_name("vector").map(Field::data_type) {
            Ok(DataType::FixedSizeList(_, width)) => usize::try_from(*width).unwrap_or_default(),
            _ => return Err(Fault::Damaged("it has no column of vectors".to_owned())),
        };
        if found_fingerprint != fingerprint || found_dimensions != dimensions {
            return Err(Fault::WrongEmbedder {
                fingerprint: found_fingerprint.clone(),
                dimensions: found_dimensions,
            });
        }
        if found.fields() != expected.fields() {
            return Err(Fault::Damaged("its columns are not those of this version".to_owned()));
        }
        let vectors = Vectors { table, schema: expected, dimensions, path: path.to_owned() };
        let batches = vectors.table.query().select(Select::columns(&["chunk_id"])).execute().await;
        let mut batches = batches.map_err(Fault::from_lance)?;
        while batches.try_next().await.map_err(Fault::from_lance)?.is_some() {}
        // Earlier versions are pruned by what their manifests say; one that a power cut left empty would end that.
        vectors.table.list_versions().await.map_err(Fault::from_lance)?;
        let generation = vectors.generation().await.map_err(Fault::from_lance)?;
        Ok((vectors, generation))
    }

    async fn generation(&self) -> lancedb::Result<Option<u64>> {
        let Some(native) = self.table.as_native() else { return Ok(None) };
        Ok(native.manifest().await?.config.get(GENERATION_KEY).and_then(|g| g.parse().ok()))
    }

    fn native(&self) -> Result<&NativeTable, IndexError> {
        self.table.as_native().ok_or_else(|| self.failed("open", "the table is not a local one"))
    }

    fn failed(&self, action: &'static str, reason: impl ToString) -> IndexError {
        let (path, reason) = (self.path.clone(), reason.to_string());
        match is_disk_full(&reason) {
            true => IndexError::DiskFull { path },
            false => IndexError::Vectors { path, action, reason },
        }
    }

    /// Forgets `delete_versions`, then replaces or adds `upserts`. Each chunk may occur once.
    pub(crate) async fn apply(
        &self,
        upserts: &[&ChunkEntry],
        delete_versions: &[i64],
        generation: u64,
    ) -> Result<(), IndexError> {
        if !delete_versions.is_empty() {
            let gone = any_of("version_id", delete_versions.iter().copied());
            self.table.delete(&gone).await.map_err(|e| self.failed("delete", e))?;
        }
        if !upserts.is_empty() {
            let batch = self.batch(upserts)?;
            let mut merge = self.table.merge_insert(&["chunk_id", "window"]);
            merge.when_matched_update_all(None).when_not_matched_insert_all();
            let rows = RecordBatchIterator::new([Ok(batch)], self.schema.clone());
            let merged = merge.execute(Box::new(rows)).await.map_err(|e| self.failed("write", e))?;
            if merged.num_updated_rows > 0 {
                self.delete_surplus_windows(upserts).await?;
            }
        }
        let generation = [(GENERATION_KEY.to_owned(), generation.to_string())];
        self.native()?.update_config(generation).await.map_err(|e| self.failed("write", e))
    }

    /// A chunk that is replaced may have had more windows before.
    async fn delete_surplus_windows(&self, upserts: &[&ChunkEntry]) -> Result<(), IndexError> {
        let mut by_windows: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
        for entry in upserts {
            let windows = i32::try_from(entry.windows.len()).unwrap_or(i32::MAX);
            by_windows.entry(windows).or_default().push(entry.chunk_id);
        }
        let surplus = by_windows
            .into_iter()
            .map(|(windows, ids)| col("window").gt_eq(lit(windows)).and(any_of("chunk_id", ids)))
            .reduce(DfExpr::or);
        match surplus {
            Some(surplus) => {
                self.table.delete(&surplus).await.map(drop).map_err(|e| self.failed("delete", e))
            }
            None => Ok(()),
        }
    }

    fn batch(&self, entries: &[&ChunkEntry]) -> Result<RecordBatch, IndexError> {
        // Arrow wants to know the number of rows in advance.
        let rows: Vec<(&ChunkEntry, i32, &Vec<f32>)> = entries
            .iter()
            .flat_map(|entry| (0i32..).zip(&entry.windows).map(move |(n, vector)| (*entry, n, vector)))
            .collect();
        let width = i32::try_from(self.dimensions).unwrap_or(i32::MAX);
        let vectors = FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>(
            rows.iter().map(|(_, _, vector)| Some(vector.iter().copied().map(Some))),
            width,
        );
        RecordBatch::try_new(
            self.schema.clone(),
            vec![
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|(e, _, _)| e.chunk_id))),
                Arc::new(Int32Array::from_iter_values(rows.iter().map(|(_, n, _)| *n))),
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|(e, _, _)| e.version_id))),
                Arc::new(StringArray::from_iter_values(rows.iter().map(|(e, _, _)| &e.collection))),
                Arc::new(vectors),
            ],
        )
        .map_err(|e| self.failed("write", e))
    }

    /// The `limit` chunks whose best window is nearest to `query`, best first.
    pub(crate) async fn search(
        &self,
        query: &[f32],
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        check_vector(query, self.dimensions).map_err(|reason| IndexError::BadQuery { reason })?;
        if limit == 0 || scope.is_empty() {
            return Ok(Vec::new());
        }
        // A chunk takes as many places as it has windows among the nearest: ask for more until enough chunks came.
        let mut rows = limit.saturating_mul(2).saturating_add(8);
        loop {
            let (hits, found) =
                self.nearest(query, scope, rows).await.map_err(|e| self.failed("search", e))?;
            if hits.len() >= limit || found < rows {
                return Ok(hits.into_iter().take(limit).collect());
            }
            rows = rows.saturating_mul(2);
        }
    }

    /// The chunks among the nearest `rows` rows, best first, and how many rows there were.
    async fn nearest(&self, query: &[f32], scope: &Scope, rows: usize) -> lancedb::Result<(Vec<Hit>, usize)> {
        // Lance keeps a heap of the asked size: never more than there are rows.
        let rows_asked = rows.min(self.table.count_rows(None).await?.max(1));
        let mut search = self
            .table
            .query()
            .limit(rows_asked)
            .select(Select::columns(&["chunk_id", "version_id", "_distance"]))
            .nearest_to(query)?
            .distance_type(DistanceType::Cosine);
        let collections = scope
            .collections
            .as_ref()
            .map(|wanted| is_in(col("collection"), wanted.iter().map(|c| lit(c.as_str())).collect()));
        let versions = scope
            .versions
            .as_ref()
            .map(|wanted| is_in(col("version_id"), wanted.iter().map(|&version| lit(version)).collect()));
        if let Some(within) = [collections, versions].into_iter().flatten().reduce(|a, b| a.and(b)) {
            search = search.only_if_expr(within);
        }
        let batches: Vec<RecordBatch> = search.execute().await?.try_collect().await?;
        let mut best: HashMap<i64, Hit> = HashMap::new();
        let mut found = 0;
        for batch in &batches {
            let ids = column::<Int64Array>(batch, "chunk_id")?;
            let versions = column::<Int64Array>(batch, "version_id")?;
            let distances = column::<Float32Array>(batch, "_distance")?;
            found += batch.num_rows();
            for ((&chunk_id, &version_id), &distance) in
                ids.values().iter().zip(versions.values().iter()).zip(distances.values().iter())
            {
                let hit = Hit { chunk_id, version_id, score: 1.0 - distance };
                let entry = best.entry(chunk_id).or_insert(hit);
                if hit.score > entry.score {
                    *entry = hit;
                }
            }
        }
        let mut hits: Vec<Hit> = best.into_values().collect();
        Hit::sort(&mut hits);
        Ok((hits, found))
    }

    /// Joins small files and drops earlier versions. Rows deleted in files that are mostly alive stay on disk.
    pub(crate) async fn compact(&self) -> Result<(), IndexError> {
        self.rewrite(CompactionOptions::default()).await
    }

    /// As [`compact`](Self::compact), and rewrites every file in which a row was deleted.
    pub(crate) async fn purge(&self) -> Result<(), IndexError> {
        self.rewrite(CompactionOptions { materialize_deletions_threshold: 0.0, ..Default::default() }).await
    }

    async fn rewrite(&self, options: CompactionOptions) -> Result<(), IndexError> {
        let compact = OptimizeAction::Compact { options, remap_options: None };
        self.table.optimize(compact).await.map_err(|e| self.failed("compact", e))?;
        // Safe because this process is the only writer and no search runs meanwhile.
        let prune = OptimizeAction::Prune {
            older_than: Some(lancedb::table::optimize::Duration::zero()),
            delete_unverified: Some(true),
            error_if_tagged_old_versions: Some(true),
        };
        self.table.optimize(prune).await.map(drop).map_err(|e| self.failed("prune", e))
    }

    pub(crate) async fn stats(&self) -> Result<VectorStats, IndexError> {
        let failed = |e| self.failed("count", e);
        let native = self.native()?;
        Ok(VectorStats {
            rows: self.table.count_rows(None).await.map_err(failed)?,
            deleted_rows: native.count_deleted_rows().await.map_err(failed)?,
            fragments: native.count_fragments().await.map_err(failed)?,
            versions: self.table.list_versions().await.map_err(failed)?.len(),
        })
    }
}

/// What makes `vector` unusable, if anything.
pub(crate) fn check_vector(vector: &[f32], dimensions: usize) -> Result<(), String> {
    if vector.len() != dimensions {
        return Err(format!("it has {} numbers, the index has {dimensions}", vector.len()));
    }
    if !vector.iter().all(|x| x.is_finite()) {
        return Err("it has a number that is infinite or none".to_owned());
    }
    if vector.iter().all(|&x| x == 0.0) {
        return Err("it has no direction: all numbers are 0".to_owned());
    }
    Ok(())
}

fn any_of(column: &str, ids: impl IntoIterator<Item = i64>) -> DfExpr {
    is_in(col(column), ids.into_iter().map(lit).collect())
}

fn column<'a, T: Array + 'static>(batch: &'a RecordBatch, name: &str) -> lancedb::Result<&'a T> {
    batch
        .column_by_name(name)
        .and_then(|c| c.as_any().downcast_ref())
        .ok_or_else(|| lancedb::Error::Runtime { message: format!("the result lacks the column {name}") })
}
