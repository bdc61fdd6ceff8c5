//! What stands on a page, and where.

use citadel_core::PageStatus;
use libtest_mimic::Trial;
use proptest::prelude::*;

use crate::support::{Reader, assert_sound, box_of, for_both, outline, read, with_pdfium};
use crate::writer::{Page, first_more, page_object, pdf};

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    trials.extend(for_both("pages::text", text));
    trials.extend(for_both("pages::tables", tables));
    trials.extend(for_both("pages::columns", columns));
    trials.extend(for_both("pages::running_headers", running_headers));
    trials.extend(for_both("pages::parted_words", parted_words));
    trials.extend(for_both("pages::boxes", boxes));
    trials.extend(for_both("pages::status", status));
    trials.extend(for_both("pages::composite_widths", composite_widths));
    trials.extend(for_both("pages::any_layout_is_sound", any_layout_is_sound));
    trials.extend(with_pdfium("pages::labels", labels));
    trials.extend(with_pdfium("pages::outline_levels", outline_levels));
    trials.extend(with_pdfium("pages::outline_titles", outline_titles));
    trials
}

fn check(reader: Reader, pages: &[Page], expected: &str) {
    let document = read(&pdf(pages, "", &[]), reader).unwrap();
    assert_eq!(outline(&document), expected);
}

fn text(reader: Reader) {
    let page = Page::default()
        .text("F2", 20.0, 72.0, 720.0, "Leave policy")
        .lines(
            72.0,
            680.0,
            &[
                "Every employee has thirty days of paid leave in a year, counted from",
                "January, and keeps five of them.",
            ],
        )
        .lines(72.0, 630.0, &["Ask your manager first."])
        .lines(72.0, 600.0, &["\u{2022} By letter"]);
    // A bullet is 0x95 in this font's encoding.
    let page = Page { content: page.content.replace('\u{2022}', "\\225"), ..page };
    check(
        reader,
        &[page],
        "h1 Leave policy\n\
         p Every employee has thirty days of paid leave in a year, counted from January, and keeps five of them.\n\
         p Ask your manager first.\n\
         li \u{2022} By letter",
    );
}

fn tables(reader: Reader) {
    // Each column is drawn as a whole, the currency signs apart from their numbers.
    let mut page = Page::default().lines(72.0, 720.0, &["Net sales by segment, in millions:"]);
    for (x, cells) in [
        (72.0, ["", "Products", "Services", "Total net sales"]),
        (280.0, ["2022", "", "", "$"]),
        (300.0, ["", "63,355", "19,604", "82,959"]),
        (380.0, ["2021", "", "", "$"]),
        (400.0, ["", "63,948", "(17,486)", "81,434"]),
    ] {
        page = page.lines(x, 690.0, &cells);
    }
    let page = page
        .text("F1", 11.0, 72.0, 600.0, "Annex")
        .text("F1", 11.0, 140.0, 600.0, ". . . . . . . . . . . .")
        .text("F1", 11.0, 300.0, 600.0, "7");
    check(
        reader,
        &[page.lines(72.0, 560.0, &["Sales grew."])],
        "p Net sales by segment, in millions:\n\
         tr 2022 | 2021\n\
         tr Products | 63,355 | 63,948\n\
         tr Services | 19,604 | (17,486)\n\
         tr Total net sales | $ 82,959 | $ 81,434\n\
         p Annex 7\n\
         p Sales grew.",
    );
}

fn columns(reader: Reader) {
    let left = "The left column tells of water";
    let right = "The right column tells of fire";
    // Line by line across both columns, as some programs draw them.
    let page = (0..8).fold(Page::default().text("F2", 18.0, 72.0, 740.0, "Of the elements"), |page, i| {
        let y = 700.0 - 14.0 * i as f32;
        page.lines(72.0, y, &[left]).lines(320.0, y, &[right])
    });
    let all = |line: &str| [line; 8].join(" ");
    check(reader, &[page], &format!("h1 Of the elements\np {}\np {}", all(left), all(right)));
}

