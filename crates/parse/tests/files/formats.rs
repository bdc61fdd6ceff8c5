//! One small file of each kind and what is read of it.

use citadel_core::TextMap;
use encoding_rs::{EUC_JP, GB18030, ISO_2022_JP, ISO_8859_5, KOI8_R, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};
use libtest_mimic::Trial;

use crate::support::{check, check_fails, docx, read, trial, unzip, zip};

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

pub fn trials() -> Vec<Trial> {
    vec![
        trial("formats::text", text),
        trial("formats::encodings", encodings),
        trial("formats::markdown", markdown),
        trial("formats::html", html),
        trial("formats::docx", word),
        trial("formats::docx_revisions_and_notes", word_revisions_and_notes),
        trial("formats::docx_boxes_and_tables", word_boxes_and_tables),
        trial("formats::docx_hidden", word_hidden),
        trial("formats::docx_numbers", word_numbers),
        trial("formats::html_pages", html_pages),
        trial("formats::languages", languages),
        trial("formats::lines", lines),
        trial("formats::told_by_content", told_by_content),
    ]
}

fn text() {
    check("a.txt", b"one  line \r\nand more\r\n\r\n \t\r\nnext", "text: a\np one line / and more\np next");
    check("b", "e\u{301}te\u{ad}\u{0}\u{200b} \u{feff}x\u{202e}y".as_bytes(), "text: b\np ét\u{65} xy");
    check("notes.txt", b"# a comment\nls -l\n# more\nls", "text: notes\np # a comment / ls -l / # more / ls");
}

fn encodings() {
    let russian = "Отпуск сотрудника составляет двадцать восемь календарных дней в году.";
    let japanese = "休暇は年に二十日です。申請は上司に提出してください。";
    for (name, bytes) in [
        ("utf8", russian.as_bytes().to_vec()),
        ("utf8-mark", [b"\xef\xbb\xbf", russian.as_bytes()].concat()),
        ("utf16le", utf16(russian, false, true)),
        ("utf16be", utf16(russian, true, true)),
        ("utf16le-unmarked", utf16(russian, false, false)),
        ("utf16be-unmarked", utf16(russian, true, false)),
        ("windows-1251", WINDOWS_1251.encode(russian).0.into_owned()),
    ] {
        check(name, &bytes, &format!("text: {name}\np {russian}"));
    }
    check("sjis", &SHIFT_JIS.encode(japanese).0, &format!("text: sjis\np {japanese}"));
    for (name, bytes) in [
        ("koi8-r", KOI8_R.encode(russian).0.into_owned()),
        ("iso-8859-5", ISO_8859_5.encode(russian).0.into_owned()),
    ] {
        check(name, &bytes, &format!("text: {name}\np {russian}"));
    }
    let jis = ISO_2022_JP.encode(japanese).0.into_owned();
    check("iso-2022-jp", &jis, &format!("text: iso-2022-jp\np {japanese}"));
    check("euc-jp", &EUC_JP.encode(japanese).0, &format!("text: euc-jp\np {japanese}"));
    check("utf16-ja", &utf16(japanese, false, false), &format!("text: utf16-ja\np {japanese}"));
    check("utf16be-ja", &utf16(japanese, true, false), &format!("text: utf16be-ja\np {japanese}"));
    let chinese = "员工每年享有二十八天带薪年假，申请须提前两周提交给主管。工作满十年者可多休五天。";
    check("gb18030", &GB18030.encode(chinese).0, &format!("text: gb18030\np {chinese}"));
    check("utf16-zh", &utf16(chinese, false, false), &format!("text: utf16-zh\np {chinese}"));
    let german = "Die Größe des Büros beträgt fünf „Einheiten“ – nicht mehr.";
    check("windows-1252", &WINDOWS_1252.encode(german).0, &format!("text: windows-1252\np {german}"));
    let page = format!(
        "<html><head><meta charset=windows-1251><title>Т</title></head><body><p>{russian}</p></body>"
    );
    check("page", &WINDOWS_1251.encode(&page).0, &format!("html: Т\np {russian}"));
    let (documents, _) =
        read("bad", b"\xef\xbb\xbfmostly fine, but one \xff byte in the middle of all of this text");
    assert_eq!(documents[0].warnings, ["1 characters could not be read as UTF-8"]);
}

