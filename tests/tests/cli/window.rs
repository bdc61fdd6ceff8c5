//! What the desktop window asks of the engine beyond what the command line does.

use std::path::Path;
use std::time::SystemTime;

use citadel_core::fakes::{FakeEmbedder, FakeGenerator};
use citadel_core::{CharRange, StopFlag};
use citadel_engine::{
    AskMode, AskRequest, DevicePreference, Engine, IngestReport, IngestRequest, IngestScope, IngestedFile,
    Original, language_models, restore, set_aside,
};
use libtest_mimic::Trial;

use crate::engine::{DIMENSIONS, ask, harbour, ingest, open};
use crate::scans::scan;
use crate::support::{files, files_below, folder, models, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("window::a_question_about_some_documents", a_question_about_some_documents),
        trial("window::conversations_are_linked_and_forgotten", conversations_are_linked_and_forgotten),
        trial("window::a_vault_in_one_file_and_back", a_vault_in_one_file_and_back),
        trial("window::a_page_and_its_marks", a_page_and_its_marks),
        trial("window::what_the_library_shows", what_the_library_shows),
        trial("window::the_models_on_cards", the_models_on_cards),
        trial("window::how_far_an_ingest_is", how_far_an_ingest_is),
        trial("window::some_of_what_failed_or_was_stopped", some_of_what_failed_or_was_stopped),
    ]
}

fn embedder() -> FakeEmbedder {
    FakeEmbedder::new(DIMENSIONS)
}

fn id_of(engine: &Engine, name: &str) -> String {
    let all = engine.documents().unwrap();
    all.into_iter().find(|d| d.path.ends_with(name)).unwrap().document_id.0
}

/// Both legs, and a question about the documents as a set, keep to the documents named.
fn a_question_about_some_documents() {
    let (vault, _) = harbour();
    let engine = open(&vault, embedder());
    let (fees, crane) = (id_of(&engine, "fees.md"), id_of(&engine, "crane.txt"));
    let check = |question: &str, documents: &[&String], shown: &[&String]| {
        let request = AskRequest {
            question: question.to_owned(),
            mode: AskMode::Quote,
            documents: documents.iter().map(|id| (*id).clone()).collect(),
            ..AskRequest::default()
        };
        let answer = engine.ask(&request, &StopFlag::new(), &mut |_| {}).unwrap();
        let mut found: Vec<&String> = answer.passages.iter().map(|p| &p.document_id.0).collect();
        found.sort();
        found.dedup();
        let mut shown = shown.to_vec();
        shown.sort();
        assert_eq!(found, shown, "{question} {documents:?}");
        answer
    };
    check("What does the crane of the berth cost?", &[], &[&fees, &crane]);
    check("What does the crane of the berth cost?", &[&fees], &[&fees]);
    check("What does the crane of the berth cost?", &[&crane], &[&crane]);
    check("What does the crane of the berth cost?", &[&fees, &crane], &[&fees, &crane]);
    let swept = check("How many documents mention the crane?", &[&fees], &[]).sweep.unwrap();
    assert_eq!((swept.searched, swept.matching), (1, 0));
    let request = AskRequest {
        question: "A?".to_owned(),
        documents: vec!["nowhere".to_owned()],
        ..AskRequest::default()
    };
    let error = engine.ask(&request, &StopFlag::new(), &mut |_| {}).unwrap_err();
    assert_eq!(error.code(), "unknown_id");
}

