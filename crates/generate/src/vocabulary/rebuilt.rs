//! The definition that a `tokenizer.json` would hold, made from GGUF metadata: most people have the model file alone.
//!
//! The metadata names a splitting rule but does not carry it, and a wrong rule gives fluent nonsense. So only rules are
//! known here whose ids were compared with llama.cpp's (`tests/golden/make_rules.py`).

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{KIND_CONTROL, KIND_NORMAL, KIND_USER_DEFINED};
use crate::GenerateError;
use crate::gguf::Gguf;

/// How a byte-level tokenizer splits text before it merges.
struct Rule {
    /// The names that llama.cpp's converter gives it.
    names: &'static [&'static str],
    /// The regular expression of the model's own `tokenizer.json`.
    split: &'static str,
    /// Whether a word that is a token as a whole is taken as it is, whatever the merges say.
    whole_words: bool,
    /// Whether text is put into Unicode's composed form first.
    composes: bool,
}

const RULES: &[Rule] = &[
    // Llama 3.
    Rule {
        names: &["llama-bpe", "llama3", "llama-v3"],
        split: r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        whole_words: true,
        composes: false,
    },
    // Qwen 2 and 3.
    Rule {
        names: &["qwen2"],
        split: r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        whole_words: false,
        composes: true,
    },
    // Phi-4-mini.
    Rule {
        names: &["gpt-4o"],
        split: r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        whole_words: false,
        composes: false,
    },
    // Mistral since Nemo.
    Rule {
        names: &["tekken"],
        split: r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        whole_words: true,
        composes: false,
    },
    // SmolLM 1 and 2; its digits are split before.
    Rule {
        names: &["smollm"],
        split: r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        whole_words: false,
        composes: false,
    },
];

/// The longest token: those of real vocabularies have a few dozen bytes, some runs of spaces a few hundred.
const MAX_TOKEN_BYTES: usize = 1024;

/// The space of SentencePiece's tokens.
const SPACE: char = '\u{2581}';

/// The tokenizer that the metadata describes.
///
/// # Errors
/// Where it names a tokenizer or a rule that is not known here, or lacks a part of one.
pub(super) fn definition(gguf: &Gguf) -> Result<Value, GenerateError> {
    let wrong = |reason: String| GenerateError::Tokenizer { path: gguf.path.clone(), reason };
    let lacks = || wrong("its metadata lacks tokens, token types, merges or scores".to_owned());
    let tokens = gguf.strings("tokenizer.ggml.tokens").ok_or_else(lacks)?;
    let kinds = gguf.numbers("tokenizer.ggml.token_type").ok_or_else(lacks)?;
    if kinds.len() != tokens.len() || tokens.iter().any(|token| token.len() > MAX_TOKEN_BYTES) {
        return Err(wrong(format!(
            "its metadata has {} tokens and {} token types, or a token of more than {MAX_TOKEN_BYTES} bytes",
            tokens.len(),
            kinds.len()
        )));
    }
    let (model, pre) = (gguf.string("tokenizer.ggml.model"), gguf.string("tokenizer.ggml.pre"));
    let rule = RULES.iter().find(|rule| pre.is_some_and(|pre| rule.names.contains(&pre)));
    let mut definition = match (model, rule) {
        (Some("gpt2"), Some(rule)) => {
            byte_level(rule, &gguf.strings("tokenizer.ggml.merges").ok_or_else(lacks)?)
        }
        (Some("llama"), _) => {
            let scores = gguf.float_array("tokenizer.ggml.scores").ok_or_else(lacks)?;
            if scores.len() != tokens.len() {
                return Err(lacks());
            }
            let begins_with_space = gguf.flag("tokenizer.ggml.add_space_prefix").unwrap_or(true);
            sentence_piece(&tokens, &kinds, &scores, begins_with_space)
        }
        _ => {
            let (model, pre) = (model.unwrap_or("none"), pre.unwrap_or("none"));
            return Err(wrong(format!(
                "its metadata names the tokenizer {model:?} with pre-tokenizer {pre:?}, which cannot be rebuilt from it"
            )));
        }
    };
    let vocabulary: Map<String, Value> =
        tokens.iter().enumerate().map(|(id, token)| ((*token).to_owned(), json!(id))).collect();
    definition["model"]["vocab"] = Value::Object(vocabulary);
    let added = tokens.iter().zip(&kinds).enumerate();
    definition["added_tokens"] = added
        .filter(|(_, (_, kind))| matches!(**kind, KIND_CONTROL | KIND_USER_DEFINED))
        .map(|(id, (token, &kind))| {
            json!({
                "id": id, "content": token, "special": kind == KIND_CONTROL,
                "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            })
        })
        .collect();
    Ok(definition)
}

fn byte_level(rule: &Rule, merges: &[&str]) -> Value {
    let bytes =
        json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false});
    let split =
        json!({"type": "Split", "pattern": {"Regex": rule.split}, "behavior": "Isolated", "invert": false});
    let mut steps = vec![split, bytes.clone()];
    if rule.names.contains(&"smollm") {
        steps.insert(0, json!({"type": "Digits", "individual_digits": true}));
    }
    json!({
        "version": "1.0",
        "normalizer": rule.composes.then(|| json!({"type": "NFC"})),
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
        "post_processor": null,
        "decoder": bytes,
        "model": model(rule.whole_words, false, json!(merges)),
    })
}

