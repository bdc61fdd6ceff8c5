//! Deterministic in-memory twins of the seams, so that most tests need neither ONNX nor a language model.

use std::time::Duration;

use crate::{
    AnswerSpan, CharRange, Embedder, FinishReason, Generation, GenerationRequest, Generator, ModelError,
    Picture, Reader, ReaderText, Reading, Recognition, RecognizedLetter, RecognizedLine, StopFlag,
    TextRecognizer, Windows,
};

/// Embeds a text as the normalised count of its hashed lower-case words: texts that share words are near.
pub struct FakeEmbedder {
    dimensions: usize,
    fingerprint: String,
}

impl FakeEmbedder {
    /// An embedder of `dimensions` numbers per vector; at least 1.
    pub fn new(dimensions: usize) -> Self {
        let dimensions = dimensions.max(1);
        Self { dimensions, fingerprint: format!("fake-words-{dimensions}") }
    }

    fn embed(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0f32; self.dimensions];
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
            // FNV-1a: small, stable across platforms and releases.
            let hash = word
                .to_lowercase()
                .bytes()
                .fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
            vector[(hash % self.dimensions as u64) as usize] += 1.0;
        }
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length == 0.0 {
            vector[0] = 1.0;
        } else {
            vector.iter_mut().for_each(|x| *x /= length);
        }
        vector
    }
}

impl Embedder for FakeEmbedder {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed_documents(&mut self, texts: &[String], stop: &StopFlag) -> Result<Vec<Windows>, ModelError> {
        if stop.is_stopped() {
            return Err(ModelError::Stopped);
        }
        Ok(texts.iter().map(|t| vec![self.embed(t)]).collect())
    }

    fn embed_query(&mut self, text: &str) -> Result<Vec<f32>, ModelError> {
        Ok(self.embed(text))
    }
}

/// Says what it was told to say, one scripted turn per call, and keeps the prompts it was given.
pub struct FakeGenerator {
    turns: std::collections::VecDeque<String>,
    /// The content of the last message of every call, in order.
    pub prompts: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

impl FakeGenerator {
    /// A generator that answers with `turns` in order, and with nothing once they are used up.
    pub fn new(turns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { turns: turns.into_iter().map(Into::into).collect(), prompts: Default::default() }
    }
}

impl Generator for FakeGenerator {
    fn name(&self) -> &str {
        "fake"
    }

    fn device(&self) -> &str {
        "cpu"
    }

    fn context_length(&self) -> usize {
        2048
    }

    fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        Ok(text.split_whitespace().count())
    }

    fn generate(
        &mut self,
        request: &GenerationRequest<'_>,
        stop: &StopFlag,
        sink: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Generation, ModelError> {
        let prompt = request.messages.last().map(|m| m.content.clone()).unwrap_or_default();
        let prompt_tokens = self.count_tokens(&prompt)?;
        if let Ok(mut prompts) = self.prompts.lock() {
            prompts.push(prompt);
        }
        let turn = self.turns.pop_front().unwrap_or_default();
        let mut generation = Generation {
            text: String::new(),
            prompt_tokens,
            generated_tokens: 0,
            prefill_time: Duration::ZERO,
            decode_time: Duration::ZERO,
            finish: FinishReason::EndOfTurn,
        };
        for piece in turn.split_inclusive(' ') {
            if stop.is_stopped() {
                generation.finish = FinishReason::Stopped;
                break;
            }
            if generation.generated_tokens == request.max_tokens {
                generation.finish = FinishReason::Length;
                break;
            }
            generation.text.push_str(piece);
            generation.generated_tokens += 1;
            if !sink(piece) {
                generation.finish = FinishReason::Stopped;
                break;
            }
        }
        Ok(generation)
    }
}

/// Reads by words: a text answers a question, and carries a claim, by the share of the longer words that it holds. The spans
/// are its sentences, the best those that hold most of them.
#[derive(Default)]
pub struct FakeReader;

impl FakeReader {
    /// Log-odds from the share of the words of `asked` that stand in `text`: 0 at six tenths.
    fn odds(asked: &str, text: &str) -> f32 {
        let text = text.to_lowercase();
        let words: Vec<String> = asked
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| w.chars().count() > 4)
            .map(str::to_lowercase)
            .collect();
        let held = words.iter().filter(|w| text.contains(w.trim_end_matches('s'))).count();
        10.0 * (held as f32 / words.len().max(1) as f32 - 0.6)
    }
}