fn markdown() {
    check(
        "a.md",
        b"---\ntitle: \"The Title\"\nlist:\n  - x\n---\n# Head *one*\nsoft\nbreak  \nhard [link](http://x) ![alt](y.png) <b>bold</b> `code`[^1]\n\n\
          - item\n  - inner\n\n    second\n3. three\n4. four\n\n| a | b |\n|---|---|\n| 1 \\| 2 | |\n\n```rust\nfn a() {\n    b\n}\n```\n\
          > quote\n\n[^1]: the note\n\n<div>raw <i>html</i><table><tr><th>k</th><td>v</td></tr></table></div>\n\nend [[wiki|name]]",
        "markdown: The Title\nh1 Head one\np soft break / hard link alt bold code\nli item\nli inner\nli second\nli 3. three\nli 4. four\n\
         tr a | b\ntr 1 | 2 |\ncode fn a() { /     b / }\np quote\np the note\np raw html\ntr k | v\np end name",
    );
    check("b.md", b"no heading, no title", "markdown: b\np no heading, no title");
    check(
        "c",
        b"# First\n\ntext\n\n## Second\n\ntext",
        "markdown: First\nh1 First\np text\nh2 Second\np text",
    );
    check(
        "jekyll.md",
        b"---\nlayout: x\n---\n{% alert \"Mind this\" %}\n[rule]({% page \"/a b/\" %}) in {% channel \"help\" %}.\n\n    {% c %}\n",
        "markdown: jekyll\np Mind this rule in help.",
    );
}

fn html() {
    check(
        "a.html",
        b"<!DOCTYPE html><html><head><title>The Title</title><style>p{}</style></head><body><nav><a>menu</a></nav>\
          <h1>Head<a href='#h'>#</a></h1><script>var x</script><p>one\ntwo<br>three<sup>[1]</sup> <img src=x.png alt='alt'></p><ol start=2><li><p>x</p></li><li>y<ul><li>z</ul></ol>\
          <table><caption>cap</caption><thead><tr><th>k</th><th>v</th></tr></thead><tr><td rowspan=2>1</td><td>2<table><tr><td>in</td><td>side</td></tr></table></td></tr>\
          <tr><td>3</td></tr></table><pre>a\n  b</pre><footer>foot</footer></body></html>",
        "html: The Title\nh1 Head\np one two / three alt\nli 2. x\nli 3. y\nli z\np cap\ntr k | v\ntr 1 | 2\ntr in | side\ntr 1 | 3\ncode a /   b",
    );
    check(
        "layout.html",
        b"<html><body><table><tr><td><h2>A</h2><p>x</p></td><td>y</td></tr></table>",
        "html: A\nh2 A\np x\np y",
    );
}

fn word() {
    let p = |style: &str, text: &str| {
        format!("<w:p><w:pPr>{style}</w:pPr><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
    };
    let (h1, h2) = ("<w:pStyle w:val=\"Heading1\"/>", "<w:pStyle w:val=\"Heading2\"/>");
    let item = "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr>";
    let cell = |inner: &str| format!("<w:tc>{inner}</w:tc>");
    let body = [
        p(h1, "Handbook"),
        p("", "One &amp; two."),
        p(h2, "Leave"),
        p(item, "first"),
        p(item, "second"),
        format!(
            "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
            cell(&p("", "Grade")),
            cell(&p("", "Days")),
            cell(&p("", "A")),
            cell(&(p("", "28") + &p("", "more")))
        ),
        "<w:p><w:r><w:t>Noted</w:t></w:r><w:r><w:footnoteReference w:id=\"2\"/></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>\
         <w:ins><w:r><w:t> new</w:t></w:r></w:ins></w:p>"
            .into(),
    ];
    let notes = "<?xml version=\"1.0\"?><w:footnotes xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
                 <w:footnote w:id=\"2\"><w:p><w:r><w:t>The note.</w:t></w:r></w:p></w:footnote></w:footnotes>";
    check(
        "a.docx",
        &docx(&body.concat(), &[("word/footnotes.xml", notes.as_bytes())]),
        "docx: Handbook\nh1 Handbook\np One & two.\nh2 Leave\nli 1. first\nli 2. second\ntr Grade | Days\ntr A | 28 more\np Noted new\np The note.",
    );
}

const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
}

