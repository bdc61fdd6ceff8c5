//! Text recognition: PP-OCR's two models on ONNX Runtime. One finds lines on a picture, the other reads them.

mod decode;
mod detect;
mod geometry;
mod strip;

use std::path::{Path, PathBuf};

use citadel_core::{ModelError, Picture, Recognition, RecognizedLetter, RecognizedLine, TextRecognizer};
use ort::ep::CPU;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::TensorRef;

use crate::EncodeError;
use crate::runtime::environment;
use decode::Letter;
use geometry::Slanted;
use strip::Strip;

const NAME: &str = "text recognition";
/// The key of the reading model's metadata that lists its characters, one a line.
const CHARACTERS: &str = "character";
/// A place taller than its width by this much is a line that runs up or down, if it is not a single letter.
const TALL: f32 = 1.5;
/// The longest lines of each direction, read from both ends to tell which way up the page is.
const PROBES: usize = 4;
/// Lines that are less sure than this, on average, are not text, or cannot be read.
const LEAST_CONFIDENCE: f32 = 0.6;
/// Columns of ink for one letter, a line being 48 tall: where there are more on average, much of the line was not
/// understood. Latin letters have 15 to 30.
const MOST_INK: usize = 40;
/// The same for Chinese and Japanese letters, which are square.
const MOST_INK_OF_SQUARE: usize = 72;
/// What the model takes as a line is taller than the font by about this.
const LINE_BY_FONT: f32 = 1.25;

/// Where the recognition's files lie. The caller has checked them.
#[derive(Clone, Debug)]
pub struct RecognizerFiles {
    /// ONNX Runtime's shared library, an absolute path.
    pub runtime_library: PathBuf,
    /// The model that finds lines, ONNX: from a picture to a map of probabilities of the same size.
    pub detector: PathBuf,
    /// The model that reads a line, ONNX, with its characters in its metadata.
    pub reader: PathBuf,
}

/// Reads text off pictures on the CPU, in the scripts that its model knows.
pub struct OnnxRecognizer {
    detector: Session,
    reader: Session,
    /// Of each class of the reader but the first, which stands for no letter.
    characters: Vec<char>,
}

impl OnnxRecognizer {
    /// Loads the models for `threads` threads (0 counts as 1).
    ///
    /// The first call in a process decides on the ONNX Runtime library; telemetry is switched off before anything runs.
    ///
    /// # Errors
    /// Any [`EncodeError`].
    pub fn load(files: &RecognizerFiles, threads: usize) -> Result<Self, EncodeError> {
        let environment = environment(&files.runtime_library)?;
        let open = |path: &Path| {
            let bytes =
                std::fs::read(path).map_err(|source| EncodeError::Io { path: path.to_owned(), source })?;
            let session = || -> ort::Result<Session> {
                Session::builder(&environment)?
                    .with_optimization_level(GraphOptimizationLevel::Level3)?
                    .with_intra_threads(threads.max(1))?
                    // Every picture has another size, so that a plan for one is no use for the next.
                    .with_memory_pattern(false)?
                    .with_execution_providers([CPU::default().with_arena_allocator(false).build()])?
                    .with_config_entry("session.intra_op.allow_spinning", "0")?
                    .commit_from_memory(&bytes)
            };
            session().map_err(|e| EncodeError::Recognizer { path: path.to_owned(), reason: e.to_string() })
        };
        let (detector, reader) = (open(&files.detector)?, open(&files.reader)?);
        let listed = reader.metadata().ok().and_then(|metadata| metadata.custom(CHARACTERS));
        let characters: Option<Vec<char>> = listed.map(|list| {
            // One letter a line, then the space, which the list leaves out.
            list.lines().map(|line| line.chars().next().unwrap_or(' ')).chain([' ']).collect()
        });
        let bad =
            |reason: &str| EncodeError::Recognizer { path: files.reader.clone(), reason: reason.into() };
        let characters = characters.ok_or_else(|| bad("its metadata do not list its characters"))?;
        Ok(Self { detector, reader, characters })
    }

    /// Where lines stand, seen from left to right, in pixels of the picture.
    fn places(&mut self, picture: &Picture) -> Result<Vec<Slanted>, ModelError> {
        let [width, height] = detect::input_size(picture.width(), picture.height());
        let input = detect::input(picture, [width, height]);
        let input = TensorRef::from_array_view(([1, 3, height, width], input.as_slice())).map_err(failed)?;
        let output = self.detector.run(ort::inputs![input]).map_err(failed)?;
        let (_, map) = output[0].try_extract_tensor::<f32>().map_err(failed)?;
        if map.len() != width * height {
            return Err(unsuited());
        }
        let scale = [picture.width() as f32 / width as f32, picture.height() as f32 / height as f32];
        Ok(detect::lines(map, width).into_iter().map(|line| line.scaled(scale)).collect())
    }

