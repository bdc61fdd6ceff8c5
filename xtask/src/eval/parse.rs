//! `cargo xtask eval parse`: how much of a file's text is extracted, in which order, and what is lost, beside two other
//! readers of PDF on the same files in the same run.

mod evidence;
mod measure;
mod readers;
mod samples;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::score::Mean;
use crate::places;
use crate::run::{Result, run};
use crate::setup;
use evidence::{Found, Tally, find};
use measure::{Overlap, cells_found, order, without_running_lines, words};
use readers::{Extraction, Reader, Readers};
use samples::Sample;

const SETS: [&str; 5] = ["made", "pdfs", "sec-10-q", "uda-samples", "wikis"];
/// Fewer words are not compared where the expected text is only another reader's.
const FEWEST_WORDS: usize = 20;
/// A page of fewer words says nothing: a page number, or "This page is intentionally blank".
const FEWEST_OF_PAGE: usize = 7;

/// What was asked for on the command line.
pub(crate) struct Options {
    data: PathBuf,
    /// Prints what was measured of each file instead of tables.
    json: bool,
    /// The sets to measure; all where empty.
    names: Vec<String>,
}

impl Options {
    /// `[--data DIR] [--json] [SET…]`
    pub(crate) fn read(arguments: &[&str]) -> Result<Self> {
        let mut options =
            Self { data: places::root().join("../shared/data"), json: false, names: Vec::new() };
        let mut rest = arguments.iter();
        while let Some(&argument) = rest.next() {
            match argument {
                "--data" => options.data = rest.next().ok_or("--data needs a folder")?.into(),
                "--json" => options.json = true,
                name if SETS.contains(&name) => options.names.push(name.to_owned()),
                other => return Err(format!("{other}: no such set; known are {}", SETS.join(", ")).into()),
            }
        }
        Ok(options)
    }

    fn wants(&self, set: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|name| name == set)
    }

    /// A set of the developer data, if it is wanted and there.
    fn folder(&self, set: &str) -> Option<PathBuf> {
        let folder = self.data.join(set);
        if self.wants(set) && !folder.is_dir() {
            eprintln!("{set}: not there, left out");
        }
        (self.wants(set) && folder.is_dir()).then_some(folder)
    }
}

/// Reads every file and prints tables, or a line of JSON for each file and reader.
pub(crate) fn parse(options: &Options) -> Result<()> {
    setup::setup()?;
    let scripts = places::root().join("xtask/eval");
    let python = setup::python("eval-venv", &scripts.join("requirements.txt"));
    if let Err(why) = &python {
        eprintln!("the self-made PDFs and pypdfium2 are left out: {why}");
    }
    let python = python.ok();
    let work = places::cache()?.join("eval/parse");
    std::fs::create_dir_all(&work)?;
    let mut report = Report::new(Readers::find(python.clone())?);
    if let Some(python) = python.filter(|_| options.wants("made")) {
        let folder = work.join("made");
        run(Command::new(python).arg(scripts.join("make_pdfs.py")).arg(&folder))?;
        let (scans, typed): (Vec<Sample>, Vec<Sample>) =
            samples::made(&folder)?.into_iter().partition(|sample| sample.scanned);
        report.pdfs("made", &typed)?;
        report.pdfs("made, scans", &scans)?;
    }
    if let Some(folder) = options.folder("pdfs") {
        let (scans, typed): (Vec<Sample>, Vec<Sample>) =
            samples::awkward(&folder)?.into_iter().partition(|sample| sample.scanned);
        let (known, unknown): (Vec<Sample>, Vec<Sample>) =
            typed.into_iter().partition(|sample| sample.text.is_some());
        report.pdfs("pdfs, expected text", &known)?;
        report.pdfs("pdfs, others", &unknown)?;
        report.pdfs("pdfs, scans", &scans)?;
    }
    for set in ["sec-10-q", "uda-samples"] {
        if let Some(folder) = options.folder(set) {
            let samples = samples::reports(&folder.join("corpus"))?;
            let read = report.pdfs(set, &samples)?;
            report.evidence(set, &folder.join("questions.jsonl"), &samples, &read)?;
        }
    }
    if let Some(folder) = options.folder("wikis") {
        report.wikis(&folder)?;
    }
    let lines: String = report.lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(work.join("files.jsonl"), &lines)?;
    if options.json {
        print!("{lines}");
    } else {
        report.print();
        println!("\nEvery file with its result lies in {}.", work.join("files.jsonl").display());
    }
    Ok(())
}

