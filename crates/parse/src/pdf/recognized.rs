//! From lines that were recognised on a picture of a page to the same words and pieces that text gives.

use citadel_core::{RecognizedLetter, RecognizedLine};

use super::glyph::{Turn, resolve};
use super::layout::is_figure;
use super::words::{Group, Word, is_unspaced, joined, union, within};

/// Sizes within this factor of each other are taken for one: they are measured, not known.
const SAME_SIZE: f32 = 1.2;
/// Lines of fewer letters say little about how the page leans.
const LEANING_LETTERS: usize = 5;
/// A space in a recognised line that is narrower than this, in font sizes, parts no cells: lines are told apart before
/// they are read, and typewriters leave wide spaces.
const LINE_GAP: f32 = 2.0;
/// What such a space is taken for.
const SPACE: f32 = 0.25;
/// The baseline of a line stands below its middle by this part of its size.
const BASELINE: f32 = 0.27;

/// The lines of one page.
#[derive(Debug)]
pub(super) struct Recognized {
    /// Of those that stand on it and are finite.
    lines: Vec<RecognizedLine>,
    /// Points for each pixel of the picture, in x and y.
    scale: [f32; 2],
}

impl Recognized {
    /// `None` without a line.
    pub fn new(mut lines: Vec<RecognizedLine>, scale: [f32; 2]) -> Option<Self> {
        let is_sound = |line: &RecognizedLine| {
            let numbers = line.letters.iter().flat_map(|l| [l.middle[0], l.middle[1], l.width]);
            let mut numbers = numbers.chain(line.direction).chain([line.size]);
            numbers.all(f32::is_finite) && line.letters.iter().any(|l| !l.char.is_whitespace())
        };
        lines.retain(is_sound);
        (!lines.is_empty()).then_some(Self { lines, scale })
    }

    pub fn chars(&self) -> usize {
        self.letters().count()
    }

    fn letters(&self) -> impl Iterator<Item = &RecognizedLetter> {
        self.lines.iter().flat_map(|line| &line.letters).filter(|letter| !letter.char.is_whitespace())
    }

    /// The mean over its letters, 0 to 100.
    pub fn confidence(&self) -> u8 {
        let sum: f32 = self.letters().map(|letter| letter.confidence).sum();
        (sum * 100.0 / self.chars().max(1) as f32).round().clamp(0.0, 100.0) as u8
    }

    /// The pieces of the page of size `page` in points, for each direction of writing, as if it lay straight.
    pub fn pieces(&self, page: [f32; 2]) -> Vec<Group> {
        let sizes = self.sizes();
        let (sin, cos) = self.lean().sin_cos();
        let center = page.map(|side| side / 2.0);
        // Turned back by the angle at which the page leans.
        let straight = |[x, y]: [f32; 2]| {
            let (x, y) = (x - center[0], y - center[1]);
            [center[0] + x * cos + y * sin, center[1] - x * sin + y * cos]
        };
        let mut words = Vec::new();
        for (line, size) in self.lines.iter().zip(sizes) {
            let turn = Turn::of(line.direction[0], line.direction[1]);
            words.extend(
                self.words(line, turn, size, page, &straight).into_iter().map(|word| (turn, word, false)),
            );
        }
        joined(words)
    }

    fn words(
        &self,
        line: &RecognizedLine,
        turn: Turn,
        size: f32,
        page: [f32; 2],
        straight: &dyn Fn([f32; 2]) -> [f32; 2],
    ) -> Vec<Word> {
        let [along_x, along_y] = line.direction.map(f32::abs);
        let mut words: Vec<Word> = Vec::new();
        let mut spaced = true;
        for letter in &line.letters {
            let mut chars = String::new();
            resolve(letter.char, |char| chars.push(char));
            spaced |= chars == " ";
            let Some(char) = chars.chars().next().filter(|c| *c != ' ') else { continue };
            let (middle, width) = self.in_points(letter, line.direction);
            let half = [along_x * width + along_y * size, along_y * width + along_x * size].map(|v| v / 2.0);
            let around = |[x, y]: [f32; 2], [a, b]: [f32; 2]| [x - a, y - b, x + a, y + b];
            let shown = within(around(middle, half), page);
            // Straight, it is as wide as it is long.
            let level = match turn {
                Turn::Right | Turn::Left => [width, size],
                Turn::Down | Turn::Up => [size, width],
            };
            let place = straight(middle);
            let rect = turn.rect(around(place, level.map(|v| v / 2.0)), page);
            let baseline = turn.point(place, page)[1] + BASELINE * size;
            let joins = |word: &&mut Word| {
                !spaced && !is_unspaced(char) && !word.text.chars().next_back().is_some_and(is_unspaced)
            };
            if let Some(word) = words.last_mut().filter(joins) {
                word.text.push_str(&chars);
                word.shown = union(word.shown, shown);
                word.rect = union(word.rect, rect);
                continue;
            }
            words.push(Word { text: chars, shown, rect, baseline, size, bold: false, spaced, hidden: false });
            spaced = false;
        }
        for i in 1..words.len() {
            if let Some([before, after]) = words.get_mut(i - 1..=i)
                && after.rect[0] - before.rect[2] < LINE_GAP * size
                && !(is_figure(&before.text) && is_figure(&after.text))
            {
                before.rect[2] = before.rect[2].max(after.rect[0] - SPACE * size);
            }
        }
        words
    }