fn running_headers(reader: Reader) {
    let bodies = ["First there was nothing.", "Then there was light.", "It was good.", "So it ended."];
    let pages: Vec<Page> = (1..)
        .zip(bodies)
        .map(|(number, body)| {
            Page::default()
                .text("F1", 9.0, 72.0, 760.0, "Employee handbook")
                .lines(72.0, 600.0, &[body])
                .text("F1", 9.0, 300.0, 40.0, &format!("Page {number} of 4"))
        })
        .collect();
    check(reader, &pages, &bodies.map(|body| format!("p {body}")).join("\n"));
    // Pages that are copies of each other have no running headers.
    let copy =
        Page::default().text("F1", 11.0, 72.0, 760.0, "Notice").lines(72.0, 600.0, &["The quay is closed."]);
    let expected = ["p Notice\np The quay is closed."; 4].join("\n");
    check(reader, &[copy.clone(), copy.clone(), copy.clone(), copy], &expected);
}

fn parted_words(reader: Reader) {
    let page = Page::default().lines(
        72.0,
        700.0,
        &[
            "A well-known rule about information and how long it is kept is here: all infor-",
            "mation about a person is kept for as short a time as can be, says the well-",
            "known rule, and then destroyed with-",
            "out a trace",
        ],
    );
    let expected = "p A well-known rule about information and how long it is kept is here: all information about a \
        person is kept for as short a time as can be, says the well-known rule, and then destroyed without a trace";
    check(reader, &[page], expected);
}

fn boxes(reader: Reader) {
    // Helvetica's widths: H 722, e 556, l 222, l 222, o 556, so the word is 27.3 points wide at 12.
    let check = |more: &'static str, size: [f32; 2], expected: [f32; 4]| {
        let page = Page { more, ..Page::default() }.text("F1", 12.0, 100.0, 700.0, "Hello");
        let document = read(&pdf(&[page], "", &[]), reader).unwrap();
        assert_eq!([document.pages[0].width, document.pages[0].height], size, "{more}");
        // Along the line to a point; across it fonts differ in what they call their height.
        let got = box_of(&document, "Hello");
        let along = usize::from(expected[3] - expected[1] > expected[2] - expected[0]);
        for side in 0..4 {
            let allowed = if side % 2 == along { 1.0 } else { 2.5 };
            assert!((got[side] - expected[side]).abs() < allowed, "{more}: {got:?} is not {expected:?}");
        }
    };
    // From a quarter of the size below the baseline to three quarters above.
    check("", [612.0, 792.0], [100.0, 83.0, 127.3, 95.0]);
    check("/Rotate 90", [792.0, 612.0], [697.0, 100.0, 709.0, 127.3]);
    check("/Rotate 180", [612.0, 792.0], [484.7, 697.0, 512.0, 709.0]);
    check("/Rotate 270", [792.0, 612.0], [83.0, 484.7, 95.0, 512.0]);
    check("/MediaBox [50 100 350 800]", [300.0, 700.0], [50.0, 91.0, 77.3, 103.0]);
    check("/MediaBox [0 0 612 792] /CropBox [90 600 390 720]", [300.0, 120.0], [10.0, 11.0, 37.3, 23.0]);
}

fn status(reader: Reader) {
    let pages = [
        Page::default().lines(72.0, 700.0, &["Some text"]),
        Page::default().raw("100 100 200 200 re f\n"),
        Page::default(),
    ];
    let document = read(&pdf(&pages, "", &[]), reader).unwrap();
    let status: Vec<_> = document.pages.iter().map(|page| page.status.clone()).collect();
    assert_eq!(status, [PageStatus::Text, PageStatus::NoText, PageStatus::Blank]);
    assert_eq!(document.warnings, ["1 of 3 pages show something but carry no text, such as scans"]);
    assert_eq!(document.title, "sample");
}

fn composite_widths(reader: Reader) {
    // "abc" is 18 points wide at 12; "def" starts 3 points after it, without a space between.
    let page = Page::default().raw(
        "BT /F3 12 Tf 1 0 0 1 72 700 Tm <000100020003> Tj ET\nBT /F3 12 Tf 1 0 0 1 93 700 Tm <000400050006> Tj ET\n",
    );
    check(reader, &[page], "p abc def");
}

