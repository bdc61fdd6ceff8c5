//! Files that are made to break a reader.

use std::io::Write;
use std::time::{Duration, Instant};

use citadel_core::PageStatus;
use citadel_parse::{Limits, Parsed};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use libtest_mimic::Trial;

use crate::support::{Reader, for_both, options, outline, read, read_all, with_pdfium};
use crate::writer::{Page, first_more, page_object, pdf};

pub fn trials() -> Vec<Trial> {
    let mut trials = for_both("hostile::endless_page", endless_page);
    trials.extend(for_both("hostile::bomb_of_a_page", bomb_of_a_page));
    trials.extend(for_both("hostile::deep_page_tree", deep_page_tree));
    trials.extend(for_both("hostile::odd_sizes", odd_sizes));
    trials.extend(for_both("hostile::odd_numbers", odd_numbers));
    trials.extend(for_both("hostile::loops", loops));
    trials.extend(with_pdfium("hostile::deep_outline", deep_outline));
    trials
}

/// A form that draws the next one ten times, ten deep: ten thousand million times the last one. The page is given up; the
/// ones around it are read.
fn endless_page(reader: Reader) {
    let pages = [
        Page::default().lines(72.0, 700.0, &["Before."]),
        Page { more: "/Resources << /Font << /F1 3 0 R >> /XObject << /X 15 0 R >> >>", ..Page::default() }
            .raw("/X Do\n"),
        Page::default().lines(72.0, 700.0, &["After."]),
    ];
    assert_eq!(first_more(3), 15);
    let form = |depth: usize| {
        let (content, next) = match depth {
            9 => ("BT /F1 9 Tf 9 9 Td (again) Tj ET ".repeat(10), 3),
            _ => ("/X Do ".repeat(10), 16 + depth),
        };
        format!(
            "<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> /XObject << /X {next} 0 R >> >> \
             /Length {} >> stream\n{content}\nendstream",
            content.len()
        )
    };
    let forms: Vec<String> = (0..10).map(form).collect();
    let limits = Limits { page: Duration::from_secs(1), ..Limits::default() };
    let begin = Instant::now();
    let given = read_all(&pdf(&pages, "", &forms), options(reader), limits).unwrap();
    let [Parsed::Document(document)] = given.as_slice() else { panic!("{given:?}") };
    assert_eq!(outline(document), "p Before.\np After.");
    let status: Vec<_> = document.pages.iter().map(|page| &page.status).collect();
    assert!(
        matches!(status.as_slice(), [PageStatus::Text, PageStatus::Unreadable(_), PageStatus::Text]),
        "{status:?}"
    );
    assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
}

/// A page's drawing that unpacks to more than the memory that the child has costs that page alone.
fn bomb_of_a_page(reader: Reader) {
    let pack = |bytes: &[u8], times: usize| {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
        (0..times).for_each(|_| packer.write_all(bytes).unwrap());
        packer.finish().unwrap()
    };
    // Packed twice, it is a few kilobytes.
    let packed = pack(&pack(&[b' '; 1 << 20], 800), 1);
    let packed: String = packed.iter().map(|byte| format!("{byte:02X}")).collect();
    let bomb = format!(
        "<< /Length {} /Filter [/ASCIIHexDecode /FlateDecode /FlateDecode] >> stream\n{packed}>\nendstream",
        packed.len() + 1
    );
    let pages = [
        Page::default().lines(72.0, 700.0, &["Before."]),
        Page { more: "/Contents 15 0 R", ..Page::default() },
        Page::default().lines(72.0, 700.0, &["After."]),
    ];
    assert_eq!(first_more(3), 15);
    let file = pdf(&pages, "", &[bomb]);
    let limits = Limits { memory_bytes: 700 << 20, ..Limits::default() };
    let given = read_all(&file, options(reader), limits).unwrap();
    let [Parsed::Document(document)] = given.as_slice() else { panic!("{given:?}") };
    assert_eq!(outline(document), "p Before.\np After.");
    assert_eq!(document.pages.len(), 3);
    if reader == Reader::Pdfium {
        let status = PageStatus::Unreadable("reading it needed too much memory".into());
        assert_eq!(document.pages[1].status, status);
    }
}

/// Nodes of the page tree below each other, with the page at the bottom.
fn deep_page_tree(reader: Reader) {
    const N: usize = 20_000;
    let page = Page::default().lines(72.0, 700.0, &["Some text"]);
    let at = first_more(1);
    let more: Vec<String> = (0..N)
        .map(|i| {
            let kid = if i + 1 < N { at + i + 1 } else { page_object(0) };
            format!("<< /Type /Pages /Kids [{kid} 0 R] /Count 1 >>")
        })
        .collect();
    let file = String::from_utf8(pdf(&[page], "", &more)).unwrap();
    let file = file.replace(&format!("/Kids [{} 0 R ]", page_object(0)), &format!("/Kids [{at} 0 R]"));
    match read(file.as_bytes(), reader) {
        Ok(document) => assert_eq!(document.pages.len(), 1),
        Err(code) => assert_eq!(code, "damaged"),
    }
}