impl Reader for FakeReader {
    fn read(
        &mut self,
        question: &str,
        texts: &[ReaderText<'_>],
        stop: &StopFlag,
    ) -> Result<Vec<Reading>, ModelError> {
        if stop.is_stopped() {
            return Err(ModelError::Stopped);
        }
        let read = |text: &ReaderText<'_>| {
            let mut spans = Vec::new();
            let mut start = 0;
            for sentence in text.text.split_inclusive(['.', '\n']) {
                let all = sentence.chars().count();
                let (from, words) =
                    (all - sentence.trim_start().chars().count(), sentence.trim().chars().count());
                let range = CharRange::new(start + from, start + from + words);
                start += all;
                if words == 0 {
                    continue;
                }
                let odds = Self::odds(question, sentence);
                spans.push(AnswerSpan { range, probability: 1.0 / (1.0 + (-odds).exp()) });
            }
            spans.sort_by(|a, b| b.probability.total_cmp(&a.probability));
            Reading { answerable: Self::odds(question, &format!("{} {}", text.context, text.text)), spans }
        };
        Ok(texts.iter().map(read).collect())
    }

    fn support(&mut self, pairs: &[(&str, ReaderText<'_>)], stop: &StopFlag) -> Result<Vec<f32>, ModelError> {
        if stop.is_stopped() {
            return Err(ModelError::Stopped);
        }
        Ok(pairs.iter().map(|(claim, t)| Self::odds(claim, &format!("{} {}", t.context, t.text))).collect())
    }
}

/// Reads a picture of black bars as text: bars on the same rows of pixels are a line, and each bar is the letter `x`, or
/// `X` where it is wider than tall. Bars further apart than half their height belong to two words.
#[derive(Clone, Copy, Debug, Default)]
pub struct FakeRecognizer;

impl TextRecognizer for FakeRecognizer {
    fn recognize(&mut self, picture: &Picture) -> Result<Recognition, ModelError> {
        let is_ink = |pixel: &u8| *pixel < 128;
        let rows: Vec<&[u8]> = picture.rows().collect();
        let mut lines = Vec::new();
        let mut top = 0;
        for band in rows.chunk_by(|a, b| a.iter().any(is_ink) == b.iter().any(is_ink)) {
            let (y, height) = (top as f32 + band.len() as f32 / 2.0, band.len() as f32);
            top += band.len();
            let column = |x: usize| band.iter().any(|row| row.get(x).is_some_and(is_ink));
            let columns: Vec<bool> = (0..picture.width()).map(column).collect();
            let mut letters: Vec<RecognizedLetter> = Vec::new();
            let (mut left, mut end) = (0, 0.0);
            for run in columns.chunk_by(|a, b| a == b) {
                let (from, width) = (left as f32, run.len() as f32);
                left += run.len();
                if run.first() != Some(&true) {
                    continue;
                }
                let letter = |char, from: f32, width| RecognizedLetter {
                    char,
                    middle: [from + width / 2.0, y],
                    width,
                    confidence: 0.75,
                };
                if !letters.is_empty() && 2.0 * (from - end) > height {
                    letters.push(letter(' ', end, from - end));
                }
                letters.push(letter(if width > height { 'X' } else { 'x' }, from, width));
                end = from + width;
            }
            if !letters.is_empty() {
                lines.push(RecognizedLine { letters, direction: [1.0, 0.0], size: height });
            }
        }
        Ok(Recognition { lines, unread: 0 })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_fake_reads_bars() {
        let rows = ["..........", ".##.#....#", ".##.#....#", "..........", "...####..."];
        let pixels = rows.iter().flat_map(|row| row.chars().map(|c| if c == '#' { 0 } else { 255 }));
        let picture = Picture::new(10, 5, pixels.collect()).unwrap();
        let found = FakeRecognizer.recognize(&picture).unwrap();
        let texts: Vec<String> =
            found.lines.iter().map(|line| line.letters.iter().map(|l| l.char).collect()).collect();
        assert_eq!(texts, ["xx x", "X"]);
        let [first, .., last] = found.lines[0].letters.as_slice() else { panic!("{found:?}") };
        assert_eq!((first.middle, first.width, last.middle), ([2.0, 2.0], 2.0, [9.5, 2.0]));
        assert_eq!(FakeRecognizer.recognize(&Picture::new(1, 1, vec![255]).unwrap()).unwrap().lines, []);
    }
}
