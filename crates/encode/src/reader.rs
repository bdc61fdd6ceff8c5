//! The reader: one small encoder that sees a question (or a claim) and a text together, and says whether and where the
//! text answers (or carries) it. `training/` makes it.

use std::path::PathBuf;

use citadel_core::{AnswerSpan, ModelError, Reader, ReaderText, Reading, StopFlag, TextMap};
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::TensorRef;
use tokenizers::Tokenizer;

use crate::EncodeError;
use crate::batches::batches;
use crate::runtime::environment;

const NAME: &str = "the reader";
/// The longest pair in tokens, marks counted: what it was trained on. The text is cut at the right, and a question before
/// that.
const MAX_TOKENS: usize = 320;
const MAX_QUESTION_TOKENS: usize = 96;
/// What stands between context and text.
const SEPARATOR: &str = " | ";
/// Longest answer in tokens, and how many are given.
const MAX_SPAN_TOKENS: usize = 30;
const MAX_SPANS: usize = 16;

/// Where a reader's files lie. The caller has checked them.
#[derive(Clone, Debug)]
pub struct ReaderFiles {
    /// ONNX Runtime's shared library, an absolute path.
    pub runtime_library: PathBuf,
    /// The model, ONNX: the inputs of BERT; outputs `start` and `end` (batch × tokens), `answerable` and `supported` (batch).
    pub model: PathBuf,
    /// tokenizer.json.
    pub tokenizer: PathBuf,
}

/// [`Reader`] on the CPU.
pub struct OnnxReader {
    session: Session,
    tokenizer: Tokenizer,
    /// The ids of `[CLS]` and `[SEP]`.
    marks: [i64; 2],
}

/// A question or claim with a text, as tokens.
struct Pair {
    ids: Vec<i64>,
    kinds: Vec<i64>,
    /// Of each token its bytes in the text; `None` for marks, question and context.
    bytes: Vec<Option<(usize, usize)>>,
}

/// What the model gives for one pair.
struct Logits {
    start: Vec<f32>,
    end: Vec<f32>,
    answerable: f32,
    supported: f32,
}

