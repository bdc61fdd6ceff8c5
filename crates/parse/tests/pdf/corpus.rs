//! Real files, where they lie beside the checkout. The floors are what was measured, less a little: see
//! `docs/pdf-bakeoff.md`.

use std::collections::HashMap;
use std::hash::Hash;

use citadel_core::{BlockKind, Document, PageStatus, TextMap};
use libtest_mimic::Trial;
use unicode_normalization::UnicodeNormalization;

use crate::common::shared;
use crate::support::{Reader, for_both, options, read_path};

pub fn trials() -> Vec<Trial> {
    let mut trials = for_both("corpus::expected_text", expected_text);
    trials.extend(for_both("corpus::every_file", every_file));
    trials.extend(for_both("corpus::quarterly_reports", quarterly_reports));
    trials
}

fn expected_text(reader: Reader) {
    let Some(pdfs) = shared("pdfs") else { return };
    let mut scores = Vec::new();
    for entry in std::fs::read_dir(pdfs.join("expected/docling")).unwrap() {
        let expected = entry.unwrap().path();
        let name = expected.file_stem().unwrap().to_str().unwrap().to_owned();
        // The built-in reader gives right-to-left text as it is drawn, from left to right.
        if reader == Reader::BuiltIn && name.starts_with("right_to_left") {
            continue;
        }
        let path = pdfs.join("corpus/docling").join(format!("{name}.pdf"));
        let got = words(&read_path(&path, options(reader)).unwrap().text);
        let expected = words(&without_markup(&std::fs::read_to_string(expected).unwrap()));
        scores.push((f1(&got, &expected), f1(&pairs(&got), &pairs(&expected)), name));
    }
    let mean = |of: fn(&(f64, f64, String)) -> f64| scores.iter().map(of).sum::<f64>() / scores.len() as f64;
    let (single, paired) = (mean(|s| s.0), mean(|s| s.1));
    println!("{reader:?}: word F1 {single:.3}, word pair F1 {paired:.3}, n = {}", scores.len());
    let (least, least_paired, count) = match reader {
        Reader::Pdfium => (0.97, 0.93, 11),
        Reader::BuiltIn => (0.94, 0.91, 8),
    };
    assert_eq!(scores.len(), count);
    assert!(single >= least && paired >= least_paired, "{single:.3} {paired:.3} {scores:?}");
}

/// Every file opens with the right number of pages, or fails for the right reason; scans say that they have no text.
fn every_file(reader: Reader) {
    let Some(pdfs) = shared("pdfs") else { return };
    let list = std::fs::read_to_string(pdfs.join("files.jsonl")).unwrap();
    for line in list.lines() {
        let facts: serde_json::Value = serde_json::from_str(line).unwrap();
        let path = facts["path"].as_str().unwrap();
        let locked = facts["password"].is_string();
        match read_path(&pdfs.join("corpus").join(path), options(reader)) {
            Ok(document) => {
                assert!(!locked, "{path}: opened without a password");
                assert_eq!(document.pages.len() as u64, facts["pages"].as_u64().unwrap(), "{path}");
                let lost =
                    document.pages.iter().filter(|p| matches!(p.status, PageStatus::Unreadable(_))).count();
                assert!(lost <= usize::from(reader == Reader::BuiltIn), "{path}: {lost} pages lost");
                if path.starts_with("ocr/") {
                    assert!(document.pages.iter().all(|p| p.status == PageStatus::NoText), "{path}");
                }
            }
            Err("encrypted") => assert!(locked, "{path}: no password needed"),
            // Its cross-reference table is off by some bytes, which only PDFium mends.
            Err("damaged") if reader == Reader::BuiltIn && path.ends_with("grayscale-image.pdf") => {}
            Err(code) => panic!("{path}: {code}"),
        }
    }
}

fn quarterly_reports(reader: Reader) {
    let Some(reports) = shared("sec-10-q/corpus") else { return };
    let check = |name: &str, page: usize, row: &str| {
        let document = read_path(&reports.join(name), options(reader)).unwrap();
        let rows = rows_of(&document, page);
        assert!(rows.iter().any(|r| r == row), "{name}, page {page}, has no row {row:?} but {rows:#?}");
    };
    check("2022 Q3 AAPL.pdf", 4, "Net income | $ 19,442 | $ 21,744 | $ 79,082 | $ 74,129");
    check("2022 Q3 MSFT.pdf", 5, "Total assets | $ 359,784 | $ 364,840");
    check(
        "2023 Q1 NVDA.pdf",
        12,
        "Corporate debt securities | $ 6,723 | $ 4 | $ (11) | $ 6,716 | $ 2,535 | $ 4,181",
    );
}

fn rows_of(document: &Document, page: usize) -> Vec<String> {
    let map = TextMap::new(&document.text);
    let page = &document.pages[page - 1];
    let rows =
        document.blocks.iter().filter(|b| b.kind == BlockKind::TableRow && page.range.contains(b.range));
    rows.map(|b| map.slice(b.range).unwrap().to_owned()).collect()
}

fn without_markup(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some((before, comment)) = rest.split_once("<!--") {
        out += before;
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    out += rest;
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("\\_", "_")
}

fn words(text: &str) -> Vec<String> {
    let text: String = text.nfkc().filter(|c| *c != '\u{ad}').flat_map(char::to_lowercase).collect();
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

fn pairs(words: &[String]) -> Vec<(&str, &str)> {
    words.iter().zip(words.iter().skip(1)).map(|(a, b)| (a.as_str(), b.as_str())).collect()
}

/// Twice what both have, by what each has.
fn f1<T: Eq + Hash>(a: &[T], b: &[T]) -> f64 {
    let mut counts: HashMap<&T, i64> = HashMap::new();
    b.iter().for_each(|item| *counts.entry(item).or_default() += 1);
    let mut both = 0;
    for item in a {
        let left = counts.entry(item).or_default();
        both += i64::from(*left > 0);
        *left -= 1;
    }
    2.0 * both as f64 / (a.len() + b.len()).max(1) as f64
}
