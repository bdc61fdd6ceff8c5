//! Answers to export.
#![allow(dead_code, clippy::unwrap_used, reason = "each program of tests uses its part")]

use citadel_core::{
    Answer, AnswerTimings, Checks, Citation, DocumentId, ModelInfo, NearestReason, Outcome, Passage,
    PassageScores, Sentence, SweepReport, SweptDocument, Verdict,
};
use citadel_export::{SourceFacts, Sources};

pub const QUOTE: &str = "The Supplier reports a breach of Patient Data to the Customer's data protection officer without \
     undue delay and at the latest 24 hours after becoming aware of it.";

pub fn passage(rank: usize, title: &str, text: &str, used: bool) -> Passage {
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

pub fn answered() -> Answer {
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
        scope: None,
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

pub fn not_found() -> Answer {
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
        scope: None,
        sweep: None,
        model: None,
        ..answered()
    }
}

/// Puts `text` into every string of an answer that a document, a question or a model can influence.
pub fn poisoned(text: &str) -> Answer {
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

/// What is known of the documents that [`answered`] cites.
pub fn sources() -> Sources {
    let facts = |letter: char, file: bool| SourceFacts {
        ingested_at: Some("2026-03-01T08:00:00Z".to_owned()),
        text_sha256: Some(letter.to_string().repeat(64)),
        file_sha256: file.then(|| "0f".repeat(32)),
    };
    Sources::from([
        ((DocumentId("doc-1".to_owned()), 1), facts('a', true)),
        ((DocumentId("doc-2".to_owned()), 4), facts('b', false)),
    ])
}

/// An answer of many sentences, each with a source of its own.
pub fn long(sentences: usize) -> Answer {
    let mut answer = Answer { id: "a-0040".to_owned(), ..answered() };
    answer.question = format!("Which {sentences} duties does the supplier have?");
    let template = answer.citations[0].clone();
    let text =
        |n| format!("Duty number {n} of the supplier is performed within {} days of the request.", n + 3);
    answer.sentences = (1..=sentences)
        .map(|n| Sentence {
            text: text(n),
            citations: vec![n],
            verdict: Verdict::Supported,
            score: 0.9,
            checks: Some(Checks { quote: true, facts: true, entailment: 0.9, ..Checks::default() }),
        })
        .collect();
    answer.citations = (1..=sentences)
        .map(|n| Citation {
            number: n,
            quote: format!("{n}.{} The Supplier performs duty {n} within {} days. {QUOTE}", n % 7, n + 3),
            page: Some(n as u32),
            page_label: None,
            ..template.clone()
        })
        .collect();
    let marked: Vec<String> =
        answer.sentences.iter().map(|s| format!("{} [{}]", s.text, s.citations[0])).collect();
    answer.text = marked.chunks(5).map(|paragraph| paragraph.join(" ")).collect::<Vec<_>>().join("\n");
    answer
}

/// An answer in which the self-check left doubts: of two sentences and of three quotes.
pub fn doubted() -> Answer {
    let mut answer = Answer { id: "a-0003".to_owned(), ..answered() };
    answer.question = "Who erases the storage, and when?".to_owned();
    let quote = |quote: bool| Some(Checks { quote, facts: true, entailment: 0.6, ..Checks::default() });
    let sentence = |text: &str, number: usize, verdict, checks| Sentence {
        text: text.to_owned(),
        citations: vec![number],
        verdict,
        score: 0.5,
        checks,
    };
    answer.sentences = vec![
        sentence("The depot lead erases it.", 2, Verdict::Supported, quote(true)),
        sentence("It takes an hour.", 1, Verdict::Unsupported, quote(true)),
        sentence("Nobody checks it.", 3, Verdict::Supported, quote(false)),
    ];
    answer.citations.push(Citation { number: 3, title: "Memo".to_owned(), ..answer.citations[1].clone() });
    answer.citations[2].quote = "Nobody looks at it twice.".to_owned();
    answer.text = "The depot lead erases it. [2] It takes an hour [1].\nNobody checks it. [3]".to_owned();
    answer
}

/// What a look through all documents counted.
pub fn swept() -> Answer {
    let mut answer = Answer { id: "a-0004".to_owned(), ..answered() };
    answer.question = "Which contracts mention erasure?".to_owned();
    answer.citations.truncate(1);
    answer.text = "2 of 12 documents have the word “erasure”. [1]\nThe other is Annex B.".to_owned();
    answer.sentences = vec![
        Sentence {
            text: "2 of 12 documents have the word “erasure”.".to_owned(),
            citations: vec![1],
            verdict: Verdict::Supported,
            score: 1.0,
            checks: None,
        },
        Sentence {
            text: "The other is Annex B.".to_owned(),
            citations: vec![],
            verdict: Verdict::Supported,
            score: 1.0,
            checks: None,
        },
    ];
    let document = |name: &str| SweptDocument {
        document_id: DocumentId(name.to_owned()),
        path: format!("contracts/{name}.pdf"),
        title: name.to_owned(),
    };
    answer.sweep = Some(SweepReport {
        searched: 12,
        matching: 2,
        lacking: 10,
        unreadable: 1,
        words: vec!["erasure".to_owned()],
        matching_documents: vec![document("Annex A"), document("Annex B")],
        ..SweepReport::default()
    });
    answer.model = None;
    answer
}

/// Text of many scripts, in every string that comes from a document.
pub fn foreign() -> Answer {
    let mut answer = poisoned(FOREIGN);
    answer.id = "a-0005".to_owned();
    answer.created_at = "2026-03-04T09:12:00Z".to_owned();
    answer
}

/// German, Greek, Cyrillic, Arabic, Hebrew, Chinese, Japanese and Korean.
pub const FOREIGN: &str = "Größe „Übermaß“ · Ελληνική σύμβαση · Договор аренды · ﷼ عقد · חוזה · 合同条款 · 契約書の条項 · 계약 조항";
