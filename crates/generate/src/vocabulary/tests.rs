#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::tiny;

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let gguf = Gguf::open(&tiny::Tiny::new().write(folder.path())).unwrap();
    Vocabulary::load(&gguf, None, tiny::tokens().len()).unwrap()
});

/// Decodes one id after the other.
fn decode(ids: &[u32]) -> Vec<String> {
    let mut decode = VOCABULARY.decoder();
    ids.iter().filter_map(|&id| decode(id).unwrap()).collect()
}

#[test]
fn characters_of_several_tokens_come_out_whole() {
    let ids = VOCABULARY.encode_text("a\u{e9}\u{1f600}!").unwrap();
    assert_eq!(ids.len(), 1 + 2 + 4 + 1);
    assert_eq!(decode(&ids), ["a", "\u{e9}", "\u{1f600}", "!"]);
    // An end in the middle of a character gives what was whole.
    assert_eq!(decode(&ids[..5]), ["a", "\u{e9}"]);
    // Control tokens are no text.
    assert_eq!(decode(&[ids[0], 2, 0, ids[7]]), ["a", "!"]);
}

proptest! {
    #[test]
    fn text_comes_back_as_it_went_in(text in "[^\u{fffd}]{0,40}") {
        let ids = VOCABULARY.encode_text(&text).unwrap();
        prop_assert!(ids.iter().all(|&id| !VOCABULARY.is_control(id)));
        prop_assert_eq!(decode(&ids).concat(), text);
    }

    #[test]
    fn any_ids_decode_without_error(ids in proptest::collection::vec(0u32..263, 0..60)) {
        decode(&ids);
    }
}