/// What each reader made of each file.
type Read = Vec<(Reader, Vec<Extraction>)>;

/// What was measured so far, as rows of Markdown and lines of JSON.
struct Report {
    readers: Readers,
    pdfs: String,
    evidence: String,
    wikis: String,
    /// Why files were not read: how many, by set, reader and reason.
    failures: BTreeMap<(String, &'static str, String), usize>,
    lines: Vec<Value>,
}

impl Report {
    fn new(readers: Readers) -> Self {
        Self {
            readers,
            pdfs: String::new(),
            evidence: String::new(),
            wikis: String::new(),
            failures: BTreeMap::new(),
            lines: Vec::new(),
        }
    }

    /// Reads PDFs with every reader and measures each. Where the expected text is not known, it is pdftotext's.
    fn pdfs(&mut self, set: &str, samples: &[Sample]) -> Result<Read> {
        eprintln!("{set}: reading {} files", samples.len());
        let paths: Vec<PathBuf> = samples.iter().map(|sample| sample.path.clone()).collect();
        let read = self.readers.read(&paths)?;
        let place = |wanted: Reader| read.iter().position(|(reader, _)| *reader == wanted);
        let poppler = place(Reader::Pdftotext);
        // What each says, and what runs along its edges.
        let expected: Vec<Option<(Vec<String>, Vec<String>)>> = samples
            .iter()
            .enumerate()
            .map(|(at, sample)| match (&sample.text, poppler) {
                (Some(text), _) => Some((words(text), words(&sample.furniture))),
                (None, Some(poppler)) => {
                    let pages = read[poppler].1[at].pages.iter().map(|page| page.text.as_str());
                    let (text, running) = without_running_lines(pages);
                    Some((words(&text), words(&running))).filter(|(text, _)| text.len() >= FEWEST_WORDS)
                }
                (None, None) => None,
            })
            .collect();
        let speaks: Vec<Vec<bool>> =
            samples.iter().enumerate().map(|(at, s)| speaking(s, at, &read)).collect();
        let mut scores: Vec<Vec<Option<f64>>> = Vec::new();
        let mut rows = Vec::new();
        for (reader, extractions) in &read {
            let mut row = PdfRow::default();
            let mut f1s = Vec::new();
            for (at, (sample, extraction)) in samples.iter().zip(extractions).enumerate() {
                let got = words(&extraction.whole());
                // Agreement with itself says nothing.
                let is_judge =
                    sample.text.is_none() && matches!(reader, Reader::Pdftotext | Reader::PdftotextLayout);
                let expected = expected[at].as_ref().filter(|_| !is_judge);
                let overlap = expected.map(|(text, running)| Overlap::of(&got, text, running));
                let f1 = overlap.map(Overlap::f1);
                // Words that nobody can read without recognition would count as out of order.
                let order = expected.filter(|_| !sample.scanned).and_then(|(text, _)| order(&got, text));
                let cells: usize = sample.rows.iter().map(Vec::len).sum();
                let found = cells_found(&sample.rows, &extraction.rows);
                let lost = lost(&speaks[at], extraction);
                if let Some(why) = &extraction.failure {
                    *self.failures.entry((set.to_owned(), reader.name(), why.clone())).or_default() += 1;
                }
                self.lines.push(json!({"set": set, "file": sample.name, "reader": reader.name(),
                    "words": got.len(), "word_f1": f1, "precision": overlap.map(Overlap::precision),
                    "recall": overlap.map(Overlap::recall), "order": order, "cells": cells, "cells_found": found,
                    "pages": extraction.pages.len(), "pages_lost": lost, "seconds": extraction.seconds,
                    "failure": extraction.failure}));
                row.f1.extend(f1);
                row.order.extend(order);
                row.cells += cells;
                row.found += found;
                row.lost += lost.len();
                row.pages += extraction.pages.len();
                row.seconds += extraction.seconds;
                row.slowest = row.slowest.max(extraction.seconds);
                row.failed += usize::from(extraction.failure.is_some());
                f1s.push(f1);
            }
            scores.push(f1s);
            rows.push((*reader, row));
        }
        let peer = place(Reader::Pypdfium2);
        for (at, (reader, row)) in rows.into_iter().enumerate() {
            let paired =
                peer.filter(|&peer| peer != at && !row.f1.is_empty()).map_or(String::new(), |peer| {
                    let pairs = scores[at].iter().zip(&scores[peer]);
                    Mean::of(pairs.filter_map(|(a, b)| Some((*a)? - (*b)?))).signed()
                });
            self.pdfs += &row.markdown(set, reader, samples.len(), &paired);
        }
        Ok(read)
    }

