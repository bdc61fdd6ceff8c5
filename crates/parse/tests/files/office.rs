//! Presentations, sheets and books: one small file of each kind, and what hostile ones do.

use citadel_core::{PageStatus, TextMap};
use libtest_mimic::Trial;

use crate::support::{check, check_fails, docx, read, trial, unzip, zip};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("office::pptx", pptx),
        trial("office::pptx_broken", pptx_broken),
        trial("office::xlsx", xlsx),
        trial("office::xlsx_broken", xlsx_broken),
        trial("office::csv", csv),
        trial("office::epub", epub),
        trial("office::epub_broken", epub_broken),
        trial("office::odt", odt),
        trial("office::odp", odp),
        trial("office::ods", ods),
        trial("office::open_document_broken", open_document_broken),
        trial("office::any_damage_is_survived", any_damage_is_survived),
    ]
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// The part that points from another at these, named `r1`, `r2` and so on.
fn relations(targets: &[(&str, &str)]) -> String {
    let all = (1..).zip(targets).map(|(n, (kind, target))| {
        format!(r#"<Relationship Id="r{n}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#)
    });
    format!("<Relationships>{}</Relationships>", all.collect::<String>())
}

const CORE: &str = "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\"><dc:title>The &amp; Title</dc:title>\
    <dc:creator>Ann</dc:creator><dcterms:modified>2024-01-15T10:00:00Z</dcterms:modified></cp:coreProperties>";

fn shape(placeholder: &str, paragraphs: &[&str]) -> String {
    let paragraphs: String = paragraphs.iter().map(|p| format!("<a:p>{p}</a:p>")).collect();
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"1\" name=\"x\"/><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>"
    )
}

/// Two series of two points, one of which has no value.
const CHART: &str = "<c:chartSpace><c:chart><c:title><c:tx><a:t>Sales</a:t></c:tx></c:title>\
    <c:ser><c:tx><c:strRef><c:strCache><c:pt idx=\"0\"><c:v>2023</c:v></c:pt></c:strCache></c:strRef></c:tx>\
    <c:cat><c:pt idx=\"0\"><c:v>Q1</c:v></c:pt><c:pt idx=\"1\"><c:v>Q&amp;2</c:v></c:pt></c:cat>\
    <c:val><c:pt idx=\"0\"><c:v>1.5</c:v></c:pt><c:pt idx=\"1\"><c:v>2.5</c:v></c:pt></c:val></c:ser>\
    <c:ser><c:tx><c:pt idx=\"0\"><c:v>2024</c:v></c:pt></c:tx><c:val><c:pt idx=\"1\"><c:v>3</c:v></c:pt>\
    <c:pt idx=\"99999999\"><c:v>4</c:v></c:pt></c:val></c:ser></c:chart></c:chartSpace>";

fn run(text: &str) -> String {
    format!("<a:r><a:t>{text}</a:t></a:r>")
}

/// A presentation of these slides; the last has the notes.
fn deck(slides: &[&str], notes: &str, core: &str) -> Vec<u8> {
    let count = slides.len();
    let targets: Vec<String> = (1..=count).map(|n| format!("slides/slide{n}.xml")).collect();
    let targets: Vec<(&str, &str)> = targets.iter().map(|target| ("slide", target.as_str())).collect();
    let ids: String = (1..=count).map(|n| format!("<p:sldId id=\"{n}\" r:id=\"r{n}\"/>")).collect();
    let main = format!(
        "<p:presentation><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx=\"9144000\" cy=\"6858000\"/></p:presentation>"
    );
    let mut parts = vec![
        ("ppt/presentation.xml".to_owned(), main),
        ("ppt/_rels/presentation.xml.rels".to_owned(), relations(&targets)),
        ("ppt/notesSlides/notesSlide1.xml".to_owned(), format!("<p:notes>{notes}</p:notes>")),
        (
            format!("ppt/slides/_rels/slide{count}.xml.rels"),
            relations(&[
                ("notesSlide", "../notesSlides/notesSlide1.xml"),
                ("chart", "/ppt/charts/chart1.xml"),
            ]),
        ),
        ("docProps/core.xml".to_owned(), core.to_owned()),
        ("ppt/charts/chart1.xml".to_owned(), CHART.to_owned()),
    ];
    for (n, slide) in (1..).zip(slides) {
        parts.push((format!("ppt/slides/slide{n}.xml"), format!("<p:sld>{slide}</p:sld>")));
    }
    let parts: Vec<(&str, &[u8])> =
        parts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zip(&parts)
}

