//! Sweeps over small vaults that are written straight into the catalog: neither models nor indexes take part.
#![expect(clippy::unwrap_used, reason = "tests")]

use citadel_catalog::{EmbedderRecord, LostPart, NewDocument, SourceName, SourceRecord, SourceState};
use citadel_core::{
    Answer, Block, BlockKind, CharRange, Chunk, Document, Format, NearestReason, Outcome, Page, PageStatus,
    StopFlag, Verdict,
};

use crate::{AskEvent, AskMode, AskRequest, Engine, EngineError, EngineOptions, ParserCommand};

struct Vault {
    engine: Engine,
    _folder: tempfile::TempDir,
}

/// A vault with these texts, each a document of a collection, one chunk for each paragraph.
fn vault(texts: &[(&str, &str, &str)]) -> Vault {
    let folder = tempfile::tempdir().unwrap();
    let parser = ParserCommand { program: folder.path().join("none"), arguments: Vec::new() };
    let [vault, models] = ["vault", "models"].map(|name| folder.path().join(name));
    let options = EngineOptions::new(vault, models, parser);
    let engine = Engine::open(options).unwrap();
    let record = EmbedderRecord { fingerprint: "fake:2".to_owned(), dimensions: 2 };
    engine.catalog().set_embedder(&record).unwrap();
    for (collection, title, text) in texts {
        add(&engine, collection, title, text);
    }
    Vault { engine, _folder: folder }
}

fn add(engine: &Engine, collection: &str, title: &str, text: &str) {
    let chars = text.chars().count();
    let unread = text.contains('¶');
    let page = |number, range, status| Page {
        number,
        label: None,
        range,
        width: 0.0,
        height: 0.0,
        status,
        words: Vec::new(),
    };
    let document = Document {
        part: None,
        title: title.to_owned(),
        format: Format::Text,
        text: text.to_owned(),
        blocks: vec![Block { kind: BlockKind::Paragraph, range: CharRange::new(0, chars) }],
        pages: if unread {
            let end = CharRange::new(chars, chars);
            vec![page(1, CharRange::new(0, chars), PageStatus::Text), page(2, end, PageStatus::NoText)]
        } else {
            Vec::new()
        },
        metadata: Default::default(),
        warnings: Vec::new(),
        hidden: Vec::new(),
    };
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut start = 0;
    for paragraph in text.split("\n\n").filter(|p| !p.is_empty()) {
        let range = CharRange::new(start, start + paragraph.chars().count());
        start = range.end + 2;
        chunks.push(Chunk {
            ordinal: u32::try_from(chunks.len()).unwrap(),
            range,
            heading: Vec::new(),
            first_page: unread.then_some(1),
            last_page: unread.then_some(1),
            tokens: 9,
        });
    }
    let contexts = vec![Vec::new(); chunks.len()];
    let vectors = vec![vec![vec![1.0, 0.0]]; chunks.len()];
    let (key, path) = (format!("/{collection}/{title}"), format!("{title}.txt"));
    let source = SourceName { collection, key: &key, path: &path };
    let new =
        NewDocument { source, document: &document, chunks: &chunks, contexts: &contexts, vectors: &vectors };
    let mut catalog = engine.catalog();
    let staged = catalog.stage(&new, 1).unwrap();
    catalog.publish(&[staged.version_id], 1).unwrap();
}

fn ask_in(engine: &Engine, question: &str, collections: &[&str]) -> Result<Answer, EngineError> {
    let request = AskRequest {
        question: question.to_owned(),
        question_id: Some("q1".to_owned()),
        mode: AskMode::Generate,
        collections: collections.iter().map(|c| (*c).to_owned()).collect(),
        ..AskRequest::default()
    };
    engine.ask(&request, &StopFlag::new(), &mut |_| {})
}

