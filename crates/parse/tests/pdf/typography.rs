//! What typesetters do to text.

use libtest_mimic::Trial;

use crate::support::{Reader, for_both, outline, read, with_pdfium};
use crate::writer::{Page, first_more, pdf};

pub fn trials() -> Vec<Trial> {
    let mut trials = for_both("typography::three_columns", three_columns);
    trials.extend(for_both("typography::box_of_facts", box_of_facts));
    trials.extend(for_both("typography::wrapped_cells", wrapped_cells));
    trials.extend(for_both("typography::words_parted_at_columns_and_pages", parted_words));
    trials.extend(for_both("typography::drop_capital", drop_capital));
    trials.extend(for_both("typography::raised_figures", raised_figures));
    trials.extend(for_both("typography::footnotes", footnotes));
    trials.extend(for_both("typography::table_across_pages", table_across_pages));
    trials.extend(with_pdfium("typography::right_to_left", right_to_left));
    trials.extend(for_both("typography::ligatures", ligatures));
    trials.extend(with_pdfium("typography::japanese", japanese));
    trials.extend(with_pdfium("typography::vertical_japanese", vertical_japanese));
    trials
}

fn check(reader: Reader, pages: &[Page], expected: &str) {
    let document = read(&pdf(pages, "", &[]), reader).unwrap();
    assert_eq!(outline(&document), expected);
}

/// Cells that are wrapped are put together where rows stand further apart than lines; rows of figures are not, though a
/// space parts them from the next.
fn wrapped_cells(reader: Reader) {
    let mut page = Page::default();
    let rows = [
        (["January 27, 1955", "Buffalo"], "52", ["Court of Appeals for", "the first circuit"]),
        (["June 23, 1948", "Pin Point"], "48", ["Court of Appeals for", "the second circuit"]),
        (["March 15, 1933", "Brooklyn"], "96", ["Court of Appeals for", "the third circuit"]),
    ];
    for (row, (born, vote, court)) in rows.iter().enumerate() {
        let y = 700.0 - 40.0 * row as f32;
        for line in 0..2 {
            let y = y - 12.0 * line as f32;
            page = page.text("F1", 10.0, 72.0, y, born[line]).text("F1", 10.0, 300.0, y, court[line]);
        }
        // In the middle of its row.
        page = page.text("F1", 10.0, 220.0, y - 6.0, vote);
    }
    for (row, label) in ["Cash", "Notes", "Bonds", "Loans"].iter().enumerate() {
        let y = 500.0 - 12.0 * row as f32 - if row > 1 { 14.0 } else { 0.0 };
        page = page
            .text("F1", 10.0, 72.0, y, label)
            .text("F1", 10.0, 300.0, y, "17")
            .text("F1", 10.0, 400.0, y, "18");
    }
    let document = read(&pdf(&[page], "", &[]), reader).unwrap();
    for expected in [
        "January 27, 1955 Buffalo | 52 | Court of Appeals for the first circuit",
        "March 15, 1933 Brooklyn | 96 | Court of Appeals for the third circuit",
        "Cash | 17 | 18\nNotes | 17 | 18\nBonds | 17 | 18\nLoans | 17 | 18",
    ] {
        assert!(document.text.contains(expected), "{expected}: {}", document.text);
    }
}

/// A box of facts at the right is read after the text beside it, and its lines are none of the text's cells.
fn box_of_facts(reader: Reader) {
    let text = [
        "The harbour of Larkspur lies at the mouth of the river and is open to",
        "vessels of every size throughout the whole of the year. It was built by",
        "the town in the years after the great flood and has been enlarged three",
        "times since then, most of all when the railway came to the north quay.",
        "The harbour master keeps the list of berths and tells the fees that are",
        "owed for each of them, which the council fixes in the spring of a year.",
        "Pilots are compulsory for ships of more than ninety metres in length.",
        "The lighthouse on the mole is the oldest that still burns on the coast.",
    ];
    let facts = ["Opened", "Berths", "Depth", "Master"];
    let values = ["1871", "34", "9 metres", "J. Marlowe"];
    let mut page = Page::default().lines(60.0, 700.0, &text);
    for (line, (fact, value)) in facts.iter().zip(values).enumerate() {
        let y = 695.0 - 19.0 * line as f32;
        page = page.text("F1", 9.0, 440.0, y, fact).text("F1", 9.0, 500.0, y, value);
    }
    let across = "After the box the text goes on over the whole width of the page, as it does in every encyclopaedia of the world.";
    page = page.text("F1", 11.0, 60.0, 560.0, across);
    let document = read(&pdf(&[page], "", &[]), reader).unwrap();
    let flat = document.text.replace('\n', " ");
    assert!(flat.contains(&text.join(" ")), "{}", document.text);
    assert!(
        document.text.contains("Berths | 34") && document.text.contains("Master | J. Marlowe"),
        "{}",
        document.text
    );
    assert!(document.text.trim_end().ends_with(across), "{}", document.text);
}

