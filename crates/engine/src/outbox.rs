//! The two-store rule: the catalog's outbox is worked off into the indexes, and may be worked off twice.

use std::path::Path;

use citadel_catalog::{IndexEntry, OutboxAction};
use citadel_index::{Batch, ChunkEntry, Index};

use crate::vault::now_ms;
use crate::{Engine, EngineError};

/// Chunks per index commit: each commit costs a few fsyncs and a new Lance version, each chunk about 4 KiB of memory.
const CHUNKS_PER_COMMIT: usize = 4_000;

/// Outbox entries looked at together.
const ENTRIES_PER_ROUND: usize = 2_000;

type Result<T> = std::result::Result<T, EngineError>;

impl Engine {
    /// Writes what is staged into the indexes and makes it current, and deletes what is superseded, until the outbox
    /// is empty.
    pub(crate) fn settle(&self, index: &Index) -> Result<()> {
        loop {
            let waiting = self.catalog().outbox(ENTRIES_PER_ROUND)?;
            if waiting.is_empty() {
                return Ok(());
            }
            let of = |action| move |e: &&citadel_catalog::OutboxEntry| e.action == action;
            let upserts: Vec<i64> =
                waiting.iter().filter(of(OutboxAction::Upsert)).map(|e| e.version_id).collect();
            self.write_versions(index, &upserts, 1, |engine, written| {
                engine.catalog().publish(written, now_ms())?;
                Ok(())
            })?;
            let deletes: Vec<_> = waiting.iter().filter(of(OutboxAction::Delete)).collect();
            if !deletes.is_empty() {
                let generation = self.catalog().generation()?;
                self.apply(index, Vec::new(), deletes.iter().map(|e| e.version_id).collect(), generation)?;
                let done: Vec<i64> = deletes.iter().map(|e| e.id).collect();
                self.catalog().outbox_done(&done)?;
            }
        }
    }

    /// Fills the indexes with every current version. Vectors come from the catalog: nothing is embedded again.
    pub(crate) fn rebuild(&self, index: &Index) -> Result<()> {
        let versions = self.catalog().current_versions()?;
        if versions.is_empty() {
            let generation = self.catalog().generation()?;
            return self.apply(index, Vec::new(), Vec::new(), generation);
        }
        self.write_versions(index, &versions, 0, |_, _| Ok(()))
    }

    /// Writes the entries of `versions` in commits of bounded size and calls `written` with the versions of each.
    /// The commit names the catalog's generation plus `ahead`.
    fn write_versions(
        &self,
        index: &Index,
        versions: &[i64],
        ahead: i64,
        mut written: impl FnMut(&Self, &[i64]) -> Result<()>,
    ) -> Result<()> {
        let mut batch = Vec::new();
        let mut from = 0;
        for (at, version) in versions.iter().enumerate() {
            batch.extend(self.catalog().entries(*version)?.into_iter().map(chunk_entry));
            if batch.len() >= CHUNKS_PER_COMMIT || at + 1 == versions.len() {
                let generation = self.catalog().generation()? + ahead;
                self.apply(index, std::mem::take(&mut batch), Vec::new(), generation)?;
                written(self, &versions[from..=at])?;
                from = at + 1;
            }
        }
        Ok(())
    }

    fn apply(
        &self,
        index: &Index,
        upserts: Vec<ChunkEntry>,
        delete_versions: Vec<i64>,
        generation: i64,
    ) -> Result<()> {
        let generation = u64::try_from(generation).unwrap_or(0);
        self.runtime.block_on(index.apply(&Batch { upserts, delete_versions, generation }))?;
        Ok(())
    }
}

fn chunk_entry(entry: IndexEntry) -> ChunkEntry {
    let file_name = entry.path.as_deref().and_then(|p| Path::new(p).file_stem()).map(|n| n.to_string_lossy());
    ChunkEntry {
        file_name: file_name.filter(|n| *n != entry.title).unwrap_or_default().into_owned(),
        chunk_id: entry.chunk_id,
        version_id: entry.version_id,
        collection: entry.collection,
        title: entry.title,
        heading: entry.context,
        text: entry.text,
        windows: entry.windows,
    }
}