fn word_revisions_and_notes() {
    let body = "<w:p><w:del w:id=\"1\"><w:r><w:delText>old</w:delText></w:r></w:del><w:ins w:id=\"2\">"
        .to_owned()
        + &run("new")
        + "</w:ins><w:moveFrom><w:r><w:t>here</w:t></w:r></w:moveFrom><w:moveTo>"
        + &run(" there")
        + "</w:moveTo><w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>PAGE</w:instrText></w:r>"
        + &run(" 28")
        + "<w:r><w:footnoteReference w:id=\"2\"/></w:r><w:r><w:endnoteReference w:id=\"2\"/></w:r><w:r><w:commentReference w:id=\"0\"/></w:r></w:p>\
           <w:tbl><w:tr><w:trPr><w:del w:id=\"3\"/></w:trPr><w:tc><w:p><w:r><w:t>gone row</w:t></w:r></w:p></w:tc></w:tr>\
           <w:tr><w:tc><w:p><w:r><w:t>row</w:t></w:r><w:r><w:footnoteReference w:id=\"3\"/></w:r></w:p></w:tc></w:tr></w:tbl>\
           <w:p><w:pPr><w:pPrChange><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr></w:pPrChange><w:tabs><w:tab/></w:tabs></w:pPr>"
        + &run("no heading")
        + "</w:p><w:altChunk/>";
    let note = |kind: &str, id: &str, more: &str, text: &str| {
        format!("<w:{kind} w:id=\"{id}\" {more}><w:p>{}</w:p></w:{kind}>", run(text))
    };
    let part = |root: &str, notes: &[String]| format!("<w:{root} {W}>{}</w:{root}>", notes.concat());
    let footnotes = part(
        "footnotes",
        &[
            note("footnote", "0", "w:type=\"separator\"", "line"),
            note("footnote", "2", "", "A foot."),
            note("footnote", "3", "", "In a table."),
        ],
    );
    let endnotes = part("endnotes", &[note("endnote", "2", "", "An end.")]);
    let comments = part("comments", &[note("comment", "0", "w:author=\"Ann\"", "Why?")]);
    let bytes = docx(
        &body,
        &[
            ("word/footnotes.xml", footnotes.as_bytes()),
            ("word/endnotes.xml", endnotes.as_bytes()),
            ("word/comments.xml", comments.as_bytes()),
            ("word/header1.xml", part("hdr", &[note("p", "1", "", "head")]).as_bytes()),
        ],
    );
    check(
        "a.docx",
        &bytes,
        "docx: a\np new there 28\np A foot.\np An end.\np Ann: Why?\ntr row\np In a table.\np no heading",
    );
    let (documents, _) = read("a.docx", &bytes);
    assert_eq!(documents[0].warnings, ["a document that is embedded in it was not read"]);
}

