//! Exports of fixed answers against stored files, and of hostile ones.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod support;

use std::path::Path;

use citadel_core::Answer;
use citadel_export::{ExportFormat, Sources, export};
use support::{answered, doubted, not_found, poisoned, sources};

/// One answer as text.
fn text_of(answer: &Answer, format: ExportFormat) -> String {
    String::from_utf8(export(std::slice::from_ref(answer), &Sources::new(), format).unwrap()).unwrap()
}

/// Compares with the stored file. With `UPDATE_GOLDEN=1` in the environment the file is written instead.
fn check(answers: &[Answer], sources: &Sources, name: &str, format: ExportFormat) {
    // Cargo runs tests in the folder of their package. The path at compile time may be another checkout's: they share
    // one target folder.
    let path = Path::new("tests/golden").join(format!("{name}.{}", format.as_str()));
    let actual = String::from_utf8(export(answers, sources, format).unwrap()).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &actual).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        actual == stored,
        "{} is out of date; look at the new text and run with UPDATE_GOLDEN=1:\n{actual}",
        path.display()
    );
}

#[test]
fn exports_are_as_stored() {
    for format in [ExportFormat::Markdown, ExportFormat::Html, ExportFormat::Json] {
        check(&[answered()], &Sources::new(), "answered", format);
        check(&[not_found()], &Sources::new(), "not-found", format);
        check(&[answered(), doubted(), not_found()], &sources(), "conversation", format);
    }
}

#[test]
fn json_reads_back_as_the_answer() {
    for answer in [answered(), not_found()] {
        let json = text_of(&answer, ExportFormat::Json);
        assert_eq!(serde_json::from_str::<Answer>(&json).unwrap(), answer);
    }
}

#[test]
fn hostile_text_stays_text_in_html() {
    let clean = text_of(&poisoned("harmless"), ExportFormat::Html);
    for hostile in [
        "<script>alert(1)</script>",
        "</blockquote></main><img src=x onerror=alert(1)>",
        "\" onmouseover=\"alert(1)",
        "' style='background:url(//example.org)",
        "&lt;b&gt;&#60;",
        "<!-- --><style>*{display:none}</style>",
        "\u{0}\u{8}<\u{1b}b>",
    ] {
        let html = text_of(&poisoned(hostile), ExportFormat::Html);
        // The same tags and attributes as with harmless text: nothing that was put in became markup.
        let markup = |html: &str| html.matches(['<', '>', '"']).collect::<String>();
        assert_eq!(markup(&html), markup(&clean), "{hostile}");
        assert!(!html.chars().any(|c| c.is_control() && c != '\n'), "{hostile}");
    }
}

#[test]
fn hostile_text_stays_text_in_markdown() {
    let html_of = |answer: &Answer| {
        let markdown = text_of(answer, ExportFormat::Markdown);
        let mut html = String::new();
        pulldown_cmark::html::push_html(
            &mut html,
            pulldown_cmark::Parser::new_ext(&markdown, pulldown_cmark::Options::all()),
        );
        html
    };
    let tags = |html: &str| {
        html.split('<')
            .skip(1)
            .filter_map(|t| t.split(['>', ' ']).next())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let clean = tags(&html_of(&poisoned("harmless")));
    for hostile in [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "![x](http://example.org/x.png)",
        "**bold** _it_ `code` ~~gone~~ $x$",
        "# heading",
        "1. item",
        "- item",
        "> quote",
        "| a | b |",
        "[1]: http://example.org",
        "<http://example.org>",
        "---",
        "+++",
        "===",
        ": definition",
        "&copy;",
        "end\\",
        "[^1]: note",
    ] {
        assert_eq!(tags(&html_of(&poisoned(hostile))), clean, "{hostile}");
    }
}

#[test]
fn formats_are_known_by_name() {
    for (name, expected) in [
        ("md", Ok(ExportFormat::Markdown)),
        ("HTML", Ok(ExportFormat::Html)),
        ("json", Ok(ExportFormat::Json)),
        ("odt", Err("unknown_format")),
        ("", Err("unknown_format")),
    ] {
        assert_eq!(name.parse::<ExportFormat>().map_err(|e| e.code()), expected, "{name}");
    }
    let error = export(&[], &Sources::new(), ExportFormat::Pdf).unwrap_err();
    assert_eq!(error.code(), "nothing_to_export");
}
