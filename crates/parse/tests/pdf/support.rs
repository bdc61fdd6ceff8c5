use std::path::{Path, PathBuf};

use citadel_core::{BlockKind, CharRange, Document, Format, StopFlag, TextMap};
use citadel_parse::{Limits, Options, Parsed, Sandbox, Source};
use libtest_mimic::Trial;

/// The two ways to read a PDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Pdfium,
    BuiltIn,
}

/// One trial for each reader; PDFium's is left out, with a line that says so, where the library is absent.
pub fn for_both(name: &str, check: fn(Reader)) -> Vec<Trial> {
    let both = [(Reader::Pdfium, "pdfium"), (Reader::BuiltIn, "built_in")];
    both.into_iter()
        .filter(|(r, _)| available(*r))
        .map(|(reader, label)| trial(&format!("{name}::{label}"), move || check(reader)))
        .collect()
}

pub fn with_pdfium(name: &str, check: fn(Reader)) -> Option<Trial> {
    available(Reader::Pdfium).then(|| trial(name, move || check(Reader::Pdfium)))
}

pub fn trial(name: &str, check: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name.to_owned(), move || {
        check();
        Ok(())
    })
}

fn available(reader: Reader) -> bool {
    let there = reader == Reader::BuiltIn || library().is_some();
    if !there {
        println!("skipped: no {} in the model pack", library_name());
    }
    there
}

fn library_name() -> String {
    format!("{}pdfium{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// PDFium's library in the model pack.
pub fn library() -> Option<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
    let pack = std::env::var_os("CITADEL_MODELS")
        .map(PathBuf::from)
        .or_else(|| data.map(|d| d.join("citadel/models")))?;
    let path = pack.join(library_name());
    path.is_file().then(|| path.canonicalize().unwrap())
}

pub fn read_path(path: &Path, options: Options) -> Result<Document, &'static str> {
    let mut given = None;
    parse(path, options, Limits::default(), &mut |parsed| {
        if let Parsed::Document(document) = parsed
            && document.part.is_none()
        {
            assert!(given.replace(document).is_none(), "two documents");
        }
    })?;
    Ok(*given.expect("a document"))
}

/// Everything that a file gives but signs of progress: documents and parts that failed.
pub fn read_all(bytes: &[u8], options: Options, limits: Limits) -> Result<Vec<Parsed>, &'static str> {
    let mut all = Vec::new();
    let (_folder, path) = on_disk(bytes);
    parse(&path, options, limits, &mut |parsed| {
        if !matches!(parsed, Parsed::Page { .. }) {
            all.push(parsed);
        }
    })?;
    Ok(all)
}

fn parse(
    path: &Path,
    options: Options,
    limits: Limits,
    sink: &mut dyn FnMut(Parsed),
) -> Result<(), &'static str> {
    let sandbox = Sandbox::new(std::env::current_exe().unwrap(), vec!["child".into()], options, limits);
    let end = sandbox.parse(Source::file(path), &StopFlag::new(), &mut |parsed| {
        if let Parsed::Document(document) = &parsed
            && document.format == Format::Pdf
        {
            assert_sound(document);
        }
        sink(parsed);
        true
    });
    end.map(drop).map_err(|error| error.code())
}

pub fn options(reader: Reader) -> Options {
    Options { pdf_library: if reader == Reader::Pdfium { library() } else { None }, ..Options::default() }
}

pub fn read(bytes: &[u8], reader: Reader) -> Result<Document, &'static str> {
    read_with(bytes, options(reader))
}

pub fn read_with(bytes: &[u8], options: Options) -> Result<Document, &'static str> {
    let (_folder, path) = on_disk(bytes);
    read_path(&path, options)
}

/// A file `sample.pdf` in a folder of its own, for as long as the folder is kept.
fn on_disk(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.pdf");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// What must hold for every document, whatever the file.
pub fn assert_sound(document: &Document) {
    let map = TextMap::new(&document.text);
    let mut end = 0;
    for block in &document.blocks {
        assert!(block.range.start >= end, "blocks overlap: {block:?}");
        let between = map.slice(CharRange::new(end, block.range.start)).unwrap();
        assert!(between.chars().all(|c| c == '\n'), "text between blocks: {between:?}");
        let slice = map.slice(block.range).unwrap();
        assert!(!slice.is_empty() && slice.trim() == slice, "space at the ends: {slice:?}");
        end = block.range.end;
    }
    assert_eq!(end, map.chars(), "text after the last block");
    assert!(!document.text.contains(|c: char| c.is_control() && c != '\n'), "control characters");
    assert!(!document.title.trim().is_empty(), "no title");
    let mut page_end = 0;
    for (number, page) in (1..).zip(&document.pages) {
        assert_eq!(page.number, number);
        assert!(page.range.start >= page_end, "pages overlap at {number}");
        page_end = page.range.end;
        let mut word_end = page.range.start;
        for word in &page.words {
            assert!(
                word.range.start >= word_end && page.range.contains(word.range),
                "{word:?} outside page {number}"
            );
            let slice = map.slice(word.range).unwrap();
            assert!(!slice.is_empty() && !slice.contains(char::is_whitespace), "not a word: {slice:?}");
            let [left, top, right, bottom] = word.rect;
            assert!(word.rect.iter().all(|v| v.is_finite()) && left <= right && top <= bottom, "{word:?}");
            assert!(
                right >= 0.0 && bottom >= 0.0 && left <= page.width && top <= page.height,
                "off the page: {word:?}"
            );
            word_end = word.range.end;
        }
    }
    // Every character belongs to a word, but for spaces and what stands between cells.
    let mut covered = vec![false; map.chars()];
    for word in document.pages.iter().flat_map(|page| &page.words) {
        covered[word.range.start..word.range.end].iter_mut().for_each(|c| *c = true);
    }
    let bare = document
        .text
        .chars()
        .zip(covered)
        .filter(|(c, covered)| !covered && !c.is_whitespace())
        .map(|(c, _)| c);
    assert!(bare.clone().all(|c| c == '|'), "characters without a place: {:?}", bare.collect::<String>());
}

/// One line for each block; line breaks inside show as ` / `.
pub fn outline(document: &Document) -> String {
    let map = TextMap::new(&document.text);
    let line = |block: &citadel_core::Block| {
        let kind = match block.kind {
            BlockKind::Heading { level } => format!("h{level}"),
            BlockKind::Paragraph => "p".into(),
            BlockKind::ListItem => "li".into(),
            BlockKind::TableRow => "tr".into(),
            BlockKind::Code => "code".into(),
        };
        format!("{kind} {}", map.slice(block.range).unwrap().replace('\n', " / "))
    };
    document.blocks.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The hidden ranges, as text.
pub fn hidden(document: &Document) -> Vec<&str> {
    let map = TextMap::new(&document.text);
    let mut end = 0;
    document
        .hidden
        .iter()
        .map(|range| {
            assert!(range.start >= end, "hidden ranges overlap: {range:?}");
            end = range.end;
            map.slice(*range).unwrap()
        })
        .collect()
}

/// The box of the first word that reads `wanted`.
pub fn box_of(document: &Document, wanted: &str) -> [f32; 4] {
    let map = TextMap::new(&document.text);
    let mut words = document.pages.iter().flat_map(|page| &page.words);
    words
        .find(|word| map.slice(word.range) == Some(wanted))
        .unwrap_or_else(|| panic!("no word {wanted}"))
        .rect
}
