//! From files to documents that can be searched.
//!
//! Files are parsed and cut on a few threads (each parse in its own child process); one thread embeds, stages whole
//! documents in the catalog and commits them to the indexes in batches. What is committed survives any end of the
//! process; the journal names the files that are left.

mod reader;
mod run;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use citadel_catalog::{EmbedderRecord, JobFile, JobFileState, JobRecord, SourceRecord, SourceState};
use citadel_core::StopFlag;
use citadel_parse::{Limits, Options, Sandbox};
use serde::{Deserialize, Serialize};

use crate::events::{IngestEvent, IngestReport, MissingFile};
use crate::vault::{lock, now_ms};
use crate::walk::{FoundFile, find_files};
use crate::{Engine, EngineError};
use run::{Run, Setting};

/// What to ingest.
#[derive(Clone, Debug)]
pub struct IngestRequest {
    /// Which files.
    pub scope: IngestScope,
    /// Documents parsed at the same time; half the cores where `None`.
    pub jobs: Option<usize>,
    /// Passwords to try on files that want one, in this order.
    pub passwords: Vec<String>,
}

/// Which files to ingest.
#[derive(Clone, Debug)]
pub enum IngestScope {
    /// Files, folders and archives, into a collection.
    Paths {
        /// What the user names.
        paths: Vec<PathBuf>,
        /// The collection to put them into.
        collection: String,
    },
    /// Of the files in folders, those that have changed.
    Changed {
        /// The folders.
        folders: Vec<PathBuf>,
        /// The collection to put them into.
        collection: String,
        /// Absolute paths of files, or of folders that changed with all below them; some may be gone.
        changed: Vec<PathBuf>,
    },
    /// What is left of ingests that were stopped.
    Stopped {
        /// Only these jobs, by their ids; all where empty.
        jobs: Vec<i64>,
    },
    /// Files that could not be read, or not whole.
    Failed {
        /// Only these; all where empty.
        files: Vec<IngestedFile>,
    },
}

/// Names a file of the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct IngestedFile {
    /// The collection.
    pub collection: String,
    /// The path as ingested.
    pub path: String,
}

impl Engine {
    /// Reads files into the vault. One bad document never spoils the job: it is a line of the report. When `stop` is
    /// raised, what was committed stays, the report says so, and the journal keeps what is left. An earlier ingest that
    /// was killed is finished along with this one.
    pub fn ingest(
        &self,
        request: &IngestRequest,
        stop: &StopFlag,
        sink: &mut dyn FnMut(IngestEvent),
    ) -> Result<IngestReport, EngineError> {
        let begun = Instant::now();
        let encoder = self.encoder()?;
        {
            let embedder = lock(&encoder.embedder);
            self.remember_embedder(embedder.fingerprint(), embedder.dimensions())?;
        }
        let Some(index) = self.index()? else { return Err(EngineError::Internal("embedder record")) };
        let options = self.parse_options(&request.passwords)?;
        let recognizes = options.ocr.is_some();
        let parser = &self.options.parser;
        let sandbox =
            Sandbox::new(parser.program.clone(), parser.arguments.clone(), options, Limits::default());
        let again = matches!(request.scope, IngestScope::Failed { .. });
        let setting = Setting {
            engine: self,
            encoder: &encoder,
            index: &index,
            sandbox: &sandbox,
            jobs: request.jobs,
            stop,
            again,
            recognizes,
        };
        let mut report = IngestReport::default();
        let mut collections = match &request.scope {
            IngestScope::Paths { paths, collection } => {
                self.ingest_paths(&setting, paths, collection, None, &mut report, sink)?;
                vec![collection.clone()]
            }
            IngestScope::Changed { folders, collection, changed } => {
                self.ingest_paths(
                    &setting,
                    folders,
                    collection,
                    Some(changed.as_slice()),
                    &mut report,
                    sink,
                )?;
                vec![collection.clone()]
            }
            IngestScope::Stopped { jobs: named } => {
                let mut jobs = self.catalog().unfinished_jobs()?;
                jobs.retain(|job| named.is_empty() || named.contains(&job.id));
                self.resume(&setting, &jobs, &HashSet::new(), &mut report, sink)?;
                jobs.into_iter().map(|job| job.collection).collect()
            }
            IngestScope::Failed { files } => self.ingest_failed(&setting, files, &mut report, sink)?,
        };
        collections.sort();
        collections.dedup();
        for collection in collections {
            self.read_orphans(&setting, &collection, &mut report, sink)?;
        }
        if report.added + report.updated + report.removed > 0 {
            self.runtime.block_on(index.compact())?;
        }
        report.stopped = stop.is_stopped();
        report.seconds = begun.elapsed().as_secs_f64();
        Ok(report)
    }

