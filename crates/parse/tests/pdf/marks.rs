//! Forms, notes and attached files.

use citadel_parse::{Limits, Options, Parsed};
use libtest_mimic::Trial;

use crate::support::{Reader, box_of, hidden, options, outline, read, read_all, with_pdfium};
use crate::writer::{Page, first_more, pdf};

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = with_pdfium("marks::forms", forms).into_iter().collect();
    trials.extend(with_pdfium("marks::notes", notes));
    trials.extend(with_pdfium("marks::attachments", attachments));
    trials
}

const RECT: &str = "/Rect [72 600 272 620]";

/// A page of text with this on it, as an outline without the text.
fn marks(reader: Reader, page: Page, catalog: &str, more: &[String]) -> String {
    let page = page.lines(72.0, 700.0, &["A page."]);
    let document = read(&pdf(&[page], catalog, more), reader).unwrap();
    let outline = outline(&document);
    assert!(outline.starts_with("p A page."), "{outline}");
    outline.strip_prefix("p A page.").unwrap().trim_start_matches("\np ").to_owned()
}

fn forms(reader: Reader) {
    let check = |field: &str, expected: &str| {
        let at = first_more(1);
        let page = Page { annotations: vec![format!("{at} 0 R")], ..Page::default() };
        let form = format!("/AcroForm << /Fields [{at} 0 R] /DA (/F1 10 Tf) >>");
        let widget = format!("<< /Type /Annot /Subtype /Widget {RECT} {field} >>");
        assert_eq!(marks(reader, page, &form, &[widget]), expected, "{field}");
    };
    check("/FT /Tx /T (Given name) /V (Ada\\rof London)", "Given name: Ada of London");
    check("/FT /Tx /T (form1[0].page1[0].year[0]) /V (1815)", "year: 1815");
    check("/FT /Tx /T (Empty)", "");
    check("/FT /Tx /Ff 8192 /T (Secret) /V (password)", "");
    check("/FT /Btn /T (Agrees) /V /Yes /AS /Yes", "Agrees: Yes");
    check("/FT /Btn /T (Agrees) /V /Off /AS /Off", "Agrees: Off");
    check("/FT /Btn /Ff 32768 /T (Size) /V /Large /AS /Large", "Size: Large");
    check("/FT /Btn /Ff 32768 /T (Size) /V /Large /AS /Off", "");
    check("/FT /Btn /Ff 65536 /T (Send)", "");
    check("/FT /Ch /Ff 131072 /T (Country) /Opt [(France) (Spain)] /V (Spain)", "Country: Spain");
    check(
        "/FT /Ch /Ff 2097152 /T (Days) /Opt [(Mon) (Tue) (Wed)] /V [(Mon) (Wed)] /I [0 2]",
        "Days: Mon, Wed",
    );
}

fn notes(reader: Reader) {
    let check = |note: &str, expected: &str| {
        assert_eq!(marks(reader, Page::default().annotation(note), "", &[]), expected, "{note}");
    };
    check(&format!("/Subtype /Text {RECT} /Contents (Is this so?) /T (Eve)"), "Eve: Is this so?");
    check(&format!("/Subtype /FreeText {RECT} /Contents (On the page) /DA (/F1 10 Tf)"), "On the page");
    check(
        &format!("/Subtype /Highlight {RECT} /QuadPoints [72 620 272 620 72 600 272 600] /Contents (Wrong)"),
        "Wrong",
    );
    check(&format!("/Subtype /Highlight {RECT} /QuadPoints [72 620 272 620 72 600 272 600]"), "");
    check(&format!("/Subtype /Popup {RECT} /Contents (Is this so?)"), "");
    check(&format!("/Subtype /Link {RECT} /Contents (A link) /A << /S /URI /URI (about:blank) >>"), "");
    check(&format!("/Subtype /Text {RECT} /Contents (  )"), "");
    // From top to bottom, whatever the order of the file.
    let below = "/Subtype /Text /Rect [72 300 92 320] /Contents (below)";
    let page =
        Page::default().annotation(below).annotation(&format!("/Subtype /Text {RECT} /Contents (above)"));
    assert_eq!(marks(reader, page, "", &[]), "above\np below");
    // Its words stand where it stands, and one that is hidden is marked so.
    let page = Page::default()
        .annotation(&format!("/Subtype /Text {RECT} /Contents (here)"))
        .annotation("/Subtype /Text /Rect [0 0 9 9] /F 2 /Contents (hidden)");
    let document = read(&pdf(&[page], "", &[]), reader).unwrap();
    assert_eq!(box_of(&document, "here"), [72.0, 172.0, 272.0, 192.0]);
    assert_eq!(hidden(&document), ["hidden"]);
}

fn attachments(reader: Reader) {
    let page = Page::default().lines(72.0, 700.0, &["See the attached file."]);
    let at = first_more(1);
    let file = |name: &str, content: &str, number: usize| {
        [
            format!("<< /Type /Filespec /F ({name}) /UF ({name}) /EF << /F {} 0 R >> >>", number + 1),
            format!("<< /Type /EmbeddedFile /Length {} >> stream\n{content}\nendstream", content.len()),
        ]
    };
    let files = [
        file("notes.md", "# Notes\n\nWater is wet.", at),
        file("notes.md", "Fire is hot.", at + 2),
        file("noise.bin", "\0\u{1}\0\u{2}\0\0\0\0", at + 4),
        file("../../up.txt", "Air is light.", at + 6),
    ];
    let names: String = (0..files.len()).map(|i| format!("(file{i}) {} 0 R ", at + 2 * i)).collect();
    let catalog = format!("/Names << /EmbeddedFiles << /Names [{names}] >> >>");
    let bytes = pdf(&[page], &catalog, &files.concat());
    let given = read_all(&bytes, options(reader), Limits::default()).unwrap();
    let line = |parsed: &Parsed| match parsed {
        Parsed::Document(document) => {
            format!("{}: {}", document.part.as_deref().unwrap_or("-"), outline(document).replace('\n', "; "))
        }
        Parsed::Failed { part, failure } => format!("{part}: {}", failure.code()),
        Parsed::Page { .. } => unreachable!("left out"),
    };
    let lines: Vec<String> = given.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "-: p See the attached file.",
            "notes.md: h1 Notes; p Water is wet.",
            "notes.md (2): p Fire is hot.",
            "noise.bin: unsupported",
            "../../up.txt: p Air is light.",
        ]
    );
    // Without PDFium there is no way to them.
    let plain = read_all(&bytes, Options::default(), Limits::default()).unwrap();
    assert_eq!(plain.len(), 1);
}
