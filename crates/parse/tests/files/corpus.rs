//! Real exports, where they lie beside the checkout.

use std::path::{Path, PathBuf};

use citadel_core::{Document, Format};
use libtest_mimic::Trial;

use crate::common::shared;
use crate::support::{read_members, read_path, sandbox, trial};
use crate::xwiki::{self, Words};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("corpus::wiki_dumps", wiki_dumps),
        trial("corpus::handbook", handbook),
        trial("corpus::confluence", confluence),
    ]
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

/// Against what XWiki makes of the same exports.
fn confluence() {
    let Some(wikis) = shared("wikis") else { return };
    let mut all = [0; 3];
    let (mut titles, mut missing) = (0, Vec::new());
    let (mut attachments, mut unreadable) = (0, Vec::new());
    for line in std::fs::read_to_string(wikis.join("files.jsonl")).unwrap().lines() {
        let file: serde_json::Value = serde_json::from_str(line).unwrap();
        let path = file["path"].as_str().unwrap();
        if !path.starts_with("confluence/") {
            continue;
        }
        let (documents, lost, end) = read_members(&sandbox(), &wikis.join("corpus").join(path));
        assert_eq!(end.map(|end| end.format), Ok(Format::Confluence), "{path}");
        let (attached, documents): (Vec<Document>, Vec<Document>) =
            documents.into_iter().partition(|document| document.metadata.contains_key("attached_to"));
        attachments += attached.len() + lost.len();
        let tolerated = |lost: &String| [" ! unsupported", " ! empty"].iter().any(|end| lost.ends_with(end));
        unreadable.extend(lost.into_iter().filter(|lost| !tolerated(lost)));
        let Some(expected) = file["expected"][0].as_str() else { continue };
        let expected = std::fs::read_to_string(wikis.join("expected").join(expected)).unwrap();
        let (mut theirs, mut ours) = (Words::new(), Words::new());
        for page in xwiki::pages(&expected) {
            let text = xwiki::plain(&page.content);
            xwiki::count(&text, &mut theirs);
            if !text.trim().is_empty() {
                titles += 1;
                let found = documents.iter().any(|d| {
                    // XWiki calls a space's home page like the space.
                    d.title == page.title || d.metadata.get("site") == Some(&page.title)
                });
                missing.extend((!found).then(|| format!("{path}: {}", page.title)));
            }
        }
        for document in &documents {
            // Without the path.
            let text = document.text.split_once("\n\n").map_or("", |(_, text)| text);
            xwiki::count(text, &mut ours);
        }
        let figures =
            [xwiki::shared(&theirs, &ours), theirs.values().sum::<usize>(), ours.values().sum::<usize>()];
        for (sum, figure) in all.iter_mut().zip(figures) {
            *sum += figure;
        }
    }
    let [shared, theirs, ours] = all.map(|n| n as f64);
    let (recall, precision) = (shared / theirs, shared / ours);
    println!("{titles} titles; of {theirs} words recall {recall:.4}, precision {precision:.4}");
    assert_eq!((titles, missing.as_slice()), (113, &[][..]));
    // Counted by hand: the newest of each file of a current page. Only pictures and files without a byte are lost.
    assert_eq!((attachments, unreadable.as_slice()), (35, &[][..]));
    // What is missing is text that XWiki repeats in each language, settings and queries that it keeps as text, and numbers
    // of items in its markup; what is too much are names of link targets, and pages that it was told to leave out.
    assert!(recall >= 0.94 && precision >= 0.96, "recall {recall:.4}, precision {precision:.4}");
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
