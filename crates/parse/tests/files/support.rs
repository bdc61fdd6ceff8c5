use std::io::{Cursor, Read, Write};
use std::path::Path;

use citadel_core::{BlockKind, Document, Format, StopFlag, TextMap};
use citadel_parse::{Limits, Options, Parsed, Sandbox, Source, Summary};
use libtest_mimic::Trial;
use zip::write::SimpleFileOptions;

pub fn trial(name: &str, check: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name.to_owned(), move || {
        check();
        Ok(())
    })
}

pub fn sandbox_with(argument: &str, options: Options, limits: Limits) -> Sandbox {
    Sandbox::new(std::env::current_exe().unwrap(), vec![argument.into()], options, limits)
}

pub fn sandbox() -> Sandbox {
    sandbox_with("child", Options::default(), Limits::default())
}

/// What came of a file: the documents given before the end, and the end or its code.
pub type Outcome = (Vec<Document>, Result<Summary, &'static str>);

pub fn read_path(sandbox: &Sandbox, path: &Path) -> Outcome {
    read_below(sandbox, path, &[])
}

/// A file that stands in these folders.
pub fn read_below(sandbox: &Sandbox, path: &Path, folders: &[String]) -> Outcome {
    let (documents, lost, end) = read_source(sandbox, Source { path, folders });
    assert!(lost.is_empty(), "{lost:?}");
    (documents, end)
}

/// What [`Outcome`] tells, with the names of what could not be read in the file between.
pub type Members = (Vec<Document>, Vec<String>, Result<Summary, &'static str>);

/// The same, with the names of what could not be read in the file.
pub fn read_members(sandbox: &Sandbox, path: &Path) -> Members {
    read_source(sandbox, Source::file(path))
}

fn read_source(sandbox: &Sandbox, source: Source<'_>) -> Members {
    let path = source.path;
    let (mut documents, mut lost) = (Vec::new(), Vec::new());
    let end = sandbox.parse(source, &StopFlag::new(), &mut |parsed| {
        match parsed {
            Parsed::Document(document) => {
                assert_sound(&document);
                documents.push(*document);
            }
            Parsed::Failed { part, failure } => lost.push(format!("{part} ! {}", failure.code())),
            Parsed::Page { .. } => {}
        }
        true
    });
    let end = end.map_err(|error| {
        assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
        error.code()
    });
    (documents, lost, end)
}

/// What came of a file that holds others, in order: `part | format: title | block | …` for a document, `part ! code` for
/// a file in it that could not be read; then the end or its code.
pub fn lines_with(
    sandbox: &Sandbox,
    name: &str,
    bytes: &[u8],
) -> (Vec<String>, Result<Summary, &'static str>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut lines = Vec::new();
    let end = sandbox.parse(Source::file(&path), &StopFlag::new(), &mut |parsed| {
        lines.push(match parsed {
            Parsed::Document(document) => {
                assert_sound(&document);
                let part = document.part.clone().unwrap_or_default();
                let attached = document.metadata.get("attached_to").map(|title| format!(" | to {title}"));
                format!(
                    "{part}{} | {}",
                    attached.unwrap_or_default(),
                    outline(&document).replace('\n', " | ")
                )
            }
            Parsed::Failed { part, failure } => format!("{part} ! {}", failure.code()),
            Parsed::Page { .. } => return true,
        });
        true
    });
    (lines, end.map_err(|error| error.code()))
}

pub fn lines(name: &str, bytes: &[u8]) -> (Vec<String>, Result<Summary, &'static str>) {
    lines_with(&sandbox(), name, bytes)
}

/// The file holds this.
pub fn check_lines(name: &str, bytes: &[u8], expected: &[&str]) {
    let (lines, end) = lines(name, bytes);
    assert_eq!(lines, expected, "{name}: {end:?}");
    assert!(end.is_ok(), "{name}: {end:?}");
}

pub fn read_with(sandbox: &Sandbox, name: &str, bytes: &[u8]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read_path(sandbox, &path)
}

pub fn read(name: &str, bytes: &[u8]) -> Outcome {
    read_with(&sandbox(), name, bytes)
}

/// What must hold for every document, whatever the file.
pub fn assert_sound(document: &Document) {
    let map = TextMap::new(&document.text);
    let mut end = 0;
    for block in &document.blocks {
        let between = map.slice(citadel_core::CharRange::new(end, block.range.start)).unwrap();
        assert!(block.range.start >= end, "blocks overlap: {block:?}");
        assert!(between.trim().is_empty(), "text between blocks: {between:?}");
        let slice = map.slice(block.range).unwrap_or_else(|| panic!("{block:?} is outside the text"));
        assert!(!slice.trim().is_empty(), "an empty block: {block:?}");
        assert!(!slice.ends_with(char::is_whitespace), "space at the end: {slice:?}");
        end = block.range.end;
    }
    assert_eq!(end, map.chars(), "text after the last block");
    assert!(
        !document.text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'),
        "control characters"
    );
    assert!(!document.title.trim().is_empty(), "no title");
}

/// `format: title`, then a line for each block; line breaks inside show as ` / `.
pub fn outline(document: &Document) -> String {
    let map = TextMap::new(&document.text);
    let format = match document.format {
        Format::MediaWiki => "wiki".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    let mut lines = vec![format!("{format}: {}", document.title)];
    for block in &document.blocks {
        let kind = match block.kind {
            BlockKind::Heading { level } => format!("h{level}"),
            BlockKind::Paragraph => "p".into(),
            BlockKind::ListItem => "li".into(),
            BlockKind::TableRow => "tr".into(),
            BlockKind::Code => "code".into(),
        };
        lines.push(format!("{kind} {}", map.slice(block.range).unwrap().replace('\n', " / ")));
    }
    lines.join("\n")
}

/// The file gives one document that looks like this.
pub fn check(name: &str, bytes: &[u8], expected: &str) {
    let (documents, end) = read(name, bytes);
    let outlines: Vec<String> = documents.iter().map(outline).collect();
    assert_eq!(outlines.join("\n\n"), expected, "{name}: {end:?}");
    assert_eq!(end.unwrap().documents, 1);
}

/// A file with these bytes, whose folders are those of `path`.
pub fn read_bytes_below(path: &str, bytes: &[u8]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    let folders: Vec<String> =
        folders.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    read_below(&sandbox(), &file, &folders)
}

/// The file of this path, whose folders count, gives one document that looks like this.
pub fn check_at(path: &str, bytes: &[u8], expected: &str) -> Document {
    let (mut documents, end) = read_bytes_below(path, bytes);
    let outlines: Vec<String> = documents.iter().map(outline).collect();
    assert_eq!(outlines.join("\n\n"), expected, "{path}: {end:?}");
    assert_eq!(end.unwrap().documents, 1);
    documents.remove(0)
}

/// The file fails with this code and gives no document.
pub fn check_fails(name: &str, bytes: &[u8], code: &str) {
    assert_fails(name, read(name, bytes), code);
}

/// The reading failed with this code and gave no document.
pub fn assert_fails(name: &str, (documents, end): Outcome, code: &str) {
    assert_eq!(end.err(), Some(code), "{name}");
    assert!(documents.is_empty(), "{name}");
}

pub fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The names and bytes of an archive's parts.
pub fn unzip(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let count = archive.len();
    let part = |at| {
        let mut part = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        (part.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(part).collect()
}

/// A Word document with this body and these further parts.
pub fn docx(body: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
    let types = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Default Extension="xml" ContentType="application/xml"/>
        <Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
        </Types>"#;
    let relations = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>
        </Relationships>"#;
    let styles = format!(
        r#"<?xml version="1.0"?><w:styles {W}><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>
        <w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style><w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/>
        <w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style></w:styles>"#
    );
    let numbering = format!(
        r#"<?xml version="1.0"?><w:numbering {W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>
        <w:numFmt w:val="decimal"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#
    );
    let part_relations = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>
        <Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/>
        <Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/>
        </Relationships>"#;
    let body = format!(r#"<?xml version="1.0"?><w:document {W}><w:body>{body}</w:body></w:document>"#);
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", relations.as_bytes()),
        ("word/document.xml", body.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
        ("word/numbering.xml", numbering.as_bytes()),
        ("word/_rels/document.xml.rels", part_relations.as_bytes()),
    ];
    parts.extend(more);
    zip(&parts)
}
