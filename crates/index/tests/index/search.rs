//! What is found, and in what order.

use citadel_index::{IndexError, Scope};
use tempfile::tempdir;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_applied_is_found_and_what_is_deleted_is_not() {
    let dir = tempdir().unwrap();
    let (index, opened) = open(dir.path()).await;
    assert_eq!(opened, Opened { vectors: StoreState::Created, keywords: StoreState::Created });

    let chunks =
        vec![entry(10, "annual leave is thirty days"), entry(11, "sick notes"), entry(20, "leave the car")];
    index.apply(&upsert(1, chunks)).await.unwrap();
    let hits = index.search_vectors(&embed("sick notes"), &Scope::default(), 2).await.unwrap();
    assert_eq!(hits.first().map(|h| (h.chunk_id, h.version_id)), Some((11, 1)));
    assert!((hits.first().unwrap().score - 1.0).abs() < 1e-5, "the cosine of a vector with itself: {hits:?}");
    assert_eq!(hits.len(), 2);
    assert_eq!(all_keywords(&index, "leaves").await, [10, 20]);

    index.apply(&delete(2, &[1])).await.unwrap();
    assert_eq!(all_vectors(&index).await, [20]);
    assert_eq!(all_keywords(&index, "leaves").await, [20]);

    // A chunk is replaced whole: its old words and vectors no longer find it.
    index.apply(&upsert(3, vec![entry(20, "parking")])).await.unwrap();
    assert_eq!(all_keywords(&index, "leave").await, [] as [i64; 0]);
    assert_eq!(all_keywords(&index, "parking").await, [20]);
    let stats = index.stats().await.unwrap();
    assert_eq!((stats.vector_rows, stats.keyword_chunks), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn applying_twice_changes_nothing() {
    let dir = tempdir().unwrap();
    let (index, _) = open(dir.path()).await;
    let mut many = entry(12, "three windows");
    many.windows = vec![embed("one"), embed("two"), embed("three")];
    let mut batch =
        upsert(1, vec![entry(10, "alpha beta"), entry(11, "beta"), many, entry(10, "alpha beta gamma")]);
    batch.delete_versions = vec![1, 99];
    index.apply(&batch).await.unwrap();
    let rows = index.stats().await.unwrap().vector_rows;
    let search = async || {
        let all = Scope::default();
        let vectors = index.search_vectors(&embed("two"), &all, 10).await.unwrap();
        (vectors, index.search_keywords("beta gamma windows", &all, 10).await.unwrap())
    };
    let once = search().await;
    assert_eq!((rows, ids(&once.1)), (5, vec![10, 12, 11]));
    for _ in 0..2 {
        index.apply(&batch).await.unwrap();
        assert_eq!(index.stats().await.unwrap().vector_rows, rows);
        let again = search().await;
        assert_eq!((ids(&again.0), ids(&again.1)), (ids(&once.0), ids(&once.1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_counts_by_its_best_window_and_once() {
    let dir = tempdir().unwrap();
    let (index, _) = open(dir.path()).await;
    let mut wide = entry(10, "wide");
    wide.windows = (0..40).map(|_| embed("target words")).collect();
    let mut second = entry(11, "second");
    second.windows = vec![embed("something else"), embed("target words too")];
    index.apply(&upsert(1, vec![wide.clone(), second, entry(12, "far away")])).await.unwrap();
    // The forty equal windows of one chunk must not crowd the others out.
    let hits = index.search_vectors(&embed("target words"), &Scope::default(), 2).await.unwrap();
    assert_eq!(ids(&hits), [10, 11]);
    assert_eq!(all_vectors(&index).await, [10, 11, 12]);

    // With fewer windows than before, the surplus is gone.
    wide.windows.truncate(2);
    index.apply(&upsert(2, vec![wide])).await.unwrap();
    assert_eq!(index.stats().await.unwrap().vector_rows, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_keeps_to_its_collections_whatever_they_are_called() {
    let dir = tempdir().unwrap();
    let (index, _) = open(dir.path()).await;
    let names =
        ["main", "O'Brien", "x' OR '1'='1", "\"; DROP TABLE chunks; --", "", "人事 \\ %_*", "true OR 1=1"];
    let chunks = (1i64..).zip(names).map(|(n, name)| {
        let mut chunk = entry(n * 10, "shared words");
        chunk.collection = name.to_owned();
        chunk
    });
    index.apply(&upsert(1, chunks.collect())).await.unwrap();
    let check = async |collections: &[&str], expected: &[i64]| {
        let scope = Scope {
            collections: Some(collections.iter().map(|c| (*c).to_owned()).collect()),
            ..Scope::default()
        };
        let vectors = index.search_vectors(&embed("shared words"), &scope, 50).await.unwrap();
        assert_eq!(sorted_ids(&vectors), expected, "vectors in {collections:?}");
        let keywords = index.search_keywords("shared words", &scope, 50).await.unwrap();
        assert_eq!(sorted_ids(&keywords), expected, "keywords in {collections:?}");
    };
    for (n, name) in (1i64..).zip(names) {
        check(&[name], &[n * 10]).await;
    }
    check(&["main", "O'Brien"], &[10, 20]).await;
    check(&["nowhere"], &[]).await;
    check(&["MAIN"], &[]).await;
    check(&[], &[]).await;
    // The scope narrows and does not score.
    let everywhere = index.search_keywords("shared", &Scope::default(), 50).await.unwrap();
    let narrow = Scope { collections: Some(vec!["main".to_owned()]), ..Scope::default() };
    let narrowed = index.search_keywords("shared", &narrow, 50).await.unwrap();
    assert_eq!(
        narrowed.first().map(|h| h.score),
        everywhere.iter().find(|h| h.chunk_id == 10).map(|h| h.score)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn exact_terms_are_found_before_look_alikes() {
    let dir = tempdir().unwrap();
    let (index, _) = open(dir.path()).await;
    let texts = [
        "Clause § 4.2.1 governs the notice period.",
        "Clause § 2.4.1 governs the trial period. 4 weeks, 2 copies, 1 witness.",
        "Order part X-1234-B for the pump, or X-1234-C for the valve.",
        "Order part X-1243-B for the pump; 1234 were sold by B in X.",
        "Der Kündigungsgrund heißt Straße.",
        "年次休暇は三十日です。",
        "วันลาพักร้อน สามสิบวัน",
        "연차휴가는 삼십일입니다",
        "The IT department answers.",
        "The ﬁnal oﬃce ﬁle",
    ];
    let chunks = (1i64..).zip(texts).map(|(n, text)| entry(n, text)).collect();
    index.apply(&upsert(1, chunks)).await.unwrap();
    let check = async |question: &str, expected: i64| {
        let hits = index.search_keywords(question, &Scope::default(), 3).await.unwrap();
        assert_eq!(hits.first().map(|h| h.chunk_id), Some(expected), "{question:?} found {hits:?}");
    };
    check("§ 4.2.1", 1).await;
    check("what does 4.2.1 say?", 1).await;
    check("X-1234-B", 3).await;
    check("x1234b", 3).await;
    check("is X\u{2011}1234\u{2011}B in stock", 3).await;
    check("X-1243-B", 4).await;
    check("kundigungsgrund", 5).await;
    check("STRASSE", 5).await;
    check("休暇は何日ですか", 6).await;
    check("三", 6).await;
    check("ลาพักร้อน", 7).await;
    check("휴가", 8).await;
    check("who is IT", 9).await;
    check("final office file", 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_question_is_an_error() {
    let dir = tempdir().unwrap();
    let (index, _) = open(dir.path()).await;
    let all = Scope::default();
    assert_eq!(index.search_keywords("anything", &all, 5).await.unwrap(), []);
    assert_eq!(index.search_vectors(&embed("anything"), &all, 5).await.unwrap(), []);
    index
        .apply(&upsert(1, vec![entry(10, "what is the leave policy"), entry(20, "年次休暇")]))
        .await
        .unwrap();
    let check = async |question: &str, expected: &[i64]| {
        let hits = index.search_keywords(question, &all, usize::MAX).await.unwrap();
        assert_eq!(sorted_ids(&hits), expected, "{:?}", question.chars().take(40).collect::<String>());
    };
    for nothing in ["", " \n\t", "?!…—", "\u{0}\u{1}", "zzz", "\u{301}\u{301}", &"?".repeat(100_000)] {
        check(nothing, &[]).await;
    }
    for leave in [
        "leave AND (policy OR \"",
        "title:leave^99 -policy +[a TO z} ~2 \\",
        "body:* policy*",
        "'; DROP TABLE chunks; -- leave",
        &"leave ".repeat(20_000),
        &(0..20_000).map(|n| format!("policy{n} policy ")).collect::<String>(),
    ] {
        check(leave, &[10]).await;
    }
    // A question of nothing but stop words is searched with them.
    check("what is the", &[10]).await;
    check("有多少天休暇？", &[20]).await;
    check(&"休".repeat(100_000), &[20]).await;
    for limit in [0, 1, usize::MAX] {
        let hits = index.search_vectors(&embed("leave"), &all, limit).await.unwrap();
        assert_eq!(hits.len(), limit.min(2));
        let hits = index.search_keywords("leave 休", &all, limit).await.unwrap();
        assert_eq!(hits.len(), limit.min(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_searched_is_refused_before_anything_is_written() {
    let dir = tempdir().unwrap();
    let (index, _) = open(dir.path()).await;
    let mut nan = embed("x");
    nan[3] = f32::NAN;
    let bad = [vec![], vec![1.0; 15], vec![1.0; 17], vec![0.0; 16], nan, vec![f32::INFINITY; 16]];
    for vector in bad {
        let search = index.search_vectors(&vector, &Scope::default(), 5).await;
        assert!(matches!(search, Err(IndexError::BadQuery { .. })), "{search:?}");
        let mut chunk = entry(11, "bad");
        chunk.windows = vec![embed("fine"), vector];
        let applied = index.apply(&upsert(1, vec![entry(10, "good"), chunk])).await;
        assert!(matches!(applied, Err(IndexError::BadEntry { chunk_id: 11, .. })), "{applied:?}");
    }
    let mut chunk = entry(12, "none");
    chunk.windows.clear();
    let error = index.apply(&upsert(1, vec![chunk])).await.unwrap_err();
    assert_eq!(error.code(), "index_bad_entry");
    let mut chunk = entry(13, "long");
    chunk.collection = "x".repeat(70_000);
    assert!(matches!(index.apply(&upsert(1, vec![chunk])).await, Err(IndexError::BadEntry { .. })));
    assert_eq!(index.stats().await.unwrap().vector_rows, 0);
}

#[tokio::test]
async fn a_single_threaded_runtime_serves_as_well() {
    let dir = tempdir().unwrap();
    let (index, _) = open(dir.path()).await;
    index.apply(&upsert(1, vec![entry(10, "alpha")])).await.unwrap();
    assert_eq!(all_keywords(&index, "alpha").await, [10]);
}
