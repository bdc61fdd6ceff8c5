//! What is staged is read back, to the letter; versions replace each other and nothing is there twice.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use citadel_catalog::{
    Change, DocumentFilter, EmbedderRecord, NewDocument, OutboxAction, PageCounts, SourceName, SourceState,
    document_hash, document_id,
};
use citadel_core::{CharRange, Document, TextMap};
use common::{chunked, done, finish, paged, plain, vault};
use proptest::prelude::*;

#[test]
fn a_document_comes_back_as_it_was_staged() {
    let document = paged(["Eins zwei drei", "vier 𝔣ünf sechs"]);
    let mut vault = vault();
    let staged = vault.ingest("/a.pdf", &document, 5);
    let mut vault = vault.reopen();
    let (catalog, version) = (&mut vault.catalog, staged.version_id);
    assert_eq!(catalog.body(version).unwrap(), document);
    assert_eq!(catalog.text(version).unwrap(), document.text);
    assert_eq!(catalog.pages(version).unwrap(), document.pages);
    assert_eq!(catalog.blocks(version).unwrap(), document.blocks);
    let summary = catalog.document(&staged.document_id.0[..6]).unwrap();
    assert_eq!(catalog.documents(&DocumentFilter::default()).unwrap(), std::slice::from_ref(&summary));
    assert_eq!(summary.document_id, document_id("default", "/a.pdf", None));
    assert_eq!(summary.pages, PageCounts { total: 4, text: 2, no_text: 0, blank: 1, unreadable: 1, ocr: 0 });
    assert_eq!(summary.warnings, document.warnings);
    assert_eq!((summary.chars, summary.ingested_at, summary.path.as_str()), (30, 5, ".//a.pdf"));
    assert_eq!(catalog.current_hash(&staged.document_id).unwrap(), Some(document_hash(&document)));
    let record = catalog.version(version).unwrap().unwrap();
    assert_eq!((record.hash, record.ingested_at), (document_hash(&document), 5));
    assert_eq!(catalog.version(version + 1000).unwrap(), None);

    let entries = catalog.entries(version).unwrap();
    let (chunks, contexts, vectors) = chunked(&document, 40);
    assert_eq!(entries.iter().map(|e| e.context.clone()).collect::<Vec<_>>(), contexts);
    assert_eq!(entries.iter().map(|e| e.windows.clone()).collect::<Vec<_>>(), vectors);
    let ids: Vec<i64> = entries.iter().map(|e| e.chunk_id).rev().collect();
    let found = catalog.hydrate(&ids).unwrap();
    assert_eq!(found.iter().map(|c| c.chunk_id).collect::<Vec<_>>(), ids, "in the order asked for");
    for (stored, chunk) in found.iter().rev().zip(&chunks) {
        assert_eq!((stored.range, &stored.heading), (chunk.range, &chunk.heading));
        assert_eq!(stored.page, chunk.first_page);
        assert_eq!(stored.page_label, (chunk.first_page == Some(1)).then(|| "xii".to_owned()));
    }
    vault.sound();
}

#[test]
fn a_position_has_the_page_it_stands_on() {
    let mut vault = vault();
    let staged = vault.ingest("/a.pdf", &paged(["abc", "def"]), 1);
    let check = |position: usize, page: Option<(u32, Option<&str>)>| {
        let expected = page.map(|(number, label)| (number, label.map(str::to_owned)));
        assert_eq!(vault.catalog.page_at(staged.version_id, position).unwrap(), expected, "at {position}");
    };
    check(0, Some((1, Some("xii"))));
    check(2, Some((1, Some("xii"))));
    check(3, Some((1, Some("xii")))); // the line break between the pages
    check(4, Some((2, None)));
    check(6, Some((2, None))); // not the empty pages that begin behind it
    check(7, None);
    check(usize::MAX, None);
}

#[test]
fn the_same_again_changes_nothing() {
    let mut vault = vault();
    let first = vault.ingest("/a", &plain("A", "one"), 1);
    let (generation, actions) = (vault.catalog.generation().unwrap(), vault.actions());
    let reworded = Document { warnings: vec!["another word for it".to_owned()], ..plain("A", "one") };
    let again = vault.stage("/a", &reworded, 40, 2);
    assert_eq!((first.change, again.change), (Change::Added, Change::Unchanged));
    assert_eq!(first.version_id, again.version_id);
    assert_eq!(vault.catalog.generation().unwrap(), generation);
    assert_eq!(vault.actions(), actions);
}