    fn ingest_paths(
        &self,
        setting: &Setting<'_>,
        paths: &[PathBuf],
        collection: &str,
        changed: Option<&[PathBuf]>,
        report: &mut IngestReport,
        sink: &mut dyn FnMut(IngestEvent),
    ) -> Result<(), EngineError> {
        let (mut files, failed) = find_files(paths, self.vault());
        report.failed.extend(failed);
        if let Some(changed) = changed {
            files.retain(|file| changed.iter().any(|path| file.absolute.starts_with(path)));
        }
        // What is asked for again is read in its turn, and counted once.
        let asked: HashSet<String> = files.iter().map(FoundFile::key).collect();
        let earlier = self.catalog().unfinished_jobs()?;
        let cut_off: Vec<JobRecord> =
            earlier.iter().filter(|job| job.stopped_at.is_none()).cloned().collect();
        let same = |job: &JobRecord| job.collection == collection;
        for job in &cut_off {
            let asked = if same(job) { &asked } else { &HashSet::new() };
            self.resume(setting, std::slice::from_ref(job), asked, report, sink)?;
        }
        let named: Vec<String> = paths.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        let job = {
            let mut catalog = self.catalog();
            let job = catalog.begin_job(&named, collection, now_ms())?;
            let known: Vec<JobFile> = files.iter().map(job_file).collect();
            catalog.add_job_files(job, &known)?;
            // Only now: what they name is done, or in the journal anew.
            for earlier in earlier {
                let left = catalog.job_files(earlier.id)?;
                let mut left = left.iter().filter(|f| f.state == JobFileState::Pending);
                if left.all(|f| same(&earlier) && asked.contains(&f.key)) {
                    catalog.end_job(earlier.id)?;
                }
            }
            job
        };
        Run::new(setting, collection, files, Some(job), report, sink).all()?;
        self.end_job(job, setting.stop)?;
        if !setting.stop.is_stopped() {
            self.look_for_missing(paths, collection, &asked, report)?;
        }
        Ok(())
    }

    /// Goes on with jobs, without the files in `asked`.
    fn resume(
        &self,
        setting: &Setting<'_>,
        jobs: &[JobRecord],
        asked: &HashSet<String>,
        report: &mut IngestReport,
        sink: &mut dyn FnMut(IngestEvent),
    ) -> Result<(), EngineError> {
        for job in jobs {
            let mut left: Vec<FoundFile> = self
                .catalog()
                .job_files(job.id)?
                .into_iter()
                .filter(|f| f.state == JobFileState::Pending)
                .map(|f| FoundFile { absolute: PathBuf::from(f.key), shown: f.path, depth: f.depth })
                .filter(|f| f.absolute.exists())
                .collect();
            if !left.is_empty() {
                sink(IngestEvent::Resuming { total: count(job.total), done: count(job.done) });
            }
            left.retain(|file| !asked.contains(&file.key()));
            if !left.is_empty() {
                Run::new(setting, &job.collection, left, Some(job.id), report, sink).all()?;
            }
            if asked.is_empty() {
                self.end_job(job.id, setting.stop)?;
            }
        }
        Ok(())
    }

    /// Takes a job out of the journal, or notes that it was stopped.
    fn end_job(&self, job: i64, stop: &StopFlag) -> Result<(), EngineError> {
        let mut catalog = self.catalog();
        match stop.is_stopped() {
            true => catalog.stop_job(job, now_ms())?,
            false => catalog.end_job(job)?,
        }
        Ok(())
    }

    /// Reads files again that failed, or of which pages could not be read; gives their collections.
    fn ingest_failed(
        &self,
        setting: &Setting<'_>,
        files: &[IngestedFile],
        report: &mut IngestReport,
        sink: &mut dyn FnMut(IngestEvent),
    ) -> Result<Vec<String>, EngineError> {
        let (sources, unread) = {
            let catalog = self.catalog();
            let all = catalog.documents(&citadel_catalog::DocumentFilter::default())?;
            let unread: HashSet<(String, String)> =
                all.into_iter().filter(|d| d.pages.unread() > 0).map(|d| (d.collection, d.key)).collect();
            (catalog.sources(None)?, unread)
        };
        let is_lost = |source: &SourceRecord| {
            source.state != SourceState::Done
                || !source.lost.is_empty()
                || unread.contains(&(source.collection.clone(), source.key.clone()))
        };
        let is_asked = |source: &SourceRecord| {
            let named = |f: &IngestedFile| f.collection == source.collection && f.path == source.path;
            files.is_empty() || files.iter().any(named)
        };
        let lost: Vec<SourceRecord> = sources.into_iter().filter(|s| is_lost(s) && is_asked(s)).collect();
        let mut collections: Vec<String> = lost.iter().map(|source| source.collection.clone()).collect();
        collections.dedup();
        for collection in &collections {
            let files = lost.iter().filter(|source| source.collection == *collection).map(found).collect();
            Run::new(setting, collection, files, None, report, sink).all()?;
        }
        Ok(collections)
    }

