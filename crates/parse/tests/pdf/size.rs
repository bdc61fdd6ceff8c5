//! Files of a size that matters. They take minutes, so they run only when asked for: `cargo test -p citadel-parse --test
//! pdf -- --ignored`.

use citadel_core::PageStatus;
use citadel_parse::{Limits, Parsed};
use libtest_mimic::Trial;

use crate::support::{Reader, options, read_all, with_pdfium};
use crate::writer::{Page, first_more, pdf};

pub fn trials() -> Vec<Trial> {
    let trials = [with_pdfium("size::many_pages", many_pages), with_pdfium("size::many_bytes", many_bytes)];
    trials.into_iter().flatten().map(|trial| trial.with_ignored_flag(true)).collect()
}

/// A gibibyte, and 256 MiB of address space for the child's stack, which is hardly touched.
fn limits() -> Limits {
    Limits { memory_bytes: 1280 << 20, ..Limits::default() }
}

/// 20,000 pages with seven million words.
fn many_pages(reader: Reader) {
    const PAGES: usize = 20_000;
    const LINES: usize = 45;
    let page = |number: usize| {
        let lines: Vec<String> =
            (0..LINES).map(|line| format!("line {line} of page {number} has eight words")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        Page::default().lines(72.0, 740.0, &lines)
    };
    let pages: Vec<Page> = (0..PAGES).map(page).collect();
    let given = read_all(&pdf(&pages, "", &[]), options(reader), limits()).unwrap();
    let [Parsed::Document(document)] = given.as_slice() else { panic!("{} given", given.len()) };
    assert!(document.pages.iter().all(|page| page.words.len() == 8 * LINES));
    assert_eq!(document.pages.len(), PAGES);
}

/// A file larger than any that is read whole: sixty pages with a picture of ten megabytes each.
fn many_bytes(reader: Reader) {
    const PAGES: usize = 60;
    const PICTURE: usize = 10 << 20;
    let page = |at: usize| {
        let picture = first_more(PAGES) + at;
        // Kept for the rest of this run.
        let more = format!("/Resources << /Font << /F1 3 0 R >> /XObject << /I {picture} 0 R >> >>").leak();
        let page = Page { more, ..Page::default() }.raw("q 100 0 0 100 300 300 cm /I Do Q\n");
        page.lines(72.0, 700.0, &["Beside a picture"])
    };
    let picture = format!(
        "<< /Type /XObject /Subtype /Image /Width 4096 /Height 2560 /ColorSpace /DeviceGray /BitsPerComponent 8 \
         /Length {PICTURE} >> stream\n{}\nendstream",
        "x".repeat(PICTURE)
    );
    let pages: Vec<Page> = (0..PAGES).map(page).collect();
    let file = pdf(&pages, "", &vec![picture; PAGES]);
    assert!(file.len() as u64 > limits().max_file_bytes);
    let given = read_all(&file, options(reader), Limits { memory_bytes: 700 << 20, ..limits() }).unwrap();
    let [Parsed::Document(document)] = given.as_slice() else { panic!("{} given", given.len()) };
    assert!(document.pages.iter().all(|page| page.status == PageStatus::Text));
    assert_eq!(document.pages.len(), PAGES);
}
