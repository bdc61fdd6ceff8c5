//! `documents remove` forgets for good: no byte of what a document said is left in the vault's folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::{Vault, copy, files, files_below, folder, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("forgotten::removed_documents", removed_documents),
        trial("forgotten::earlier_versions", earlier_versions),
        trial("forgotten::a_removal_that_was_killed", a_removal_that_was_killed),
    ]
}

/// A word of no language. Each place of a document that is kept has it.
const CANARY: &str = "zyxocanaryq";

/// The files below `dir` that have the canary in their name or bytes, in UTF-8 or UTF-16, in small letters or large.
fn holding(dir: &Path) -> Vec<PathBuf> {
    let wide: Vec<u8> = CANARY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let holds = |file: &PathBuf| {
        let bytes = std::fs::read(file).unwrap().to_ascii_lowercase();
        let has = |what: &[u8]| bytes.windows(what.len()).any(|w| w == what);
        has(CANARY.as_bytes()) || has(&wide) || file.to_string_lossy().to_lowercase().contains(CANARY)
    };
    files_below(dir).into_iter().filter(holds).collect()
}

#[track_caller]
fn assert_forgotten(vault: &Vault) {
    assert_eq!(holding(&vault.dir), Vec::<PathBuf>::new());
    let found = vault.json(&["search", CANARY, "--mode", "keyword", "--json"]);
    assert_eq!(found["passages"], json!([]));
    // What the searches above wrote, if anything, holds nothing either.
    assert_eq!(holding(&vault.dir), Vec::<PathBuf>::new());
    vault.run(&["doctor"]).done();
}

/// Neighbours that stay, so that what is removed shares its pages and files with others.
fn neighbours(vault: &Vault) {
    let corpus = folder("neighbours");
    for n in 0..12 {
        let text = format!("Berth {n} is let by the month. ").repeat(20);
        std::fs::write(corpus.join(format!("berth-{n}.txt")), text).unwrap();
    }
    vault.run(&["ingest".as_ref(), corpus.as_os_str()]).done();
}