    /// A letter's middle and width in points.
    fn in_points(&self, letter: &RecognizedLetter, [x, y]: [f32; 2]) -> ([f32; 2], f32) {
        let middle = [letter.middle[0] * self.scale[0], letter.middle[1] * self.scale[1]];
        (middle, letter.width.abs() * (x * self.scale[0]).hypot(y * self.scale[1]))
    }

    /// The size of each line's font in points, those that are nearly the same made the same.
    fn sizes(&self) -> Vec<f32> {
        let mean = (self.scale[0] * self.scale[1]).sqrt();
        let mut sizes: Vec<f32> = self.lines.iter().map(|line| line.size.abs().max(1.0) * mean).collect();
        let mut order: Vec<(usize, f32, usize)> = (self.lines.iter().zip(&sizes).enumerate())
            .map(|(i, (line, size))| (i, *size, line.letters.len()))
            .collect();
        order.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut open = vec![order.as_slice()];
        while let Some(part) = open.pop() {
            let Some(middle) = middle_letter(part.iter().map(|(_, size, letters)| (*size, *letters))) else {
                continue;
            };
            let low = part.partition_point(|(_, size, _)| size * SAME_SIZE < middle);
            let high = part.partition_point(|(_, size, _)| *size <= middle * SAME_SIZE);
            for (line, ..) in part.get(low..high).unwrap_or_default() {
                if let Some(size) = sizes.get_mut(*line) {
                    *size = middle;
                }
            }
            open.extend([part.get(..low).unwrap_or_default(), part.get(high..).unwrap_or_default()]);
        }
        sizes
    }

    /// The angle by which most of the text is turned clockwise from the nearest straight direction, in radians.
    fn lean(&self) -> f32 {
        let mut angles: Vec<(f32, usize)> = (self.lines.iter())
            .filter(|line| line.letters.len() >= LEANING_LETTERS)
            .map(|line| {
                let [x, y] = line.direction;
                let quarter = std::f32::consts::FRAC_PI_2;
                let angle = y.atan2(x);
                (angle - (angle / quarter).round() * quarter, line.letters.len())
            })
            .collect();
        angles.sort_by(|a, b| a.0.total_cmp(&b.0));
        middle_letter(angles.into_iter()).unwrap_or(0.0)
    }
}

