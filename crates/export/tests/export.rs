//! Exports of fixed answers against stored files, and of hostile ones.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::path::Path;

use citadel_core::{
    Answer, AnswerTimings, Checks, Citation, DocumentId, ModelInfo, NearestReason, Outcome, Passage,
    PassageScores, Sentence, Verdict,
};
use citadel_export::{ExportFormat, export};

const QUOTE: &str = "The Supplier reports a breach of Patient Data to the Customer's data protection officer without \
     undue delay and at the latest 24 hours after becoming aware of it.";

fn passage(rank: usize, title: &str, text: &str, used: bool) -> Passage {
    Passage {
        rank,
        score: 0.9 / rank as f64,
        document_id: DocumentId(format!("doc-{rank}")),
        version_id: 1,
        path: format!("contracts/{}.pdf", title.to_lowercase().replace(' ', "-")),
        title: title.to_owned(),
        collection: "default".to_owned(),
        heading: vec!["7. Patient Data".to_owned()],
        page: Some(3),
        page_label: None,
        text: text.to_owned(),
        start: 5100,
        end: 5100 + text.chars().count(),
        scores: PassageScores { vector: Some(0.71), keyword: Some(8.2), fused: 0.031 },
        used: Some(used),
    }
}

fn answered() -> Answer {
    let first =
        "The supplier reports it without undue delay, at the latest 24 hours after becoming aware of it.";
    let second = "Device storage is erased before a device leaves the site.";
    Answer {
        id: "a-0001".to_owned(),
        question_id: None,
        question: "How soon must a breach of patient data be reported?".to_owned(),
        created_at: "2026-03-04T09:12:00Z".to_owned(),
        outcome: Outcome::Answered,
        text: format!("{first} [1]\n{second} [2][1]"),
        sentences: vec![
            Sentence {
                text: first.to_owned(),
                citations: vec![1],
                verdict: Verdict::Supported,
                score: 0.93,
                checks: Some(Checks { quote: true, facts: true, entailment: 0.94, ..Checks::default() }),
            },
            Sentence {
                text: second.to_owned(),
                citations: vec![2, 1],
                verdict: Verdict::Supported,
                score: 0.88,
                checks: None,
            },
            Sentence {
                text: "The fine is up to £17.5 million.".to_owned(),
                citations: vec![1],
                verdict: Verdict::Removed,
                score: 0.12,
                checks: Some(Checks {
                    quote: true,
                    missing: vec!["17.5".to_owned()],
                    entailment: 0.08,
                    ..Checks::default()
                }),
            },
        ],
        citations: vec![
            Citation {
                number: 1,
                document_id: DocumentId("doc-1".to_owned()),
                version_id: 1,
                path: "contracts/master-services-agreement.pdf".to_owned(),
                title: "Master Services Agreement".to_owned(),
                heading: vec!["Master Services Agreement".to_owned(), "7. Patient Data".to_owned()],
                page: Some(3),
                page_label: Some("iii".to_owned()),
                quote: QUOTE.to_owned(),
                start: 5120,
                end: 5120 + QUOTE.chars().count(),
            },
            Citation {
                number: 2,
                document_id: DocumentId("doc-2".to_owned()),
                version_id: 4,
                path: "wiki.xml#Loan depot".to_owned(),
                title: "Loan depot".to_owned(),
                heading: vec!["Returns".to_owned()],
                page: None,
                page_label: None,
                quote:
                    "Step | Who\nErase | depot lead\n\nBefore a Device leaves a Site, its storage is erased."
                        .to_owned(),
                start: 40,
                end: 122,
            },
        ],
        passages: vec![
            passage(1, "Master Services Agreement", QUOTE, true),
            passage(2, "Loan depot", "Before a Device leaves a Site, its storage is erased.", true),
            passage(3, "Handbook", "1. Video of the loading bay | 14 days", false),
        ],
        confidence: 0.91,
        corrected: true,
        reason: None,
        after: None,
        sweep: None,
        evidence: Vec::new(),
        parts: Vec::new(),
        model: Some(ModelInfo {
            name: "SmolLM2-135M-Instruct".to_owned(),
            file_sha256: "b179c9523d0e6a0f".to_owned(),
            device: "cpu".to_owned(),
        }),
        timings_ms: AnswerTimings {
            retrieve: 12,
            first_token: Some(640),
            generate: 1800,
            check: 90,
            total: 1950,
        },
    }
}

