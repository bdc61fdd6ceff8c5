use rusqlite::params;

use crate::read::json_column;
use crate::store::{json, unsigned};
use crate::{Catalog, CatalogError, JobFile, JobFileState, JobRecord};

impl Catalog {
    /// Opens an ingest job in the journal and gives its id.
    ///
    /// # Errors
    /// Those of writing.
    pub fn begin_job(&mut self, paths: &[String], collection: &str, now: i64) -> Result<i64, CatalogError> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO jobs (collection, paths, begun_at) VALUES (?1, ?2, ?3)",
                params![collection, json(paths)?, now],
            )?;
            Ok(tx.last_insert_rowid())
        })
    }

    /// Adds files to a job, all of them as pending; those already there are left as they are.
    ///
    /// # Errors
    /// `not_found`; those of writing.
    pub fn add_job_files(&mut self, job: i64, files: &[JobFile]) -> Result<(), CatalogError> {
        self.write(|tx| {
            let known: bool =
                tx.query_row("SELECT EXISTS (SELECT 1 FROM jobs WHERE id = ?1)", [job], |row| row.get(0))?;
            if !known {
                return Err(CatalogError::NotFound { kind: "job", id: job.to_string() }.into());
            }
            let mut insert = tx.prepare_cached(
                "INSERT OR IGNORE INTO job_files (job_id, key, path, depth, state)
                 VALUES (?1, ?2, ?3, ?4, 'pending')",
            )?;
            for JobFile { key, path, depth, .. } in files {
                insert.execute(params![job, key, path, depth])?;
            }
            Ok(())
        })
    }

    /// Notes how files of a job, named by their keys, ended, in one transaction.
    ///
    /// # Errors
    /// `not_found` where the job does not have the file; those of writing.
    pub fn job_files_done(&mut self, job: i64, files: &[(String, JobFileState)]) -> Result<(), CatalogError> {
        self.write(|tx| {
            files.iter().try_for_each(|(key, state)| {
                let (state, code, reason) = match state {
                    JobFileState::Pending => ("pending", None, None),
                    JobFileState::Done => ("done", None, None),
                    JobFileState::Failed { code, reason } => ("failed", Some(code), Some(reason)),
                };
                let changed = tx
                .prepare_cached(
                    "UPDATE job_files SET state = ?3, code = ?4, reason = ?5 WHERE job_id = ?1 AND key = ?2",
                )?
                .execute(params![job, key, state, code, reason])?;
                if changed == 0 {
                    return Err(
                        CatalogError::NotFound { kind: "job with that file", id: job.to_string() }.into()
                    );
                }
                Ok(())
            })
        })
    }

    /// The files of a job, in the order added; empty for an unknown job.
    ///
    /// # Errors
    /// Those of reading.
    pub fn job_files(&self, job: i64) -> Result<Vec<JobFile>, CatalogError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT key, path, state, code, reason, depth FROM job_files WHERE job_id = ?1 ORDER BY id",
            )?;
            let rows = statement.query_map([job], |row| {
                let state = match row.get_ref(2)?.as_str()? {
                    "done" => JobFileState::Done,
                    "failed" => JobFileState::Failed {
                        code: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                        reason: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
                    },
                    _ => JobFileState::Pending,
                };
                Ok(JobFile { key: row.get(0)?, path: row.get(1)?, depth: row.get(5)?, state })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Notes that the user stopped a job; its files stay in the journal.
    ///
    /// # Errors
    /// Those of writing.
    pub fn stop_job(&mut self, job: i64, now: i64) -> Result<(), CatalogError> {
        self.write(|tx| {
            tx.execute("UPDATE jobs SET stopped_at = ?2 WHERE id = ?1", [job, now])?;
            Ok(())
        })
    }

    /// Closes a job: it leaves the journal with its files. An unknown job is passed over.
    ///
    /// # Errors
    /// Those of writing.
    pub fn end_job(&mut self, job: i64) -> Result<(), CatalogError> {
        self.write(|tx| {
            tx.execute("DELETE FROM jobs WHERE id = ?1", [job])?;
            Ok(())
        })
    }

    /// Jobs that were begun and not ended, oldest first.
    ///
    /// # Errors
    /// Those of reading.
    pub fn unfinished_jobs(&self) -> Result<Vec<JobRecord>, CatalogError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, paths, collection, begun_at, stopped_at,
                     (SELECT count(*) FROM job_files WHERE job_id = jobs.id AND state <> 'pending'),
                     (SELECT count(*) FROM job_files WHERE job_id = jobs.id)
                 FROM jobs ORDER BY id",
            )?;
            let mut rows = statement.query([])?;
            let mut jobs = Vec::new();
            while let Some(row) = rows.next()? {
                jobs.push(JobRecord {
                    id: row.get(0)?,
                    paths: json_column(row, 1)?,
                    collection: row.get(2)?,
                    begun_at: row.get(3)?,
                    stopped_at: row.get(4)?,
                    done: unsigned(row.get(5)?)?,
                    total: unsigned(row.get(6)?)?,
                });
            }
            Ok(jobs)
        })
    }
}
