//! Files that are renamed, copied, lost in part, and catalogs of an earlier schema.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use citadel_catalog::{Catalog, DocumentFilter, LostPart, OutboxAction, SourceRecord, SourceState};
use citadel_core::{CharRange, Document, PageStatus};
use common::{done, finish, paged, plain, vault};

#[test]
fn a_renamed_file_keeps_its_documents_and_is_indexed_anew() {
    let mut vault = vault();
    let old = vault.ingest("/a.md", &plain("A", "some words"), 1);
    finish(&mut vault.catalog, &done("/a.md"), std::slice::from_ref(&old.document_id), 2).unwrap();
    assert!(!vault.catalog.rename_source("default", "/none.md", "/b.md", "b").unwrap());
    assert!(vault.catalog.rename_source("default", "/a.md", "/b.md", "./b.md").unwrap());
    assert_eq!(vault.actions(), [(old.version_id, OutboxAction::Upsert)]);
    let generation = vault.catalog.generation().unwrap();
    vault.replay(3);
    assert_eq!(vault.catalog.generation().unwrap(), generation + 1, "the index commit went ahead by one");
    assert_eq!(vault.actions(), []);
    let listed = vault.catalog.documents(&DocumentFilter::default()).unwrap();
    assert_eq!((listed.len(), listed[0].path.as_str()), (1, "./b.md"));
    assert_eq!(vault.catalog.id_of("default", "/b.md", None).unwrap(), old.document_id);
    // A new file of the old name is another document.
    let new = vault.ingest("/a.md", &plain("A", "other words"), 4);
    assert_ne!(new.document_id, old.document_id);
    assert_eq!(vault.catalog.id_of("default", "/a.md", None).unwrap(), new.document_id);
    assert!(!vault.catalog.rename_source("default", "/a.md", "/b.md", "b").unwrap(), "b has documents");
    vault.sound();
}

#[test]
fn a_copy_has_no_documents_and_is_read_itself_once_its_original_changes() {
    let mut vault = vault();
    let original = vault.ingest("/a.md", &plain("A", "some words"), 1);
    finish(&mut vault.catalog, &done("/a.md"), std::slice::from_ref(&original.document_id), 2).unwrap();
    let copy = SourceRecord { duplicate_of: Some("/a.md".to_owned()), ..done("/copy.md") };
    finish(&mut vault.catalog, &copy, &[], 2).unwrap();
    assert_eq!(vault.catalog.source("default", "/copy.md").unwrap().as_ref(), Some(&copy));
    assert_eq!(vault.catalog.copies_of(&original.document_id).unwrap(), ["./".to_owned() + "/copy.md"]);
    let sha256 = copy.sha256.clone().unwrap();
    let keys = |records: Vec<SourceRecord>| records.into_iter().map(|r| r.key).collect::<Vec<_>>();
    assert_eq!(keys(vault.catalog.sources_of_content("default", &sha256).unwrap()), ["/a.md"]);
    assert_eq!(keys(vault.catalog.orphaned_copies("default").unwrap()), [""; 0]);

    let changed = SourceRecord { sha256: Some("cd".repeat(32)), ..done("/a.md") };
    finish(&mut vault.catalog, &changed, std::slice::from_ref(&original.document_id), 3).unwrap();
    assert_eq!(keys(vault.catalog.orphaned_copies("default").unwrap()), ["/copy.md"]);
    let own = vault.ingest("/copy.md", &plain("A", "some words"), 4);
    assert_ne!(own.document_id, original.document_id);
    assert_eq!(vault.catalog.source("default", "/copy.md").unwrap().unwrap().duplicate_of, None);
    vault.sound();
}

#[test]
fn a_copy_of_what_is_not_done_is_open_and_goes_with_its_original() {
    let mut vault = vault();
    let copy = SourceRecord { duplicate_of: Some("/a.md".to_owned()), ..done("/copy.md") };
    finish(&mut vault.catalog, &copy, &[], 1).unwrap();
    assert_eq!(vault.catalog.source("default", "/copy.md").unwrap().unwrap().state, SourceState::Open);
    let original = vault.ingest("/a.md", &plain("A", "some words"), 1);
    finish(&mut vault.catalog, &done("/a.md"), std::slice::from_ref(&original.document_id), 2).unwrap();
    finish(&mut vault.catalog, &copy, &[], 2).unwrap();
    vault.catalog.remove(&[original.document_id]).unwrap();
    assert_eq!(vault.catalog.sources(None).unwrap(), []);
    vault.sound();
}