fn pptx() {
    let cell = |attributes: &str, text: &str| {
        format!("<a:tc {attributes}><a:txBody><a:p>{}</a:p></a:txBody></a:tc>", run(text))
    };
    let table = format!(
        "<p:graphicFrame><a:tbl><a:tr>{}{}</a:tr><a:tr>{}{}</a:tr><a:tr>{}{}</a:tr></a:tbl></p:graphicFrame>",
        cell("", "Grade"),
        cell("", "Days"),
        cell("rowSpan=\"2\"", "A"),
        cell("", "28"),
        cell("vMerge=\"1\"", ""),
        cell("", "30"),
    );
    let first = [
        shape("", &["<a:pPr><a:buChar char=\"-\"/></a:pPr><a:r><a:t>box</a:t></a:r>", &run("plain")]),
        shape("<p:ph type=\"title\"/>", &[&format!("{}<a:br/>{}", run("Leave"), run("&amp; pay"))]),
        shape("<p:ph idx=\"1\"/>", &[&run("one"), &run("two")]),
        shape("<p:ph type=\"sldNum\"/>", &["<a:fld><a:t>7</a:t></a:fld>"]),
        table,
        "<mc:AlternateContent><mc:Choice><p:pic><p:cNvPr descr=\"a chart\"/></p:pic></mc:Choice><mc:Fallback><p:sp><a:p><a:r><a:t>again</a:t></a:r></a:p></p:sp></mc:Fallback></mc:AlternateContent>".into(),
    ];
    let notes = shape("<p:ph type=\"sldNum\"/>", &[&run("3")])
        + &shape("<p:ph type=\"body\"/>", &[&run("Say this.")]);
    let last = shape("<p:ph type=\"ctrTitle\"/>", &[&run("End")])
        + "<p:graphicFrame><c:chart r:id=\"r2\"/></p:graphicFrame>";
    let bytes = deck(&[&first.concat(), "<p:pic/>", "", &last], &notes, CORE);
    check(
        "a.pptx",
        &bytes,
        "pptx: The & Title\nh1 Leave & pay\nli box\np plain\nli one\nli two\ntr Grade | Days\ntr A | 28\ntr A | 30\np a chart\nh1 End\ntr | 2023 | 2024\ntr Q1 | 1.5 |\ntr Q&2 | 2.5 | 3\np Say this.",
    );
    let (documents, _) = read("a.pptx", &bytes);
    let document = &documents[0];
    let map = TextMap::new(&document.text);
    let pages: Vec<_> =
        document.pages.iter().map(|p| (p.number, p.status.clone(), p.width, p.height)).collect();
    use PageStatus::{Blank, NoText, Text};
    assert_eq!(
        pages,
        [
            (1, Text, 720.0, 540.0),
            (2, NoText, 720.0, 540.0),
            (3, Blank, 720.0, 540.0),
            (4, Text, 720.0, 540.0)
        ]
    );
    let texts: Vec<_> = document.pages.iter().map(|p| map.slice(p.range).unwrap()).collect();
    assert!(texts[0].starts_with("Leave & pay") && texts[0].ends_with("a chart"), "{texts:?}");
    assert_eq!(texts[1..], ["", "", "End\n\n| 2023 | 2024\nQ1 | 1.5 |\nQ&2 | 2.5 | 3\n\nSay this."]);
    let facts: Vec<_> = document.metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(facts, [("author", "Ann"), ("timestamp", "2024-01-15T10:00:00Z")]);
    let core = CORE.replace("The &amp; Title", "PowerPoint-Präsentation");
    check(
        "b.pptx",
        &deck(&[&last], "", &core),
        "pptx: End\nh1 End\ntr | 2023 | 2024\ntr Q1 | 1.5 |\ntr Q&2 | 2.5 | 3",
    );
}

