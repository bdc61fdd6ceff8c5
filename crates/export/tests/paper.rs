//! DOCX and PDF, opened with the programs that people open them with, and read there.
//!
//! Where LibreOffice or poppler is missing, the test says so and passes. With `CITADEL_EXPORTS=FOLDER` in the
//! environment the files stay there to be looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use citadel_core::{Answer, Verdict};
use citadel_export::{ExportFormat, Sources, export};
use support::{answered, doubted, foreign, long, not_found, poisoned, sources, swept};

fn bytes(answers: &[Answer], format: ExportFormat) -> Vec<u8> {
    export(answers, &sources(), format).unwrap()
}

/// Runs a program; `None`, saying so, where it is not installed.
fn run(program: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            assert!(
                output.status.success(),
                "{program} {arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(e) => {
            eprintln!("SKIPPED: {program} cannot be started ({e}); `.ci/run` installs it");
            None
        }
    }
}

/// A folder that goes when the test ends, unless the files are wanted.
struct Folder(PathBuf, Option<tempfile::TempDir>);

impl Folder {
    fn new() -> Self {
        if let Some(folder) = std::env::var_os("CITADEL_EXPORTS") {
            std::fs::create_dir_all(&folder).unwrap();
            return Self(PathBuf::from(folder), None);
        }
        let folder = tempfile::tempdir().unwrap();
        Self(folder.path().to_owned(), Some(folder))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn pdf_text(path: &Path) -> Option<String> {
    run("pdftotext", &["-enc", "UTF-8", path.to_str().unwrap(), "-"])
}

/// Opens DOCX files with LibreOffice, all at once since it takes seconds to start, and gives what it makes of them as PDF.
fn opened(folder: &Folder, files: &[PathBuf]) -> Option<Vec<PathBuf>> {
    let out = folder.0.join("opened");
    let profile = tempfile::tempdir().unwrap();
    let profile = format!("-env:UserInstallation=file://{}", profile.path().display());
    let mut arguments =
        vec![profile.as_str(), "--headless", "--convert-to", "pdf", "--outdir", out.to_str().unwrap()];
    arguments.extend(files.iter().map(|f| f.to_str().unwrap()));
    run("soffice", &arguments)?;
    Some(files.iter().map(|f| out.join(f.file_name().unwrap()).with_extension("pdf")).collect())
}

/// The letters alone: white space, marks for breaking and the look of letters differ between programs.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{200b}' | '\u{ad}'))
        .collect()
}

#[track_caller]
fn assert_has(text: &str, wanted: &str) {
    // A page break may fall anywhere; line by line it cannot hide that a line is missing.
    for line in wanted.lines().filter(|l| !l.trim().is_empty()) {
        assert!(letters(text).contains(&letters(line)), "{line:?} is missing in\n{text}");
    }
}

/// What a reader must find of an answer in what a program shows of a file.
#[track_caller]
fn assert_shows(text: &str, answer: &Answer) {
    assert_has(text, &answer.question);
    for sentence in answer.sentences.iter() {
        assert_has(text, &sentence.text);
    }
    if answer.sentences.is_empty() {
        assert_has(text, &answer.text);
        answer.passages.iter().for_each(|passage| assert_has(text, &passage.text));
    }
    for citation in &answer.citations {
        assert_has(text, &citation.quote);
        assert_has(text, &citation.title);
        assert_has(text, &format!("Characters {} to {}", citation.start, citation.end));
        if let Some(facts) = sources().get(&(citation.document_id.clone(), citation.version_id)) {
            assert_has(text, facts.text_sha256.as_ref().unwrap());
        }
    }
    if answer.sentences.iter().any(|s| s.verdict == Verdict::Removed) {
        assert_has(text, "This is not part of the answer.");
    }
    assert_has(text, &answer.id);
    assert_has(text, &answer.created_at);
    if let Some(model) = &answer.model {
        assert_has(text, &model.file_sha256);
    }
}

/// Every page says which of how many it is.
#[track_caller]
fn assert_numbered(text: &str) {
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    for (at, page) in pages.iter().enumerate() {
        let number = format!("{}/{}", at + 1, pages.len());
        assert!(
            page.lines().any(|l| letters(l).ends_with(&number)),
            "{number} is missing on its page:\n{page}"
        );
    }
}

fn all() -> Vec<(&'static str, Vec<Answer>)> {
    vec![
        ("answered", vec![answered()]),
        ("doubted", vec![doubted()]),
        ("not-found", vec![not_found()]),
        ("swept", vec![swept()]),
        ("long", vec![long(40)]),
        ("conversation", vec![answered(), doubted(), not_found()]),
        ("foreign", vec![foreign()]),
    ]
}

#[test]
fn a_pdf_shows_all_of_an_answer() {
    let folder = Folder::new();
    for (name, answers) in all() {
        let path = folder.write(&format!("{name}.pdf"), &bytes(&answers, ExportFormat::Pdf));
        let Some(text) = pdf_text(&path) else { return };
        // Right to left, programs differ in the order of what they read.
        if name != "foreign" {
            answers.iter().for_each(|answer| assert_shows(&text, answer));
        }
        assert_numbered(&text);
    }
}

#[test]
fn a_docx_shows_all_of_an_answer_in_libreoffice() {
    let folder = Folder::new();
    let files: Vec<PathBuf> = all()
        .iter()
        .map(|(name, answers)| folder.write(&format!("{name}.docx"), &bytes(answers, ExportFormat::Docx)))
        .collect();
    let Some(opened) = opened(&folder, &files) else { return };
    for ((name, answers), path) in all().iter().zip(opened) {
        let Some(text) = pdf_text(&path) else { return };
        if *name != "foreign" {
            answers.iter().for_each(|answer| assert_shows(&text, answer));
        }
        assert_numbered(&text);
    }
}
