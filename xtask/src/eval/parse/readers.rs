//! The readers that are measured, and what each makes of a file.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::measure::Row;
use crate::places;
use crate::run::{Result, cargo, forget_other_checkouts, output, run};
use crate::setup;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    Citadel,
    /// poppler's, in the order in which it thinks the text is read.
    Pdftotext,
    /// poppler's, laid out as on the page: what keeps rows of tables together.
    PdftotextLayout,
    Pypdfium2,
}

impl Reader {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Citadel => "citadel",
            Self::Pdftotext => "pdftotext",
            Self::PdftotextLayout => "pdftotext -layout",
            Self::Pypdfium2 => "pypdfium2",
        }
    }
}

/// A page's text.
#[derive(Debug, Default)]
pub(super) struct PageText {
    pub text: String,
    /// Whether the reader says why there is none.
    pub told: bool,
}

/// What a reader makes of a file.
#[derive(Debug, Default)]
pub(super) struct Extraction {
    pub pages: Vec<PageText>,
    pub rows: Vec<Row>,
    /// What there is beside pages, from formats that have none.
    pub text: String,
    /// Wall time; for pypdfium2 without the start of Python.
    pub seconds: f64,
    /// Why nothing was read.
    pub failure: Option<String>,
    /// Why parts of the file were not.
    pub lost_parts: Vec<String>,
}

impl Extraction {
    fn failed(why: &str) -> Self {
        Self { failure: Some(why.to_owned()), ..Self::default() }
    }

    pub(super) fn whole(&self) -> String {
        let pages = self.pages.iter().map(|page| page.text.as_str());
        pages.chain([self.text.as_str()]).collect::<Vec<_>>().join("\n")
    }

    /// Pages of plain text.
    fn of_pages(pages: impl Iterator<Item = String>) -> Self {
        let pages: Vec<PageText> = pages.map(|text| PageText { text, told: false }).collect();
        let lines = pages.iter().flat_map(|page| page.text.lines());
        let rows = lines.map(|line| Row::Line(one_line(line))).collect();
        Self { pages, rows, ..Self::default() }
    }
}

/// Those that are there.
pub(super) struct Readers {
    /// The folder of our parser's examples.
    examples: PathBuf,
    poppler: bool,
    /// Python with pypdfium2.
    python: Option<PathBuf>,
}

impl Readers {
    /// Builds ours and installs the others as far as that goes; says which are left out.
    pub(super) fn find(python: Option<PathBuf>) -> Result<Self> {
        forget_other_checkouts()?;
        run(&mut cargo(&[
            "build",
            "--package",
            "citadel-parse",
            "--example",
            "extract",
            "--example",
            "xwiki",
        ])?)?;
        let poppler = setup::packages(&[("poppler-utils", &["pdftotext", "-v"])]);
        if let Err(why) = &poppler {
            eprintln!("pdftotext is left out: {why}");
        }
        Ok(Self { examples: places::target()?.join("debug/examples"), poppler: poppler.is_ok(), python })
    }

    /// What each reader makes of each file.
    pub(super) fn read(&self, paths: &[PathBuf]) -> Result<Vec<(Reader, Vec<Extraction>)>> {
        let mut all = vec![(Reader::Citadel, self.citadel(paths)?)];
        if self.poppler {
            for (reader, arguments) in [(Reader::Pdftotext, &[][..]), (Reader::PdftotextLayout, &["-layout"])]
            {
                let read = |path: &PathBuf| pdftotext(path, arguments);
                all.push((reader, paths.iter().map(read).collect::<Result<_>>()?));
            }
        }
        if let Some(python) = &self.python {
            let script = places::root().join("xtask/eval/read_pdfium.py");
            let lines = lines(paths, || {
                let mut command = Command::new(python);
                command.arg(&script);
                command
            })?;
            all.push((Reader::Pypdfium2, lines.iter().map(of_pypdfium2).collect()));
        }
        Ok(all)
    }

    pub(super) fn citadel(&self, paths: &[PathBuf]) -> Result<Vec<Extraction>> {
        let models = places::models()?;
        let lines = lines(paths, || {
            let mut command = self.example("extract");
            command.env("CITADEL_MODELS", &models);
            command
        })?;
        Ok(lines.iter().map(of_citadel).collect())
    }