#[test]
fn a_new_version_replaces_the_old_and_the_old_stays_readable() {
    let mut vault = vault();
    let first = vault.ingest("/a", &plain("A", "one"), 1);
    let old_chunks: Vec<i64> =
        vault.catalog.entries(first.version_id).unwrap().iter().map(|e| e.chunk_id).collect();
    let second = vault.stage("/a", &plain("A", "two"), 40, 2);
    assert_eq!(second.change, Change::Updated);
    assert_eq!(
        vault.catalog.hydrate(&old_chunks).unwrap().len(),
        1,
        "until it is published, the old one counts"
    );
    let new_chunks: Vec<i64> =
        vault.catalog.entries(second.version_id).unwrap().iter().map(|e| e.chunk_id).collect();
    assert_eq!(vault.catalog.hydrate(&new_chunks).unwrap(), [], "and the new one is not seen");

    let before = vault.catalog.generation().unwrap();
    assert_eq!(vault.catalog.publish(&[second.version_id], 3).unwrap(), before + 1);
    assert_eq!(vault.catalog.hydrate(&old_chunks).unwrap(), []);
    assert_eq!(vault.catalog.hydrate(&new_chunks).unwrap()[0].text, "two");
    assert_eq!(vault.actions(), [(first.version_id, OutboxAction::Delete)]);
    assert_eq!(vault.catalog.text(first.version_id).unwrap(), "one", "earlier answers open what they cited");
    assert_eq!(
        vault.catalog.publish(&[second.version_id, 999], 4).unwrap(),
        before + 1,
        "a second time: nothing"
    );
    assert_eq!(vault.catalog.current_versions().unwrap(), [second.version_id]);
    vault.replay(5);
    assert_eq!(vault.actions(), []);
    let counts = vault.catalog.counts().unwrap();
    assert_eq!((counts.documents, counts.chunks, counts.superseded, counts.outbox), (1, 1, 1, 0));
    vault.sound();
}

#[test]
fn a_staged_version_left_over_is_taken_up_or_thrown_away() {
    let mut vault = vault();
    let left = vault.stage("/a", &plain("A", "one"), 40, 1);
    assert_eq!(vault.catalog.documents(&DocumentFilter::default()).unwrap(), []);
    assert_eq!(vault.catalog.source("default", "/a").unwrap().unwrap().state, SourceState::Open);
    let mut vault = vault.reopen();
    assert_eq!(vault.stage("/a", &plain("A", "one"), 40, 2), left, "the same: taken up");
    let other = vault.stage("/a", &plain("A", "two"), 40, 3);
    assert_ne!(other.version_id, left.version_id);
    assert_eq!(vault.catalog.entries(left.version_id).unwrap(), []);
    assert_eq!(
        vault.actions(),
        [(left.version_id, OutboxAction::Delete), (other.version_id, OutboxAction::Upsert)]
    );
    vault.replay(4);
    let documents = vault.catalog.documents(&DocumentFilter::default()).unwrap();
    assert_eq!(documents.iter().map(|d| d.version_id).collect::<Vec<_>>(), [other.version_id]);
    // Back to what is current while another is staged.
    vault.stage("/a", &plain("A", "three"), 40, 5);
    assert_eq!(vault.stage("/a", &plain("A", "two"), 40, 6).change, Change::Unchanged);
    assert_eq!(vault.catalog.counts().unwrap().staged, 0);
    vault.sound();
}

