//! Our own parsers on bytes that nobody wrote: what `fuzz/` and the mutation test call. A target panics where what
//! comes out is unsound.

mod mutation;

use std::io::{Cursor, Write};
use std::time::Duration;

use citadel_core::{CharRange, Document, TextMap};
use unicode_normalization::is_nfc;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::builder::TextBuilder;
use crate::child::STACK_BYTES;
use crate::frame::{self, Frame, Job};
use crate::ocr::Ocr;
use crate::outlet::Outlet;
use crate::reader::{self, Place};
use crate::wikitext::Dialect;
use crate::{Limits, Options, csv, html, markdown, pdf, text};

pub use mutation::Mutator;

/// One parser.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Also the name of its folder in `fuzz/corpus`.
    pub name: &'static str,
    run: fn(&[u8]),
}

impl Target {
    /// Reads the bytes and checks what comes out.
    ///
    /// # Panics
    /// Where it is unsound: that is what is looked for.
    pub fn run(&self, bytes: &[u8]) {
        std::thread::scope(|scope| {
            // As the child process has it.
            let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
            let ended = thread.spawn_scoped(scope, || (self.run)(bytes)).map(|thread| thread.join());
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(e) => panic!("no thread: {e}"),
            }
        });
    }
}

/// All of them, by name.
pub const TARGETS: &[Target] = &[
    Target { name: "any", run: any },
    Target { name: "archive", run: archive },
    Target { name: "confluence_markup", run: |bytes| confluence(0, bytes) },
    Target { name: "confluence_storage", run: |bytes| confluence(2, bytes) },
    Target { name: "csv", run: separated },
    Target { name: "html", run: |bytes| decoded(bytes, |decoded| html::parse(decoded, &place())) },
    Target { name: "markdown", run: |bytes| decoded(bytes, |decoded| markdown::parse(decoded, &place())) },
    Target { name: "mediawiki", run: |bytes| read("dump.xml", bytes) },
    Target { name: "pdf_layout", run: |bytes| check(&pdf::fuzzing::document(bytes)) },
    Target { name: "wikitext", run: wikitext },
];

/// Runs the target of this name.
///
/// # Panics
/// Where there is none, and as [`Target::run`].
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    target.unwrap_or_else(|| panic!("{name}: no such target")).run(bytes);
}

/// Any file: the first byte chooses the ending of its name.
fn any(bytes: &[u8]) {
    const NAMES: [&str; 8] = ["a", "a.txt", "a.md", "a.html", "a.csv", "a.xml", "a.zip", ".md"];
    if let Some((first, bytes)) = bytes.split_first() {
        read(NAMES[usize::from(*first) % NAMES.len()], bytes);
    }
}

/// The parts of an archive: a line `=== name` begins each.
fn archive(bytes: &[u8]) {
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match (line.strip_prefix(b"=== "), parts.last_mut()) {
            (Some(name), _) => parts.push((String::from_utf8_lossy(name).trim().to_owned(), Vec::new())),
            (None, Some((_, part))) => part.extend_from_slice(line),
            (None, None) => {}
        }
    }
    read("a.zip", &packed(&parts));
}

