//! Text to token ids and back. Two tokenizers are made of one definition: one that knows no special token at all and
//! turns message content into ids, so that nothing in a document can become a control token, and the whole one, which
//! turns ids into text.

mod rebuilt;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tokenizers::Tokenizer;

use crate::GenerateError;
use crate::gguf::Gguf;

/// Names of tokens that end a turn, in the families of models that exist. A GGUF file often names only one of them.
const END_NAMES: [&str; 8] = [
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_text|>",
    "<|end|>",
    "<end_of_turn>",
    "</s>",
];

/// Kinds of tokens in `tokenizer.ggml.token_type`.
const KIND_NORMAL: usize = 1;
const KIND_CONTROL: usize = 3;
const KIND_USER_DEFINED: usize = 4;
const KIND_UNUSED: usize = 5;

/// A piece of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Words of the chat template: special tokens in it are special.
    Template(String),
    /// Words of a message: nothing in it is special.
    Content(&'a str),
}

pub(crate) struct Vocabulary {
    plain: Tokenizer,
    whole: Tokenizer,
    /// Tokens that the template may spell out, longest first.
    special: Vec<(String, u32)>,
    /// Tokens that are never text. Writing one of them ends the turn.
    control: BTreeSet<u32>,
    /// The beginning-of-sequence token, where the model wants one.
    beginning: Option<u32>,
}

impl Vocabulary {
    /// Reads `tokenizer`, or else makes one from the GGUF metadata where that is known to be right.
    pub(crate) fn load(gguf: &Gguf, tokenizer: Option<&Path>, rows: usize) -> Result<Self, GenerateError> {
        let path = tokenizer.unwrap_or(&gguf.path);
        let wrong = |reason: String| GenerateError::Tokenizer { path: path.to_owned(), reason };
        let definition: Value = match tokenizer {
            Some(path) => {
                let bytes = std::fs::read(path)
                    .map_err(|source| GenerateError::Io { path: path.to_owned(), source })?;
                serde_json::from_slice(&bytes).map_err(|e| wrong(format!("it is not valid JSON: {e}")))?
            }
            None => rebuilt::definition(gguf)?,
        };
        let whole = build(&definition).map_err(&wrong)?;
        let mut without_special = definition;
        if let Some(Value::Array(tokens)) = without_special.get_mut("added_tokens") {
            tokens.retain(|token| {
                token["special"] == false && token["content"].as_str().is_some_and(rebuilt::is_space)
            });
        }
        let plain = build(&without_special).map_err(&wrong)?;

        let known = gguf.strings("tokenizer.ggml.tokens").unwrap_or_default();
        let kinds = gguf.numbers("tokenizer.ggml.token_type").unwrap_or_default();
        let kind = |id: usize| kinds.get(id).copied().unwrap_or_default();
        if let Some(id) = whole.get_vocab(true).into_values().max().filter(|&id| id as usize >= rows) {
            return Err(wrong(format!("it has the token {id}, the model has only {rows}")));
        }
        for (id, token) in known.iter().enumerate().filter(|(id, _)| kind(*id) != KIND_UNUSED) {
            if let Some(here) = u32::try_from(id).ok().and_then(|id| whole.id_to_token(id))
                && here != *token
            {
                return Err(wrong(format!("token {id} is {here:?} in it and {token:?} in the model")));
            }
        }

        let added = whole.get_added_tokens_decoder();
        let mut special: Vec<(String, u32)> = added.iter().map(|(&id, t)| (t.content.clone(), id)).collect();
        special.sort_by(|(a, x), (b, y)| b.len().cmp(&a.len()).then(x.cmp(y)));
        let mut control: BTreeSet<u32> = added.iter().filter(|(_, t)| t.special).map(|(&id, _)| id).collect();
        control.extend(
            (0..kinds.len()).filter(|&id| kind(id) == KIND_CONTROL).filter_map(|id| u32::try_from(id).ok()),
        );
        let named = |key: &str| {
            gguf.number(&format!("tokenizer.ggml.{key}_token_id")).and_then(|id| u32::try_from(id).ok())
        };
        control.extend(["bos", "eos", "eot", "eom"].into_iter().filter_map(named));
        control.extend(special.iter().filter(|(t, _)| END_NAMES.contains(&t.as_str())).map(|&(_, id)| id));

        // Where the file is silent, SentencePiece models begin with the token and byte-level ones do not, as in
        // llama.cpp.
        let wants_beginning = gguf
            .flag("tokenizer.ggml.add_bos_token")
            .unwrap_or(gguf.string("tokenizer.ggml.model") == Some("llama"));
        let beginning = if wants_beginning { named("bos") } else { None };
        Ok(Self { plain, whole, special, control, beginning })
    }

