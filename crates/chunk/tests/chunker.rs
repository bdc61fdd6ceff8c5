//! The chunker against documents as data, and its promises against generated ones.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use citadel_chunk::{Chunker, OVERLAP_TOKENS, Piece};
use citadel_core::{
    Block, BlockKind, CharRange, Document, Format, Page, PageStatus, TextMap, embedding_input,
};
use proptest::prelude::*;
use tokenizers::Tokenizer;

/// A WordPiece tokenizer like the embedder's, with single letters as its only word pieces but for a few words. Like
/// the embedder's file it cuts at 128 tokens and pads.
fn small_tokenizer() -> Vec<u8> {
    let mut vocabulary = vec!["[PAD]".to_owned(), "[UNK]".into(), "[CLS]".into(), "[SEP]".into()];
    vocabulary.extend(('!'..='~').filter(|c| !c.is_ascii_uppercase()).map(|c| c.to_string()));
    vocabulary.extend(('a'..='z').chain('0'..='9').map(|c| format!("##{c}")));
    vocabulary.extend(["the", "leave", "days", "word", "a row", "语", "é"].map(str::to_owned));
    let vocabulary: Vec<String> =
        vocabulary.iter().enumerate().map(|(id, v)| format!("{v:?}:{id}")).collect();
    format!(
        r###"{{"version":"1.0","truncation":{{"max_length":128,"strategy":"LongestFirst","stride":0,"direction":"Right"}},
        "padding":{{"strategy":{{"Fixed":128}},"direction":"Right","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"}},
        "added_tokens":[],
        "normalizer":{{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}},
        "pre_tokenizer":{{"type":"BertPreTokenizer"}},
        "post_processor":{{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}},
        "decoder":null,
        "model":{{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{{{}}}}}}}"###,
        vocabulary.join(",")
    )
    .into_bytes()
}

/// The tokenizer of the model pack, where there is one.
fn pack_tokenizer() -> Option<Vec<u8>> {
    let data = || {
        std::env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")))
            .map(|data| data.join("citadel/models"))
    };
    let pack = std::env::var_os("CITADEL_MODELS").map(PathBuf::from).or_else(data)?;
    let file = pack.join("embedder.tokenizer.json");
    let bytes = std::fs::read(&file).ok();
    if bytes.is_none() {
        println!("skipped: there is no {}", file.display());
    }
    bytes
}

/// A document of blocks, joined by `separator`, with each of `pages` covering so many blocks.
fn document(title: &str, blocks: &[(BlockKind, &str)], separator: &str, per_page: usize) -> Document {
    let mut text = String::new();
    let mut ranges = Vec::new();
    for (index, (kind, words)) in blocks.iter().enumerate() {
        if index > 0 {
            text += separator;
        }
        let start = text.chars().count();
        text += words;
        ranges.push(Block { kind: *kind, range: CharRange::new(start, text.chars().count()) });
    }
    // A page reaches to the start of the next: its furniture is on it.
    let end = text.chars().count();
    let starts: Vec<usize> = match per_page {
        0 => Vec::new(),
        _ => ranges.chunks(per_page).filter_map(|blocks| blocks.first()).map(|b| b.range.start).collect(),
    };
    let ends = starts.iter().skip(1).copied().chain([end]);
    let pages = (1..).zip(starts.iter().zip(ends)).map(|(number, (&start, end))| Page {
        number,
        label: None,
        range: CharRange::new(start, end),
        width: 595.0,
        height: 842.0,
        status: PageStatus::Text,
        words: Vec::new(),
    });
    let pages = pages.collect();
    Document {
        part: None,
        title: title.to_owned(),
        format: Format::Markdown,
        text,
        blocks: ranges,
        pages,
        metadata: BTreeMap::new(),
        warnings: Vec::new(),
        hidden: Vec::new(),
    }
}