/// A vault with neighbours and the canary in every kind of place, and the ids of the documents that have it.
fn filled() -> (Vault, Vec<String>) {
    let vault = Vault::new();
    neighbours(&vault);
    let corpus = folder("secrets");
    let write = |name: &str, bytes: &[u8]| std::fs::write(corpus.join(name), bytes).unwrap();
    write(&format!("{CANARY}-note.txt"), format!("The password of the crane is {CANARY}.").as_bytes());
    write(
        "plan.md",
        format!("# Zyxocanaryq plan\n\n## Under {CANARY}\n\nThe berth is dredged in May.").as_bytes(),
    );
    write(
        "page.html",
        format!("<html><title>{CANARY}</title><body><p>The gate is shut at ten.</p><p>ZYXOCANARYQ</p></body></html>").as_bytes(),
    );
    write(
        "letter.pdf",
        &files::labelled_pdf(&["The berth is free.", &format!("Ask for {CANARY} at the gate.")]),
    );
    write("letter.docx", &files::docx(&[&format!("Dear {CANARY}, the berth is yours.")], 0));
    write(
        "wiki.xml",
        &files::wiki(&[(CANARY, &format!("'''{CANARY}''' is a word.")), ("Quay", "The quay is wet.")]),
    );
    let arguments = ["ingest".as_ref(), corpus.as_os_str(), "--collection".as_ref(), OsStr::new(CANARY)];
    vault.run(&arguments).done();
    let list = vault.json(&["documents", "--json"]);
    let of_canary = list.as_array().unwrap().iter().filter(|d| d["collection"] == CANARY);
    let ids: Vec<String> = of_canary.map(|d| d["document_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 7);
    (vault, ids)
}

fn remove(ids: &[String]) -> Vec<&str> {
    ["documents", "remove", "--json"].into_iter().chain(ids.iter().map(String::as_str)).collect()
}

fn removed_documents() {
    let (vault, ids) = filled();
    let asked: Vec<Value> = [
        &format!("What is the password of the crane, {CANARY}?"),
        "Who is to be asked for at the gate?",
        "Which berth is let by the month?",
    ]
    .iter()
    .map(|question| vault.json(&["ask", question, "--mode", "quote", "--json"]))
    .collect();
    let shows = |answer: &Value| ids.iter().any(|id| answer.to_string().contains(id));
    assert!(shows(&asked[0]) && asked[0]["text"].as_str().unwrap().contains(CANARY), "{}", asked[0]);
    // Of one question alone, the answer shows none of them.
    let apart = vault.json(&[
        "ask",
        "Which berth is let by the month?",
        "--collection",
        "default",
        "--mode",
        "quote",
        "--json",
    ]);
    assert!(!shows(&apart));
    let held = holding(&vault.dir);
    let in_folder = |part: &str| held.iter().any(|f| f.to_string_lossy().contains(part));
    assert!(in_folder("catalog.sqlite") && in_folder("vectors"), "the test can fail: {held:?}");

    let removed = vault.json(&remove(&ids));
    let blanked = asked.iter().filter(|a| shows(a)).count();
    assert_eq!(removed, json!({"documents": ids, "answers_blanked": blanked}));
    assert_forgotten(&vault);
    // An answer that showed them is blank and says why; others stay.
    for answer in asked.iter().filter(|a| shows(a)) {
        let id = answer["id"].as_str().unwrap();
        vault.run(&["answers", "show", id]).refused(&[id, "is blank", "was removed"]);
        vault.run(&["export", id, "--format", "json", "--output", "/dev/null"]).refused(&["is blank"]);
    }
    let list = vault.json(&["answers", "--json"]);
    let listed = |id: &Value| list.as_array().unwrap().iter().find(|a| a["id"] == *id).unwrap().clone();
    assert_eq!(
        (&listed(&asked[0]["id"])["blanked"], &listed(&asked[0]["id"])["question"]),
        (&json!(true), &json!(""))
    );
    assert_eq!(vault.json(&["answers", "show", apart["id"].as_str().unwrap(), "--json"]), apart);
    assert_eq!(vault.documents().len(), 12);
    assert!(vault.run(&["search", "berth let by the month"]).done().stdout.contains("Berth"));
    vault.run(&remove(&ids[..1])).refused(&["no document", &ids[0]]);
}

/// A document whose file changed, and one whose part is gone from its file, keep their earlier text for the answers that
/// cite it, and only for those. Removing the document forgets that too.
fn earlier_versions() {
    let vault = Vault::new();
    neighbours(&vault);
    let corpus = folder("changing");
    let write = |canary: &str| {
        std::fs::write(corpus.join("note.txt"), format!("The password of the crane is {canary}.")).unwrap();
        let mut pages = vec![("Quay", "The quay is wet.")];
        if canary == CANARY {
            pages.push(("Gone", "The page about zyxocanaryq will go."));
        }
        std::fs::write(corpus.join("wiki.xml"), files::wiki(&pages)).unwrap();
    };
    let ingest = ["ingest".as_ref(), corpus.as_os_str(), OsStr::new("--json")];
    write(CANARY);
    vault.run(&ingest).done();
    let ids = ["note.txt", "wiki.xmlGone"].map(|name| vault.id_of(name));
    let answer = vault.json(&["ask", "What is the password of the crane?", "--mode", "quote", "--json"]);
    assert!(answer["text"].as_str().unwrap().contains(CANARY), "{answer}");
    write("swordfish");
    let report = vault.run(&ingest).done().report();
    assert_eq!((&report["updated"], &report["removed"]), (&json!(1), &json!(1)), "{report}");

    // Neither is searched or listed, and the old answer still shows what it cited.
    for query in [CANARY, "What is the password of the crane?"] {
        let found = vault.json(&["search", query, "--limit", "20", "--json"]);
        assert!(!found["passages"].to_string().contains(CANARY), "{found}");
    }
    assert!(!vault.text(&ids[0]).contains(CANARY));
    assert!(vault.documents().iter().all(|(name, _)| name != "wiki.xmlGone"));
    assert_eq!(vault.json(&["answers", "show", answer["id"].as_str().unwrap(), "--json"]), answer);

    vault.json(&remove(&ids));
    assert_forgotten(&vault);
    vault.run(&["answers", "show", answer["id"].as_str().unwrap()]).refused(&["is blank"]);
}

/// Wherever a removal is cut off: asked again, or by the next use of the index, it is done to the end.
fn a_removal_that_was_killed() {
    let (whole, ids) = filled();
    let copied = || {
        let vault = Vault::new();
        copy(&whole.dir, &vault.dir);
        vault
    };
    let begun = Instant::now();
    copied().run(&remove(&ids)).done();
    let time = begun.elapsed();
    const MOMENTS: u32 = 8;
    for moment in 0..MOMENTS {
        let vault = copied();
        let mut removal = vault.command(&remove(&ids)).spawn().unwrap();
        // Evenly spread; the moment itself, not a wait for something to happen.
        std::thread::sleep(time * (2 * moment + 1) / (2 * MOMENTS) + Duration::from_millis(1));
        let _ = removal.kill();
        removal.wait().unwrap();
        if vault.documents().len() > 12 {
            vault.run(&remove(&ids)).done();
        } else {
            vault.run(&["search", "berth", "--mode", "keyword"]).done();
        }
        assert_eq!(vault.documents().len(), 12, "all or none");
        assert_forgotten(&vault);
    }
}