impl OnnxReader {
    /// Loads the model for `threads` threads (0 counts as 1) and tries it once.
    ///
    /// The first call in a process decides on the ONNX Runtime library; telemetry is switched off before anything runs.
    ///
    /// # Errors
    /// Any [`EncodeError`].
    pub fn load(files: &ReaderFiles, threads: usize) -> Result<Self, EncodeError> {
        let environment = environment(&files.runtime_library)?;
        let bad = |reason: String| EncodeError::Reader { path: files.model.clone(), reason };
        let bytes = std::fs::read(&files.model)
            .map_err(|source| EncodeError::Io { path: files.model.clone(), source })?;
        let session = || -> ort::Result<Session> {
            Session::builder(&environment)?
                .with_optimization_level(GraphOptimizationLevel::Level3)?
                .with_intra_threads(threads.max(1))?
                .with_config_entry("session.intra_op.allow_spinning", "0")?
                .commit_from_memory(&bytes)
        };
        let session = session().map_err(|e| bad(e.to_string()))?;
        let mut tokenizer = Tokenizer::from_file(&files.tokenizer).map_err(|e| bad(e.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|e| bad(e.to_string()))?;
        let mark = |token: &str| {
            tokenizer.token_to_id(token).map(i64::from).ok_or_else(|| bad(format!("no token {token}")))
        };
        let marks = [mark("[CLS]")?, mark("[SEP]")?];
        let mut reader = Self { session, tokenizer, marks };
        let probe = [("probe", ReaderText { context: "", text: "probe" })];
        reader.support(&probe, &StopFlag::new()).map_err(|e| bad(e.to_string()))?;
        Ok(reader)
    }

    fn pair(&self, question: &str, text: ReaderText<'_>) -> Result<Pair, ModelError> {
        let encode = |text: &str| self.tokenizer.encode(text, false).map_err(|e| failed(e.to_string()));
        let asked = encode(question)?;
        let asked = &asked.get_ids()[..asked.get_ids().len().min(MAX_QUESTION_TOKENS)];
        let (shown, before) = match text.context {
            "" => (text.text.to_owned(), 0),
            context => (format!("{context}{SEPARATOR}{}", text.text), context.len() + SEPARATOR.len()),
        };
        let shown = encode(&shown)?;
        let room = MAX_TOKENS - asked.len() - 3;
        let taken = shown.get_ids().len().min(room);
        let [begin, end] = self.marks;
        let mut ids = vec![begin];
        ids.extend(asked.iter().map(|&id| i64::from(id)));
        ids.push(end);
        let mut kinds = vec![0; ids.len()];
        let mut bytes = vec![None; ids.len()];
        ids.extend(shown.get_ids()[..taken].iter().map(|&id| i64::from(id)));
        bytes.extend(
            shown.get_offsets()[..taken]
                .iter()
                .map(|&(from, to)| Some((from.checked_sub(before)?, to - before))),
        );
        ids.push(end);
        bytes.push(None);
        kinds.resize(ids.len(), 1);
        Ok(Pair { ids, kinds, bytes })
    }

    /// The logits of each pair, in order.
    fn run(&mut self, pairs: &[Pair], stop: &StopFlag) -> Result<Vec<Logits>, ModelError> {
        let lengths: Vec<usize> = pairs.iter().map(|p| p.ids.len()).collect();
        let mut out: Vec<Option<Logits>> = pairs.iter().map(|_| None).collect();
        for batch in batches(&lengths) {
            if stop.is_stopped() {
                return Err(ModelError::Stopped);
            }
            let width = batch.iter().map(|&i| lengths[i]).max().unwrap_or(0);
            let shape = [batch.len(), width];
            let padded = |of: fn(&Pair) -> Vec<i64>| -> Vec<i64> {
                let row = |i: &usize| {
                    let mut row = of(&pairs[*i]);
                    row.resize(width, 0);
                    row
                };
                batch.iter().flat_map(row).collect()
            };
            let [ids, mask, kinds] =
                [padded(|p| p.ids.clone()), padded(|p| vec![1; p.ids.len()]), padded(|p| p.kinds.clone())];
            let input =
                |values| TensorRef::from_array_view((shape, values)).map_err(|e| failed(e.to_string()));
            let outputs = self
                .session
                .run(ort::inputs![
                    "input_ids" => input(ids.as_slice())?,
                    "attention_mask" => input(mask.as_slice())?,
                    "token_type_ids" => input(kinds.as_slice())?,
                ])
                .map_err(|e| failed(e.to_string()))?;
            let output = |name: &str, count: usize| -> Result<Vec<f32>, ModelError> {
                let value = outputs.get(name).ok_or_else(unsuited)?;
                let (_, values) = value.try_extract_tensor::<f32>().map_err(|e| failed(e.to_string()))?;
                let whole = values.len() == count && values.iter().all(|v| v.is_finite());
                if whole { Ok(values.to_vec()) } else { Err(unsuited()) }
            };
            let (start, end) = (output("start", batch.len() * width)?, output("end", batch.len() * width)?);
            let (answerable, supported) =
                (output("answerable", batch.len())?, output("supported", batch.len())?);
            for (row, &i) in batch.iter().enumerate() {
                let of = |all: &[f32]| all[row * width..][..lengths[i]].to_vec();
                out[i] = Some(Logits {
                    start: of(&start),
                    end: of(&end),
                    answerable: answerable[row],
                    supported: supported[row],
                });
            }
        }
        out.into_iter().map(|logits| logits.ok_or_else(unsuited)).collect()
    }
}

impl Reader for OnnxReader {
    fn read(
        &mut self,
        question: &str,
        texts: &[ReaderText<'_>],
        stop: &StopFlag,
    ) -> Result<Vec<Reading>, ModelError> {
        let pairs: Vec<Pair> = texts.iter().map(|&t| self.pair(question, t)).collect::<Result<_, _>>()?;
        let logits = self.run(&pairs, stop)?;
        let reading = |((pair, logits), text): ((&Pair, &Logits), &ReaderText<'_>)| {
            let map = TextMap::new(text.text);
            let chars = |(from, to): (usize, usize)| map.char_range(from..to);
            let spans = spans(&pair.bytes, &logits.start, &logits.end)
                .into_iter()
                .filter_map(|(bytes, probability)| Some(AnswerSpan { range: chars(bytes)?, probability }))
                .collect();
            Reading { answerable: logits.answerable, spans }
        };
        Ok(pairs.iter().zip(&logits).zip(texts).map(reading).collect())
    }

    fn support(&mut self, pairs: &[(&str, ReaderText<'_>)], stop: &StopFlag) -> Result<Vec<f32>, ModelError> {
        let pairs: Vec<Pair> =
            pairs.iter().map(|&(claim, t)| self.pair(claim, t)).collect::<Result<_, _>>()?;
        Ok(self.run(&pairs, stop)?.into_iter().map(|logits| logits.supported).collect())
    }
}

/// The likeliest spans as bytes of the text with their probabilities, best first: of each first token the best last one.
/// Both ends are softmaxes over the tokens of the text (Devlin et al. 2019, SQuAD).
fn spans(bytes: &[Option<(usize, usize)>], start: &[f32], end: &[f32]) -> Vec<((usize, usize), f32)> {
    let inside: Vec<usize> = (0..bytes.len()).filter(|&i| bytes[i].is_some()).collect();
    let softmax = |logits: &[f32]| -> Vec<f32> {
        let most = inside.iter().map(|&i| logits[i]).fold(f32::MIN, f32::max);
        let weights: Vec<f32> = inside.iter().map(|&i| (logits[i] - most).exp()).collect();
        let sum: f32 = weights.iter().sum();
        weights.into_iter().map(|w| w / sum).collect()
    };
    let (starts, ends) = (softmax(start), softmax(end));
    let mut found: Vec<((usize, usize), f32)> = Vec::new();
    for first in 0..inside.len() {
        let last = (first..inside.len().min(first + MAX_SPAN_TOKENS))
            .min_by(|&a, &b| ends[b].total_cmp(&ends[a]).then(a.cmp(&b)));
        let Some(last) = last else { continue };
        if let (Some((from, _)), Some((_, to))) = (bytes[inside[first]], bytes[inside[last]]) {
            found.push(((from, to), starts[first] * ends[last]));
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.truncate(MAX_SPANS);
    found
}

fn failed(reason: String) -> ModelError {
    ModelError::Failed { model: NAME.to_owned(), reason }
}

fn unsuited() -> ModelError {
    failed("its answer has not the shape expected; the model file does not suit this program".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_stand_in_the_text_and_are_ordered() {
        let bytes = [None, Some((0, 3)), Some((4, 7)), Some((8, 9)), None];
        let check = |start: [f32; 5], end: [f32; 5], best: (usize, usize)| {
            let found = spans(&bytes, &start, &end);
            assert_eq!(found.first().map(|s| s.0), Some(best));
            assert!(found.windows(2).all(|w| w[0].1 >= w[1].1));
            assert!(found.iter().all(|s| s.0.0 < s.0.1 && (0.0..=1.0).contains(&s.1)));
        };
        check([9.0, 5.0, 0.0, 0.0, 9.0], [9.0, 0.0, 5.0, 0.0, 9.0], (0, 7));
        // An end before the start counts for nothing.
        check([0.0, 0.0, 0.0, 6.0, 0.0], [0.0, 5.0, 0.0, 0.0, 0.0], (8, 9));
        assert!(spans(&[None, None], &[1.0, 1.0], &[1.0, 1.0]).is_empty());
    }
}
