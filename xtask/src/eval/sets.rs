//! The developer sets: where they lie, and what counts as found in each.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::score::tokens;
use crate::places;
use crate::run::Result;

/// What a passage must hold to count as found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// The gold document.
    Document,
    /// The gold page, where one is known; else the document.
    Page,
    /// The gold quote (or half of its characters, where a quote is a range of characters).
    Quote,
}

/// When an answer counts as right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scoring {
    /// Answers are not measured.
    None,
    /// A reference answer stands in it, word for word.
    Phrase,
    /// Half of the reference's figures stand in it, or of its other words where it has no figure: references in prose.
    Figures,
}

/// A set of questions over a corpus.
pub(super) struct Set {
    pub name: &'static str,
    unit: Unit,
    pub scoring: Scoring,
}

pub(super) const SETS: &[Set] = &[
    Set { name: "samples", unit: Unit::Quote, scoring: Scoring::Phrase },
    Set { name: "squad-even", unit: Unit::Quote, scoring: Scoring::Phrase },
    Set { name: "anthropic-docs", unit: Unit::Document, scoring: Scoring::None },
    Set { name: "chroma-chunking", unit: Unit::Quote, scoring: Scoring::None },
    Set { name: "scifact-train", unit: Unit::Document, scoring: Scoring::None },
    Set { name: "cranfield", unit: Unit::Document, scoring: Scoring::None },
    Set { name: "uda-samples", unit: Unit::Page, scoring: Scoring::Phrase },
    Set { name: "sec-10-q", unit: Unit::Document, scoring: Scoring::Figures },
];

/// A piece of a document that bears on a question.
pub(super) struct Gold {
    path: String,
    page: Option<u64>,
    quote: Option<String>,
    range: Option<(u64, u64)>,
    /// How much it is worth; 1 where the set does not say.
    pub grade: f64,
}

/// A question with what is known about it.
pub(super) struct Question {
    pub id: String,
    pub text: String,
    pub answerable: bool,
    pub answers: Vec<String>,
    /// Whether an answer lists several spans, which a text need not have side by side.
    pub lists: bool,
    pub gold: Vec<Gold>,
    /// Questions that are told apart in the table of answers.
    pub group: Option<&'static str>,
    /// Whether its reference answer can be measured against.
    pub scored: bool,
}

impl Question {
    /// The positions of the gold items that this passage or citation holds.
    pub(super) fn matched(&self, passage: &Value) -> Vec<usize> {
        (0..self.gold.len()).filter(|&i| self.gold[i].is_in(passage)).collect()
    }
}

impl Gold {
    fn is_in(&self, passage: &Value) -> bool {
        let path = passage["path"].as_str().unwrap_or_default().replace('\\', "/");
        let path = path.strip_suffix(".md").filter(|p| p.ends_with(".txt")).unwrap_or(&path);
        if !path
            .strip_suffix(self.path.as_str())
            .is_some_and(|before| before.is_empty() || before.ends_with('/'))
        {
            return false;
        }
        let on_page = || self.page.is_none_or(|page| passage["page"].as_u64() == Some(page));
        if let (Some((start, end)), Some(from), Some(to)) =
            (self.range, passage["start"].as_u64(), passage["end"].as_u64())
        {
            return 2 * (to.min(end).saturating_sub(from.max(start))) >= end - start;
        }
        match &self.quote {
            Some(quote) => {
                let text = passage["quote"].as_str().or(passage["text"].as_str()).unwrap_or_default();
                // A citation is often shorter than the quote, a passage longer.
                let (text, quote) = (tokens(text).join(" "), tokens(quote).join(" "));
                text.contains(&quote) || passage["quote"].is_string() && quote.contains(&text)
            }
            None => on_page(),
        }
    }
}

impl Set {
    /// Where it lies, if it does.
    pub(super) fn source(&self, data: &Path) -> Option<PathBuf> {
        let folder = match self.name {
            "samples" => places::root().join("assets/samples"),
            name => data.join(name),
        };
        folder.is_dir().then_some(folder)
    }