fn word_boxes_and_tables() {
    let paragraph = |text: &str| format!("<w:p>{}</w:p>", run(text));
    let cell = |properties: &str, inner: &str| format!("<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>");
    let boxed =
        |name: &str| format!("<mc:{name}><w:txbxContent>{}</w:txbxContent></mc:{name}>", paragraph("boxed"));
    let nested = format!("<w:tbl><w:tr>{}</w:tr></w:tbl>", cell("", &paragraph("in")));
    let body = [
        format!(
            "<w:p>{}<w:r><mc:AlternateContent>{}{}</mc:AlternateContent><wp:docPr id=\"1\" descr=\"a chart\"/></w:r>{}</w:p>",
            run("around"),
            boxed("Choice"),
            boxed("Fallback"),
            run("it")
        ),
        format!(
            "<w:sdt><w:sdtContent><w:p><w:pPr><w:pStyle w:val=\"TOC 1\"/></w:pPr>{}</w:p></w:sdtContent></w:sdt>",
            run("One 1")
        ),
        "<w:tbl>".into(),
        format!(
            "<w:tr>{}{}</w:tr>",
            cell("<w:gridSpan w:val=\"2\"/>", &paragraph("both")),
            cell("", &paragraph("third"))
        ),
        format!(
            "<w:tr>{}{}{}</w:tr>",
            cell("<w:vMerge w:val=\"restart\"/>", &paragraph("A")),
            cell("", &(paragraph("28") + &nested + &paragraph("more"))),
            cell("", "<w:p/>")
        ),
        format!("<w:tr>{}{}</w:tr>", cell("<w:vMerge/>", "<w:p/>"), cell("", &paragraph("30"))),
        "</w:tbl>".into(),
    ];
    check(
        "a.docx",
        &docx(&body.concat(), &[]),
        "docx: a\np around a chart it\np boxed\ntr both | third\ntr A | 28 more |\ntr in\ntr A | 30",
    );
}

fn word_hidden() {
    let styles = format!(
        "<w:styles {W}><w:style w:styleId=\"Secret\"><w:name w:val=\"Secret\"/><w:rPr><w:vanish/></w:rPr></w:style>\
         <w:style w:styleId=\"Base\"><w:name w:val=\"Base\"/><w:basedOn w:val=\"Secret\"/></w:style>\
         <w:style w:styleId=\"Ring\"><w:name w:val=\"Ring\"/><w:basedOn w:val=\"Ring\"/></w:style></w:styles>"
    );
    let with = |properties: &str, text: &str| {
        format!("<w:r><w:rPr>{properties}</w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
    };
    let body = format!(
        "<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>{}{}{}{}</w:p><w:p><w:pPr><w:pStyle w:val=\"Base\"/></w:pPr>{}{}</w:p>\
         <w:p><w:pPr><w:pStyle w:val=\"Ring\"/></w:pPr>{}</w:p>",
        run("seen "),
        with("<w:vanish/>", "not "),
        with("<w:vanish w:val=\"0\"/>", "again "),
        with("<w:rStyle w:val=\"Secret\"/>", "secret"),
        with("", "all"),
        with("<w:vanish w:val=\"false\"/>", " but this"),
        run("plain")
    );
    let parts = unzip(&docx(&body, &[]));
    let parts: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, bytes)| {
            (name.as_str(), if name == "word/styles.xml" { styles.as_bytes() } else { bytes })
        })
        .collect();
    let (documents, _) = read("a.docx", &zip(&parts));
    let map = TextMap::new(&documents[0].text);
    assert_eq!(documents[0].text, "seen not again secret\n\nall but this\n\nplain");
    let hidden: Vec<&str> = documents[0].hidden.iter().map(|range| map.slice(*range).unwrap()).collect();
    assert_eq!(hidden, ["not", "secret", "all"]);
}