fn three_columns(reader: Reader) {
    let columns =
        ["One tells of all the waters", "Two tells of all the fires", "Three tells of all the airs"];
    let page = (0..8).fold(Page::default(), |page, i| {
        let y = 700.0 - 14.0 * i as f32;
        columns.iter().zip([60.0, 230.0, 400.0]).fold(page, |page, (text, x)| page.lines(x, y, &[text]))
    });
    check(reader, &[page], &columns.map(|text| format!("p {}", [text; 8].join(" "))).join("\n"));
}

/// A word that the end of a column or page parts is one again where the document has it elsewhere.
fn parted_words(reader: Reader) {
    let line = "Some information is kept for a while";
    let column = |page: Page, x: f32, last: &str| {
        let mut lines = [line; 8];
        lines[7] = last;
        page.lines(x, 700.0, &lines)
    };
    let page = column(Page::default(), 60.0, "and this sentence about the infor-");
    let page =
        page.lines(320.0, 700.0, &["mation here goes on, as does the rest"]).lines(320.0, 686.0, &[line; 8]);
    let pages = [
        page.lines(320.0, 574.0, &["of what is said about infor-"]),
        Page::default().lines(60.0, 700.0, &["mation on the next page.", "It ends."]),
    ];
    let eight = [line; 8].join(" ");
    let seven = [line; 7].join(" ");
    check(
        reader,
        &pages,
        &format!(
            "p {seven} and this sentence about the information here goes on, as does the rest {eight} of what is said \
             about information on the next page. It ends."
        ),
    );
}

fn drop_capital(reader: Reader) {
    let page = Page::default()
        .text("F1", 40.0, 72.0, 672.0, "O")
        .lines(106.0, 700.0, &["nce there was a king who had three", "sons, and the youngest of them was"])
        .lines(106.0, 672.0, &["the one who went out into the world"])
        .lines(72.0, 658.0, &["to learn what fear is, and came home."]);
    check(
        reader,
        &[page],
        "p Once there was a king who had three sons, and the youngest of them was the one who went out into the world to \
         learn what fear is, and came home.",
    );
}

fn raised_figures(reader: Reader) {
    // Helvetica, 11 points: "The area is 25 m" is 83.8 points wide.
    let page = Page::default()
        .lines(72.0, 700.0, &["The area is 25 m"])
        .text("F1", 7.0, 154.7, 704.0, "2")
        .text("F1", 11.0, 161.0, 700.0, "in all, says the survey.");
    check(reader, &[page], "p The area is 25 m2 in all, says the survey.");
}

fn footnotes(reader: Reader) {
    let subjects = ["water", "fire", "air"];
    let page = |(number, subject): (usize, &str)| {
        let first = format!("The text of this page tells of {subject} and is long");
        Page::default()
            .lines(72.0, 700.0, &[&first, &format!("enough for a paragraph on {subject}, and ends.")])
            .raw("72 120 m 200 120 l S\n")
            .text("F1", 8.0, 72.0, 108.0, &format!("{number} A note about {subject}."))
    };
    let expected = (1..).zip(subjects).map(|(number, subject)| {
        format!(
            "p The text of this page tells of {subject} and is long enough for a paragraph on {subject}, and ends.\n\
             p {number} A note about {subject}."
        )
    });
    let pages: Vec<Page> = (1..).zip(subjects).map(page).collect();
    check(reader, &pages, &expected.collect::<Vec<_>>().join("\n"));
}

fn table_across_pages(reader: Reader) {
    let page = |from: usize| {
        (0..4).fold(Page::default(), |page, i| {
            let y = 150.0 - 20.0 * i as f32;
            let page = page.lines(72.0, y, &[&format!("Item {}", from + i)]);
            page.lines(300.0, y, &[&format!("{},000", from + i)]).lines(
                420.0,
                y,
                &[&format!("{}.5", from + i)],
            )
        })
    };
    let rows: Vec<String> = (1..9).map(|i| format!("tr Item {i} | {i},000 | {i}.5")).collect();
    check(reader, &[page(1), page(5)], &rows.join("\n"));
}