fn pptx_broken() {
    let good = shape("", &[&run("words")]);
    check_fails("bad.pptx", &deck(&["<p:sp><a:p></p:sp>"], "", CORE), "damaged");
    check_fails("deep.pptx", &deck(&[&"<p:grpSp>".repeat(100_000)], "", CORE), "damaged");
    check_fails("empty.pptx", &zip(&[("ppt/presentation.xml", b"<p:presentation/>")]), "empty");
    let bytes = deck(&["<p:sp><a:p></p:sp>", &good], "", CORE);
    check("half.pptx", &bytes, "pptx: The & Title\np words");
    let (documents, _) = read("half.pptx", &bytes);
    assert!(matches!(documents[0].pages[0].status, PageStatus::Unreadable(_)), "{:?}", documents[0].pages);
    let entity = "<!DOCTYPE x [<!ENTITY e \"secret\">]>";
    let slide = shape("", &[&run("a&e;b")]);
    let deck = deck(&[&slide], "", &format!("{entity}{CORE}"));
    check("entity.pptx", &deck, "pptx: The & Title\np ab");
}

/// A workbook of these sheets. Style 1 shows a number as a date.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let targets: Vec<String> = (1..=sheets.len()).map(|n| format!("worksheets/sheet{n}.xml")).collect();
    let mut targets: Vec<(&str, &str)> =
        targets.iter().map(|target| ("worksheet", target.as_str())).collect();
    targets.extend([("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")]);
    let names: String = (1..)
        .zip(sheets)
        .map(|(n, (name, _))| format!("<sheet name=\"{name}\" sheetId=\"{n}\" r:id=\"r{n}\"/>"))
        .collect();
    let mut parts = vec![
        ("_rels/.rels".to_owned(), relations(&[("officeDocument", "xl/workbook.xml")])),
        (
            "xl/workbook.xml".to_owned(),
            format!("<workbook xmlns:r=\"{RELATIONS}\"><sheets>{names}</sheets></workbook>"),
        ),
        ("xl/_rels/workbook.xml.rels".to_owned(), relations(&targets)),
        (
            "xl/sharedStrings.xml".to_owned(),
            "<sst><si><t>Name</t></si><si><r><t>A&amp;</t></r><r><t>B</t></r></si></sst>".to_owned(),
        ),
        (
            "xl/styles.xml".to_owned(),
            "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
                .to_owned(),
        ),
        ("docProps/core.xml".to_owned(), CORE.replace("The &amp; Title", "")),
    ];
    for (n, (_, rows)) in (1..).zip(sheets) {
        parts.push((format!("xl/worksheets/sheet{n}.xml"), format!("<worksheet>{rows}</worksheet>")));
    }
    let parts: Vec<(&str, &[u8])> =
        parts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zip(&parts)
}

fn xlsx() {
    let text = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let rows = [
        "<dimension ref=\"B2:E6\"/><sheetData>",
        &format!("<row r=\"2\">{}</row>", text("B2", "Report")),
        &format!(
            "<row r=\"4\"><c r=\"B4\" t=\"s\"><v>0</v></c>{}{}{}</row>",
            text("C4", "Since"),
            text("D4", "Amount"),
            text("E4", "Paid")
        ),
        "<row r=\"5\"><c r=\"B5\" t=\"s\"><v>1</v></c><c r=\"C5\" s=\"1\"><v>45306</v></c><c r=\"D5\"><f>1+1</f><v>12.5</v></c><c r=\"E5\" t=\"b\"><v>1</v></c></row>",
        &format!(
            "<row r=\"6\"><c r=\"B6\"/><c r=\"D6\"><v>0.30000000000000004</v></c>{}</row>",
            text("E6", "two\nlines")
        ),
        "</sheetData><mergeCells><mergeCell ref=\"B5:B6\"/></mergeCells>",
    ];
    let far = format!(
        "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c>{}</row><row r=\"1048576\"><c r=\"A1048576\"><v>2</v></c></row></sheetData>",
        text("XFD1", "far")
    );
    let bytes = workbook(&[("Staff &amp; pay", &rows.concat()), ("Nothing", "<sheetData/>"), ("Far", &far)]);
    check(
        "book.xlsx",
        &bytes,
        "xlsx: book\nh1 Staff & pay\ntr Report\ntr Name | Since | Amount | Paid\n\
         tr Name: A&B | Since: 2024-01-15 | Amount: 12.5 | Paid: true\ntr Name: A&B | Amount: 0.3 | Paid: two lines\n\
         h1 Far\ntr 1\ntr 2",
    );
    let (documents, _) = read("book.xlsx", &bytes);
    assert_eq!(documents[0].warnings, ["sheet “Far”: what stands right of column 1000 was left out"]);
    assert_eq!(documents[0].metadata["author"], "Ann");
}