#[test]
fn parts_that_a_file_no_longer_has_are_withdrawn_and_can_come_back() {
    let part = |name: &str| Document { part: Some(name.to_owned()), ..plain(name, "the same text") };
    let mut vault = vault();
    let [a, b] = ["A", "B"].map(|name| vault.ingest("/wiki.xml", &part(name), 1).document_id);
    let seen = [a.clone(), b.clone()];
    assert_eq!(finish(&mut vault.catalog, &done("/wiki.xml"), &seen, 2).unwrap(), []);
    assert_eq!(vault.catalog.source("default", "/wiki.xml").unwrap(), Some(done("/wiki.xml")));

    let failed = SourceState::Failed { code: "damaged".to_owned(), reason: "cut short".to_owned() };
    let broken = citadel_catalog::SourceRecord { state: failed, sha256: None, ..done("/wiki.xml") };
    assert_eq!(finish(&mut vault.catalog, &broken, &[], 3).unwrap(), [], "a failure takes nothing away");
    assert_eq!(vault.catalog.sources(Some("default")).unwrap(), [broken]);

    let generation = vault.catalog.generation().unwrap();
    let gone = finish(&mut vault.catalog, &done("/wiki.xml"), &[a], 4).unwrap();
    assert_eq!(gone, std::slice::from_ref(&b));
    assert_eq!(vault.catalog.generation().unwrap(), generation + 1);
    assert_eq!(vault.catalog.current_version(&b).unwrap(), None);
    assert_eq!(vault.catalog.source_documents("default", "/wiki.xml").unwrap(), 1);
    assert_eq!(vault.catalog.source_documents("other", "/wiki.xml").unwrap(), 0);
    assert_eq!(vault.catalog.documents(&DocumentFilter::default()).unwrap().len(), 1);
    let all = DocumentFilter { withdrawn: true, ..DocumentFilter::default() };
    let listed = vault.catalog.documents(&all).unwrap();
    assert_eq!(listed.iter().map(|d| d.withdrawn).collect::<Vec<_>>(), [false, true]);
    assert_eq!(vault.catalog.text(listed[1].version_id).unwrap(), "the same text");

    assert_eq!(vault.ingest("/wiki.xml", &part("B"), 5).change, Change::Added);
    assert_eq!(vault.catalog.documents(&all).unwrap().len(), 2);
    vault.replay(6);
    vault.sound();
}

#[test]
fn collections_are_apart() {
    let mut vault = vault();
    let document = plain("A", "one");
    let (chunks, contexts, vectors) = chunked(&document, 40);
    for collection in ["law", "health"] {
        let source = SourceName { collection, key: "/a", path: "a" };
        let new = NewDocument {
            source,
            document: &document,
            chunks: &chunks,
            contexts: &contexts,
            vectors: &vectors,
        };
        let staged = vault.catalog.stage_all(&[new], 1).unwrap();
        vault.catalog.publish(&[staged[0].version_id], 1).unwrap();
    }
    assert_eq!(vault.catalog.collections().unwrap(), [("health".to_owned(), 1), ("law".to_owned(), 1)]);
    let law = DocumentFilter { collections: vec!["law".to_owned()], ..DocumentFilter::default() };
    let found = vault.catalog.documents(&law).unwrap();
    assert_eq!(found.iter().map(|d| d.collection.as_str()).collect::<Vec<_>>(), ["law"]);
}

#[test]
fn what_does_not_fit_together_is_refused_and_nothing_is_stored() {
    let good = paged(["abc", "def"]);
    let check = |problem: &str, change: &dyn Fn(&mut Document, &mut Parts)| {
        let mut vault = vault();
        let mut document = good.clone();
        let mut parts = chunked(&document, 4);
        change(&mut document, &mut parts);
        let source = SourceName { collection: "default", key: "/a", path: "./a" };
        let (chunks, contexts, vectors) = &parts;
        let fine = plain("fine", "text");
        let (c, x, v) = chunked(&fine, 4);
        let other = SourceName { key: "/fine", ..source };
        let first = NewDocument { source: other, document: &fine, chunks: &c, contexts: &x, vectors: &v };
        let new = NewDocument { source, document: &document, chunks, contexts, vectors };
        let error = vault.catalog.stage_all(&[first, new], 1).unwrap_err();
        assert_eq!(error.code(), "invalid");
        assert!(error.to_string().contains(problem) && error.to_string().contains("./a"), "{error}");
        assert_eq!(vault.catalog.counts().unwrap(), Default::default(), "{problem}");
        assert_eq!(vault.catalog.sources(None).unwrap(), [], "{problem}");
    };
    check("4 chunks came with 3 contexts and 4 vectors", &|_, p| drop(p.1.pop()));
    check("range 0..8", &|_, p| p.0[0].range = CharRange::new(0, 8));
    check("range 3..2", &|d, _| d.blocks[0].range = CharRange { start: 3, end: 2 });
    check("range 0..99", &|d, _| d.pages[0].words[0].range.end = 99);
    check("chunks are not numbered", &|_, p| p.0[1].ordinal = 0);
    check("pages are not numbered", &|d, _| d.pages[1].number = 1);
    check("no finite size", &|d, _| d.pages[1].width = f32::NAN);
    check("3 finite numbers", &|_, p| p.2[0] = Vec::new());
    check("3 finite numbers", &|_, p| p.2[0][0][1] = f32::INFINITY);
    check("3 finite numbers", &|_, p| p.2[1][0].truncate(2));
}

type Parts = (Vec<citadel_core::Chunk>, Vec<Vec<String>>, Vec<citadel_core::Windows>);

