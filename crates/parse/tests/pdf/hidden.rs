//! Text that a viewer does not show.

use libtest_mimic::Trial;

use crate::support::{Reader, for_both, hidden, outline, read, with_pdfium};
use crate::writer::{Page, first_more, pdf};

pub fn trials() -> Vec<Trial> {
    let mut trials = for_both("hidden::off_the_page", off_the_page);
    trials.extend(for_both("hidden::too_small", too_small));
    trials.extend(with_pdfium("hidden::paint", paint));
    trials.extend(with_pdfium("hidden::scans", scans));
    trials
}

const SEEN: &str = "Everybody sees this line.";
const UNSEEN: &str = "nobody sees this";

/// A page with a visible line and these operators; the whole text stays, and what is hidden is marked and told of.
fn check(reader: Reader, name: &str, operators: &str, is_hidden: bool) {
    let page = Page::default().text("F1", 11.0, 72.0, 720.0, SEEN).raw(operators);
    let document = read(&pdf(&[page], "", &[]), reader).unwrap();
    assert!(document.text.contains(SEEN) && document.text.contains(UNSEEN), "{name}: {}", outline(&document));
    let expected: &[&str] = if is_hidden { &[UNSEEN] } else { &[] };
    assert_eq!(hidden(&document), expected, "{name}");
    let warned = document.warnings.contains(&"3 words on page 1 are not shown by a viewer".to_owned());
    assert_eq!(warned, is_hidden, "{name}: {:?}", document.warnings);
}

/// Text at 72, 600 in a font of 11 points.
fn text(before: &str) -> String {
    format!("q {before} BT /F1 11 Tf 1 0 0 1 72 600 Tm ({UNSEEN}) Tj ET Q\n")
}

fn off_the_page(reader: Reader) {
    let beyond = |x: i32, y: i32| format!("BT /F1 11 Tf 1 0 0 1 {x} {y} Tm ({UNSEEN}) Tj ET\n");
    check(reader, "on the page", &beyond(300, 300), false);
    check(reader, "right of the page", &beyond(700, 300), true);
    check(reader, "below the page", &beyond(72, -50), true);
    check(reader, "far away", &beyond(90_000, -90_000), true);
    let page = Page { more: "/CropBox [50 650 400 792]", ..Page::default() };
    let page = page.text("F1", 11.0, 72.0, 720.0, SEEN).raw(&text(""));
    let document = read(&pdf(&[page], "", &[]), reader).unwrap();
    assert_eq!((outline(&document), hidden(&document)), (format!("p {SEEN}\np {UNSEEN}"), vec![UNSEEN]));
}

fn too_small(reader: Reader) {
    let sized = |size: f32| format!("BT /F1 {size} Tf 1 0 0 1 72 600 Tm ({UNSEEN}) Tj ET\n");
    check(reader, "tiny", &sized(0.4), true);
    check(reader, "small", &sized(4.0), false);
    let scaled = format!("BT /F1 1 Tf 11 0 0 11 72 600 Tm ({UNSEEN}) Tj ET\n");
    check(reader, "a font of one point, scaled", &scaled, false);
}

fn paint(reader: Reader) {
    let check = |name: &str, operators: String, is_hidden| check(reader, name, &operators, is_hidden);
    check("black", text(""), false);
    check("invisible", text("3 Tr"), true);
    check("invisible, clipping", text("7 Tr"), true);
    check("outlined", text("1 Tr 0 0 0 RG"), false);
    check("outlined in white", text("1 Tr 1 1 1 RG"), true);
    check("white on white", text("1 1 1 rg"), true);
    check("nearly white", text("0.98 0.99 0.97 rg"), true);
    check("light grey", text("0.7 g"), false);
    check("white on a black box", format!("0 g 60 590 200 30 re f\n{}", text("1 g")), false);
    check("white beside a black box", format!("0 g 60 500 200 30 re f\n{}", text("1 g")), true);
    check("dark on dark", format!("0.2 g 60 590 200 30 re f\n{}", text("0.21 g")), true);
    check("black on a grey box", format!("0.9 g 60 590 200 30 re f\n{}", text("0 g")), false);
    check("under a box", format!("{} 0 g 60 590 200 30 re f\n", text("")), true);
    check("beside a box", format!("{} 0 g 60 500 200 30 re f\n", text("")), false);
    check("in a frame", format!("{} 60 590 200 30 re S\n", text("")), false);
    check("under a triangle", format!("{} 0.5 g 60 590 m 260 590 l 260 620 l h f\n", text("")), false);
    let elsewhere = "q 300 300 50 50 re W n 0 g 0 0 612 700 re f Q\n";
    check("under a box that is clipped elsewhere", format!("{}{elsewhere}", text("")), false);
    check("white on a thick line", format!("0 G 40 w 60 603 m 300 603 l S\n{}", text("1 g")), false);
}

/// The invisible text on the picture of a text is what the page says.
fn scans(reader: Reader) {
    let picture = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 \
        /Length 1 >> stream\n\u{80}\nendstream";
    let page = |place: &str| {
        let page = Page {
            more: "/Resources << /Font << /F1 3 0 R >> /XObject << /I 11 0 R >> >>",
            ..Page::default()
        };
        page.raw(&format!("q {place} cm /I Do Q\n")).raw(&text("3 Tr"))
    };
    assert_eq!(first_more(1), 11);
    let check = |place: &str, expected: &[&str]| {
        let document = read(&pdf(&[page(place)], "", &[picture.into()]), reader).unwrap();
        assert_eq!(
            (outline(&document), hidden(&document).as_slice()),
            (format!("p {UNSEEN}"), expected),
            "{place}"
        );
    };
    check("612 0 0 792 0 0", &[]);
    check("100 0 0 100 400 100", &[UNSEEN]);
}