fn xlsx_broken() {
    check_fails("empty.xlsx", &workbook(&[("Nothing", "<sheetData/>")]), "empty");
    check_fails("no-sheets.xlsx", &zip(&[("xl/workbook.xml", b"<workbook/>")]), "damaged");
    check_fails("bad.xlsx", &workbook(&[("Bad", "<sheetData><row r=\"1\"><c r=\"A1\"></row>")]), "damaged");
    let string = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>99</v></c></row></sheetData>";
    check_fails("string.xlsx", &workbook(&[("No such string", string)]), "damaged");
}

fn csv() {
    check(
        "staff.csv",
        "\u{feff}sep=;\nName;Amount;Note\n\"Smith; Ann\";12,50;\"two\nlines \"\"quoted\"\"\"\n;;\nB\u{fc};;x\n".as_bytes(),
        "csv: staff\ntr Name | Amount | Note\ntr Name: Smith; Ann | Amount: 12,50 | Note: two lines \"quoted\"\ntr Name: Bü | Note: x",
    );
    check("a.tsv", b"Name\tAge\nAnn\t30\n", "csv: a\ntr Name | Age\ntr Name: Ann | Age: 30");
    check(
        "windows.csv",
        b"Stra\xdfe,Gr\xf6\xdfe\nM\xfcller,1\n",
        "csv: windows\ntr Straße | Größe\ntr Straße: Müller | Größe: 1",
    );
    check("b.csv", b"1,2\n3,4\n5\n6,7\n", "csv: b\ntr 1 | 2\ntr 3 | 4\ntr 5\ntr 6 | 7");
    check("no-table.csv", b"plain words", "text: no-table\np plain words");
    check("page.csv", b"<html><body><p>a,b</p>\n<p>c,d</p>", "html: page\np a,b\np c,d");
    check("data.txt", b"a,b\nc,d", "text: data\np a,b / c,d");
    check(
        "quote.csv",
        b"a,b\nc,d\ne,f\n\"never, closed\n1,2",
        "csv: quote\ntr a | b\ntr a: c | b: d\ntr a: e | b: f\ntr a: never, closed 1,2",
    );
    check_fails("commas.csv", b",,\n,,\n,,\n", "empty");
}

/// A book of these chapters, the first of which is the table of contents.
fn book(chapters: &[&str], more: &[(&str, &[u8])]) -> Vec<u8> {
    let item = |n: usize| {
        let properties = if n == 0 { "properties=\"nav\"" } else { "" };
        format!(
            "<item id=\"c{n}\" href=\"text/chapter%20{n}.xhtml\" media-type=\"application/xhtml+xml\" {properties}/>"
        )
    };
    let items: String = (0..chapters.len()).map(item).collect();
    let spine: String = (0..chapters.len()).map(|n| format!("<itemref idref=\"c{n}\"/>")).collect();
    let package = format!(
        "<package><metadata><dc:title>The Book</dc:title><dc:creator>Ann</dc:creator><dc:language>de</dc:language></metadata>\
         <manifest>{items}</manifest><spine>{spine}<itemref idref=\"c1\"/></spine></package>"
    );
    let container = "<container><rootfiles><rootfile full-path=\"OEBPS/book.opf\"/></rootfiles></container>";
    let names: Vec<String> = (0..chapters.len()).map(|n| format!("OEBPS/text/chapter {n}.xhtml")).collect();
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", container.as_bytes()),
        ("OEBPS/book.opf", package.as_bytes()),
    ];
    parts.extend(names.iter().zip(chapters).map(|(name, text)| (name.as_str(), text.as_bytes())));
    parts.extend(more);
    zip(&parts)
}

const CHAPTER: &str = "<?xml version=\"1.0\"?><html><head><title/></head><body><a id=\"x\"/><h1>One</h1><p>First&nbsp;words.</p><ul><li>a</li></ul></body></html>";