fn word_numbers() {
    let level = |at: usize, format: &str, text: &str| {
        format!(
            "<w:lvl w:ilvl=\"{at}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"{text}\"/></w:lvl>"
        )
    };
    let numbering = format!(
        "<w:numbering {W}><w:abstractNum w:abstractNumId=\"7\">{}{}{}</w:abstractNum><w:abstractNum w:abstractNumId=\"8\">{}</w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"7\"/></w:num><w:num w:numId=\"2\"><w:abstractNumId w:val=\"8\"/></w:num>\
         <w:num w:numId=\"3\"><w:abstractNumId w:val=\"7\"/><w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"5\"/></w:lvlOverride></w:num></w:numbering>",
        level(0, "decimal", "§ %1"),
        level(1, "decimal", "%1.%2"),
        level(2, "lowerLetter", "(%3)"),
        level(0, "bullet", "o")
    );
    let item = |style: &str, list: u32, at: u32, text: &str| {
        format!(
            "<w:p><w:pPr>{style}<w:numPr><w:ilvl w:val=\"{at}\"/><w:numId w:val=\"{list}\"/></w:numPr></w:pPr>{}</w:p>",
            run(text)
        )
    };
    let heading = "<w:pStyle w:val=\"Heading1\"/>";
    let body = [
        item(heading, 1, 0, "Leave"),
        item("", 1, 1, "Days"),
        item("", 1, 2, "x"),
        item("", 1, 2, "y"),
        item(heading, 1, 0, "Pay"),
        item("", 1, 1, "z"),
        item("", 2, 0, "dot"),
        item("", 3, 0, "anew"),
        item("", 3, 0, "on"),
        item("", 0, 0, "none"),
        item("", 99, 99, "unknown"),
    ];
    let parts = unzip(&docx(&body.concat(), &[]));
    let parts: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, bytes)| {
            (name.as_str(), if name == "word/numbering.xml" { numbering.as_bytes() } else { bytes })
        })
        .collect();
    check(
        "a.docx",
        &zip(&parts),
        "docx: § 1 Leave\nh1 § 1 Leave\nli 1.1 Days\nli (a) x\nli (b) y\nh1 § 2 Pay\nli 2.1 z\nli dot\nli § 5 anew\nli § 6 on\np none\np unknown",
    );
}

/// Pages as programs write them: what is around the content is not read, and nothing of the content is lost.
fn html_pages() {
    let material = "<!doctype html><html lang=\"en\"><head><title>Leave - Handbook</title></head><body><header class=\"md-header\"><nav>Handbook</nav></header>\
        <div class=\"md-container\"><main class=\"md-main\"><div class=\"md-sidebar\"><nav class=\"md-nav\"><ul><li><a>Home</a></li></ul></nav></div>\
        <div class=\"md-content\"><article class=\"md-content__inner\"><h1 id=\"leave\">Leave<a class=\"headerlink\" href=\"#leave\">&para;</a></h1><p>Everyone gets 28 days.</p>\
        <div class=\"admonition note\"><p class=\"admonition-title\">Note</p><p>Ask first.</p></div>\
        <div class=\"highlight\"><pre><code>book leave</code></pre></div></article></div></main><footer class=\"md-footer\">Copyright</footer></div></body></html>";
    check(
        "material.html",
        material.as_bytes(),
        "html: Leave - Handbook\nh1 Leave\np Everyone gets 28 days.\np Note\np Ask first.\ncode book leave",
    );
    let sphinx = "<html><head><title>Leave &#8212; Handbook 1.0</title></head><body><div class=\"related\" role=\"navigation\"><ul><li><a>index</a></li></ul></div>\
        <div class=\"document\"><div class=\"documentwrapper\"><div class=\"bodywrapper\"><div class=\"body\" role=\"main\"><section id=\"leave\"><h1>Leave<a class=\"headerlink\">¶</a></h1>\
        <p>Everyone gets 28 days.</p><dl><dt>Grade</dt><dd>A level of pay.</dd></dl></section></div></div></div>\
        <div class=\"sphinxsidebar\" role=\"navigation\"><h3>Navigation</h3></div></div><div class=\"footer\" role=\"contentinfo\">Copyright</div></body></html>";
    check(
        "sphinx.html",
        sphinx.as_bytes(),
        "html: Leave — Handbook 1.0\nh1 Leave\np Everyone gets 28 days.\nli Grade\nli A level of pay.",
    );
    let text = "The policy of paid leave says that everyone, whatever the grade, gets twenty-eight days of leave in each year, and more after ten years of service.";
    let menu: String = (0..8).map(|n| format!("<li><a href=\"/{n}\">Link {n}</a></li>")).collect();
    let intranet = format!(
        "<html><head><title>Leave</title></head><body><div id=\"header\"><a href=\"/\">Intranet</a></div><nav><ul>{menu}</ul></nav>\
         <div id=\"content\"><h1>Leave</h1><p>{text}</p><p>{text}</p><p>{text}</p></div><aside><h3>News</h3><ul>{menu}</ul></aside><footer>Contact</footer></body></html>"
    );
    let (documents, _) = read("intranet.html", intranet.as_bytes());
    let read_text = &documents[0].text;
    assert_eq!(read_text.matches(text).count(), 3);
    assert!(
        !read_text.contains("Link 3") && !read_text.contains("Contact") && !read_text.contains("News"),
        "{read_text}"
    );
    let rows: String = (0..300).map(|n| format!("<tr><td>Item {n}</td><td>{n}.50</td></tr>")).collect();
    let table = format!(
        "<html><head><title>Prices</title></head><body><table><tr><th>What</th><th>Price</th></tr>{rows}</table></body></html>"
    );
    let (documents, _) = read("table.html", table.as_bytes());
    assert_eq!(documents[0].blocks.len(), 301);
    assert!(documents[0].text.ends_with("Item 299 | 299.50"), "{}", documents[0].text);
    let word = "<html xmlns:o=\"urn:o\"><head><meta charset=windows-1252><title>Leave</title><style><!-- p.MsoNormal {margin:0} --></style></head><body lang=EN-US>\
        <div class=WordSection1><h1>Leave<o:p></o:p></h1><p class=MsoNormal>Everyone gets <b>28\ndays</b>.<o:p>&nbsp;</o:p></p>\
        <p class=MsoListParagraph><![if !supportLists]><span style='font-family:Symbol'>\u{b7}<span style='font:7.0pt'>&nbsp;&nbsp; </span></span><![endif]>ask</p>\
        <table class=MsoTableGrid><tr><td><p class=MsoNormal>Grade</p></td><td><p class=MsoNormal>Days</p></td></tr></table></div></body></html>";
    // A heading that only repeats the title goes.
    let word = WINDOWS_1252.encode(word).0.into_owned();
    check("word.html", &word, "html: Leave\np Everyone gets 28 days.\np · ask\ntr Grade | Days");
}