    /// Whether what answers rest on is in the text that each reader gave.
    fn evidence(&mut self, set: &str, questions: &Path, samples: &[Sample], read: &Read) -> Result<()> {
        // The words of each page, by reader and file.
        let texts: Vec<Vec<Vec<Vec<String>>>> = read
            .iter()
            .map(|(_, files)| {
                let pages = |file: &Extraction| file.pages.iter().map(|p| evidence::words(&p.text)).collect();
                files.iter().map(pages).collect()
            })
            .collect();
        let mut tally = Tally::default();
        for line in samples::json_lines(questions)? {
            let question = evidence::of(&line);
            let mut found = Vec::new();
            for claim in &question.claims {
                let best = |files: &Vec<Vec<Vec<String>>>| {
                    let files =
                        samples.iter().zip(files).filter(|(sample, _)| claim.files.contains(&sample.name));
                    let pages = files.flat_map(|(_, pages)| (1..).zip(pages));
                    let pages = pages.filter(|(number, _)| claim.page.is_none_or(|page| page == *number));
                    pages.map(|(_, page)| find(&claim.words, page)).max().unwrap_or(Found::Missing)
                };
                found.push(texts.iter().map(best).collect::<Vec<Found>>());
            }
            for (at, (reader, _)) in read.iter().enumerate() {
                let somewhere =
                    question.claims.iter().zip(&found).filter(|(_, by)| by.contains(&Found::Verbatim));
                let other = |wanted: Found| -> Vec<String> {
                    let claims = somewhere.clone().filter(|(_, by)| by[at] == wanted);
                    claims.map(|(claim, _)| claim.words.join(" ")).collect()
                };
                self.lines.push(json!({"set": set, "question": question.id, "reader": reader.name(),
                    "claims": somewhere.clone().count(), "near": other(Found::Near), "missing": other(Found::Missing)}));
            }
            tally.add(found);
        }
        for (at, (reader, _)) in read.iter().enumerate() {
            self.evidence += &format!(
                "| {set} | {} | {} | {} | {} | {} | {} |\n",
                tally.questions(),
                tally.claims(),
                tally.nowhere,
                reader.name(),
                tally.recall(at, Found::Verbatim),
                tally.recall(at, Found::Near),
            );
        }
        Ok(())
    }

    /// Reads exports of wikis and notebooks, which only our parser reads.
    fn wikis(&mut self, set: &Path) -> Result<()> {
        let exports = samples::exports(set, &|path| self.readers.xwiki(path))?;
        eprintln!("wikis: reading {} files", exports.len());
        let paths: Vec<PathBuf> = exports.iter().map(|export| export.path.clone()).collect();
        let extractions = self.readers.citadel(&paths)?;
        let mut formats: BTreeMap<&str, WikiRow> = BTreeMap::new();
        for (export, extraction) in exports.iter().zip(&extractions) {
            let row = formats.entry(&export.format).or_default();
            row.files += 1;
            row.parts += extraction.lost_parts.len();
            row.seconds += extraction.seconds;
            for why in extraction.failure.iter().chain(&extraction.lost_parts) {
                *self
                    .failures
                    .entry((export.format.clone(), Reader::Citadel.name(), why.clone()))
                    .or_default() += 1;
            }
            row.failed += usize::from(extraction.failure.is_some());
            let got = words(&extraction.whole());
            let overlap = export.words.as_ref().filter(|words| !words.is_empty());
            let overlap = overlap.map(|expected| Overlap::of(&got, expected, &[]));
            let [precision, recall, f1] =
                [Overlap::precision, Overlap::recall, Overlap::f1].map(|of| overlap.map(of));
            self.lines.push(json!({"set": "wikis", "file": export.name, "format": export.format, "reader": "citadel",
                "words": got.len(), "word_f1": f1, "precision": precision, "recall": recall,
                "seconds": extraction.seconds, "failure": extraction.failure, "parts": extraction.lost_parts}));
            // Of nothing, nothing is wrong.
            row.precision.extend(precision.filter(|_| !got.is_empty()));
            row.recall.extend(recall);
            row.f1.extend(f1);
        }
        self.wikis = formats.into_iter().map(|(format, row)| row.markdown(format)).collect();
        Ok(())
    }