/// What an ingest tells, one word and the file's name for each event, and its report.
fn told(engine: &Engine, scope: IngestScope, stop: &StopFlag) -> (Vec<String>, IngestReport) {
    let request = IngestRequest { scope, jobs: Some(1), passwords: Vec::new() };
    let mut told = Vec::new();
    let report = engine.ingest(&request, stop, &mut |event| {
        let event = serde_json::to_value(&event).unwrap();
        let name = event["path"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let more = match event["event"].as_str().unwrap() {
            "page" => format!(" {} of {} {}", event["page"], event["of"], event["recognizing"]),
            "embedding" => format!(" {} of {}", event["chunks"], event["of"]),
            "failed" => format!(" {}", event["code"]),
            _ => String::new(),
        };
        told.push(format!("{} {name}{more}", event["event"].as_str().unwrap()));
        if event["event"] == "file" && name == "first.md" {
            stop.stop();
        }
    });
    (told, report.unwrap())
}

fn paths(path: &Path) -> IngestScope {
    IngestScope::Paths { paths: vec![path.to_owned()], collection: "default".to_owned() }
}

fn how_far_an_ingest_is() {
    let corpus = folder("progress");
    let long: Vec<String> =
        (0..150).map(|n| format!("Berth {n} is let to ship {n} for a year. ").repeat(5)).collect();
    std::fs::write(corpus.join("long.md"), long.join("\n\n")).unwrap();
    std::fs::write(corpus.join("locked.pdf"), files::locked_pdf()).unwrap();
    std::fs::write(corpus.join("scan.pdf"), scan()).unwrap();
    let engine = open(&folder("engine").join("vault"), embedder());
    let (told, report) = told(&engine, paths(&corpus), &StopFlag::new());
    for expected in
        ["reading long.md", "reading locked.pdf", "failed locked.pdf \"encrypted\"", "reading scan.pdf"]
    {
        assert!(told.iter().any(|line| line == expected), "{expected}: {told:?}");
    }
    assert!(told.contains(&"page scan.pdf 1 of 1 true".to_owned()), "{told:?}");
    let of = report.chunks.to_string();
    let embedding: Vec<&String> =
        told.iter().filter(|line| line.starts_with("embedding long.md 64 of ")).collect();
    assert_eq!(embedding.len(), 1, "{told:?} {of}");
    let at = |line: &str| told.iter().position(|told| told == line).unwrap();
    assert!(at("reading long.md") < at(embedding[0]) && at(embedding[0]) < at("file long.md"), "{told:?}");
}

fn some_of_what_failed_or_was_stopped() {
    let corpus = folder("some");
    for name in ["one.pdf", "two.pdf"] {
        let mut bytes = files::locked_pdf();
        bytes.extend(name.bytes());
        std::fs::write(corpus.join(name), bytes).unwrap();
    }
    let engine = open(&folder("engine").join("vault"), embedder());
    told(&engine, paths(&corpus), &StopFlag::new());
    let failed = engine.library().unwrap().failed;
    assert_eq!(failed.len(), 2);
    let (collection, path) = (failed[1].collection.clone(), failed[1].path.clone());
    let read = |files: Vec<IngestedFile>| {
        let (told, _) = told(&engine, IngestScope::Failed { files }, &StopFlag::new());
        told.into_iter().filter(|line| line.starts_with("reading")).count()
    };
    assert_eq!(read(vec![IngestedFile { collection: "other".to_owned(), path: path.clone() }]), 0);
    assert_eq!(read(vec![IngestedFile { collection, path }]), 1);
    assert_eq!(read(Vec::new()), 2);

    // Two ingests are stopped behind their first file, one is gone on with.
    for name in ["left", "right"] {
        let corpus = folder(name);
        std::fs::write(corpus.join("first.md"), format!("# First\n\nThe first of {name}.")).unwrap();
        // More than are embedded, and so told, together.
        for number in 100..250 {
            std::fs::write(corpus.join(format!("later-{number}.md")), format!("Number {number} of {name}."))
                .unwrap();
        }
        assert!(told(&engine, paths(&corpus), &StopFlag::new()).1.stopped);
    }
    let unfinished = || engine.library().unwrap().unfinished;
    let [left, right] = unfinished().try_into().unwrap_or_else(|jobs| panic!("{jobs:?}"));
    let (told, report) = told(&engine, IngestScope::Stopped { jobs: vec![right.id] }, &StopFlag::new());
    assert!(!report.stopped && report.added > 0, "{told:?}");
    assert_eq!(unfinished().iter().map(|job| job.id).collect::<Vec<_>>(), [left.id]);
}

fn conversations_are_linked_and_forgotten() {
    let (vault, _) = harbour();
    let engine = open(&vault, embedder()).with_generator(Box::new(FakeGenerator::new([
        "The berth fee is 40 pounds a night.",
        "The berth fee is 40 pounds a night.",
    ])));
    let first = ask(&engine, &StopFlag::new(), &mut |_| {}).unwrap();
    let follow_up = AskRequest {
        question: "And what does zyxoforgottenq cost?".to_owned(),
        after: Some(first.id.clone()),
        ..AskRequest::default()
    };
    let second = engine.ask(&follow_up, &StopFlag::new(), &mut |_| {}).unwrap();
    assert_eq!(second.after.as_ref(), Some(&first.id));
    let listed = |engine: &Engine| -> Vec<(String, Option<String>)> {
        engine.answers().unwrap().into_iter().map(|a| (a.id, a.after)).collect()
    };
    assert_eq!(listed(&engine), [(second.id.clone(), Some(first.id.clone())), (first.id.clone(), None)]);
    engine.forget_answer(&second.id).unwrap();
    assert_eq!(listed(&engine), [(first.id, None)]);
    assert_eq!(engine.forget_answer(&second.id).unwrap_err().code(), "unknown_id");
    for file in files_below(&vault) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(14).any(|w| w == b"zyxoforgottenq"), "left in {}", file.display());
    }
}