fn odd_sizes(reader: Reader) {
    for more in [
        "/MediaBox [0 0 0 0]",
        "/MediaBox [0 0 1000000000 1000000000]",
        "/MediaBox [5 5 5 900]",
        "/MediaBox [0 0 612 792] /CropBox [900 900 1000 1000]",
        "/MediaBox [612 792 0 0]",
        "/MediaBox [0 0 1e38 1e38]",
        "/MediaBox [(a) /b null]",
        "/MediaBox [0 0 612 792] /Rotate 45",
        "/MediaBox [0 0 612 792] /Rotate -90",
        "/MediaBox [0 0 612 792] /UserUnit 1000000000",
    ] {
        let page = Page { more, ..Page::default() }.lines(72.0, 700.0, &["Some text"]);
        let document = match read(&pdf(&[page], "", &[]), reader) {
            Err("damaged") if reader == Reader::BuiltIn => continue,
            read => read.unwrap(),
        };
        let page = &document.pages[0];
        let is_told = matches!(page.status, PageStatus::Unreadable(_)) || document.text == "Some text";
        assert!(is_told, "{more}: {:?} {:?}", page.status, document.text);
        assert!(page.width.is_finite() && page.height.is_finite(), "{more}");
    }
}

fn odd_numbers(reader: Reader) {
    for operators in [
        "BT /F1 1e30 Tf 1 0 0 1 72 600 Tm (big) Tj ET",
        "BT /F1 11 Tf 1e20 0 0 1e20 0 0 Tm (big) Tj ET",
        "BT /F1 11 Tf 1e38 1e38 -1e38 1e38 1e38 1e38 Tm (big) Tj ET",
        "BT /F1 11 Tf 0 0 0 0 72 600 Tm (flat) Tj ET",
        "BT /F1 0 Tf 1 0 0 1 72 600 Tm (none) Tj ET",
        "BT /F1 -11 Tf 1 0 0 1 72 600 Tm (back) Tj ET",
        "BT /F1 11 Tf 1e300 0 0 -1e300 nan inf Tm (odd) Tj ET",
        "1e38 0 0 1e38 0 0 cm 1e38 0 0 1e38 0 0 cm BT /F1 11 Tf 1 0 0 1 72 600 Tm (inf) Tj ET",
        "BT /F1 11 Tf 99999999999 TL 1e30 Tc 1e30 Tw 1e10 Tz 1 0 0 1 72 600 Tm (a b) Tj T* (c) Tj ET",
    ] {
        let page = Page::default().lines(72.0, 700.0, &["Some text"]).raw(operators).raw("\n");
        let document = read(&pdf(&[page], "", &[]), reader).unwrap();
        let is_lost = matches!(document.pages[0].status, PageStatus::Unreadable(_));
        let is_read = document.text.contains("Some text");
        assert!(is_read || is_lost && reader == Reader::BuiltIn, "{operators}: {:?}", document.text);
    }
}

/// Trees that lead back to themselves.
fn loops(reader: Reader) {
    let page = Page::default().lines(72.0, 700.0, &["Some text"]);
    let at = first_more(1);
    let entry = |more: &str| {
        format!("<< /Title (Loop) /Parent {at} 0 R /Dest [{} 0 R /Fit] {more} >>", page_object(0))
    };
    for (catalog, more) in [
        (
            format!("/Outlines {at} 0 R"),
            vec![
                format!("<< /First {} 0 R /Last {} 0 R >>", at + 1, at + 2),
                entry(&format!("/Next {} 0 R /First {at} 0 R", at + 2)),
                entry(&format!("/Next {} 0 R /First {} 0 R", at + 1, at + 1)),
            ],
        ),
        (format!("/Names << /EmbeddedFiles {at} 0 R >>"), vec![format!("<< /Kids [{at} 0 R {at} 0 R] >>")]),
        (format!("/PageLabels {at} 0 R"), vec![format!("<< /Kids [{at} 0 R {at} 0 R] >>")]),
        (
            format!("/AcroForm << /Fields [{at} 0 R] >>"),
            vec![format!("<< /T (a) /Kids [{at} 0 R {at} 0 R] /Parent {at} 0 R >>")],
        ),
    ] {
        let document = read(&pdf(std::slice::from_ref(&page), &catalog, &more), reader).unwrap();
        assert_eq!(document.text, "Some text", "{catalog}");
    }
    // A page tree in which the page's node is its own child as well.
    let bytes = pdf(&[page], "", &[]);
    let looped = String::from_utf8(bytes).unwrap().replace("/Kids [9 0 R ]", "/Kids [9 0 R 2 0 R ]");
    match read(looped.as_bytes(), reader) {
        Ok(document) => assert!(document.text.contains("Some text"), "{:?}", document.text),
        Err(code) => assert_eq!(code, "damaged"),
    }
}

/// Entries below entries, a thousand deep: all of them are read, and those below the sixth count as sixth.
fn deep_outline(reader: Reader) {
    const N: usize = 1000;
    let lines = ["First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh"];
    let page = lines.iter().enumerate().fold(Page::default(), |page, (i, line)| {
        let y = 760.0 - 80.0 * i as f32;
        page.lines(72.0, y, &[*line]).lines(72.0, y - 30.0, &["Here is what stands below, in some words."])
    });
    let at = first_more(1);
    let mut more = vec![format!("<< /First {} 0 R /Last {} 0 R >>", at + 1, at + 1)];
    more.extend((0..N).map(|i| {
        let title = lines.get(i).copied().unwrap_or("Absent");
        let child = if i + 1 < N {
            format!("/First {} 0 R /Last {} 0 R", at + 2 + i, at + 2 + i)
        } else {
            String::new()
        };
        format!("<< /Title ({title}) /Parent {} 0 R /Dest [{} 0 R /Fit] {child} >>", at + i, page_object(0))
    }));
    let document = read(&pdf(&[page], &format!("/Outlines {at} 0 R"), &more), reader).unwrap();
    let headings: Vec<String> =
        outline(&document).lines().filter(|line| line.starts_with('h')).map(str::to_owned).collect();
    assert_eq!(
        headings,
        ["h1 First", "h2 Second", "h3 Third", "h4 Fourth", "h5 Fifth", "h6 Sixth", "h6 Seventh"]
    );
}