    fn print(&self) {
        let failures: String = self
            .failures
            .iter()
            .map(|((set, reader, why), count)| format!("| {set} | {reader} | {why} | {count} |\n"))
            .collect();
        for (title, head, rows) in [
            (
                "PDF",
                "set | reader | files | failed | pages | lost silently | n | word F1 | minus pypdfium2 | order | cells of tables | ms a page | slowest file, s",
                &self.pdfs,
            ),
            (
                "Evidence",
                "set | questions | claims | found by none | reader | word for word | or near",
                &self.evidence,
            ),
            (
                "Wikis and notebooks",
                "format | files | failed | parts lost | n | word precision | word recall | word F1 | ms a file",
                &self.wikis,
            ),
            ("Failures", "set | reader | reason | files or parts", &failures),
        ] {
            if !rows.is_empty() {
                let rule = "---|".repeat(head.split('|').count());
                print!("\n## {title}\n\n| {head} |\n|{rule}\n{rows}");
            }
        }
    }
}

/// Which pages of a file say something: as is known, else where a reader finds words on them.
fn speaking(sample: &Sample, at: usize, read: &Read) -> Vec<bool> {
    if !sample.speaks.is_empty() {
        return sample.speaks.clone();
    }
    let mut speaks = Vec::new();
    for (_, files) in read {
        let pages = &files[at].pages;
        speaks.resize(speaks.len().max(pages.len()), false);
        for (speaks, page) in speaks.iter_mut().zip(pages) {
            *speaks |= words(&page.text).len() >= FEWEST_OF_PAGE;
        }
    }
    speaks
}

/// The numbers of the pages that say something and of which the reader gives nothing, without a word about it.
fn lost(speaks: &[bool], extraction: &Extraction) -> Vec<usize> {
    let silent =
        |at: usize| extraction.pages.get(at).is_none_or(|page| !page.told && words(&page.text).is_empty());
    let told = extraction.failure.is_some();
    (0..speaks.len()).filter(|&at| !told && speaks[at] && silent(at)).map(|at| at + 1).collect()
}

/// What a reader made of a set of PDFs.
#[derive(Default)]
struct PdfRow {
    failed: usize,
    pages: usize,
    lost: usize,
    f1: Vec<f64>,
    order: Vec<f64>,
    cells: usize,
    found: usize,
    seconds: f64,
    slowest: f64,
}

impl PdfRow {
    fn markdown(&self, set: &str, reader: Reader, files: usize, paired: &str) -> String {
        format!(
            "| {set} | {} | {files} | {} | {} | {} | {} | {} | {paired} | {} | {} | {:.1} | {:.2} |\n",
            reader.name(),
            self.failed,
            self.pages,
            self.lost,
            self.f1.len(),
            Mean::of(self.f1.iter().copied()),
            Mean::of(self.order.iter().copied()),
            Mean::share(self.found, self.cells),
            1e3 * self.seconds / self.pages.max(1) as f64,
            self.slowest,
        )
    }
}

/// What our parser made of the exports of one format.
#[derive(Default)]
struct WikiRow {
    files: usize,
    failed: usize,
    parts: usize,
    precision: Vec<f64>,
    recall: Vec<f64>,
    f1: Vec<f64>,
    seconds: f64,
}

impl WikiRow {
    fn markdown(&self, format: &str) -> String {
        format!(
            "| {format} | {} | {} | {} | {} | {} | {} | {} | {:.1} |\n",
            self.files,
            self.failed,
            self.parts,
            self.f1.len(),
            Mean::of(self.precision.iter().copied()),
            Mean::of(self.recall.iter().copied()),
            Mean::of(self.f1.iter().copied()),
            1e3 * self.seconds / self.files.max(1) as f64,
        )
    }
}