/// The text of one page in an export.
fn confluence(body_type: u8, bytes: &[u8]) {
    let body = String::from_utf8_lossy(bytes).replace("]]", "]] ");
    let entities = format!(
        "<hibernate-generic><object class=\"BodyContent\"><id name=\"id\">2</id><property name=\"body\"><![CDATA[{body}]]>\
         </property><property name=\"content\" class=\"Page\"><id name=\"id\">3</id></property><property name=\"bodyType\">\
         {body_type}</property></object><object class=\"Page\"><id name=\"id\">3</id><property name=\"title\">T</property>\
         <property name=\"space\" class=\"Space\"><id name=\"id\">1</id></property></object><object class=\"Space\">\
         <id name=\"id\">1</id><property name=\"name\">S</property></object></hibernate-generic>"
    );
    read("a.zip", &packed(&[("entities.xml".to_owned(), entities.into_bytes())]));
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        // A name that it refuses, such as one twice, is left out.
        if archive.start_file(name.as_str(), SimpleFileOptions::default()).is_ok() {
            archive.write_all(bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
    }
    archive.finish().unwrap_or_else(|e| panic!("an archive without an end: {e}")).into_inner()
}

/// The separator is the first byte.
fn separated(bytes: &[u8]) {
    if let Some((first, bytes)) = bytes.split_first()
        && let Ok(decoded) = text::decode(bytes, false)
    {
        let separator = b",;\t|"[usize::from(*first) % 4];
        if let Ok(document) = csv::parse(decoded, separator, 10_000_000, &place()) {
            check(&document);
        }
    }
}

fn decoded(bytes: &[u8], parse: fn(text::Decoded) -> Document) {
    if let Ok(decoded) = text::decode(bytes, false) {
        check(&parse(decoded));
    }
}

/// Where a text lies whose place says nothing.
fn place() -> Place {
    Place { file_name: "stem".to_owned(), folders: Vec::new() }
}

fn wikitext(bytes: &[u8]) {
    let mut builder = TextBuilder::default();
    // A page that cannot be read is told as such.
    let _ = Dialect::default().read(&String::from_utf8_lossy(bytes), &mut builder);
    check(&builder.finish(citadel_core::Format::MediaWiki, &[], "stem"));
}

/// As the child process reads it.
fn read(file_name: &str, bytes: &[u8]) {
    let job = Job {
        file_name: file_name.to_owned(),
        folders: Vec::new(),
        file_bytes: bytes.len() as u64,
        resume_after: Vec::new(),
        broken_pages: Vec::new(),
        ocr_broke: None,
        options: Options { max_text_chars: 10_000_000, ..Options::default() },
        // The processor time of this process must not end.
        limits: Limits { wall: Duration::from_secs(1 << 20), ..Limits::default() },
    };
    let place = Place { file_name: job.file_name.clone(), folders: Vec::new() };
    let mut out = Vec::new();
    let ocr = Ocr::new(None, &|_| Err("not here".to_owned()));
    let mut outlet = Outlet::new(&mut out, &job, ocr);
    // That it fails is right for most bytes.
    let _ = reader::read(&mut Cursor::new(bytes.to_vec()), job.file_bytes, &place, &mut outlet);
    let mut frames = out.as_slice();
    while let Ok(Some(json)) = frame::read(&mut frames) {
        match serde_json::from_slice(&json) {
            Ok(Frame::Document(document)) => check(&document),
            Ok(_) => {}
            Err(e) => panic!("a frame that is none: {e}"),
        }
    }
}

/// What must hold for every document.
fn check(document: &Document) {
    let map = TextMap::new(&document.text);
    let slice = |range: CharRange| {
        map.slice(range).unwrap_or_else(|| panic!("{range:?} is outside of the {} characters", map.chars()))
    };
    assert!(is_nfc(&document.text), "not normalised");
    let odd = document.text.chars().find(|c| c.is_control() && !"\n\t".contains(*c));
    assert!(odd.is_none(), "a control character: {odd:?}");
    assert!(!document.title.trim().is_empty(), "no title");
    let mut end = 0;
    for block in &document.blocks {
        assert!(block.range.start >= end, "blocks overlap: {block:?}");
        let between = slice(CharRange::new(end, block.range.start));
        assert!(between.trim().is_empty(), "text between blocks: {between:?}");
        let words = slice(block.range);
        assert!(!words.trim().is_empty() && words.trim_end() == words, "an odd block: {words:?}");
        end = block.range.end;
    }
    assert_eq!(end, map.chars(), "text after the last block");
    let mut page_end = 0;
    for page in &document.pages {
        assert!(page.range.start >= page_end, "pages overlap at {}", page.number);
        slice(page.range);
        page_end = page.range.end;
        let mut word_end = page.range.start;
        for word in &page.words {
            assert!(
                word.range.start >= word_end && page.range.contains(word.range),
                "{word:?} is off its page"
            );
            let letters = slice(word.range);
            assert!(!letters.is_empty() && !letters.contains(char::is_whitespace), "not a word: {letters:?}");
            let [left, top, right, bottom] = word.rect;
            assert!(word.rect.iter().all(|v| v.is_finite()) && left <= right && top <= bottom, "{word:?}");
            word_end = word.range.end;
        }
    }
    let mut hidden_end = 0;
    for hidden in &document.hidden {
        assert!(hidden.start >= hidden_end, "hidden ranges overlap: {hidden:?}");
        slice(*hidden);
        hidden_end = hidden.end;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::path::Path;

    use super::*;

    /// The corpus, and some of what the mutation of it gives; `cargo xtask fuzz` goes on.
    #[test]
    fn the_corpus_and_what_is_near_it() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
        for target in TARGETS {
            let folder = corpus.join(target.name);
            let mut paths: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            let samples: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
            samples.iter().for_each(|sample| target.run(sample));
            let mut mutator = Mutator::new(1, samples);
            for _ in 0..20 {
                target.run(&mutator.input());
            }
        }
    }
}
