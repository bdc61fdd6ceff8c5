use std::collections::BTreeSet;

use citadel_core::Answer;
use rusqlite::params;

use crate::store::{from_json, from_name, integer, json, name_of, resolve};
use crate::{AnswerSummary, BlankedAnswer, Catalog, CatalogError, StoredAnswer};

impl Catalog {
    /// Keeps an answer under its id.
    ///
    /// # Errors
    /// `invalid` where the id is empty or taken; `not_found` where a document that the answer shows was removed in the
    /// meantime, so that a removed text cannot come back through an answer; those of writing.
    pub fn put_answer(&mut self, answer: &Answer, now: i64) -> Result<(), CatalogError> {
        self.write(|tx| {
            let taken: bool =
                tx.query_row("SELECT EXISTS (SELECT 1 FROM answers WHERE id = ?1)", [&answer.id], |row| {
                    row.get(0)
                })?;
            if taken || answer.id.is_empty() {
                let problem = "an answer needs an id that no other answer has".to_owned();
                return Err(
                    CatalogError::Invalid { value: format!("answer {:?}", answer.id), problem }.into()
                );
            }
            tx.prepare_cached(
                "INSERT INTO answers (id, created_at, outcome, question, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                answer.id,
                now,
                name_of(answer.outcome)?,
                answer.question,
                json(answer)?
            ])?;
            let documents: BTreeSet<&str> = (answer.citations.iter().map(|c| c.document_id.0.as_str()))
                .chain(answer.passages.iter().map(|p| p.document_id.0.as_str()))
                .chain(answer.sweep.iter().flat_map(|s| s.documents()).map(|d| d.document_id.0.as_str()))
                .collect();
            let mut insert = tx.prepare_cached(
                "INSERT INTO answer_documents (answer_id, document_id)
                 SELECT ?1, id FROM documents WHERE id = ?2",
            )?;
            for document in documents {
                if insert.execute([&answer.id, document])? == 0 {
                    return Err(CatalogError::NotFound { kind: "document", id: document.to_owned() }.into());
                }
            }
            Ok(())
        })
    }

    /// The answer of an id or of the beginning of one.
    ///
    /// # Errors
    /// `not_found`, `ambiguous`; those of reading.
    pub fn answer(&self, id_or_prefix: &str) -> Result<StoredAnswer, CatalogError> {
        self.read(|conn| {
            let candidates = "SELECT id FROM answers WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 2";
            let id = resolve(conn, "answer", candidates, id_or_prefix)?;
            let mut statement =
                conn.prepare_cached("SELECT body, created_at, outcome, reason FROM answers WHERE id = ?1")?;
            let (body, created_at, outcome, reason) = statement.query_row([&id], |row| {
                Ok((
                    row.get::<_, Option<String>>(0)?,
                    row.get(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, Option<String>>(3)?,
                ))
            })?;
            Ok(match body {
                Some(body) => StoredAnswer::Kept(Box::new(from_json(&body)?)),
                None => StoredAnswer::Blanked(BlankedAnswer {
                    id,
                    created_at,
                    outcome: from_name(&outcome)?,
                    reason: reason.unwrap_or_default(),
                }),
            })
        })
    }

    /// Takes the answer of an id, or of the beginning of one, out of the catalog; [`Catalog::scrub`] takes it out of
    /// the files.
    ///
    /// # Errors
    /// `not_found`, `ambiguous`; those of writing.
    pub fn remove_answer(&mut self, id_or_prefix: &str) -> Result<(), CatalogError> {
        self.write(|tx| {
            let candidates = "SELECT id FROM answers WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 2";
            let id = resolve(tx, "answer", candidates, id_or_prefix)?;
            tx.execute("DELETE FROM answer_documents WHERE answer_id = ?1", [&id])?;
            tx.execute("DELETE FROM answers WHERE id = ?1", [&id])?;
            Ok(())
        })
    }

    /// The newest answers, newest first, at most `limit`.
    ///
    /// # Errors
    /// Those of reading.
    pub fn answers(&self, limit: usize) -> Result<Vec<AnswerSummary>, CatalogError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, question, outcome, created_at, body IS NULL, json_extract(body, '$.after') FROM answers
                 ORDER BY created_at DESC, id DESC LIMIT ?1",
            )?;
            let mut rows = statement.query([integer(limit)])?;
            let mut answers = Vec::new();
            while let Some(row) = rows.next()? {
                answers.push(AnswerSummary {
                    id: row.get(0)?,
                    question: row.get(1)?,
                    outcome: from_name(&row.get::<_, String>(2)?)?,
                    created_at: row.get(3)?,
                    blanked: row.get(4)?,
                    after: row.get(5)?,
                });
            }
            Ok(answers)
        })
    }
}
