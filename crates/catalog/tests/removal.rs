//! What is removed is gone: from the rows, from the answers, and from every byte of the folder.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::path::Path;

use citadel_catalog::{DocumentFilter, OutboxAction, SourceState, StoredAnswer};
use citadel_core::{Document, DocumentId};
use common::{answer, done, finish, paged, plain, vault};

const CANARY: &str = "Zyqwxcanary";

/// The files under `folder` that contain `text` as UTF-8 or UTF-16LE.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        if has(text.as_bytes()) || has(&wide) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

/// A document with the canary wherever a document can hold text.
fn full_of(canary: &str) -> Document {
    let text = format!("{canary} and more of {canary}. ").repeat(300);
    let mut document = paged([text.trim(), canary]);
    document.title = canary.to_owned();
    document.metadata.insert("author".to_owned(), canary.to_owned());
    document.warnings.push(canary.to_owned());
    document.pages[0].label = Some(canary.to_owned());
    document
}

#[test]
fn no_byte_of_a_removed_document_is_left_in_the_folder() {
    let mut vault = vault();
    // Neighbours, so that pages are split and cells moved before the removal.
    let neighbour = |n: i64| plain("N", &format!("neighbour {n} ").repeat(80));
    for n in 0..40 {
        vault.ingest(&format!("/n{n}"), &neighbour(n), n);
    }
    let id = vault.ingest("/secret", &full_of(CANARY), 50).document_id;
    for n in 40..80 {
        vault.ingest(&format!("/n{n}"), &neighbour(n), n);
    }
    vault.ingest("/secret", &full_of(&format!("{CANARY} again")), 90);
    vault.stage("/secret", &full_of(&format!("{CANARY} staged")), 40, 91);
    vault.catalog.put_answer(&answer("0a", Some(&id), None, CANARY), 92).unwrap();
    assert!(!files_with(vault.folder.path(), CANARY).is_empty(), "the test must be able to fail");

    let removed = vault.catalog.remove(std::slice::from_ref(&id)).unwrap();
    assert_eq!((removed.documents, removed.versions.len(), removed.answers), (vec![id], 3, 1));
    vault.catalog.scrub().unwrap();
    assert_eq!(files_with(vault.folder.path(), CANARY), Vec::<String>::new());
    assert!(!files_with(vault.folder.path(), "neighbour 7 ").is_empty());
    vault.sound();
    let vault = vault.reopen();
    assert_eq!(files_with(vault.folder.path(), CANARY), Vec::<String>::new());
    assert_eq!(vault.catalog.counts().unwrap().documents, 80);
    vault.sound();
}

#[test]
fn a_removed_document_is_deleted_from_the_indexes_and_its_file_is_read_again() {
    let part = |name: &str| Document { part: Some(name.to_owned()), ..plain(name, "text") };
    let mut vault = vault();
    let [a, b] = ["A", "B"].map(|name| vault.ingest("/wiki.xml", &part(name), 1));
    let seen = [a.document_id.clone(), b.document_id.clone()];
    finish(&mut vault.catalog, &done("/wiki.xml"), &seen, 2).unwrap();
    let staged = vault.stage("/wiki.xml", &Document { title: "new".to_owned(), ..part("A") }, 40, 3);
    finish(&mut vault.catalog, &done("/wiki.xml"), &seen, 4).unwrap();

    let nobody = DocumentId("nobody".to_owned());
    let generation = vault.catalog.generation().unwrap();
    assert_eq!(vault.catalog.remove(std::slice::from_ref(&nobody)).unwrap(), Default::default());
    assert_eq!(vault.catalog.generation().unwrap(), generation);
    let removed = vault.catalog.remove(&[a.document_id.clone(), nobody]).unwrap();
    assert_eq!(removed.versions, [a.version_id, staged.version_id]);
    assert_eq!(vault.catalog.generation().unwrap(), generation + 1);
    assert_eq!(
        vault.actions(),
        removed.versions.iter().map(|&v| (v, OutboxAction::Delete)).collect::<Vec<_>>()
    );
    assert_eq!(vault.catalog.source("default", "/wiki.xml").unwrap().unwrap().state, SourceState::Open);
    vault.catalog.remove(&[b.document_id]).unwrap();
    assert_eq!(vault.catalog.source("default", "/wiki.xml").unwrap(), None);
    let all = DocumentFilter { withdrawn: true, ..DocumentFilter::default() };
    assert_eq!(vault.catalog.documents(&all).unwrap(), []);

    let back = vault.ingest("/wiki.xml", &part("A"), 5);
    assert_eq!(back.document_id, a.document_id);
    assert!(back.version_id > staged.version_id, "ids are not used again");
    vault.replay(6);
    assert_eq!(vault.catalog.current_versions().unwrap(), [back.version_id]);
    vault.sound();
}