/// A page in a font whose characters stand for these, and that draws them by their numbers, from 1, from left to right.
fn page_of(characters: &[&str], drawn: &[&[usize]]) -> Vec<u8> {
    let map: String =
        (1..).zip(characters).map(|(code, text)| format!("<{code:04X}> <{}>\n", utf16(text))).collect();
    let to_unicode = format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n\
         1 begincodespacerange <0000> <FFFF> endcodespacerange\n{} beginbfchar\n{map}endbfchar\n\
         endcmap CMapName currentdict /CMap defineresource pop end end",
        characters.len()
    );
    let content: String = (0..)
        .zip(drawn)
        .map(|(i, codes)| {
            let codes: String = codes.iter().map(|code| format!("{code:04X}")).collect();
            format!("BT /A 12 Tf 1 0 0 1 72 {} Tm <{codes}> Tj ET\n", 700 - 40 * i)
        })
        .collect();
    let page = Page { more: "/Resources << /Font << /A 11 0 R >> >>", ..Page::default() }.raw(&content);
    assert_eq!(first_more(1), 11);
    let more = [
        "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [12 0 R] /ToUnicode 14 0 R >>".into(),
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) \
         /Supplement 0 >> /FontDescriptor 13 0 R /DW 500 >>"
            .into(),
        "<< /Type /FontDescriptor /FontName /A /Flags 4 /FontBBox [0 -250 1000 750] /ItalicAngle 0 /Ascent 750 /Descent -250 \
         /CapHeight 700 /StemV 80 >>"
            .into(),
        format!("<< /Length {} >> stream\n{to_unicode}\nendstream", to_unicode.len()),
    ];
    pdf(&[page], "", &more)
}

/// Hebrew and Arabic come in the order in which they are read, with the digits in theirs.
fn right_to_left(reader: Reader) {
    // shalom olam; then khilal, with lam and alef in one glyph, and 12.
    let characters = ["ש", "ל", "ו", "ם", "ע", " ", "خ", "لا", "ل", "1", "2"];
    let hebrew: &[usize] = &[4, 2, 3, 5, 6, 4, 3, 2, 1];
    let arabic: &[usize] = &[10, 11, 6, 9, 8, 7];
    let document = read(&page_of(&characters, &[hebrew, arabic]), reader).unwrap();
    assert_eq!(outline(&document), "p שלום עולם\np خلال 12");
}

/// Ligatures are taken apart, however they are written; soft hyphens vanish, and the word goes on in the next line.
fn ligatures(reader: Reader) {
    let characters = ["\u{fb03}", "fi", "e", "c", "\u{ad}", "n", "t", "\u{fe8d}", "x\u{b2}"];
    let document = read(&page_of(&characters, &[&[3, 1, 4, 5, 3, 6, 7], &[2, 6, 3, 9]]), reader).unwrap();
    assert_eq!(outline(&document), "p efficent\np finex²");
    let document = read(&page_of(&["a", "b", "\u{ad}", " "], &[&[1, 1, 4, 1, 2, 3]]), reader).unwrap();
    assert_eq!(outline(&document), "p aa ab");
    let parted = page_of(&["ma", "\u{ad}", "x", " "], &[&[3, 1, 4, 1, 1, 2], &[1, 3, 4, 3]]);
    // The lines of one paragraph stand closer.
    let parted = String::from_utf8(parted).unwrap().replace("72 660 Tm", "72 686 Tm");
    let document = read(parted.as_bytes(), reader).unwrap();
    assert_eq!(outline(&document), "p xma mamamax x");
}

/// A page in a Japanese font that is not embedded, with this encoding.
fn japanese_page(encoding: &str, content: &str) -> Vec<u8> {
    let at = first_more(1);
    let page = Page { more: "/Resources << /Font << /J 11 0 R >> >>", ..Page::default() }.raw(content);
    let more = [
        format!("<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /{encoding} /DescendantFonts [{} 0 R] >>", at + 1),
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) \
         /Supplement 2 >> /DW 1000 /FontDescriptor 13 0 R >>"
            .into(),
        "<< /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 6 /FontBBox [-123 -257 1001 910] /ItalicAngle 0 /Ascent 709 \
         /Descent -241 /CapHeight 709 /StemV 69 >>"
            .into(),
    ];
    pdf(&[page], "", &more)
}

fn utf16(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("{unit:04X}")).collect()
}

fn japanese(reader: Reader) {
    let lines = ["吾輩は猫である。名前はまだ無い。どこで", "生れたかとんと見当がつかぬ。"];
    let content: String = (0..)
        .zip(lines)
        .map(|(i, line)| format!("BT /J 12 Tf 1 0 0 1 72 {} Tm <{}> Tj ET\n", 700 - 18 * i, utf16(line)))
        .collect();
    let document = read(&japanese_page("UniJIS-UTF16-H", &content), reader).unwrap();
    assert_eq!(outline(&document), format!("p {}", lines.concat()));
}

/// Lines from top to bottom, the first of them on the right.
fn vertical_japanese(reader: Reader) {
    let lines = [
        "吾輩は猫である。名前はまだ無い。どこで",
        "生れたかとんと見当がつかぬ。何でも薄暗",
        "いじめじめした所で。",
    ];
    let content: String = (0..)
        .zip(lines)
        .map(|(i, line)| format!("BT /J 12 Tf 1 0 0 1 {} 700 Tm <{}> Tj ET\n", 500 - 20 * i, utf16(line)))
        .collect();
    let document = read(&japanese_page("UniJIS-UTF16-V", &content), reader).unwrap();
    assert_eq!(outline(&document), format!("p {}", lines.concat()));
}
