#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
//! The real models. Without a model pack that has them (`CITADEL_MODELS`, else the user's data folder) each test prints
//! that it is skipped.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use citadel_core::fakes::FakeRecognizer;
use citadel_core::{Picture, Recognition, RecognizedLine, TextRecognizer};
use citadel_encode::{OnnxRecognizer, RecognizerFiles};

const TEXT: [&str; 3] =
    ["Leave policy, 2026", "Employees earn 2.5 days of leave each month.", "Unused days expire on 31 March."];

/// The pack's files; `None`, with a printed line, where there is no pack, or it has no text recognition.
fn files() -> Option<RecognizerFiles> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let data = || set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
    let dir = set("CITADEL_MODELS").or_else(|| Some(data()?.join("citadel/models"))).unwrap_or_default();
    let manifest = std::fs::read(dir.join("manifest.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    let entry = |role: &str| manifest["entries"].as_array()?.iter().find(|e| e["role"] == role).cloned();
    let path = |role: &str| Some(dir.join(entry(role)?["file"].as_str()?));
    let files = || {
        Some(RecognizerFiles {
            runtime_library: path("onnx_runtime")?,
            detector: path("ocr_detector")?,
            reader: path("ocr_reader")?,
        })
    };
    let found = files();
    if found.is_none() {
        println!("skipped: no text recognition in the model pack in {}", dir.display());
    }
    found
}

/// One recogniser for all tests.
fn recognizer() -> Option<MutexGuard<'static, OnnxRecognizer>> {
    static LOADED: OnceLock<Option<Mutex<OnnxRecognizer>>> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| Some(Mutex::new(OnnxRecognizer::load(&files()?, 1).unwrap())));
    loaded.as_ref().map(|r| r.lock().unwrap_or_else(PoisonError::into_inner))
}

/// 640 × 150 pixels that read [`TEXT`], in Aileron, made by Pillow: a bitmap of one bit for each pixel, 1 black.
fn page() -> Picture {
    let bits = include_bytes!("golden/page.pbm").strip_prefix(b"P4\n640 150\n").unwrap();
    let pixels =
        bits.iter().flat_map(|byte| (0..8).rev().map(move |bit| if byte >> bit & 1 == 1 { 0 } else { 255 }));
    Picture::new(640, 150, pixels.collect()).unwrap()
}

/// `picture`, turned clockwise by a quarter.
fn turned(picture: &Picture) -> Picture {
    let (width, height) = (picture.height(), picture.width());
    let pixel = |i: usize| picture.at((i / width) as isize, (width - 1 - i % width) as isize);
    Picture::new(width, height, (0..width * height).map(pixel).collect()).unwrap()
}

/// `picture` in the middle of white paper, leaning clockwise by `radians`.
fn leaning(picture: &Picture, radians: f32) -> Picture {
    let (width, height) = (900, 600);
    let (sin, cos) = radians.sin_cos();
    let pixel = |i: usize| {
        let (x, y) = ((i % width) as f32 - width as f32 / 2.0, (i / width) as f32 - height as f32 / 2.0);
        let (x, y) = (
            x * cos + y * sin + picture.width() as f32 / 2.0,
            y * cos - x * sin + picture.height() as f32 / 2.0,
        );
        let inside =
            (0.0..picture.width() as f32).contains(&x) && (0.0..picture.height() as f32).contains(&y);
        if inside { picture.at(x as isize, y as isize) } else { 255 }
    };
    Picture::new(width, height, (0..width * height).map(pixel).collect()).unwrap()
}

/// What must hold for any recogniser and any picture.
fn assert_sound(found: &Recognition, picture: &Picture) {
    for line in &found.lines {
        let [first, .., last] = line.letters.as_slice() else { continue };
        assert!(!first.char.is_whitespace() && !last.char.is_whitespace(), "{line:?}");
        let [x, y] = line.direction;
        assert!((x.hypot(y) - 1.0).abs() < 1e-3 && line.size > 0.0, "{line:?}");
        let mut before = f32::MIN;
        for letter in &line.letters {
            assert!(!letter.char.is_control() && (letter.char == ' ' || !letter.char.is_whitespace()));
            assert!((0.0..=1.0).contains(&letter.confidence) && letter.width >= 0.0, "{letter:?}");
            let along = letter.middle[0] * x + letter.middle[1] * y;
            assert!(along >= before - 1e-2, "letters out of order: {line:?}");
            before = along;
            let [left, top] = [letter.middle[0], letter.middle[1]];
            // A line's frame may reach over the edge by less than its size.
            let (width, height) = (picture.width() as f32 + line.size, picture.height() as f32 + line.size);
            assert!(
                (-line.size..=width).contains(&left) && (-line.size..=height).contains(&top),
                "{letter:?}"
            );
        }
    }
}