fn not_found() -> Answer {
    Answer {
        id: "a-0002".to_owned(),
        question_id: Some("q-7".to_owned()),
        question: "What is the pension contribution rate?".to_owned(),
        outcome: Outcome::NotFound,
        text: "The documents do not say what the pension contribution rate is.".to_owned(),
        sentences: vec![],
        citations: vec![],
        passages: vec![passage(
            1,
            "Handbook",
            "Full-time employees have 27 days of paid annual leave.",
            false,
        )],
        confidence: 0.0,
        corrected: false,
        reason: Some(NearestReason::WeakEvidence),
        after: None,
        sweep: None,
        model: None,
        ..answered()
    }
}

/// Compares with the stored file. With `UPDATE_GOLDEN=1` in the environment the file is written instead.
fn check(answer: &Answer, name: &str, format: ExportFormat) {
    // Cargo runs tests in the folder of their package. The path at compile time may be another checkout's: they share
    // one target folder.
    let path = Path::new("tests/golden").join(format!("{name}.{}", format.as_str()));
    let actual = export(answer, format).unwrap();
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
        check(&answered(), "answered", format);
        check(&not_found(), "not-found", format);
    }
}

#[test]
fn json_reads_back_as_the_answer() {
    for answer in [answered(), not_found()] {
        let json = export(&answer, ExportFormat::Json).unwrap();
        assert_eq!(serde_json::from_str::<Answer>(&json).unwrap(), answer);
    }
}

/// Puts `text` into every string of an answer that a document, a question or a model can influence.
fn poisoned(text: &str) -> Answer {
    let poison = || text.to_owned();
    let mut answer = answered();
    answer.id = poison();
    answer.question_id = Some(poison());
    answer.question = poison();
    answer.created_at = poison();
    answer.text = format!("{text} [1]");
    for sentence in &mut answer.sentences {
        sentence.text = poison();
        sentence.checks = Some(Checks { missing: vec![poison()], ..Checks::default() });
    }
    for citation in &mut answer.citations {
        citation.document_id = DocumentId(poison());
        (citation.path, citation.title, citation.quote) = (poison(), poison(), poison());
        (citation.heading, citation.page_label) = (vec![poison()], Some(poison()));
    }
    for passage in &mut answer.passages {
        (passage.path, passage.title, passage.text) = (poison(), poison(), poison());
        (passage.heading, passage.page_label) = (vec![poison()], Some(poison()));
    }
    answer.model = Some(ModelInfo { name: poison(), file_sha256: poison(), device: poison() });
    answer
}

#[test]
fn hostile_text_stays_text_in_html() {
    let clean = export(&poisoned("harmless"), ExportFormat::Html).unwrap();
    for hostile in [
        "<script>alert(1)</script>",
        "</blockquote></main><img src=x onerror=alert(1)>",
        "\" onmouseover=\"alert(1)",
        "' style='background:url(//example.org)",
        "&lt;b&gt;&#60;",
        "<!-- --><style>*{display:none}</style>",
        "\u{0}\u{8}<\u{1b}b>",
    ] {
        let html = export(&poisoned(hostile), ExportFormat::Html).unwrap();
        // The same tags and attributes as with harmless text: nothing that was put in became markup.
        let markup = |html: &str| html.matches(['<', '>', '"']).collect::<String>();
        assert_eq!(markup(&html), markup(&clean), "{hostile}");
        assert!(!html.chars().any(|c| c.is_control() && c != '\n'), "{hostile}");
    }
}

#[test]
fn hostile_text_stays_text_in_markdown() {
    let html_of = |answer: &Answer| {
        let markdown = export(answer, ExportFormat::Markdown).unwrap();
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
    for name in ["docx", "pdf"] {
        let error = export(&answered(), name.parse().unwrap()).unwrap_err();
        assert_eq!(error.code(), "planned_format");
        let message = error.to_string();
        assert!(message.contains(name) && message.contains("md or html"), "{message}");
    }
}