/// Checks everything that holds for all chunks of a document, and gives them.
fn chunked(tokenizer: &[u8], document: &Document, max: usize, overlap: usize) -> Vec<Piece> {
    let chunker = Chunker::from_tokenizer(tokenizer, max, overlap).unwrap();
    let pieces = chunker.chunk(document).unwrap();
    assert_eq!(pieces, chunker.chunk(document).unwrap(), "the same document gives the same chunks");

    let mut counter = Tokenizer::from_bytes(tokenizer).unwrap();
    counter.with_padding(None).with_truncation(None).unwrap();
    let map = TextMap::new(&document.text);
    let mut covered = vec![false; map.chars()];
    let mut before = CharRange::default();
    for (index, piece) in pieces.iter().enumerate() {
        let chunk = &piece.chunk;
        let text = map.slice(chunk.range).unwrap();
        assert_eq!(chunk.ordinal as usize, index);
        assert!(!text.is_empty() && text.trim() == text, "trimmed: {text:?}");
        let tokens = counter.encode(embedding_input(&piece.context, text), true).unwrap().len();
        assert_eq!(chunk.tokens as usize, tokens);
        assert!(tokens <= max, "{tokens} tokens, {max} allowed: {text:?}");
        assert!(
            before.start <= chunk.range.start && before.end < chunk.range.end || index == 0,
            "each chunk adds text"
        );
        covered[chunk.range.start..chunk.range.end].fill(true);
        if let (Some(first), Some(last)) = (chunk.first_page, chunk.last_page) {
            let page = |n: u32| &document.pages[n as usize - 1];
            assert!(page(first).range.start <= chunk.range.start && chunk.range.end <= page(last).range.end);
        } else {
            assert!(document.pages.is_empty());
        }
        before = chunk.range;
    }
    let inside = |position: usize| {
        document.blocks.is_empty()
            || document.blocks.iter().any(|b| b.range.contains(CharRange::new(position, position + 1)))
    };
    for (position, c) in document.text.chars().enumerate() {
        assert!(
            covered[position] || c.is_whitespace() || !inside(position),
            "character {position} {c:?} is in no chunk"
        );
    }
    pieces
}

fn kind() -> impl Strategy<Value = BlockKind> {
    prop_oneof![
        2 => (1u8..=6).prop_map(|level| BlockKind::Heading { level }),
        4 => Just(BlockKind::Paragraph),
        2 => Just(BlockKind::ListItem),
        3 => Just(BlockKind::TableRow),
        1 => Just(BlockKind::Code),
    ]
}

fn words() -> impl Strategy<Value = String> {
    let word = "[a-z]{1,9}|[A-Z][a-z]{2,6}|[0-9]{1,5}|[a-z]+[.!?]|语语语|é+|\\||[🦀\u{301}\u{fdfa}]|[a-z0-9]{90,260}|\n|\n\n|\t|\u{a0}";
    proptest::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promises_hold_for_any_document(
        title in words(),
        blocks in proptest::collection::vec((kind(), words()), 0..10),
        separator in prop_oneof![Just("\n\n"), Just("\n"), Just(" "), Just("\n7 | Page 7\n"), Just("")],
        per_page in 0usize..4,
        (max, overlap) in prop_oneof![Just((16, 0)), Just((48, 12)), Just((48, 23)), Just((128, 32)), Just((512, 64))],
    ) {
        let blocks: Vec<(BlockKind, &str)> = blocks.iter().map(|(k, w)| (*k, w.as_str())).collect();
        let structured = document(&title, &blocks, separator, per_page);
        chunked(&small_tokenizer(), &structured, max, overlap);
        let plain = Document { blocks: Vec::new(), ..structured };
        chunked(&small_tokenizer(), &plain, max, overlap);
    }
}

#[test]
fn promises_hold_with_the_tokenizer_of_the_pack() {
    let Some(tokenizer) = pack_tokenizer() else { return };
    let handbook = include_str!("../../../assets/samples/corpus/handbook.md");
    let blocks: Vec<(BlockKind, &str)> = handbook
        .split("\n\n")
        .map(|part| match part.bytes().take_while(|&b| b == b'#').count() {
            0 => (BlockKind::Paragraph, part),
            level => (BlockKind::Heading { level: level as u8 }, part.trim_start_matches(['#', ' '])),
        })
        .collect();
    for (max, overlap) in [(64, 16), (256, 32), (512, OVERLAP_TOKENS)] {
        let pieces = chunked(&tokenizer, &document("Handbook", &blocks, "\n\n", 9), max, overlap);
        assert!(pieces.len() > handbook.len() / 4 / max / 2);
    }
}

const H1: BlockKind = BlockKind::Heading { level: 1 };
const H2: BlockKind = BlockKind::Heading { level: 2 };
const P: BlockKind = BlockKind::Paragraph;
const ROW: BlockKind = BlockKind::TableRow;

/// Compares the chunks (heading path, context and text) of blocks joined by empty lines.
fn check(blocks: &[(BlockKind, &str)], max: usize, overlap: usize, expected: &[(&str, &str, &str)]) {
    let document = document("Word", blocks, "\n\n", 0);
    let map = TextMap::new(&document.text);
    let found: Vec<(String, String, &str)> = chunked(&small_tokenizer(), &document, max, overlap)
        .iter()
        .map(|p| (p.chunk.heading.join(">"), p.context.join(">"), map.slice(p.chunk.range).unwrap()))
        .collect();
    let found: Vec<(&str, &str, &str)> = found.iter().map(|(h, c, t)| (h.as_str(), c.as_str(), *t)).collect();
    assert_eq!(found, expected);
}