    /// Whether `id` is never text.
    pub(crate) fn is_control(&self, id: u32) -> bool {
        self.control.contains(&id)
    }

    /// How the vocabulary spells `id`.
    pub(crate) fn token(&self, id: u32) -> Option<String> {
        self.whole.id_to_token(id)
    }

    /// How a token of the GGUF metadata (`bos`, `eos`) is spelt.
    pub(crate) fn spelling(&self, gguf: &Gguf, name: &str) -> String {
        gguf.number(&format!("tokenizer.ggml.{name}_token_id"))
            .and_then(|id| u32::try_from(id).ok())
            .and_then(|id| self.whole.id_to_token(id))
            .unwrap_or_default()
    }

    /// The ids of plain text.
    pub(crate) fn encode_text(&self, text: &str) -> Result<Vec<u32>, String> {
        let encoding = self.plain.encode_fast(text, false).map_err(|e| e.to_string())?;
        // Merges cannot make a control token out of its letters in any vocabulary seen so far; should one be able
        // to, it is left out.
        Ok(encoding.get_ids().iter().copied().filter(|id| !self.control.contains(id)).collect())
    }

    /// The ids of a prompt. Text between two special tokens is tokenised as a whole, as the reference does it.
    pub(crate) fn encode(&self, pieces: &[Piece<'_>]) -> Result<Vec<u32>, String> {
        let (mut ids, mut text) = (Vec::new(), String::new());
        for piece in pieces {
            let mut rest = match piece {
                Piece::Content(content) => {
                    text.push_str(content);
                    continue;
                }
                Piece::Template(template) => template.as_str(),
            };
            while let Some(first) = rest.chars().next() {
                match self
                    .special
                    .iter()
                    .find(|(token, _)| !token.is_empty() && rest.starts_with(token.as_str()))
                {
                    Some((token, id)) => {
                        ids.extend(self.encode_text(&text)?);
                        ids.push(*id);
                        text.clear();
                        rest = rest.get(token.len()..).unwrap_or_default();
                    }
                    None => {
                        text.push(first);
                        rest = rest.get(first.len_utf8()..).unwrap_or_default();
                    }
                }
            }
        }
        ids.extend(self.encode_text(&text)?);
        // Many templates write the beginning token themselves; a second one would derail the model.
        if let Some(beginning) = self.beginning
            && ids.first() != Some(&beginning)
        {
            ids.insert(0, beginning);
        }
        Ok(ids)
    }

    /// Turns ids into text one by one, giving only whole characters.
    pub(crate) fn decoder(&self) -> impl FnMut(u32) -> Result<Option<String>, String> + '_ {
        let mut stream = self.whole.decode_stream(true);
        move |id| stream.step(id).map_err(|e| e.to_string())
    }
}

fn build(definition: &Value) -> Result<Tokenizer, String> {
    let bytes = serde_json::to_vec(definition).map_err(|e| e.to_string())?;
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|e| e.to_string())?;
    tokenizer.with_truncation(None).map_err(|e| e.to_string())?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}

#[cfg(test)]
mod tests;