#[test]
fn what_was_lost_is_kept_and_replaced() {
    let mut vault = vault();
    let part = |name: &str| LostPart {
        part: Some(name.to_owned()),
        code: "damaged".to_owned(),
        reason: "it is damaged".to_owned(),
    };
    let mut record = SourceRecord {
        redirects: 3,
        skipped: 4,
        warnings: vec!["odd".to_owned()],
        lost: vec![part("a"), part("b")],
        ..done("/a.zip")
    };
    finish(&mut vault.catalog, &record, &[], 1).unwrap();
    assert_eq!(vault.catalog.source("default", "/a.zip").unwrap().as_ref(), Some(&record));
    record.lost.remove(0);
    finish(&mut vault.catalog, &record, &[], 2).unwrap();
    assert_eq!(vault.catalog.sources(None).unwrap(), [record]);
}

#[test]
fn recognised_pages_and_hidden_text_come_back() {
    let mut vault = vault();
    let mut document = paged(["some words", "more words"]);
    document.pages[1].status = PageStatus::Ocr { confidence: 87 };
    document.hidden = vec![CharRange::new(2, 4), CharRange::new(6, 7)];
    let staged = vault.ingest("/a.pdf", &document, 1);
    assert_eq!(vault.catalog.body(staged.version_id).unwrap(), document);
    let counts = vault.catalog.document(&staged.document_id.0).unwrap().pages;
    assert_eq!((counts.text, counts.ocr, counts.blank, counts.unreadable), (1, 1, 1, 1));
    let less_sure = Document {
        pages: document
            .pages
            .iter()
            .cloned()
            .map(|mut page| {
                if page.number == 2 {
                    page.status = PageStatus::Ocr { confidence: 86 };
                }
                page
            })
            .collect(),
        ..document.clone()
    };
    for changed in [less_sure, Document { hidden: Vec::new(), ..document.clone() }] {
        assert_ne!(citadel_catalog::document_hash(&changed), citadel_catalog::document_hash(&document));
    }
    vault.sound();
}

#[test]
fn watched_folders_are_remembered_and_forgotten() {
    let mut vault = vault();
    for path in ["/b", "/a", "/a"] {
        vault.catalog.set_watched("default", path, true).unwrap();
    }
    vault.catalog.set_watched("default", "/b", false).unwrap();
    assert_eq!(vault.reopen().catalog.watched().unwrap(), [("default".to_owned(), "/a".to_owned())]);
}

#[test]
fn a_catalog_of_the_first_schema_is_brought_on_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    let old = rusqlite::Connection::open(&file).unwrap();
    old.execute_batch(include_str!("schema-1.sql")).unwrap();
    old.execute_batch(
        "PRAGMA application_id = 0x4354444c;
         PRAGMA user_version = 1;
         PRAGMA foreign_keys = ON;
         INSERT INTO sources (id, collection, key, path, state) VALUES (7, 'default', '/a.pdf', 'a.pdf', 'done');
         INSERT INTO documents VALUES ('d1', 7, NULL);
         INSERT INTO versions (id, document_id, state, hash, title, format, chars, chunks, pages, pages_text,
             pages_no_text, pages_blank, pages_unreadable, staged_at, warnings, metadata, blocks)
             VALUES (3, 'd1', 'current', 'h', 'A', 'pdf', 5, 0, 2, 1, 0, 0, 1, 1, '[]', '{}', x'');
         INSERT INTO segments VALUES (3, 0, 'words');
         INSERT INTO pages VALUES (3, 1, 'i', 0, 5, 1.0, 2.0, 'text', NULL, x''),
             (3, 2, NULL, 5, 5, 1.0, 2.0, 'unreadable', 'no font', x'');
         INSERT INTO jobs (collection, paths, begun_at) VALUES ('default', '[\"x\"]', 1);",
    )
    .unwrap();
    drop(old);
    for _ in 0..2 {
        let catalog = Catalog::open(&file).unwrap();
        let body = catalog.body(3).unwrap();
        assert_eq!((body.text.as_str(), body.pages.len(), body.hidden.len()), ("words", 2, 0));
        assert_eq!(body.pages[1].status, PageStatus::Unreadable("no font".to_owned()));
        assert_eq!(catalog.document("d1").unwrap().pages.ocr, 0);
        assert_eq!(catalog.unfinished_jobs().unwrap()[0].stopped_at, None);
        assert_eq!(catalog.sources(None).unwrap()[0].state, SourceState::Done);
        // The hash is made up.
        assert_eq!(catalog.integrity_check().unwrap(), ["the content of version 3 is not what was stored"]);
    }
    // New and brought on are the same schema.
    let columns = |file: &std::path::Path| -> Vec<String> {
        let conn = rusqlite::Connection::open(file).unwrap();
        let sql = "SELECT m.name || '.' || c.name || ' ' || c.type || c.\"notnull\" || c.pk || ifnull(c.dflt_value, '')
             FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
             UNION ALL SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY 1";
        let mut statement = conn.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let new = folder.path().join("new.sqlite");
    drop(Catalog::open(&new).unwrap());
    assert_eq!(columns(&file), columns(&new));
}