    /// The documents as files; abstracts of a `corpus.jsonl` are written into `folder`.
    pub(super) fn corpus(&self, source: &Path, folder: &Path) -> Result<PathBuf> {
        let lines = source.join("corpus.jsonl");
        if !lines.is_file() {
            return Ok(source.join("corpus"));
        }
        let corpus = folder.join("corpus");
        if corpus.is_dir() {
            return Ok(corpus);
        }
        let partial = folder.join("corpus.partial");
        std::fs::create_dir_all(&partial)?;
        for line in std::fs::read_to_string(&lines)?.lines() {
            let document: Value = serde_json::from_str(line)?;
            let field = |name: &str| document[name].as_str().unwrap_or_default();
            let text = format!("# {}\n\n{}\n", field("title"), field("text"));
            std::fs::write(partial.join(format!("{}.md", field("path"))), text)?;
        }
        std::fs::rename(&partial, &corpus)?;
        Ok(corpus)
    }

    pub(super) fn questions(&self, source: &Path) -> Result<Vec<Question>> {
        let files = ["questions.jsonl", "queries.jsonl"].map(|name| source.join(name));
        let file = files.iter().find(|f| f.is_file()).ok_or("a set without questions")?;
        let mut questions = Vec::new();
        for line in std::fs::read_to_string(file)?.lines() {
            questions.push(self.question(&serde_json::from_str(line)?));
        }
        Ok(questions)
    }

    pub(super) fn question(&self, line: &Value) -> Question {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let mut gold: Vec<Gold> = list(&line["gold"])
            .iter()
            .map(|g| Gold {
                path: text(&g["path"]),
                page: g["page"].as_u64().filter(|_| self.unit != Unit::Document),
                quote: g["quote"].as_str().filter(|_| self.unit == Unit::Quote).map(str::to_owned),
                range: g["start"].as_u64().zip(g["end"].as_u64()).filter(|_| self.unit == Unit::Quote),
                grade: 1.0,
            })
            .collect();
        for (path, grade) in line["relevant"].as_object().into_iter().flatten() {
            let grade = grade.as_f64().unwrap_or(1.0);
            gold.push(Gold { path: path.clone(), page: None, quote: None, range: None, grade });
        }
        let kind = |name: &str, value: &str| line[name].as_str().is_some_and(|v| v.starts_with(value));
        let article =
            |of: &str| line[of][0]["path"].as_str().or(line[of]["path"].as_str()).map(str::to_owned);
        let group = if kind("type", "Single-Doc Single-Chunk") {
            Some("single chunk")
        } else if kind("answer_kind", "arithmetic") || kind("answer_kind", "count") {
            Some("arithmetic")
        } else if self.name == "squad-even"
            && article("gold").or_else(|| article("near")).is_some_and(|path| is_unseen(&path))
        {
            Some("unseen articles")
        } else {
            None
        };
        Question {
            group,
            scored: !(line["reference_refuses"].as_bool().unwrap_or(false) || kind("answer_kind", "passage")),
            id: text(&line["id"]),
            text: line["question"].as_str().or(line["query"].as_str()).unwrap_or_default().to_owned(),
            answerable: line["answerable"].as_bool().unwrap_or(true),
            answers: list(&line["answers"]).iter().map(text).collect(),
            lists: kind("answer_kind", "multi-span"),
            gold,
        }
    }
}

/// Whether nothing that ships was trained on questions about this article; `training/data.py` has the same rule.
fn is_unseen(path: &str) -> bool {
    let stem = path.strip_suffix(".md").unwrap_or(path);
    Sha256::digest(format!("dev:{stem}")).last().is_some_and(|byte| byte % 4 == 0)
}

/// At most `most` questions, the same ones each time and in no order that could matter.
pub(super) fn sample(questions: &[Question], most: usize) -> Vec<&Question> {
    let mut chosen: Vec<&Question> = questions.iter().collect();
    chosen.sort_by_cached_key(|q| Sha256::digest(q.id.as_bytes()).to_vec());
    chosen.truncate(most);
    chosen
}
