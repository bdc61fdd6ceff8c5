//! Real exports, where they lie beside the checkout.

use std::path::{Path, PathBuf};

use citadel_core::{Document, Format};
use libtest_mimic::Trial;

use crate::common::shared;
use crate::support::{read_bytes_below, read_members, read_path, sandbox, trial, unzip};
use crate::xwiki::{self, Words};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("corpus::wiki_dumps", wiki_dumps),
        trial("corpus::handbook", handbook),
        trial("corpus::confluence", confluence),
        trial("corpus::notion", notion),
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

/// The pages of an export, whose archive is in an archive, against what Obsidian's importer makes of it.
fn notion() {
    let Some(wikis) = shared("wikis") else { return };
    let (mut theirs, mut ours) = (Words::new(), Words::new());
    let (mut read, mut empty) = (0, 0);
    for name in ["notion-testspace.zip", "Notion.Test.Export.zip"] {
        let outer = unzip(&std::fs::read(wikis.join("corpus/notion").join(name)).unwrap());
        for (path, bytes) in outer.iter().flat_map(|(_, inner)| unzip(inner)) {
            if path.ends_with(".jpg") || path.ends_with("index.html") {
                continue;
            }
            let (documents, end) = read_bytes_below(&path, &bytes);
            let Ok(_) = end else {
                assert_eq!(end, Err("empty"), "{path}");
                empty += 1;
                continue;
            };
            read += 1;
            let document = &documents[0];
            let depth = path.matches('/').count();
            let first = document.text.lines().next().unwrap();
            // One folder is that of the export.
            assert!(depth < 2 || path.contains(&format!("/{first} ")), "{path}: {first}");
            assert!(!has_identity(&document.title) && !has_identity(first), "{path}: {}", document.title);
            if path.contains("@") && path.ends_with(".md") {
                assert!(document.text.contains("\nRan today: "), "{path}: {}", document.text);
            }
            let expected =
                wikis.join("expected/notion/notion-testspace").join(format!("{}.md", document.title));
            let Ok(expected) = std::fs::read_to_string(expected) else { continue };
            let expected = shown_words(&expected);
            xwiki::count(&expected, &mut theirs);
            xwiki::count(&document.text, &mut ours);
        }
    }
    let (shared, all) = (xwiki::shared(&theirs, &ours) as f64, theirs.values().sum::<usize>() as f64);
    println!("{read} pages and databases, {empty} empty; of {all} words recall {:.4}", shared / all);
    assert_eq!((read, empty), (284, 0));
    assert!(shared / all > 0.99, "recall {:.4}", shared / all);
}

/// Markdown without addresses, pictures, kinds of boxes and languages, and a table of contents: no reader sees them.
fn shown_words(markdown: &str) -> String {
    let lines = markdown.lines().filter(|line| {
        let is_picture = line.starts_with("![[") || line.starts_with("[![](");
        !is_picture && !line.starts_with("- [[#") && !line.starts_with("```")
    });
    let without_address = |line: &str| {
        let mut parts = line.split("](");
        let first = parts.next().unwrap_or_default().to_owned();
        parts
            .fold(first, |line, part| format!("{line} {}", part.split_once(')').map_or("", |(_, rest)| rest)))
    };
    let text = lines.map(without_address).collect::<Vec<_>>().join("\n");
    text.replace("[!important]", "").replace("[!info]", "").replace("<br>", " ").replace(['\\', '#'], " ")
}

fn has_identity(text: &str) -> bool {
    text.split_whitespace().any(|word| word.len() == 32 && word.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn handbook() {
    let Some(folder) = shared("wikis/corpus/18f-handbook") else { return };
    let mut files = Vec::new();
    list(&folder, &mut files);
    let (mut read, mut empty, mut links) = (0, 0, 0);
    let (mut theirs, mut ours) = (Words::new(), Words::new());
    for file in &files {
        let (documents, end) = read_path(&sandbox(), file);
        let source = stripped(&std::fs::read_to_string(file).unwrap());
        xwiki::count(&source, &mut theirs);
        documents.iter().for_each(|document| xwiki::count(&document.text, &mut ours));
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
    let (shared, all) = (xwiki::shared(&theirs, &ours) as f64, theirs.values().sum::<usize>() as f64);
    println!("{read} pages; of {all} words recall {:.4}", shared / all);
    // What is missing are attributes, numbers of lists and names of links.
    assert!(shared / all >= 0.998, "recall {:.4}", shared / all);
    assert_eq!((read, empty), (243, 8));
    assert!(links <= 2, "{links} pages show a link's markup");
}

/// Markdown without front matter, tags, comments and addresses.
fn stripped(markdown: &str) -> String {
    let text = match markdown.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---")) {
        Some((_, text)) => text,
        None => markdown,
    };
    let between = |text: &str, open: &str, close: &str| {
        let mut parts = text.split(open);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            let rest = part.split_once(close).map_or(part, |(_, rest)| rest);
            format!("{text} {rest}")
        })
    };
    let text = between(text, "{% comment %}", "{% endcomment %}");
    let text = between(&between(&text, "<!--", "-->"), "{%", "%}");
    between(&between(&between(&text, "](", ")"), "<", ">"), "{:", "}")
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