fn languages() {
    let english = "The employee is entitled to twenty-eight days of paid leave in every calendar year, and to more after ten years. Unused days lapse at the end of the following March.";
    let german = "Der Anspruch auf bezahlten Urlaub beträgt in jedem Kalenderjahr achtundzwanzig Tage, nach zehn Jahren mehr. Nicht genommene Tage verfallen Ende März.";
    let page = format!("<html lang=\"de-CH\"><body><p>{english}</p></body></html>");
    for (name, text, language) in [
        ("a.txt", english, Some("en")),
        ("b.md", german, Some("de")),
        ("c.html", page.as_str(), Some("de-CH")),
        ("d.txt", "28 days", None),
    ] {
        let (documents, _) = read(name, text.as_bytes());
        assert_eq!(documents[0].metadata.get("language").map(String::as_str), language, "{name}");
    }
}

fn lines() {
    check("ends.txt", b"a\rb\r\rc\r\nd\n\r\ne", "text: ends\np a / b\np c / d\np e");
    check("feeds.txt", b"one\x0ctwo\n\x0c\nthree\x0bfour", "text: feeds\np one\np two\np three / four");
    check("nul.txt", b"a zero \0in the words", "text: nul\np a zero in the words");
    let ebcdic = [0xc8, 0x85, 0x93, 0x93, 0x96, 0x40, 0xa6, 0x96, 0x99, 0x93, 0x84, 0x40];
    check_fails("ebcdic.txt", &ebcdic.repeat(50), "unsupported");
}

fn told_by_content() {
    check("word.txt", &docx("<w:p><w:r><w:t>hello</w:t></w:r></w:p>", &[]), "docx: word\np hello");
    check("page.md", b"<!-- c --><?xml version='1.0'?>\n<html><body><p>hello</p>", "html: page\np hello");
    check("markdown.html", b"no tags here", "text: markdown\np no tags here");
    check("data.bin", b"plain words", "text: data\np plain words");
    check("mz", b"MZ is a postcode area", "text: mz\np MZ is a postcode area");
}
