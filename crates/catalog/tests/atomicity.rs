//! All of a transaction or nothing: statements that fail in the middle, and a process that is killed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use citadel_catalog::{Catalog, DocumentFilter, OutboxAction};
use common::{Vault, answer, done, finish, plain, stage, vault};

/// Makes the catalog fail at `fault`, the middle of a trigger's head.
fn inject(file: &Path, fault: &str) {
    let sql = format!("CREATE TRIGGER fault {fault} BEGIN SELECT RAISE(ABORT, 'injected'); END");
    rusqlite::Connection::open(file).unwrap().execute_batch(&sql).unwrap();
}

fn mend(file: &Path) {
    rusqlite::Connection::open(file).unwrap().execute_batch("DROP TRIGGER fault").unwrap();
}

/// All that can be seen of a catalog.
fn state(catalog: &Catalog) -> String {
    let all = DocumentFilter { withdrawn: true, ..DocumentFilter::default() };
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        catalog.counts().unwrap(),
        catalog.generation().unwrap(),
        catalog.documents(&all).unwrap(),
        catalog.sources(None).unwrap(),
        catalog.outbox(usize::MAX).unwrap(),
        catalog.answers(99).unwrap(),
    )
}

#[test]
fn a_transaction_that_fails_in_the_middle_leaves_nothing() {
    let check = |fault: &str, act: &dyn Fn(&mut Vault) -> bool| {
        let mut vault = vault();
        let a = vault.ingest("/a", &plain("A", "one"), 1);
        let b = vault.ingest("/b", &plain("B", "one"), 1);
        vault.catalog.put_answer(&answer("0a", Some(&a.document_id), None, "one"), 1).unwrap();
        finish(&mut vault.catalog, &done("/b"), &[b.document_id], 1).unwrap();
        vault.stage("/a", &plain("A", "two"), 40, 2);
        vault.stage("/b", &plain("B", "two"), 40, 2);
        let before = state(&vault.catalog);
        inject(&vault.file(), fault);
        assert!(!act(&mut vault), "the fault must strike: {fault}");
        assert_eq!(state(&vault.catalog), before, "{fault}");
        vault = vault.reopen();
        mend(&vault.file());
        assert_eq!(state(&vault.catalog), before, "{fault}");
        assert!(act(&mut vault), "{fault}");
        assert_ne!(state(&vault.catalog), before, "{fault}");
        vault.sound();
    };
    let staged = |vault: &Vault| -> Vec<i64> {
        let outbox = vault.catalog.outbox(99).unwrap();
        outbox.iter().filter(|e| e.action == OutboxAction::Upsert).map(|e| e.version_id).collect()
    };
    let publish = |vault: &mut Vault| vault.catalog.publish(&staged(vault), 3).is_ok();
    check("BEFORE UPDATE OF state ON versions WHEN new.state = 'current' AND new.title = 'B'", &publish);
    check("BEFORE UPDATE OF generation ON vault", &publish);
    let remove = |vault: &mut Vault| {
        let ids: Vec<_> = vault.catalog.documents(&DocumentFilter::default()).unwrap();
        let ids: Vec<_> = ids.into_iter().map(|document| document.document_id).collect();
        vault.catalog.remove(&ids).is_ok()
    };
    check("BEFORE DELETE ON sources WHEN old.key = '/b'", &remove);
    check("BEFORE UPDATE ON answers", &remove);
    check("BEFORE DELETE ON chunks", &remove);
    let withdraw = |vault: &mut Vault| finish(&mut vault.catalog, &done("/b"), &[], 3).is_ok();
    check("BEFORE INSERT ON outbox", &withdraw);
    let restage = |vault: &mut Vault| {
        let document = plain("A", &"three ".repeat(40));
        let (chunks, contexts, vectors) = common::chunked(&document, 40);
        let source = citadel_catalog::SourceName { collection: "default", key: "/a", path: "a" };
        let new = citadel_catalog::NewDocument {
            source,
            document: &document,
            chunks: &chunks,
            contexts: &contexts,
            vectors: &vectors,
        };
        vault.catalog.stage(&new, 3).is_ok()
    };
    check("BEFORE INSERT ON chunks WHEN new.ordinal = 3", &restage);
    check("BEFORE INSERT ON outbox WHEN new.action = 'upsert'", &restage);
}

const FOLDER: &str = "CITADEL_TEST_KILLED_IN";

fn text(n: usize) -> String {
    format!("document {n} ").repeat(30 + n % 50)
}

/// Run by the test below, in a process of its own.
#[test]
#[ignore = "only as the child of the next test"]
fn a_child_that_ingests_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut catalog = Catalog::open(&Path::new(&folder).join("catalog.sqlite")).unwrap();
    let first = catalog.counts().unwrap().documents as usize;
    for n in first.. {
        let staged = stage(&mut catalog, &format!("/{n}"), &plain("A", &text(n)), 60, 1);
        println!("staged");
        catalog.publish(&[staged.version_id], 1).unwrap();
        println!("published {n}");
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_said_was_done() {
    let mut vault = vault();
    let mut promised = None;
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_child_that_ingests_until_it_is_killed", "--ignored", "--nocapture"])
            .env(FOLDER, vault.folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Killed after a number of lines, whatever it does by then.
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines.map_while(Result::ok).take(4 + 3 * round) {
            if let Some((_, n)) = line.split_once("published ") {
                promised = n.parse::<usize>().ok();
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();

        vault = vault.reopen();
        vault.sound();
        vault.replay(2);
        let mut found: Vec<usize> = Vec::new();
        for document in vault.catalog.documents(&DocumentFilter::default()).unwrap() {
            let n = document.path.trim_start_matches("./").trim_start_matches('/').parse().unwrap();
            assert_eq!(vault.catalog.text(document.version_id).unwrap(), text(n));
            found.push(n);
        }
        found.sort_unstable();
        assert_eq!(found, (0..found.len()).collect::<Vec<_>>(), "each once");
        assert!(
            promised.is_none_or(|n| n < found.len()),
            "{promised:?} was published, {} found",
            found.len()
        );
    }
    assert!(promised.is_some(), "the child must have come to publish something");
}