/// SentencePiece joins the two neighbours whose token has the highest score; the same as merges in the order of scores.
fn sentence_piece(tokens: &[&str], kinds: &[usize], scores: &[f32], begins_with_space: bool) -> Value {
    let text = |token: &str, kind: usize| kind == KIND_NORMAL || kind == KIND_USER_DEFINED && is_space(token);
    let normal: HashMap<&str, f32> = tokens
        .iter()
        .zip(kinds)
        .zip(scores)
        .filter(|((token, kind), _)| text(token, **kind))
        .map(|((token, _), score)| (*token, *score))
        .collect();
    let mut merges: Vec<(f32, &str, &str)> = Vec::new();
    for (token, score) in tokens.iter().filter_map(|token| normal.get_key_value(token)) {
        let inner = token.char_indices().skip(1).map(|(at, _)| token.split_at(at));
        merges.extend(
            inner
                .filter(|(left, right)| normal.contains_key(left) && normal.contains_key(right))
                .map(|(left, right)| (*score, left, right)),
        );
    }
    merges.sort_by(|a, b| b.0.total_cmp(&a.0));
    let merges: Vec<[&str; 2]> = merges.into_iter().map(|(_, left, right)| [left, right]).collect();
    let space = SPACE.to_string();
    let mut normalizers = vec![json!({"type": "Replace", "pattern": {"String": " "}, "content": space})];
    let mut decoders = vec![
        json!({"type": "Replace", "pattern": {"String": space}, "content": " "}),
        json!({"type": "ByteFallback"}),
        json!({"type": "Fuse"}),
    ];
    if begins_with_space {
        normalizers.insert(0, json!({"type": "Prepend", "prepend": space}));
        decoders.push(json!({"type": "Strip", "content": " ", "start": 1, "stop": 0}));
    }
    json!({
        "version": "1.0",
        "normalizer": {"type": "Sequence", "normalizers": normalizers},
        "pre_tokenizer": null,
        "post_processor": null,
        "decoder": {"type": "Sequence", "decoders": decoders},
        "model": model(false, true, json!(merges)),
    })
}

/// Without the vocabulary.
fn model(whole_words: bool, byte_fallback: bool, merges: Value) -> Value {
    json!({
        "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
        "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": byte_fallback,
        "ignore_merges": whole_words, "vocab": {}, "merges": merges,
    })
}

/// Whether a token that the file calls user-defined is mere space, as runs of line breaks are in Gemma's vocabulary. Such a
/// token is text wherever it stands.
pub(super) fn is_space(token: &str) -> bool {
    !token.is_empty() && token.chars().all(|c| c == SPACE || c.is_whitespace())
}