fn epub() {
    let second = "<html><body><h2>Two</h2><table><tr><th>k</th><td>v</td></tr></table></body></html>";
    let bytes = book(&["<html><body>contents</body></html>", CHAPTER, "", second], &[]);
    check("a.epub", &bytes, "epub: The Book\nh1 One\np First words.\nli a\nh2 Two\ntr k | v");
    let (documents, _) = read("a.epub", &bytes);
    let facts: Vec<_> = documents[0].metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(facts, [("author", "Ann"), ("language", "de")]);
    let deep = format!("<html><body>{}deep words", "<div>".repeat(100_000));
    check("deep.epub", &book(&["", &deep], &[]), "epub: The Book\np deep words");
}

fn epub_broken() {
    check_fails("empty.epub", &book(&["", "<html/>"], &[]), "empty");
    check_fails("none.epub", &zip(&[("META-INF/container.xml", b"<container/>")]), "damaged");
    let lock = b"<encryption><CipherReference URI=\"OEBPS/text/chapter%201.xhtml\"/></encryption>";
    check_fails("locked.epub", &book(&["", CHAPTER], &[("META-INF/encryption.xml", lock)]), "encrypted");
    let font = b"<encryption><CipherReference URI=\"OEBPS/font.otf\"/></encryption>";
    let bytes = book(&["", CHAPTER], &[("META-INF/encryption.xml", font)]);
    check("font.epub", &bytes, "epub: The Book\nh1 One\np First words.\nli a");
    check_fails("cut.epub", &bytes[..bytes.len() / 2], "truncated");
}

/// An OpenDocument file of this kind.
fn open_document(kind: &str, body: &str, manifest: &str) -> Vec<u8> {
    let content = format!(
        "<!DOCTYPE x [<!ENTITY e \"secret\">]><office:document-content><office:automatic-styles/><office:body>{body}</office:body></office:document-content>"
    );
    let meta = "<office:document-meta><office:meta><dc:creator>Bob</dc:creator><meta:initial-creator>Ann</meta:initial-creator><dc:date>2024-01-15T10:00:00</dc:date></office:meta></office:document-meta>";
    zip(&[
        ("mimetype", format!("application/vnd.oasis.opendocument.{kind}").as_bytes()),
        ("content.xml", content.as_bytes()),
        ("meta.xml", meta.as_bytes()),
        ("META-INF/manifest.xml", format!("<manifest:manifest>{manifest}</manifest:manifest>").as_bytes()),
    ])
}

fn odt() {
    let body = [
        "<office:text><text:tracked-changes><text:p>struck</text:p></text:tracked-changes>",
        "<text:p text:style-name=\"Title\">The Title</text:p>",
        "<text:table-of-content><text:p>One 1</text:p></text:table-of-content>",
        "<text:h text:outline-level=\"2\">One<text:s text:c=\"3\"/>&amp; two&e;</text:h>",
        "<text:p>Noted<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>The note.</text:p></text:note-body></text:note> here<text:line-break/><text:span>next</text:span></text:p>",
        "<text:list><text:list-item><text:p>a</text:p><text:list><text:list-item><text:p>b</text:p></text:list-item></text:list></text:list-item></text:list>",
        "<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>k</text:p></table:table-cell><table:table-cell><text:p>v</text:p></table:table-cell></table:table-row></table:table-header-rows>",
        "<table:table-row><table:table-cell table:number-rows-spanned=\"2\"><text:p>1</text:p></table:table-cell><table:table-cell><text:p>2</text:p><text:p>more</text:p>\
         <table:table><table:table-row><table:table-cell><text:p>in</text:p></table:table-cell></table:table-row></table:table></table:table-cell></table:table-row>",
        "<table:table-row><table:covered-table-cell/><table:table-cell><text:p>3</text:p></table:table-cell></table:table-row></table:table>",
        "<text:p><draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame></text:p></office:text>",
    ];
    let bytes = open_document("text", &body.concat(), "");
    check(
        "a.odt",
        &bytes,
        "odt: The Title\np The Title\nh2 One & two\np Noted here / next\np The note.\nli a\nli b\ntr k | v\ntr 1 | 2 more\ntr in\ntr 1 | 3\np boxed",
    );
    let (documents, _) = read("a.odt", &bytes);
    let facts: Vec<_> = documents[0].metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(facts, [("author", "Ann"), ("timestamp", "2024-01-15T10:00:00")]);
}