#[test]
fn vectors_of_another_embedder_are_refused() {
    let mut vault = vault();
    let other = EmbedderRecord { fingerprint: "other".to_owned(), dimensions: 4 };
    vault.catalog.set_embedder(&other).unwrap();
    let three = EmbedderRecord { fingerprint: "fake:3".to_owned(), dimensions: 3 };
    vault.catalog.set_embedder(&three).unwrap();
    vault.ingest("/a", &plain("A", "one"), 1);
    let error = vault.catalog.set_embedder(&other).unwrap_err();
    assert_eq!(error.code(), "other_embedder");
    vault.catalog.set_embedder(&three).unwrap();
    assert_eq!(vault.catalog.embedder().unwrap(), Some(three));
}

#[test]
fn ids_are_found_by_a_prefix_that_fits_one() {
    let mut vault = vault();
    let ids: Vec<String> =
        (0..40).map(|n| vault.ingest(&format!("/{n}"), &plain("A", "one"), 1).document_id.0).collect();
    let code = |id: &str| vault.catalog.document(id).map_err(|error| error.code());
    assert_eq!(code(&ids[7]).unwrap().document_id.0, ids[7]);
    for missing in ["", "no such", "%", "é"] {
        assert_eq!(code(missing), Err("not_found"), "{missing:?}");
    }
    // 40 ids over 16 first digits: two must share one.
    let shared = ids.iter().find(|id| ids.iter().filter(|other| other[..1] == id[..1]).count() > 1).unwrap();
    assert_eq!(code(&shared[..1]), Err("ambiguous"));
    assert_eq!(vault.catalog.text(12345).map_err(|error| error.code()), Err("not_found"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Texts longer than a segment, with characters of every length in bytes and with NUL.
    #[test]
    fn hydrated_text_is_the_slice_of_the_document(
        piece in "[a-zéß€𝔘\u{0}\n ]{1,60}",
        times in 1usize..500,
        chunk_chars in 700usize..9000,
        range in (0usize..30_000, 0usize..30_000),
    ) {
        let text = piece.repeat(times);
        let document = plain("A", &text);
        let mut vault = vault();
        let staged = vault.stage("/a", &document, chunk_chars, 1);
        vault.catalog.publish(&[staged.version_id], 1).unwrap();
        let entries = vault.catalog.entries(staged.version_id).unwrap();
        let ids: Vec<i64> = entries.iter().map(|entry| entry.chunk_id).collect();
        let found = vault.catalog.hydrate(&ids).unwrap();
        prop_assert_eq!(found.len(), chunked(&document, chunk_chars).0.len());
        for (chunk, entry) in found.iter().zip(&entries) {
            let slice: String = text.chars().skip(chunk.range.start).take(chunk.range.len()).collect();
            prop_assert_eq!(&chunk.text, &slice);
            prop_assert_eq!(&entry.text, &slice);
        }
        let range = CharRange::new(range.0.min(range.1), range.0.max(range.1));
        let expected = TextMap::new(&text).slice(range).map(str::to_owned);
        prop_assert_eq!(vault.catalog.slice(staged.version_id, range).unwrap(), expected);
        prop_assert_eq!(vault.catalog.text(staged.version_id).unwrap(), text);
    }
}

#[test]
fn chunks_come_one_at_a_time_and_in_order() {
    let mut vault = vault();
    let text = "one two three four five six seven eight nine ten ".repeat(300);
    let staged = vault.ingest("/a", &plain("A", &text), 1);
    let version = staged.version_id;
    let ids: Vec<i64> = vault.catalog.entries(version).unwrap().iter().map(|e| e.chunk_id).collect();
    assert!(ids.len() > 100);
    let taken = |most: usize| {
        let mut taken = Vec::new();
        let take = |chunk| {
            taken.push(chunk);
            taken.len() < most
        };
        vault.catalog.each_chunk(version, take).unwrap();
        taken
    };
    assert_eq!(taken(usize::MAX), vault.catalog.hydrate(&ids).unwrap());
    assert_eq!(taken(3), vault.catalog.hydrate(&ids[..3]).unwrap());
    let newer = vault.stage("/a", &plain("A", "two"), 40, 2).version_id;
    let count = |version: i64| {
        let mut count = 0;
        vault
            .catalog
            .each_chunk(version, |_| {
                count += 1;
                true
            })
            .unwrap();
        count
    };
    assert_eq!((count(newer), count(version), count(999)), (0, ids.len(), 0), "only what is current");
}
