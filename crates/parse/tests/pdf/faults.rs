//! Files and libraries that are not what they should be.

use citadel_core::PageStatus;
use citadel_parse::Options;
use libtest_mimic::Trial;
use proptest::prelude::*;

use crate::common::shared;
use crate::support::{Reader, for_both, options, outline, read, read_path, read_with, trial};
use crate::writer::{Page, pdf};

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    trials.extend(for_both("faults::broken_files", broken_files));
    trials.extend(for_both("faults::cut_off", cut_off));
    trials.extend(for_both("faults::too_large", too_large));
    trials.extend(for_both("faults::encrypted", encrypted));
    trials.extend(for_both("faults::any_damage_is_survived", any_damage_is_survived));
    trials.push(trial("faults::no_library", no_library));
    trials
}

fn sample() -> Vec<u8> {
    let pages = ["First there was nothing.", "Then there was light."];
    pdf(&pages.map(|line| Page::default().lines(72.0, 700.0, &[line])), "", &[])
}

fn broken_files(reader: Reader) {
    let check = |bytes: &[u8], code| assert_eq!(read(bytes, reader).map(|d| outline(&d)), Err(code));
    check(b"%PDF-1.7\n%%EOF\n", "damaged");
    check(b"%PDF-1.7\nnothing of the kind", "truncated");
    check(&pdf(&[], "", &[]), "damaged");
}

/// A file that was cut off is read as far as it goes: without its trailer, without its catalog and page tree too, and
/// without half of its last page. The built-in reader may give up, but says why.
fn cut_off(reader: Reader) {
    let pages = ["First there was nothing.", "Then there was light."];
    let pages = pages.map(|line| Page::default().lines(72.0, 700.0, &[line]));
    let whole = pdf(&pages, "", &[]);
    let find = |what: &str| whole.windows(what.len()).position(|w| w == what.as_bytes()).unwrap();
    let both = "p First there was nothing.\np Then there was light.";
    // The first object is the catalog and the second the page tree: as if they had come after the cut.
    let mut headless = whole[..find("xref\n")].to_vec();
    headless.drain(find("1 0 obj")..find("3 0 obj"));
    for (bytes, expected) in [
        (whole[..find("xref\n")].to_vec(), both),
        (headless, both),
        (whole[..find("Then there")].to_vec(), "p First there was nothing."),
    ] {
        match read(&bytes, reader) {
            Ok(document) => {
                assert_eq!(outline(&document), expected);
                assert!(document.warnings.iter().any(|w| w.contains("cut off")), "{:?}", document.warnings);
            }
            Err(code) => assert_eq!((reader, code), (Reader::BuiltIn, "truncated")),
        }
    }
}

fn too_large(reader: Reader) {
    let options = Options { max_text_chars: 30, ..options(reader) };
    assert_eq!(read_with(&sample(), options).map(|d| d.text), Err("too_large"));
}

fn encrypted(reader: Reader) {
    let Some(pdfs) = shared("pdfs/corpus") else { return };
    for locked in [
        "pypdf/005-libreoffice-writer-password/libreoffice-writer-password.pdf",
        "docling/2206.01062_pg3.pdf",
    ] {
        assert_eq!(
            read_path(&pdfs.join(locked), options(reader)).map(|d| d.title),
            Err("encrypted"),
            "{locked}"
        );
    }
}

/// A library that cannot be loaded is told of, and the built-in reader does the work.
fn no_library() {
    let folder = tempfile::tempdir().unwrap();
    let fake = folder.path().join("libpdfium.so");
    std::fs::write(&fake, "no library").unwrap();
    for path in [fake, folder.path().join("absent.so"), "libpdfium.so".into()] {
        let document =
            read_with(&sample(), Options { pdf_library: Some(path), ..Options::default() }).unwrap();
        assert_eq!(outline(&document), "p First there was nothing.\np Then there was light.");
        assert!(
            document.warnings.iter().any(|w| w.contains("could not be loaded")),
            "{:?}",
            document.warnings
        );
    }
}

/// Whatever bytes are changed: a sound document or a code that names the file's fault, never a broken reader.
fn any_damage_is_survived(reader: Reader) {
    let sample = sample();
    let damage = proptest::collection::vec((0..sample.len(), any::<u8>()), 1..40);
    proptest!(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() }, |(damage in damage)| {
        let mut bytes = sample.clone();
        for (at, byte) in damage.into_iter().filter(|(at, _)| *at >= 8) {
            bytes[at] = byte;
        }
        match read(&bytes, reader) {
            Ok(document) => prop_assert!(document.pages.iter().all(|p| p.status != PageStatus::Text || !p.words.is_empty())),
            Err(code) => prop_assert!(["damaged", "truncated", "encrypted"].contains(&code), "{}", code),
        }
    });
}
