//! Real exports, where they lie beside the checkout.

use std::path::{Path, PathBuf};

use citadel_core::Format;
use libtest_mimic::Trial;

use crate::common::shared;
use crate::support::{read_path, sandbox, trial};

pub fn trials() -> Vec<Trial> {
    vec![trial("corpus::wiki_dumps", wiki_dumps), trial("corpus::handbook", handbook)]
}

fn wiki_dumps() {
    let Some(wikis) = shared("wikis/corpus/mediawiki") else { return };
    for (name, documents, redirects, skipped) in [
        ("enwiki-articles", 106, 100, 0),
        ("enwiki-table-markup", 5, 0, 0),
        ("bgwiki-articles", 3, 0, 0),
        ("ltgwiki-articles", 925, 195, 884),
    ] {
        let (given, end) = read_path(&sandbox(), &wikis.join(format!("{name}.xml.bz2")));
        let end = end.unwrap();
        assert_eq!((end.documents, end.redirects, end.skipped), (documents, redirects, skipped), "{name}");
        assert!(
            given.iter().all(|d| d.part.as_ref() == Some(&d.title) && d.metadata.contains_key("revision")),
            "{name}"
        );
        // Markup that a reader of the page never sees.
        for markup in ["<ref", "'''", "{{cite", "|thumb|", "rowspan=", "[[File:"] {
            let left = given.iter().filter(|d| d.text.contains(markup)).count();
            assert!(left * 100 <= given.len(), "{name}: {markup} in {left} of {}", given.len());
        }
    }
}

fn handbook() {
    let Some(folder) = shared("wikis/corpus/18f-handbook") else { return };
    let mut files = Vec::new();
    list(&folder, &mut files);
    let (mut read, mut empty, mut links) = (0, 0, 0);
    for file in &files {
        let (documents, end) = read_path(&sandbox(), file);
        match end {
            Ok(end) => {
                assert_eq!((end.format, documents.len()), (Format::Markdown, 1), "{}", file.display());
                read += 1;
                links += usize::from(documents[0].text.contains("]({%"));
            }
            // Pages that only forward to another one.
            Err(code) => {
                assert_eq!(code, "empty", "{}", file.display());
                empty += 1;
            }
        }
    }
    assert_eq!((read, empty), (243, 8));
    assert!(links <= 2, "{links} pages show a link's markup");
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => list(&path, files),
            false if path.extension().is_some_and(|e| e == "md") => files.push(path),
            false => {}
        }
    }
}