#[test]
fn answers_that_show_a_removed_document_are_blanked_and_others_kept() {
    let mut vault = vault();
    let [a, b] = ["/a", "/b"].map(|key| vault.ingest(key, &plain(key, "text"), 1).document_id);
    let answers = [
        answer("1a", Some(&a), Some(&b), "q"),
        answer("2b", None, Some(&a), "q"),
        answer("3c", Some(&b), Some(&b), "q"),
        answer("3d", None, None, "q"),
    ];
    for (answer, now) in answers.iter().zip(10..) {
        vault.catalog.put_answer(answer, now).unwrap();
    }
    for kept in &answers {
        assert_eq!(vault.catalog.answer(&kept.id).unwrap(), StoredAnswer::Kept(Box::new(kept.clone())));
    }
    let code = |id: &str| vault.catalog.answer(id).map_err(|error| error.code());
    assert_eq!((code("3").err(), code("4").err()), (Some("ambiguous"), Some("not_found")));
    assert!(code("1").is_ok());

    assert_eq!(vault.catalog.remove(std::slice::from_ref(&a)).unwrap().answers, 2);
    let listed: Vec<(String, String, bool)> =
        vault.catalog.answers(3).unwrap().into_iter().map(|s| (s.id, s.question, s.blanked)).collect();
    let question = "What about q?".to_owned();
    let expected = [("3d", question.clone(), false), ("3c", question, false), ("2b", String::new(), true)];
    assert_eq!(listed, expected.map(|(id, question, blanked)| (id.to_owned(), question, blanked)));
    match vault.catalog.answer("1a").unwrap() {
        StoredAnswer::Blanked(left) => {
            assert_eq!((left.created_at, left.reason.as_str()), (10, "a cited document was removed"));
        }
        StoredAnswer::Kept(_) => panic!("an answer still shows a removed document"),
    }
    assert_eq!(vault.catalog.counts().unwrap().answers, 2);

    // An answer that was being written while the document went.
    let late = vault.catalog.put_answer(&answer("5e", Some(&a), None, "q"), 20).unwrap_err();
    assert_eq!(late.code(), "not_found");
    assert_eq!(vault.catalog.put_answer(&answers[2], 21).unwrap_err().code(), "invalid");
    assert_eq!(vault.catalog.answers(99).unwrap().len(), 4);
}

/// Many small documents, updates, answers and removals in a fixed disorder: rows are moved between pages, which is
/// where copies are left that overwriting on delete does not reach. With these seeds it leaves some, and only
/// rewriting the file takes them out.
#[test]
fn no_byte_is_left_after_much_moving_about() {
    for seed in [1u64, 6] {
        let mut vault = vault();
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut below = move |limit: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % limit
        };
        let mut documents: Vec<(DocumentId, String)> = Vec::new();
        for n in 0..300 {
            let canary = format!("CaNaRy{n:05}x");
            let text = |times: u64| format!("{canary} ").repeat(times as usize).trim().to_owned();
            let mut document = plain(&canary, &text(1 + below(60)));
            document.metadata.insert("a".to_owned(), canary.clone());
            let id = vault.ingest(&format!("/{n}"), &document, 1).document_id;
            documents.push((id.clone(), canary.clone()));
            if below(3) == 0 {
                let name = format!("{:08x}{n}", below(1 << 32));
                vault.catalog.put_answer(&answer(&name, Some(&id), None, &canary), 1).unwrap();
            }
            if below(3) == 0 {
                vault.ingest(&format!("/{n}"), &plain(&canary, &text(1 + below(90))), 2);
            }
            if below(5) == 0 {
                vault.replay(3);
            }
            if below(7) == 0 {
                let (id, _) = &documents[below(documents.len() as u64) as usize];
                vault.catalog.remove(std::slice::from_ref(id)).unwrap();
            }
        }
        for (id, _) in &documents {
            if below(2) == 0 {
                vault.catalog.remove(std::slice::from_ref(id)).unwrap();
            }
        }
        vault.catalog.scrub().unwrap();
        let mut gone = 0;
        for (id, canary) in &documents {
            if vault.catalog.current_version(id).unwrap().is_none() {
                assert_eq!(
                    files_with(vault.folder.path(), canary),
                    Vec::<String>::new(),
                    "{canary}, seed {seed}"
                );
                gone += 1;
            }
        }
        assert!(gone > 100, "{gone}");
        vault.sound();
    }
}

#[test]
fn a_scrub_that_died_leaves_no_copy_behind() {
    let mut vault = vault();
    let copy = vault.folder.path().join("catalog.sqlite.compact");
    std::fs::write(&copy, CANARY).unwrap();
    vault = vault.reopen();
    assert_eq!(files_with(vault.folder.path(), CANARY), Vec::<String>::new());
    std::fs::write(&copy, CANARY).unwrap();
    vault.catalog.scrub().unwrap();
    assert_eq!(files_with(vault.folder.path(), CANARY), Vec::<String>::new());
    // Something in the way: the error says so and the catalog goes on.
    vault.ingest("/a", &plain("A", "text"), 1);
    std::fs::create_dir(&copy).unwrap();
    assert_eq!(vault.catalog.scrub().map_err(|error| error.code()), Err("io"));
    assert_eq!(vault.catalog.counts().unwrap().documents, 1);
    vault.sound();
}

#[test]
fn a_scrub_beside_a_reader_says_that_it_could_not() {
    let mut vault = vault();
    let id = vault.ingest("/a", &plain("A", CANARY), 1).document_id;
    let reader = rusqlite::Connection::open(vault.file()).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM documents").unwrap();
    vault.catalog.remove(&[id]).unwrap();
    assert_eq!(vault.catalog.scrub().map_err(|error| error.code()), Err("busy"));
    reader.execute_batch("COMMIT").unwrap();
    vault.catalog.scrub().unwrap();
    assert_eq!(files_with(vault.folder.path(), CANARY), Vec::<String>::new());
}