    /// What XWiki keeps of an export, of its events in a file.
    pub(super) fn xwiki(&self, events: &Path) -> Result<String> {
        output(self.example("xwiki").arg(events))
    }

    fn example(&self, name: &str) -> Command {
        Command::new(self.examples.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
    }
}

/// A line of JSON for each path, from a program that writes one each; null where it broke.
fn lines(paths: &[PathBuf], program: impl Fn() -> Command) -> Result<Vec<Value>> {
    let mut lines = Vec::new();
    while let Some(rest @ [_, ..]) = paths.get(lines.len()..) {
        let mut command = program();
        command.args(rest).stdin(Stdio::null()).stderr(Stdio::inherit());
        let out = command.output().map_err(|e| format!("{command:?}: {e}"))?;
        for line in String::from_utf8_lossy(&out.stdout).lines() {
            lines.push(serde_json::from_str(line)?);
        }
        if lines.len() < paths.len() {
            lines.push(Value::Null);
        }
    }
    Ok(lines)
}

fn of_citadel(line: &Value) -> Extraction {
    let Some(documents) = line["documents"].as_array() else { return Extraction::failed("crashed") };
    let code = |failure: &Value| failure["code"].as_str().map(str::to_owned);
    let mut extraction = Extraction {
        seconds: line["seconds"].as_f64().unwrap_or_default(),
        failure: code(&line["error"]),
        lost_parts: line["parts"].as_array().into_iter().flatten().filter_map(code).collect(),
        ..Extraction::default()
    };
    for document in documents {
        let text: Vec<char> = document["text"].as_str().unwrap_or_default().chars().collect();
        let slice = |range: &Value| -> String {
            let at =
                |end: &str| range[end].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
            text.get(at("start")..at("end")).unwrap_or_default().iter().collect()
        };
        let pages = document["pages"].as_array().map(Vec::as_slice).unwrap_or_default();
        extraction.pages.extend(
            pages.iter().map(|page| PageText { text: slice(&page["range"]), told: page["status"] != "text" }),
        );
        if pages.is_empty() {
            // A page of Confluence begins with its place in the tree, which other programs give as folders.
            let path =
                document["blocks"][0]["range"]["end"].as_u64().filter(|_| document["format"] == "confluence");
            let path = path.and_then(|end| usize::try_from(end).ok()).unwrap_or_default();
            extraction.text.extend(text.iter().skip(path).chain(&['\n']));
        }
        let blocks = document["blocks"].as_array().into_iter().flatten();
        extraction.rows.extend(blocks.filter(|block| block["kind"] == "table_row").map(|block| {
            let row = slice(&block["range"]);
            Row::Cells(row.split(" | ").map(one_line).collect())
        }));
    }
    extraction
}

fn pdftotext(path: &Path, arguments: &[&str]) -> Result<Extraction> {
    let begun = Instant::now();
    let out = Command::new("pdftotext").args(arguments).arg(path).arg("-").output()?;
    let seconds = begun.elapsed().as_secs_f64();
    if !out.status.success() {
        let complaint = String::from_utf8_lossy(&out.stderr);
        return Ok(Extraction::failed(complaint.lines().last().unwrap_or("no reason given")));
    }
    let text = String::from_utf8_lossy(&out.stdout);
    // It ends every page with a form feed.
    let pages = text.strip_suffix('\u{c}').unwrap_or(&text).split('\u{c}').map(str::to_owned);
    Ok(Extraction { seconds, ..Extraction::of_pages(pages) })
}

fn of_pypdfium2(line: &Value) -> Extraction {
    let Some(pages) = line["pages"].as_array() else {
        return Extraction::failed(line["error"].as_str().unwrap_or("crashed"));
    };
    let pages = pages.iter().map(|page| page.as_str().unwrap_or_default().to_owned());
    Extraction { seconds: line["seconds"].as_f64().unwrap_or_default(), ..Extraction::of_pages(pages) }
}

/// With one space for each run of white space.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
