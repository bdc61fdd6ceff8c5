//! DOCX and PDF, opened with the programs that people open them with, and read there.
//!
//! Where LibreOffice or poppler is missing, the test says so and passes. With `CITADEL_EXPORTS=FOLDER` in the
//! environment the files stay there to be looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use citadel_core::{Answer, Verdict};
use citadel_export::{ExportFormat, export};
use support::{FOREIGN, answered, doubted, foreign, long, not_found, poisoned, sources, swept};

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
            assert!(std::env::var_os("CI").is_none(), "{program} cannot be started: {e}");
            eprintln!("SKIPPED: {program} cannot be started ({e}); `.ci/run` installs it");
            None
        }
    }
}

/// A folder that goes when the test ends, unless the files are wanted.
struct Folder(PathBuf, #[expect(dead_code, reason = "it goes when this goes")] Option<tempfile::TempDir>);

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

/// Opens DOCX files with LibreOffice, all at once since it takes seconds to start, and gives what it makes of them in
/// another format.
fn opened(folder: &Folder, files: &[PathBuf], format: &str) -> Option<Vec<PathBuf>> {
    let out = folder.0.join("opened");
    let profile = tempfile::tempdir().unwrap();
    let profile = format!("-env:UserInstallation=file://{}", profile.path().display());
    let mut arguments =
        vec![profile.as_str(), "--headless", "--convert-to", format, "--outdir", out.to_str().unwrap()];
    arguments.extend(files.iter().map(|f| f.to_str().unwrap()));
    run("soffice", &arguments)?;
    Some(files.iter().map(|f| out.join(f.file_name().unwrap()).with_extension(format)).collect())
}

/// The text of LibreOffice's own flat XML, and of its footnotes alone.
fn flat_text(xml: &str) -> (String, Vec<String>) {
    let plain = |xml: &str| {
        let mut text = String::new();
        for piece in xml.split('<') {
            text += piece.split_once('>').map_or("", |(_, text)| text);
        }
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&")
    };
    let notes =
        xml.split("<text:note-body>").skip(1).map(|n| plain(n.split("</text:note-body>").next().unwrap()));
    (plain(xml.split("<office:body>").nth(1).unwrap()), notes.collect())
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

/// The quotes that the notes of an answer have, and those that none may have.
fn quotes(answer: &Answer) -> (Vec<&str>, Vec<&str>) {
    let doubtful = |number: usize| {
        answer.sentences.iter().any(|s| {
            s.citations.contains(&number)
                && (s.verdict == Verdict::Unsupported || s.checks.as_ref().is_some_and(|c| !c.quote))
        })
    };
    let quotes = |wanted| {
        let of = answer.citations.iter().filter(move |c| doubtful(c.number) == wanted);
        of.map(|c| c.quote.as_str()).collect()
    };
    (quotes(false), quotes(true))
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
        let Some(info) = run("pdfinfo", &[path.to_str().unwrap()]) else { return };
        let title = match answers.as_slice() {
            [answer] => answer.question.clone(),
            _ => "Conversation of 3 answers".to_owned(),
        };
        assert!(info.contains("Tagged:          yes"), "{info}");
        if name != "foreign" {
            assert!(info.contains(&title), "{info}");
        }
    }
}

#[test]
fn a_docx_shows_all_of_an_answer_in_libreoffice() {
    let folder = Folder::new();
    let files: Vec<PathBuf> = all()
        .iter()
        .map(|(name, answers)| folder.write(&format!("{name}.docx"), &bytes(answers, ExportFormat::Docx)))
        .collect();
    let Some(flat) = opened(&folder, &files, "fodt") else { return };
    for ((name, answers), path) in all().iter().zip(flat) {
        let (text, notes) = flat_text(&std::fs::read_to_string(path).unwrap());
        if *name == "foreign" {
            assert_has(&text, FOREIGN);
            continue;
        }
        for answer in answers {
            assert_shows(&text, answer);
            let (noted, others) = quotes(answer);
            for quote in noted {
                let quote = letters(&format!("“{quote}”"));
                assert!(notes.iter().any(|n| letters(n).contains(&quote)), "{name}: {quote} in {notes:?}");
            }
            for quote in others {
                // Of a conversation another answer may have it.
                assert!(
                    answers.len() > 1 || !notes.iter().any(|n| letters(n).contains(&letters(quote))),
                    "{name}"
                );
            }
        }
    }
    let Some(pages) = opened(&folder, &files, "pdf") else { return };
    for path in pages {
        let Some(text) = pdf_text(&path) else { return };
        assert_numbered(&text);
    }
}

#[test]
fn only_verified_quotes_are_footnotes() {
    let folder = Folder::new();
    let path = folder.write("doubts.pdf", &bytes(&[doubted()], ExportFormat::Pdf));
    let Some(text) = pdf_text(&path) else { return };
    for wanted in ["[1, unverified]", "[3, unverified]", "[not supported]", "Unverified: the self-check"] {
        assert_has(&text, wanted);
    }
    assert_has(&text, "· quoted in note 1");
    assert!(!letters(&text).contains("note2"), "{text}");
}

#[test]
fn the_same_answer_gives_the_same_bytes() {
    for format in [ExportFormat::Docx, ExportFormat::Pdf] {
        let once = bytes(&[answered(), doubted()], format);
        bytes(&[long(3)], format);
        assert!(once == bytes(&[answered(), doubted()], format), "{}", format.as_str());
        let elsewhere = std::thread::spawn(move || bytes(&[answered(), doubted()], format));
        assert!(once == elsewhere.join().unwrap(), "{}", format.as_str());
    }
}

/// Each is one line, so that a file has as many lines as with harmless text.
const HOSTILE: &[&str] = &[
    "</w:t></w:r><w:r><w:t>out</w:t>",
    "&lt;b&gt;&#60;&unknown;",
    "]]><!-- --><?xml?>",
    "#eval(\"1 + 1\") #read(\"/etc/passwd\")",
    "= heading *bold* _it_ $x^2$ `raw`",
    "@reference <label> \\ // comment /* all */",
    "\") #panic() (\"",
    "https://example.org/[link](javascript:alert(1))",
    "-- --- ... ~ 'quote' \"quote\"",
];

#[test]
fn hostile_text_stays_text() {
    let folder = Folder::new();
    // Parts of a DOCX are stored as they are, so that markup can be counted in the file.
    let markup = |docx: &[u8]| String::from_utf8_lossy(docx).matches("<w:").count();
    let clean = markup(&bytes(&[poisoned("harmless")], ExportFormat::Docx));
    for (at, hostile) in HOSTILE.iter().enumerate() {
        let docx = bytes(&[poisoned(hostile)], ExportFormat::Docx);
        let escaped = hostile.matches("<w:").count();
        assert_eq!(escaped, if at == 0 { 2 } else { 0 });
        assert_eq!(markup(&docx), clean, "{hostile}");
        let path =
            folder.write(&format!("hostile-{at}.pdf"), &bytes(&[poisoned(hostile)], ExportFormat::Pdf));
        let Some(text) = pdf_text(&path) else { return };
        assert_has(&text, hostile);
    }
}

#[test]
fn what_is_no_text_is_shown_as_such() {
    let folder = Folder::new();
    let answer = poisoned("a\u{0}b\u{1}c\u{1b}d\u{202e}e\u{2066}f\u{ffff}g");
    let docx = bytes(std::slice::from_ref(&answer), ExportFormat::Docx);
    let start = docx.windows(19).position(|w| w == b"word/document.xml<?").expect("the document's text");
    let end = docx.windows(13).position(|w| w == b"</w:document>").unwrap();
    let xml = String::from_utf8(docx[start..end].to_vec()).unwrap();
    let forbidden = |c: char| {
        c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{ffff}')
    };
    assert_eq!(xml.chars().find(|c| forbidden(*c)), None);
    assert!(xml.contains("d\u{fffd}e\u{fffd}f\u{fffd}g"), "{xml}");
    let path = folder.write("controls.pdf", &bytes(&[answer], ExportFormat::Pdf));
    let Some(text) = pdf_text(&path) else { return };
    assert_has(&text, "d\u{fffd}e\u{fffd}f\u{fffd}g");
}

#[test]
fn other_scripts_are_shown_and_what_no_font_has_is_told() {
    let folder = Folder::new();
    let path = folder.write("scripts.pdf", &bytes(&[foreign()], ExportFormat::Pdf));
    let Some(text) = pdf_text(&path) else { return };
    for shown in ["Größe „Übermaß“", "Ελληνική σύμβαση", "Договор аренды", "合同条款", "契約書の条項"]
    {
        assert_has(&text, shown);
    }
    assert_has(&text, "for characters that its fonts do not have");
    let path = folder.write("plain.pdf", &bytes(&[answered()], ExportFormat::Pdf));
    assert!(!pdf_text(&path).unwrap().contains("its fonts"));
}

#[test]
fn a_long_word_stays_on_the_page() {
    let folder = Folder::new();
    for word in ["Donaudampfschifffahrtsgesellschaft".repeat(12), "W".repeat(300), "m".repeat(300)] {
        let path = folder.write("word.pdf", &bytes(&[poisoned(&word)], ExportFormat::Pdf));
        let Some(boxes) = run("pdftotext", &["-bbox", path.to_str().unwrap(), "-"]) else { return };
        let edges = boxes.split("xMax=\"").skip(1).map(|b| b.split('"').next().unwrap());
        for edge in edges.map(|edge| edge.parse::<f64>().unwrap()) {
            // A4 is 595 points wide, less the margin.
            assert!(edge < 515.0, "{edge}");
        }
        assert_has(&pdf_text(&path).unwrap(), &word);
    }
}

#[test]
fn a_hash_can_be_copied_from_a_pdf() {
    let folder = Folder::new();
    let path = folder.write("hash.pdf", &bytes(&[answered()], ExportFormat::Pdf));
    let Some(text) = pdf_text(&path) else { return };
    assert!(text.contains(&"a".repeat(64)) && text.contains(&"0f".repeat(32)), "{text}");
}

#[test]
fn an_answer_of_nothing_is_written_too() {
    for format in [ExportFormat::Docx, ExportFormat::Pdf] {
        let mut empty = poisoned("");
        assert!(!bytes(std::slice::from_ref(&empty), format).is_empty());
        empty.text.clear();
        (empty.sentences, empty.citations, empty.passages) = (Vec::new(), Vec::new(), Vec::new());
        assert!(!bytes(&[empty.clone(), empty], format).is_empty());
    }
}