fn a_vault_in_one_file_and_back() {
    let (vault, _) = harbour();
    let place = folder("backup");
    let file = place.join("vault.citadel");
    let texts = |engine: &Engine| -> Vec<String> {
        let all = engine.documents().unwrap();
        all.iter().map(|d| engine.document_text(&d.document_id.0).unwrap()).collect()
    };
    let engine = open(&vault, embedder());
    let before = texts(&engine);
    std::fs::write(&file, "an older one").unwrap();
    engine.back_up(&file).unwrap();
    assert_eq!(std::fs::read_dir(&place).unwrap().count(), 1, "nothing unfinished is left");
    engine.remove(&[id_of(&engine, "crane.txt")]).unwrap();
    assert_eq!(restore(&file, &vault).unwrap_err().code(), "vault_in_use");
    drop(engine);
    // What is no back-up changes nothing.
    let other = place.join("other.citadel");
    for bytes in [b"no database at all, but long enough to look at".as_slice(), b""] {
        std::fs::write(&other, bytes).unwrap();
        let mut cut = std::fs::read(&file).unwrap();
        cut.truncate(cut.len() / 2);
        assert!(restore(&other, &vault).is_err());
        std::fs::write(&other, cut).unwrap();
        assert!(restore(&other, &vault).is_err());
    }
    assert!(restore(&place.join("nowhere"), &vault).is_err());
    let aside = restore(&file, &vault).unwrap().unwrap();
    assert!(aside.join("catalog.sqlite").is_file(), "what was there is kept");
    let engine = open(&vault, embedder())
        .with_generator(Box::new(FakeGenerator::new(["The berth fee is 40 pounds a night."])));
    assert_eq!(texts(&engine), before);
    // The indexes are filled again from it.
    assert_eq!(
        ask(&engine, &StopFlag::new(), &mut |_| {}).unwrap().text,
        "The berth fee is 40 pounds a night [1]."
    );
    drop(engine);
    set_aside(&vault).unwrap().unwrap();
    assert!(!vault.exists());
    assert_eq!(set_aside(&vault).unwrap(), None);
}