    /// What stands at `place`.
    fn read(&mut self, picture: &Picture, place: Slanted) -> Result<Reading, ModelError> {
        let strip = Strip::cut(picture, &place);
        let input = strip.input();
        let shape = [1, 3, strip::HEIGHT, strip.width];
        let input = TensorRef::from_array_view((shape, input.as_slice())).map_err(failed)?;
        let output = self.reader.run(ort::inputs![input]).map_err(failed)?;
        let (shape, steps) = output[0].try_extract_tensor::<f32>().map_err(failed)?;
        if shape.last().is_none_or(|&classes| usize::try_from(classes) != Ok(self.characters.len() + 1)) {
            return Err(unsuited());
        }
        let mut letters = decode::letters(steps, &self.characters);
        let steps = steps.len() / (self.characters.len() + 1);
        let ink = strip.ink();
        decode::spread(&mut letters, strip.width as f32 / steps.max(1) as f32, &ink);
        let inked = ink.iter().filter(|ink| **ink).count();
        Ok(Reading { place, letters, columns: place.length / strip.used as f32, inked })
    }

    /// What stands at `places`, which run the same way: which end they begin at is told by reading some from both.
    fn read_all(
        &mut self,
        picture: &Picture,
        mut places: Vec<Slanted>,
        out: &mut Recognition,
    ) -> Result<(), ModelError> {
        places.sort_by(|a, b| b.length.total_cmp(&a.length));
        let rest = places.split_off(places.len().min(PROBES));
        let (mut there, mut back) = (Vec::new(), Vec::new());
        for place in places {
            there.push(self.read(picture, place)?);
            back.push(self.read(picture, place.reversed())?);
        }
        let sureness = |readings: &[Reading]| readings.iter().map(Reading::sureness).sum::<f32>();
        let is_reversed = sureness(&back) > sureness(&there);
        let probes = if is_reversed { back } else { there };
        probes.into_iter().for_each(|reading| reading.give(out));
        for place in rest {
            let place = if is_reversed { place.reversed() } else { place };
            self.read(picture, place)?.give(out);
        }
        Ok(())
    }
}

impl TextRecognizer for OnnxRecognizer {
    fn recognize(&mut self, picture: &Picture) -> Result<Recognition, ModelError> {
        let places = self.places(picture)?;
        let mut sides: Vec<f32> = places.iter().map(|p| p.length.min(p.thickness)).collect();
        sides.sort_by(f32::total_cmp);
        let usual = sides.get(sides.len() / 2).copied().unwrap_or(0.0);
        let is_tall = |p: &Slanted| p.thickness > TALL * p.length && p.thickness > TALL * usual;
        let (down, across): (Vec<Slanted>, Vec<Slanted>) = places.into_iter().partition(is_tall);
        let mut found = Recognition::default();
        self.read_all(picture, across, &mut found)?;
        self.read_all(picture, down.into_iter().map(Slanted::turned).collect(), &mut found)?;
        Ok(found)
    }
}

/// What was read at a place.
struct Reading {
    place: Slanted,
    /// Edges in columns of the strip.
    letters: Vec<Letter>,
    /// Pixels of the picture for each column of the strip.
    columns: f32,
    /// Columns of the strip that have ink.
    inked: usize,
}

impl Reading {
    /// The sum over its letters: what is read the wrong way up has fewer, less sure ones.
    fn sureness(&self) -> f32 {
        self.letters.iter().map(|letter| letter.confidence).sum()
    }

    /// Whether it makes sense.
    fn is_text(&self) -> bool {
        let ink = |letter: &Letter| match letter.char {
            ' ' => 0,
            '\u{2e80}'.. => MOST_INK_OF_SQUARE,
            _ => MOST_INK,
        };
        self.sureness() >= LEAST_CONFIDENCE * self.letters.len() as f32
            && self.inked <= self.letters.iter().map(ink).sum()
    }

    fn give(self, out: &mut Recognition) {
        if self.letters.is_empty() || !self.is_text() {
            out.unread += 1;
            return;
        }
        let letter = |letter: &Letter| {
            let (from, to) = (letter.from * self.columns, letter.to * self.columns);
            RecognizedLetter {
                char: letter.char,
                middle: self.place.point((from + to) / 2.0, self.place.thickness / 2.0),
                width: to - from,
                confidence: letter.confidence,
            }
        };
        out.lines.push(RecognizedLine {
            letters: self.letters.iter().map(letter).collect(),
            direction: self.place.along,
            size: self.place.thickness / LINE_BY_FONT,
        });
    }
}

fn failed(error: ort::Error) -> ModelError {
    ModelError::Failed { model: NAME.to_owned(), reason: error.to_string() }
}

fn unsuited() -> ModelError {
    let reason = "it gave no usable numbers; the model files do not suit this program".to_owned();
    ModelError::Failed { model: NAME.to_owned(), reason }
}