    /// Reads copies whose original has changed: their text is no longer in the vault.
    fn read_orphans(
        &self,
        setting: &Setting<'_>,
        collection: &str,
        report: &mut IngestReport,
        sink: &mut dyn FnMut(IngestEvent),
    ) -> Result<(), EngineError> {
        let orphans = self.catalog().orphaned_copies(collection)?;
        let files: Vec<FoundFile> = orphans.iter().map(found).filter(|f| f.absolute.exists()).collect();
        if files.is_empty() || setting.stop.is_stopped() {
            return Ok(());
        }
        Run::new(setting, collection, files, None, report, sink).all()
    }

    /// Files of the vault that lay in the folders named and are gone.
    fn look_for_missing(
        &self,
        paths: &[PathBuf],
        collection: &str,
        found: &HashSet<String>,
        report: &mut IngestReport,
    ) -> Result<(), EngineError> {
        let folders: Vec<PathBuf> =
            paths.iter().filter_map(|path| std::fs::canonicalize(path).ok()).collect();
        let below = |key: &str| folders.iter().any(|folder| Path::new(key).starts_with(folder));
        let sources = self.catalog().sources(Some(collection))?;
        let gone =
            sources.into_iter().filter(|s| below(&s.key) && !found.contains(&s.key) && is_gone(&s.key));
        for source in gone {
            report.missing.extend(self.missing_file(&source)?);
        }
        Ok(())
    }

    /// All files of the vault that are gone, with the documents that are still searched.
    pub fn missing(&self) -> Result<Vec<MissingFile>, EngineError> {
        let sources = self.catalog().sources(None)?;
        let gone = sources.iter().filter(|source| is_gone(&source.key));
        gone.filter_map(|source| self.missing_file(source).transpose()).collect()
    }

    /// A gone file of which there is something to remove. A copy or a failed file, of which there is nothing, is
    /// forgotten.
    fn missing_file(&self, source: &SourceRecord) -> Result<Option<MissingFile>, EngineError> {
        let mut catalog = self.catalog();
        let documents = catalog.documents_of_source(&source.collection, &source.key)?;
        if documents.is_empty() {
            catalog.forget_source(&source.collection, &source.key)?;
            return Ok(None);
        }
        Ok(Some(MissingFile { path: source.path.clone(), collection: source.collection.clone(), documents }))
    }

    /// Ingests that were stopped or cut off, oldest first.
    pub fn unfinished_jobs(&self) -> Result<Vec<JobRecord>, EngineError> {
        Ok(self.catalog().unfinished_jobs()?)
    }

    /// Takes an unfinished ingest out of the journal; what was committed stays.
    pub fn cancel_job(&self, job: i64) -> Result<(), EngineError> {
        let mut catalog = self.catalog();
        if !catalog.unfinished_jobs()?.iter().any(|known| known.id == job) {
            return Err(EngineError::UnknownId { kind: "job", id: job.to_string() });
        }
        Ok(catalog.end_job(job)?)
    }

    fn remember_embedder(&self, fingerprint: &str, dimensions: usize) -> Result<(), EngineError> {
        let mut catalog = self.catalog();
        match catalog.embedder()? {
            Some(record) if record.fingerprint == fingerprint && record.dimensions == dimensions => Ok(()),
            Some(record) if catalog.counts()?.chunks > 0 => Err(EngineError::OtherEmbedder {
                found: record.fingerprint,
                expected: fingerprint.to_owned(),
            }),
            _ => {
                let record = EmbedderRecord { fingerprint: fingerprint.to_owned(), dimensions };
                Ok(catalog.set_embedder(&record)?)
            }
        }
    }

    fn parse_options(&self, passwords: &[String]) -> Result<Options, EngineError> {
        let models = &self.options.models;
        Ok(Options {
            pdf_library: crate::load::pdf_library(models)?,
            ocr: crate::load::ocr_files(models)?,
            passwords: passwords.to_vec(),
            ..Options::default()
        })
    }
}

fn job_file(file: &FoundFile) -> JobFile {
    let (key, path) = (file.key(), file.shown.clone());
    JobFile { key, path, depth: file.depth, state: JobFileState::Pending }
}

fn found(source: &SourceRecord) -> FoundFile {
    FoundFile { absolute: PathBuf::from(&source.key), shown: source.path.clone(), depth: source.depth }
}

/// Whether a file is surely not there; a drive that does not answer says nothing.
fn is_gone(key: &str) -> bool {
    Path::new(key).try_exists().is_ok_and(|exists| !exists)
}

fn count(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