fn a_page_and_its_marks() {
    let (vault, corpus) = (folder("page").join("vault"), folder("pages"));
    let path = corpus.join("rules.pdf");
    let bytes = files::pdf(&["The gate closes at nine.", "Nobody enters after that."]);
    std::fs::write(&path, &bytes).unwrap();
    std::fs::write(corpus.join("note.txt"), "The gate is green.").unwrap();
    let engine = open(&vault, embedder());
    assert_eq!(ingest(&engine, &corpus).unwrap().added, 2);
    let id = id_of(&engine, "rules.pdf");
    let view = engine.view(&id, 0).unwrap();
    assert_eq!((view.original, view.current, view.pages.len()), (Original::Same, true, 2));
    let text = engine.document_text(&id).unwrap();
    for block in &view.blocks {
        let slice: String = text.chars().skip(block.start).take(block.end - block.start).collect();
        assert_eq!(slice, block.text);
    }
    // Words are marked where they stand, and nothing at nothing.
    let marks = |words: &str| {
        let start = text[..text.find(words).unwrap()].chars().count();
        engine.marks(view.version_id, CharRange::new(start, start + words.chars().count())).unwrap()
    };
    let rect = |words: &str, page: u32| {
        let found = marks(words);
        assert!(found.certain, "{words}");
        assert_eq!((found.pages.len(), found.pages[0].page), (1, page), "{words}");
        assert_eq!(found.pages[0].rects.len(), 1, "{words}");
        found.pages[0].rects[0]
    };
    let (gate, closes, nobody) = (rect("gate", 1), rect("closes at", 1), rect("Nobody", 2));
    assert!(gate[2] <= closes[0] + 1.0 && gate[2] > gate[0], "{gate:?} {closes:?}");
    assert!(nobody[0] < gate[0], "{nobody:?}");
    let page = &view.pages[0];
    assert!(closes[2] <= page.width && closes[3] <= page.height);
    let over = &text[text.find("nine").unwrap()..text.find("enters").unwrap()];
    assert_eq!(marks(over.trim()).pages.iter().map(|p| p.page).collect::<Vec<_>>(), [1, 2]);
    assert!(!engine.marks(view.version_id, CharRange::new(0, 0)).unwrap().certain);
    // The file's bytes, in pieces, as long as it is what was read.
    let mut pieces = Vec::new();
    for begin in (0..bytes.len() as u64).step_by(100) {
        let (piece, length) = engine.pdf_bytes(&id, begin, begin + 100).unwrap();
        assert_eq!(length, bytes.len() as u64);
        pieces.extend(piece);
    }
    assert_eq!(pieces, bytes);
    let later = SystemTime::now() + std::time::Duration::from_secs(60);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    assert_eq!(engine.view(&id, 0).unwrap().original, Original::Same, "touched, and the same bytes");
    let mut other = bytes.clone();
    let at = other.len() / 2;
    other[at] ^= 1;
    std::fs::write(&path, &other).unwrap();
    assert_eq!(engine.view(&id, 0).unwrap().original, Original::Changed);
    assert!(engine.pdf_bytes(&id, 0, 10).is_err());
    std::fs::remove_file(&path).unwrap();
    assert_eq!(engine.view(&id, 0).unwrap().original, Original::Gone);
    let note = id_of(&engine, "note.txt");
    assert_eq!(engine.view(&note, 0).unwrap().original, Original::None);
    assert!(engine.pdf_bytes(&note, 0, 10).is_err());
    assert_eq!(engine.view("nowhere", 0).unwrap_err().code(), "unknown_id");
}

fn what_the_library_shows() {
    let (vault, corpus) = harbour();
    std::fs::write(corpus.join("locked.pdf"), files::locked_pdf()).unwrap();
    let engine = open(&vault, embedder());
    let scope = IngestScope::Paths { paths: vec![corpus.clone()], collection: "harbour".to_owned() };
    let request = IngestRequest { scope, jobs: None, passwords: Vec::new() };
    engine.ingest(&request, &StopFlag::new(), &mut |_| {}).unwrap();
    engine.set_watched("harbour", &corpus, true).unwrap();
    let library = engine.library().unwrap();
    let collections: Vec<(&str, u64)> =
        library.collections.iter().map(|c| (c.name.as_str(), c.documents)).collect();
    assert_eq!(collections, [("default", 2), ("harbour", 2)]);
    assert_eq!(library.documents.len(), 4);
    assert_eq!(library.failed.len(), 1);
    assert_eq!(
        (library.failed[0].code.as_str(), library.failed[0].collection.as_str()),
        ("encrypted", "harbour")
    );
    assert_eq!(library.watched.len(), 1);
    assert!(library.unfinished.is_empty());
    let storage = engine.storage();
    assert!(storage.catalog_bytes > 0 && storage.index_bytes > 0 && storage.models_bytes > 0);
    assert!(engine.health().findings.iter().any(|finding| finding.what == "vault" && finding.ok));
}

fn the_models_on_cards() {
    let cards = language_models(&models()).unwrap();
    let in_use: Vec<_> = cards.iter().filter(|card| card.in_use).collect();
    assert_eq!(in_use.len(), 1, "{cards:?}");
    assert!(in_use[0].problem.is_none() && in_use[0].memory.is_some_and(|bytes| bytes > in_use[0].bytes / 4));
    let speed = citadel_engine::ModelSpeed::measure(
        &models(),
        &in_use[0].name,
        DevicePreference::Auto,
        &StopFlag::new(),
    )
    .unwrap();
    assert!(speed.prompt_tokens > 100 && speed.prompt_tokens_per_second > 0.0, "{speed:?}");
    assert!(speed.written_tokens > 0 && speed.written_tokens_per_second > 0.0, "{speed:?}");
    let missing = language_models(&folder("no-pack")).unwrap_err();
    assert_eq!(missing.code(), "models_missing");
}