/// The answer, after what must hold of every one was looked at.
fn ask(engine: &Engine, question: &str) -> Answer {
    let answer = ask_in(engine, question, &[]).unwrap();
    for citation in &answer.citations {
        let text = engine.catalog().text(citation.version_id).unwrap();
        let slice: String = text.chars().skip(citation.start).take(citation.end - citation.start).collect();
        assert_eq!(slice, citation.quote, "{question}");
    }
    assert!(answer.sentences.iter().all(|s| s.verdict == Verdict::Supported && s.score <= 1.0));
    assert_eq!(answer.passages.len(), answer.citations.len());
    assert!(answer.model.is_none() && answer.question_id.as_deref() == Some("q1"));
    assert_eq!(engine.answer(&answer.id).unwrap(), answer, "what is stored is what was told");
    answer
}

const CONTRACTS: &[(&str, &str, &str)] = &[
    (
        "hr",
        "Handbook",
        "Welcome to the firm.\n\nLeave. The firm grants parental leave of 20 weeks. Other leave is unpaid.",
    ),
    ("hr", "Policy", "Parental duties are respected.\n\nLeave is granted on request."),
    ("it", "Guide", "Für Eltern 𝔣ünf. PARENTAL\nleave is entered in the portal, in 1 step."),
    ("it", "Rules", "Passwords have 12 letters."),
];

#[test]
fn which_documents_have_it() {
    let vault = vault(CONTRACTS);
    let answer = ask(&vault.engine, "Which documents mention parental leave?");
    assert_eq!(
        answer.text,
        "2 of 4 documents mention “parental leave” [1][2]; all 4 were searched. Looked for in one passage: “parental” and \
         “leave”.\nGuide: “PARENTAL leave is entered in the portal, in 1 step.” [1].\nHandbook: “The firm grants parental \
         leave of 20 weeks.” [2]."
    );
    assert_eq!((answer.outcome, answer.confidence), (Outcome::Answered, 1.0));
    let sweep = answer.sweep.unwrap();
    assert_eq!((sweep.searched, sweep.matching, sweep.lacking, sweep.unreadable), (4, 2, 2, 0));
    assert_eq!(sweep.words, ["parental", "leave"]);
    let titles = |d: &[citadel_core::SweptDocument]| d.iter().map(|d| d.title.clone()).collect::<Vec<_>>();
    assert_eq!(titles(&sweep.matching_documents), ["Guide", "Handbook"]);
    assert_eq!(
        titles(&sweep.lacking_documents),
        ["Policy", "Rules"],
        "the words of Policy stand in two passages"
    );
}

#[test]
fn which_do_not_and_whether_all_do() {
    let vault = vault(CONTRACTS);
    let begins = |question: &str, expected: &str, cited: usize| {
        let answer = ask(&vault.engine, question);
        assert!(answer.text.starts_with(expected), "{question}: {}", answer.text);
        assert_eq!((answer.citations.len(), answer.outcome), (cited, Outcome::Answered), "{question}");
    };
    begins(
        "Which documents do not contain “parental leave”?",
        "2 of 4 documents do not mention “parental leave”: Policy, Rules; the other 2 do [1][2]; all 4 were searched.",
        2,
    );
    begins(
        "Do all documents mention leave?",
        "No: 3 of 4 documents mention “leave” [1][2][3]; 1 does not: Rules;",
        3,
    );
    begins(
        "How many documents mention arbitration?",
        "None of the 4 documents mentions “arbitration”; all 4",
        0,
    );
    begins(
        "Which documents lack an arbitration clause?",
        "None of the 4 documents mentions “arbitration”",
        0,
    );
    begins(
        "How many documents mention the firm?",
        "1 of 4 documents mentions “firm” [1]; all 4 were searched.",
        1,
    );
}

#[test]
fn only_the_collections_that_were_named() {
    let vault = vault(CONTRACTS);
    let question = "How many documents mention leave?";
    let counts = |collections: &[&str]| {
        let sweep = ask_in(&vault.engine, question, collections).unwrap().sweep.unwrap();
        (sweep.matching, sweep.searched)
    };
    assert_eq!(counts(&["hr"]), (2, 2));
    assert_eq!(counts(&["it"]), (1, 2));
    assert_eq!(counts(&["hr", "it"]), (3, 4));
    let refused = ask_in(&vault.engine, question, &["gone"]);
    assert!(matches!(refused, Err(EngineError::UnknownCollection { .. })));
}

