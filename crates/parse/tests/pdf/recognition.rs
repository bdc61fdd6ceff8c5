//! Pages that are pictures, recognised by the fake, which reads black bars.

use citadel_core::{BlockKind, Document, PageStatus};
use citadel_parse::{OcrFiles, Options};
use libtest_mimic::Trial;

use crate::support::{Reader, box_of, options, outline, read_with, with_pdfium};
use crate::writer::{Page, pdf};

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    trials.extend(with_pdfium("recognition::pictures_become_text", |_| pictures_become_text()));
    trials.extend(with_pdfium("recognition::boxes", |_| boxes()));
    trials.extend(with_pdfium("recognition::columns_and_headings", |_| columns_and_headings()));
    trials.extend(with_pdfium("recognition::nothing_to_recognise", |_| nothing_to_recognise()));
    trials.extend(with_pdfium("recognition::does_not_start", |_| does_not_start()));
    trials.extend(with_pdfium("recognition::breaks_the_child", |_| breaks_the_child()));
    trials
}

/// `detector` tells [`crate::common::open_recognizer`] what to do.
fn with_ocr(detector: &str) -> Options {
    let files = OcrFiles { runtime_library: "".into(), detector: detector.into(), reader: "".into() };
    Options { ocr: Some(files), ..options(Reader::Pdfium) }
}

fn read(pages: &[Page], detector: &str) -> Document {
    read_with(&pdf(pages, "", &[]), with_ocr(detector)).unwrap()
}

fn statuses(document: &Document) -> Vec<PageStatus> {
    document.pages.iter().map(|page| page.status.clone()).collect()
}

const RECOGNIZED: PageStatus = PageStatus::Ocr { confidence: 75 };

/// A word of bars, 10 points tall, each 5 points wide and 2 apart, from the lower left corner `x`, `y`.
fn bars(page: Page, x: f32, y: f32, count: usize) -> Page {
    (0..count).fold(page, |page, i| page.raw(&format!("{} {y} 5 10 re f\n", x + 7.0 * i as f32)))
}

fn pictures_become_text() {
    let picture = bars(bars(bars(Page::default(), 72.0, 700.0, 2), 100.0, 700.0, 3), 72.0, 686.0, 1);
    let pages = [Page::default().lines(72.0, 700.0, &["Some text"]), picture.clone()];
    let document = read(&pages, "fake");
    assert_eq!(outline(&document), "p Some text\np xx xxx x");
    assert_eq!(statuses(&document), [PageStatus::Text, RECOGNIZED]);
    assert!(document.warnings.is_empty(), "{:?}", document.warnings);
    // The same without.
    let document = read_with(&pdf(&pages, "", &[]), options(Reader::Pdfium)).unwrap();
    assert_eq!(outline(&document), "p Some text");
    assert_eq!(statuses(&document), [PageStatus::Text, PageStatus::NoText]);
}

fn boxes() {
    // 7 × 10 points of two bars, wherever the page's corner is and whichever way up it is shown.
    let check = |more: &'static str, x: f32, y: f32, expected: [f32; 4]| {
        let document = read(&[bars(Page { more, ..Page::default() }, x, y, 2)], "fake");
        assert_eq!(statuses(&document), [RECOGNIZED], "{more}");
        let found = box_of(&document, "xx");
        let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1.2);
        assert!(near, "{more}: {found:?} is not {expected:?}");
    };
    check("", 72.0, 700.0, [72.0, 82.0, 84.0, 92.0]);
    check("/Rotate 180", 72.0, 700.0, [528.0, 700.0, 540.0, 710.0]);
    check("/MediaBox [100 200 300 500]", 172.0, 300.0, [72.0, 190.0, 84.0, 200.0]);
    check("/CropBox [50 50 562 742]", 72.0, 700.0, [22.0, 32.0, 34.0, 42.0]);
    // Too large for 200 pixels an inch.
    check("/MediaBox [0 0 5000 3000]", 72.0, 700.0, [72.0, 2290.0, 84.0, 2300.0]);
}

fn columns_and_headings() {
    let line =
        |page: Page, x: f32, y: f32| (0..8).fold(page, |page, word| bars(page, x + 26.0 * word as f32, y, 3));
    let rows = |page: Page, x: f32| (0..10).fold(page, |page, row| line(page, x, 600.0 - 14.0 * row as f32));
    let page = rows(rows(Page::default(), 60.0), 320.0);
    // Twice as large, above both columns.
    let page = (0..6).fold(page, |page, i| page.raw(&format!("{} 680 10 20 re f\n", 60.0 + 14.0 * i as f32)));
    let document = read(&[page], "fake");
    let kinds: Vec<BlockKind> = document.blocks.iter().map(|block| block.kind).collect();
    assert_eq!(kinds.first(), Some(&BlockKind::Heading { level: 1 }), "{}", outline(&document));
    assert!(kinds.iter().all(|kind| *kind != BlockKind::TableRow), "{}", outline(&document));
    // All of the left column comes before the right one.
    let lefts: Vec<f32> = document.pages[0].words.iter().skip(1).map(|word| word.rect[0]).collect();
    let (left, right) = lefts.split_at(80);
    assert!(left.iter().all(|x| *x < 300.0) && right.iter().all(|x| *x > 300.0), "{lefts:?}");
}

fn nothing_to_recognise() {
    // Gray, which the fake does not see; a blank page is not even looked at.
    let document = read(&[Page::default().raw("0.9 g 100 100 200 200 re f\n"), Page::default()], "fake");
    assert_eq!(statuses(&document), [PageStatus::NoText, PageStatus::Blank]);
    assert_eq!(document.warnings, ["1 of 2 pages show something but carry no text, such as scans"]);
}

fn does_not_start() {
    let document = read(&[bars(Page::default(), 72.0, 700.0, 2)], "missing");
    assert_eq!(statuses(&document), [PageStatus::NoText]);
    let told =
        document.warnings.iter().any(|w| w == "text recognition could not be started: its files are missing");
    assert!(told, "{:?}", document.warnings);
}

/// A picture that ends the child spoils nothing but itself.
fn breaks_the_child() {
    let pages = [Page::default().lines(72.0, 700.0, &["Some text"]), bars(Page::default(), 72.0, 700.0, 2)];
    let document = read(&pages, "abort");
    assert_eq!(outline(&document), "p Some text");
    assert_eq!(statuses(&document), [PageStatus::Text, PageStatus::NoText]);
    let told =
        document.warnings.iter().any(|w| w.starts_with("text recognition was given up on this file: "));
    assert!(told, "{:?}", document.warnings);
}