#[test]
fn chunks_follow_the_structure() {
    // What fits stays together, and the headings that are in the text are not repeated in the context.
    check(
        &[(H1, "Leave"), (P, "The days."), (H2, "The word"), (P, "The leave.")],
        64,
        0,
        &[("Leave", "Word", "Leave\n\nThe days.\n\nThe word\n\nThe leave.")],
    );
    // A section that fills half of a chunk ends it; the next has its own path.
    let days = "the days the days the days the days the days the days the days the days.";
    check(
        &[(H1, "Leave"), (H2, "Days"), (P, days), (H2, "Word"), (P, days)],
        40,
        0,
        &[
            ("Leave>Days", "Word", &format!("Leave\n\nDays\n\n{days}")),
            ("Leave>Word", "Word>Leave", &format!("Word\n\n{days}")),
        ],
    );
    // A sentence is repeated where it is no longer than the overlap; nothing is repeated across a heading.
    let text = "The days leave. The word days. The leave days. The days word.";
    check(
        &[(P, text), (H1, "Leave"), (P, "Days.")],
        16,
        6,
        &[
            ("", "Word", "The days leave. The word days. The leave days."),
            ("", "Word", "The leave days. The days word."),
            ("Leave", "Word", "Leave\n\nDays."),
        ],
    );
}

#[test]
fn table_rows_stay_whole() {
    let row = "the days | the word | the leave";
    let rows: Vec<(BlockKind, &str)> = std::iter::repeat_n((ROW, row), 9).collect();
    let document = document("T", &rows, "\n", 0);
    let map = TextMap::new(&document.text);
    for piece in chunked(&small_tokenizer(), &document, 40, 10) {
        assert!(map.slice(piece.chunk.range).unwrap().lines().all(|line| line == row));
    }
    // A row over the limit is cut between cells, a cell over the limit between words.
    let cell = "the days the word the days the word the days";
    let long = format!("{cell} | {cell} | {}", [cell; 4].join(" "));
    check(
        &[(ROW, &long)],
        32,
        0,
        &[
            ("", "Word", &format!("{cell} | {cell} |")),
            ("", "Word", &format!("{cell} {cell} the days the word the days the word the")),
            ("", "Word", &format!("days {cell}")),
        ],
    );
}

#[test]
fn text_outside_blocks() {
    let mut mixed = document("T", &[(P, "The days.")], "", 0);
    mixed.text += "\n\nPage 7\n\n";
    assert_eq!(chunked(&small_tokenizer(), &mixed, 512, 0).len(), 1);
    let furniture = mixed.text.chars().count();
    mixed.text += &"The word and the leave. ".repeat(20);
    let pieces = chunked(&small_tokenizer(), &mixed, 512, 0);
    assert_eq!(pieces.last().unwrap().chunk.range.end, mixed.text.trim_end().chars().count());
    assert!(pieces.last().unwrap().chunk.range.end > furniture);
}

#[test]
fn what_cannot_be_cut_is_an_error() {
    let code = |tokenizer: &[u8], max, overlap| {
        Chunker::from_tokenizer(tokenizer, max, overlap).err().map(|e| e.code())
    };
    let good = small_tokenizer();
    assert_eq!(code(&good, 512, 64), None);
    assert_eq!(code(&good[..good.len() / 2], 512, 64), Some("bad_tokenizer"));
    assert_eq!(code(b"", 512, 64), Some("bad_tokenizer"));
    assert_eq!(code(&good, 15, 0), Some("bad_limits"));
    assert_eq!(code(&good, 512, 256), Some("bad_limits"));
    let chunker = Chunker::from_tokenizer(&good, 512, 64).unwrap();
    let sound = document("T", &[(P, "The days."), (P, "The word.")], "\n\n", 0);
    for damaged in [CharRange::new(3, 9999), CharRange::new(0, 4), CharRange { start: 15, end: 12 }] {
        let mut document = sound.clone();
        document.blocks[1].range = damaged;
        assert_eq!(chunker.chunk(&document).err().map(|e| e.code()), Some("bad_structure"), "{damaged:?}");
    }
    assert_eq!(chunker.chunk(&document("T", &[], "", 0)).unwrap(), Vec::new());
}