/// The value that the middle one of all letters has, of values in order, each with its number of letters.
fn middle_letter(values: impl Iterator<Item = (f32, usize)> + Clone) -> Option<f32> {
    let mut left = values.clone().map(|(_, letters)| letters).sum::<usize>() / 2;
    let mut values = values.skip_while(|(_, letters)| {
        let before = left > *letters;
        left = left.saturating_sub(*letters);
        before
    });
    values.next().map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::words::Piece;
    use super::*;
    use proptest::prelude::*;

    const PAGE: [f32; 2] = [600.0, 800.0];

    /// A line of letters 10 pixels wide and 20 tall, whose first has its middle at `at`.
    fn line(text: &str, at: [f32; 2], direction: [f32; 2]) -> RecognizedLine {
        let letter = |(i, char)| RecognizedLetter {
            char,
            middle: [0, 1].map(|k: usize| at[k] + direction[k] * 10.0 * i as f32),
            width: 10.0,
            confidence: 0.9,
        };
        RecognizedLine { letters: text.chars().enumerate().map(letter).collect(), direction, size: 20.0 }
    }

    fn pieces(lines: Vec<RecognizedLine>) -> Vec<Group> {
        Recognized::new(lines, [1.0, 1.0]).unwrap().pieces(PAGE)
    }

    fn texts(pieces: &[Piece]) -> Vec<String> {
        let text = |piece: &Piece| {
            let spaced = |w: &Word| if w.spaced { format!(" {}", w.text) } else { w.text.clone() };
            piece.words.iter().map(spaced).collect::<String>()
        };
        pieces.iter().map(text).collect()
    }

    #[test]
    fn letters_become_words_as_elsewhere() {
        let found = pieces(vec![
            line("two wo\u{fb01}s", [10.0, 50.0], [1.0, 0.0]),
            line("中文 a", [10.0, 90.0], [1.0, 0.0]),
        ]);
        let [Group { turn: Turn::Right, pieces: found, .. }] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(texts(found), [" two wofis", " 中文 a"]);
        assert_eq!(found[1].words.len(), 3);
        assert_eq!(found[0].words[1].shown, [45.0, 40.0, 85.0, 60.0]);
        // The space between is taken for a narrow one; what is shown keeps it.
        assert_eq!([found[0].words[0].shown[2], found[0].words[0].rect[2]], [35.0, 40.0]);
    }

    #[test]
    fn a_page_that_leans_is_laid_out_straight() {
        // By about 3 degrees.
        let direction = [0.998_63, 0.052_34];
        let down = |i: usize| [100.0 - 0.052_34 * 40.0 * i as f32, 100.0 + 0.998_63 * 40.0 * i as f32];
        let text = "a line of this page that is long enough";
        let found = pieces((0..5).map(|i| line(text, down(i), direction)).collect());
        let [Group { turn: Turn::Right, pieces: found, .. }] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(found.len(), 5);
        for piece in found {
            assert!(piece.words.iter().all(|w| (w.baseline - piece.baseline).abs() < 0.1));
            assert!((piece.rect[0] - found[0].rect[0]).abs() < 0.1 && piece.rect[3] - piece.rect[1] < 20.1);
            // What is shown leans.
            let (first, last) = (piece.words[0].shown, piece.words[piece.words.len() - 1].shown);
            assert!(last[1] - first[1] > 15.0);
        }
    }

    #[test]
    fn lines_that_run_another_way_are_told() {
        let found = pieces(vec![
            line("upwards", [20.0, 300.0], [0.0, -1.0]),
            line("from left to right", [100.0, 100.0], [1.0, 0.0]),
        ]);
        let turns: Vec<(Turn, Vec<String>)> =
            found.iter().map(|group| (group.turn, texts(&group.pieces))).collect();
        let expected = [(Turn::Right, " from left to right"), (Turn::Up, " upwards")];
        assert_eq!(turns, expected.map(|(turn, text)| (turn, vec![text.to_owned()])));
        assert_eq!(found[1].pieces[0].words[0].shown, [10.0, 235.0, 30.0, 305.0]);
    }

    #[test]
    fn sizes_that_are_nearly_the_same_are_one() {
        let sized = |size, text| RecognizedLine { size, ..line(text, [0.0, 0.0], [1.0, 0.0]) };
        let lines = vec![
            sized(21.0, "body text"),
            sized(19.0, "body text that is longer"),
            sized(30.0, "head"),
            sized(17.0, "ab"),
        ];
        assert_eq!(Recognized::new(lines, [0.5, 0.5]).unwrap().sizes(), [9.5, 9.5, 15.0, 9.5]);
    }

    #[test]
    fn confidence_is_the_mean_over_letters() {
        let mut sure = line("ab c", [0.0, 0.0], [1.0, 0.0]);
        sure.letters[0].confidence = 0.3;
        sure.letters[2].confidence = 0.0;
        assert_eq!(Recognized::new(vec![sure], [1.0, 1.0]).unwrap().confidence(), 70);
        assert!(Recognized::new(vec![line(" ", [0.0, 0.0], [1.0, 0.0])], [1.0, 1.0]).is_none());
        assert!(Recognized::new(vec![line("a", [f32::NAN, 0.0], [1.0, 0.0])], [1.0, 1.0]).is_none());
    }

    proptest! {
        #[test]
        fn any_lines_give_words_on_the_page(
            lines in prop::collection::vec(
                ("[a-z 中]{1,9}", [-1e4f32..1e4, -1e4f32..1e4], -4f32..4.0, any::<f32>()),
                1..12,
            )
        ) {
            let lines = lines.into_iter().map(|(text, at, angle, size)| {
                let (y, x) = angle.sin_cos();
                RecognizedLine { size, ..line(&text, at, [x, y]) }
            });
            let Some(found) = Recognized::new(lines.collect(), [0.36, 0.36]) else { return Ok(()) };
            for word in found.pieces(PAGE).iter().flat_map(|group| &group.pieces).flat_map(|piece| &piece.words) {
                let [left, top, right, bottom] = word.shown;
                prop_assert!(0.0 <= left && left <= right && right <= PAGE[0], "{word:?}");
                prop_assert!(0.0 <= top && top <= bottom && bottom <= PAGE[1], "{word:?}");
                prop_assert!(!word.text.is_empty() && !word.text.contains(char::is_whitespace));
                prop_assert!(word.rect.iter().all(|v| !v.is_nan()) && word.size >= 0.0);
            }
        }
    }
}