#[test]
fn the_first_twenty_are_cited_and_the_rest_is_named() {
    let titles: Vec<String> = (10..33).map(|n| format!("Lease {n}")).collect();
    let texts: Vec<(&str, &str, &str)> =
        titles.iter().map(|t| ("default", t.as_str(), "Disputes go to arbitration in Bern.")).collect();
    let answer = ask(&vault(&texts).engine, "Which contracts mention arbitration?");
    assert!(answer.text.starts_with("All 23 documents mention “arbitration” [1][2]"), "{}", answer.text);
    assert!(answer.text.ends_with("3 more mention it and are not quoted: Lease 30, Lease 31, Lease 32."));
    assert_eq!((answer.citations.len(), answer.sentences.len()), (20, 22));
    assert_eq!(answer.sweep.unwrap().matching_documents.len(), 23);
}

#[test]
fn what_could_not_be_read_is_counted() {
    let vault = vault(CONTRACTS);
    add(&vault.engine, "hr", "Scan", "");
    add(&vault.engine, "hr", "Half", "Leave ends. ¶");
    let lost =
        LostPart { part: Some("a.pdf".to_owned()), code: "damaged".to_owned(), reason: "cut off".to_owned() };
    let failed = SourceState::Failed { code: "damaged".to_owned(), reason: "no file of its kind".to_owned() };
    for (key, state, lost) in [("/x", failed, Vec::new()), ("/y", SourceState::Done, vec![lost])] {
        let source = SourceRecord {
            collection: "hr".to_owned(),
            key: key.to_owned(),
            path: key.to_owned(),
            state,
            lost,
            ..SourceRecord::default()
        };
        vault.engine.catalog().finish_sources([(&source, [].as_slice())], 2).unwrap();
    }
    let answer = ask(&vault.engine, "How many documents mention leave?");
    let expected = "4 of 5 documents mention “leave” [1][2][3][4]; all 5 were searched, 3 files could not be read and 1 \
                    page has no text.";
    assert!(answer.text.starts_with(expected), "{}", answer.text);
    assert_eq!(answer.confidence, 5.0 / 8.0);
    let sweep = answer.sweep.unwrap();
    assert_eq!((sweep.searched, sweep.unreadable, sweep.unread_pages), (5, 3, 1));
    let elsewhere = ask_in(&vault.engine, "How many documents mention leave?", &["it"]).unwrap();
    assert_eq!(elsewhere.sweep.unwrap().unreadable, 0, "that is in another collection");
}

#[test]
fn an_empty_vault_has_no_answer() {
    let answer = ask(&vault(&[]).engine, "Which documents mention leave?");
    assert_eq!((answer.outcome, answer.reason), (Outcome::NotFound, Some(NearestReason::NoDocuments)));
    assert_eq!(answer.text, "There are no documents that could be searched.");
    assert!(answer.confidence == 0.0 && answer.sentences.is_empty());
}

#[test]
fn a_sweep_can_be_stopped_and_then_stores_nothing() {
    let vault = vault(CONTRACTS);
    let request = AskRequest {
        question: "Which documents mention leave?".to_owned(),
        mode: AskMode::Quote,
        ..AskRequest::default()
    };
    for after in [0, 1, 3] {
        let stop = StopFlag::new();
        if after == 0 {
            stop.stop();
        }
        let mut told = Vec::new();
        let ended = vault.engine.ask(&request, &stop, &mut |event| {
            if let AskEvent::Searched { documents, of } = event {
                told.push((documents, of));
                if documents == after {
                    stop.stop();
                }
            }
        });
        assert!(matches!(ended, Err(EngineError::Model(citadel_core::ModelError::Stopped))), "{after}");
        assert_eq!(told, (1..=after).map(|n| (n, 4)).collect::<Vec<_>>());
    }
    assert!(vault.engine.answers().unwrap().is_empty());
}

#[test]
fn an_answer_that_names_a_removed_document_is_forgotten() {
    let vault = vault(CONTRACTS);
    let answer = ask(&vault.engine, "Which documents do not mention leave?");
    let lacking = answer.sweep.unwrap().lacking_documents[0].document_id.clone();
    vault.engine.catalog().remove(&[lacking]).unwrap();
    assert!(vault.engine.answer(&answer.id).is_err());
}