fn odp() {
    let frame = |class: &str, text: &str| {
        format!(
            "<draw:frame presentation:class=\"{class}\"><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"
        )
    };
    let body = [
        "<office:presentation><draw:page>".to_owned(),
        frame("title", "Leave"),
        "<draw:frame presentation:class=\"outline\"><draw:text-box><text:list><text:list-item><text:p>one</text:p></text:list-item></text:list></draw:text-box></draw:frame>".into(),
        frame("page-number", "7"),
        format!("<presentation:notes><draw:page-thumbnail/>{}</presentation:notes></draw:page>", frame("notes", "Say this.")),
        "<draw:page><draw:frame><draw:image/></draw:frame></draw:page><draw:page/></office:presentation>".into(),
    ];
    let bytes = open_document("presentation", &body.concat(), "");
    check("a.odp", &bytes, "odp: Leave\nh1 Leave\nli one\np Say this.");
    let (documents, _) = read("a.odp", &bytes);
    let pages: Vec<_> = documents[0].pages.iter().map(|p| (p.number, p.status.clone())).collect();
    assert_eq!(pages, [(1, PageStatus::Text), (2, PageStatus::NoText), (3, PageStatus::Blank)]);
}

fn ods() {
    let cell = |attributes: &str, text: &str| {
        format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |attributes: &str, cells: &[String]| {
        format!("<table:table-row {attributes}>{}</table:table-row>", cells.concat())
    };
    let none = |count: usize| format!("<table:table-cell table:number-columns-repeated=\"{count}\"/>");
    let body = [
        "<office:spreadsheet><table:tracked-changes><text:p>old</text:p></table:tracked-changes><table:table table:name=\"Staff &amp; pay\">".to_owned(),
        row("", &[cell("", "Report"), none(16_383)]),
        row("table:number-rows-repeated=\"2\"", &[none(16_384)]),
        row("", &[cell("", "Name"), cell("", "Since"), cell("", "Amount"), cell("", "Note")]),
        row(
            "",
            &[
                cell("table:number-rows-spanned=\"2\"", "Ann"),
                cell("office:value-type=\"date\" office:date-value=\"2024-01-15\"", "15.01.2024"),
                cell("office:value-type=\"float\" office:value=\"12.5\"", "12.50 €"),
                "<table:table-cell><office:annotation><text:p>remark</text:p></office:annotation><text:p>two</text:p><text:p>li<text:span>n</text:span>es</text:p></table:table-cell>".into(),
            ],
        ),
        row("", &["<table:covered-table-cell/>".into(), cell("table:number-columns-repeated=\"2\"", "same"), none(9)]),
        row("table:number-rows-repeated=\"3\"", &[cell("", "Bob"), none(1), cell("", "1")]),
        row("table:number-rows-repeated=\"1048000\"", &[none(16_384)]),
        "</table:table><table:table table:name=\"Empty\"/><table:table table:name=\"Wide\">".into(),
        row("table:number-rows-repeated=\"1000000\"", &[none(2_000), cell("", "far")]),
        row("", &[cell("table:number-columns-repeated=\"3\"", "1")]),
        "</table:table></office:spreadsheet>".into(),
    ];
    let bytes = open_document("spreadsheet", &body.concat(), "");
    check(
        "book.ods",
        &bytes,
        "ods: book\nh1 Staff & pay\ntr Report\ntr Name | Since | Amount | Note\n\
         tr Name: Ann | Since: 15.01.2024 | Amount: 12.50 € | Note: two lines\ntr Name: Ann | Since: same | Amount: same\n\
         tr Name: Bob | Amount: 1\ntr Name: Bob | Amount: 1\ntr Name: Bob | Amount: 1\nh1 Wide\ntr 1 | 1 | 1",
    );
    let (documents, _) = read("book.ods", &bytes);
    assert_eq!(documents[0].metadata["author"], "Ann");
    assert!(documents[0].warnings[0].starts_with("sheet “Wide”"), "{:?}", documents[0].warnings);
    check_fails("empty.ods", &open_document("spreadsheet", "<office:spreadsheet/>", ""), "empty");
    check_fails("locked.ods", &open_document("spreadsheet", "", "<manifest:encryption-data/>"), "encrypted");
    let wide = row(
        "table:number-rows-repeated=\"1000\"",
        &[cell("table:number-columns-repeated=\"1000\"", &"x".repeat(100))],
    );
    let bomb = format!(
        "<office:spreadsheet><table:table table:name=\"Bomb\">{}</table:table></office:spreadsheet>",
        wide.repeat(5_000)
    );
    check_fails("bomb.ods", &open_document("spreadsheet", &bomb, ""), "too_large");
}

fn open_document_broken() {
    let text = "<office:text><text:p>words</text:p></office:text>";
    check_fails("drawing.odg", &open_document("graphics", text, ""), "unsupported");
    check_fails("locked.odt", &open_document("text", text, "<manifest:encryption-data/>"), "encrypted");
    check_fails("empty.odt", &open_document("text", "", ""), "empty");
    check_fails("bad.odt", &open_document("text", "<text:p>words</text:h>", ""), "damaged");
    check_fails(
        "deep.odt",
        &open_document("text", &"<text:list><text:list-item>".repeat(50_000), ""),
        "damaged",
    );
    let tables = "<table:table><table:table-row><table:table-cell>".repeat(300);
    let ends = "</table:table-cell></table:table-row></table:table>".repeat(300);
    let bytes = open_document("text", &format!("{tables}<text:p>deep words</text:p>{ends}"), "");
    check("tables.odt", &bytes, "odt: tables\ntr deep words");
}

/// Each part of each kind of file is cut off, doubled in the middle, and changed in a few places.
fn any_damage_is_survived() {
    let slide = shape("<p:ph type=\"title\"/>", &[&run("Leave")]);
    let rows = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>45306</v></c></row></sheetData>\
                <mergeCells><mergeCell ref=\"A1:A2\"/></mergeCells>";
    let text = "<office:text><text:list><text:list-item><text:p>a</text:p></text:list-item></text:list><table:table>\
                <table:table-row><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table></office:text>";
    let sheet = "<office:spreadsheet><table:table table:name=\"A\"><table:table-row table:number-rows-repeated=\"2\"><table:table-cell \
                 table:number-columns-repeated=\"3\"><text:p>a</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet>";
    let words = "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:r><w:rPr><w:vanish/></w:rPr>\
                 <w:t>a</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/><w:vMerge/></w:tcPr><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    let files = [
        deck(&[&slide, &slide], &slide, CORE),
        workbook(&[("Rows", rows)]),
        book(&["", CHAPTER], &[]),
        open_document("text", text, ""),
        open_document("spreadsheet", sheet, ""),
        docx(words, &[]),
    ];
    for file in files {
        let parts = unzip(&file);
        for (damaged, _) in parts.iter().enumerate().filter(|(_, (_, bytes))| !bytes.is_empty()) {
            for seed in 0..6 {
                let parts = parts.iter().enumerate().map(|(at, (name, bytes))| {
                    let bytes = if at == damaged { damage(bytes, seed) } else { bytes.clone() };
                    (name.as_str(), bytes)
                });
                let parts: Vec<(&str, Vec<u8>)> = parts.collect();
                let parts: Vec<(&str, &[u8])> =
                    parts.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
                let (_, end) = read("damaged", &zip(&parts));
                let name = parts[damaged].0;
                assert!(
                    !matches!(end, Err("crashed" | "timeout" | "memory" | "no_reader")),
                    "{name} {seed}: {end:?}"
                );
            }
        }
    }
}

fn damage(bytes: &[u8], seed: usize) -> Vec<u8> {
    let half = bytes.len() / 2;
    match seed {
        0 => bytes[..half].to_vec(),
        1 => [&bytes[..half], bytes].concat(),
        _ => {
            let mut bytes = bytes.to_vec();
            for step in 1..=5 {
                let at = seed * 7919 * step % bytes.len();
                bytes[at] = b"<>&\"/0\xff"[(seed + step) % 7];
            }
            bytes
        }
    }
}