fn labels(reader: Reader) {
    let pages = vec![Page::default().lines(72.0, 700.0, &["Some text"]); 4];
    let catalog = "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D >> 3 << /P (A-) /S /D /St 7 >>] >>";
    let document = read(&pdf(&pages, catalog, &[]), reader).unwrap();
    let labels: Vec<_> = document.pages.iter().map(|page| page.label.as_deref().unwrap_or("none")).collect();
    assert_eq!(labels, ["i", "ii", "1", "A-7"]);
}

fn outline_levels(reader: Reader) {
    let pages = [
        Page::default().lines(72.0, 700.0, &["1. Scope"]).lines(
            72.0,
            660.0,
            &["This applies to all, the text says."],
        ),
        Page::default().lines(72.0, 700.0, &["1.1 Exceptions"]).lines(72.0, 660.0, &["Scope"]).lines(
            72.0,
            620.0,
            &["It does not apply to some."],
        ),
    ];
    let at = first_more(pages.len());
    let entry = |rest: String| format!("<< {rest} >>");
    let more = [
        entry(format!("/Type /Outlines /First {} 0 R /Last {} 0 R /Count 2", at + 1, at + 1)),
        entry(format!(
            "/Title (Scope) /Parent {at} 0 R /First {} 0 R /Last {} 0 R /Count 1 /Dest [{} 0 R /Fit]",
            at + 2,
            at + 2,
            page_object(0)
        )),
        entry(format!("/Title (Exceptions) /Parent {} 0 R /Dest [{} 0 R /Fit]", at + 1, page_object(1))),
    ];
    let document = read(&pdf(&pages, &format!("/Outlines {at} 0 R"), &more), reader).unwrap();
    // The line that reads like an entry of another page stays what it is.
    assert_eq!(
        outline(&document),
        "h1 1. Scope\np This applies to all, the text says.\nh2 1.1 Exceptions\np Scope\np It does not apply to some."
    );
    assert_eq!(document.title, "1. Scope");
}

/// A title is found with another number than in the outline, and where the paragraph goes on right below it. One that the
/// page does not say is left out.
fn outline_titles(reader: Reader) {
    let page = Page::default().lines(
        72.0,
        700.0,
        &["B. Data sources", "All data come from the office, which", "keeps them."],
    );
    let page = page.lines(72.0, 600.0, &["Here is another paragraph."]);
    let at = first_more(1);
    let more = [
        format!("<< /Type /Outlines /First {} 0 R /Last {} 0 R /Count 2 >>", at + 1, at + 2),
        format!(
            "<< /Title (II-B Data sources) /Parent {at} 0 R /Next {} 0 R /Dest [{} 0 R /Fit] >>",
            at + 2,
            page_object(0)
        ),
        format!("<< /Title (Nowhere) /Parent {at} 0 R /Dest [{} 0 R /Fit] >>", page_object(0)),
    ];
    let document = read(&pdf(&[page], &format!("/Outlines {at} 0 R"), &more), reader).unwrap();
    assert_eq!(
        outline(&document),
        "h1 B. Data sources\np All data come from the office, which keeps them.\np Here is another paragraph."
    );
}

fn any_layout_is_sound(reader: Reader) {
    let word = "[a-zA-Z0-9$%().,-]{1,12}";
    let line =
        (proptest::collection::vec(word, 1..8), 6.0f32..30.0, -100.0f32..700.0, -100.0f32..900.0, 0usize..4);
    let page = (proptest::collection::vec(line, 0..30), 0usize..4);
    let pages = proptest::collection::vec(page, 1..4);
    proptest!(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() }, |(pages in pages)| {
        let pages: Vec<Page> = pages.into_iter().map(|(lines, quarters)| {
            let more = ["", "/Rotate 90", "/Rotate 180", "/Rotate 270"][quarters];
            let page = Page { more, ..Page::default() };
            lines.into_iter().fold(page, |page, (words, size, x, y, turn)| {
                let matrix = ["1 0 0 1", "0 1 -1 0", "-1 0 0 -1", "0 -1 1 0"][turn];
                let text = words.join(" ").replace('(', "\\(").replace(')', "\\)");
                page.raw(&format!("BT /F1 {size} Tf {matrix} {x} {y} Tm ({text}) Tj ET\n"))
            })
        }).collect();
        let document = read(&pdf(&pages, "", &[]), reader).unwrap();
        prop_assert_eq!(document.pages.len(), pages.len());
        assert_sound(&document);
    });
}
