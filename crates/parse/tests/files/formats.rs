//! One small file of each kind and what is read of it.

use encoding_rs::{SHIFT_JIS, WINDOWS_1251};
use libtest_mimic::Trial;

use crate::support::{check, docx, read, trial};

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

fn told_by_content() {
    check("word.txt", &docx("<w:p><w:r><w:t>hello</w:t></w:r></w:p>", &[]), "docx: word\np hello");
    check("page.md", b"<!-- c --><?xml version='1.0'?>\n<html><body><p>hello</p>", "html: page\np hello");
    check("markdown.html", b"no tags here", "text: markdown\np no tags here");
    check("data.bin", b"plain words", "text: data\np plain words");
    check("mz", b"MZ is a postcode area", "text: mz\np MZ is a postcode area");
}