fn text(line: &RecognizedLine) -> String {
    line.letters.iter().map(|letter| letter.char).collect()
}

/// The page's lines in the order in which they come down the page for someone who reads them.
fn read(picture: &Picture) -> Option<Vec<RecognizedLine>> {
    let mut lines = {
        let found = recognizer()?.recognize(picture).unwrap();
        assert_sound(&found, picture);
        found.lines
    };
    let down = |line: &RecognizedLine| {
        let [x, y] = line.letters[0].middle;
        y * line.direction[0] - x * line.direction[1]
    };
    lines.sort_by(|a, b| down(a).total_cmp(&down(b)));
    Some(lines)
}

#[test]
fn text_is_read_whichever_way_up_the_page_is() {
    let mut picture = page();
    for direction in [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]] {
        let Some(lines) = read(&picture) else { return };
        assert_eq!(lines.iter().map(text).collect::<Vec<_>>(), TEXT, "{direction:?}");
        for line in &lines {
            let cosine = line.direction[0] * direction[0] + line.direction[1] * direction[1];
            assert!(cosine > 0.999, "{:?} is not {direction:?}", line.direction);
        }
        picture = turned(&picture);
    }
    for degrees in [-4.0f32, 2.0, 5.0] {
        let Some(lines) = read(&leaning(&page(), degrees.to_radians())) else { return };
        assert_eq!(lines.iter().map(text).collect::<Vec<_>>(), TEXT, "{degrees} degrees");
        let found = lines[1].direction[1].atan2(lines[1].direction[0]).to_degrees();
        assert!((found - degrees).abs() < 0.5, "{found} degrees is not {degrees}");
    }
}

#[test]
fn words_stand_where_they_are_printed() {
    let Some(lines) = read(&page()) else { return };
    // Left edge, right edge and middle of what is drawn.
    let check = |line: usize, word: &str, expected: [f32; 3]| {
        let line = &lines[line];
        let at = text(line).find(word).expect(word);
        let letters = &line.letters[at..at + word.len()];
        let (first, last) = (letters[0], letters[letters.len() - 1]);
        let edges = [first.middle[0] - first.width / 2.0, last.middle[0] + last.width / 2.0, first.middle[1]];
        let near = edges.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 3.0);
        assert!(near, "{word}: {edges:?} is not {expected:?}");
        assert!(letters.iter().all(|letter| letter.confidence > 0.9), "{letters:?}");
    };
    check(1, "Employees", [25.0, 158.0, 91.0]);
    check(1, "days", [269.0, 325.0, 91.0]);
    // The heading is half as large again as the text.
    let ratio = lines[0].size / lines[1].size;
    assert!((1.2..1.8).contains(&ratio), "{ratio}");
}

#[test]
fn pictures_without_text_and_of_odd_sizes_give_none() {
    let Some(mut recognizer) = recognizer() else { return };
    for (width, height) in [(1, 1), (1, 3000), (3000, 1), (33, 31), (700, 500)] {
        for pixel in [0, 255] {
            let picture = Picture::new(width, height, vec![pixel; width * height]).unwrap();
            let found = recognizer.recognize(&picture).unwrap();
            assert_eq!(found.lines, [], "{width} × {height} of {pixel}");
        }
    }
    // Noise may look like something, but what comes must be sound.
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let picture = Picture::new(640, 480, (0..640 * 480).map(|_| noise()).collect()).unwrap();
    assert_sound(&recognizer.recognize(&picture).unwrap(), &picture);
}

#[test]
fn the_fake_keeps_the_same_promises() {
    for picture in [page(), turned(&page())] {
        assert_sound(&FakeRecognizer.recognize(&picture).unwrap(), &picture);
    }
}

#[test]
fn damaged_files_are_errors_that_name_them() {
    let Some(files) = files() else { return };
    let Some(_loaded) = recognizer() else { return };
    let dir = tempfile::tempdir().unwrap();
    let check = |change: &dyn Fn(&mut RecognizerFiles), code: &str, part: &str| {
        let mut changed = files.clone();
        change(&mut changed);
        let error = OnnxRecognizer::load(&changed, 1).err().expect("it should not load");
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(part), "{error} should contain {part:?}");
    };
    let cut = dir.path().join("cut.onnx");
    let model = std::fs::read(&files.reader).unwrap();
    std::fs::write(&cut, &model[..model.len() / 2]).unwrap();
    check(&|f| f.reader = cut.clone(), "recognizer_model", "cut.onnx");
    check(&|f| f.detector = dir.path().join("none.onnx"), "io", "none.onnx");
    // The model that finds lines has no letters.
    check(&|f| f.reader = f.detector.clone(), "recognizer_model", "characters");
}
