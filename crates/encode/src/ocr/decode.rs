//! From the reading model's steps to letters (greedy decoding of connectionist temporal classification).

use std::ops::Range;

/// Columns without ink that part two words in any font, of a line 48 tall.
const MISSED_SPACE: usize = 20;

/// A letter and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Letter {
    pub char: char,
    /// Its left and right edge, in the unit of the steps it was decoded from until [`spread`] says otherwise.
    pub from: f32,
    pub to: f32,
    /// 0 to 1.
    pub confidence: f32,
}

impl Letter {
    fn middle(&self) -> f32 {
        (self.from + self.to) / 2.0
    }

    fn is_space(&self) -> bool {
        self.char == ' '
    }

    /// Whether it is a letter of a script that puts spaces between words.
    fn takes_spaces(&self) -> bool {
        !self.is_space() && self.char < '\u{2e80}'
    }
}

/// The letters of `steps`, each a row with one probability for no letter, then one for each of `characters`. A letter's
/// edges are the first and behind the last step that shows it. White space at the ends is left out.
pub(crate) fn letters(steps: &[f32], characters: &[char]) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::new();
    let mut before = 0;
    for (at, step) in steps.chunks_exact(characters.len() + 1).enumerate() {
        let (class, probability) = most_likely(step);
        let char = class.checked_sub(1).and_then(|i| characters.get(i)).copied();
        if let Some(char) = char {
            let char = if char.is_whitespace() { ' ' } else { char };
            let confidence = probability.clamp(0.0, 1.0);
            match letters.last_mut() {
                Some(last) if class == before => {
                    last.to = (at + 1) as f32;
                    last.confidence = last.confidence.max(confidence);
                }
                // One space is as good as two.
                Some(last) if last.is_space() && char == ' ' => last.to = (at + 1) as f32,
                None if char == ' ' => {}
                _ if char.is_control() => {}
                _ => letters.push(Letter { char, from: at as f32, to: (at + 1) as f32, confidence }),
            }
        }
        before = class;
    }
    if letters.last().is_some_and(Letter::is_space) {
        letters.pop();
    }
    letters
}

fn most_likely(step: &[f32]) -> (usize, f32) {
    // The highest value first, which the compiler makes wide; then its place.
    let highest = step.iter().copied().fold(f32::MIN, f32::max);
    let class = step.iter().position(|p| *p == highest).unwrap_or(0);
    (class, highest)
}

/// Gives letters edges that meet halfway between them, and words the edges of their ink: a space is the widest stretch
/// without ink between the letters beside it. `scale` is the number of columns of a step; `ink` tells of each column
/// whether it has some.
/// Where the model missed a wide space between two words, there is one afterwards.
pub(crate) fn spread(letters: &mut Vec<Letter>, scale: f32, ink: &[bool]) {
    let mut spaced: Vec<Letter> = Vec::with_capacity(letters.len());
    for letter in letters.iter() {
        let letter = Letter { from: letter.from * scale, to: letter.to * scale, ..*letter };
        if let Some(last) = spaced.last().filter(|last| last.takes_spaces() && letter.takes_spaces())
            && let Some(gap) = widest_gap(ink, last.middle(), letter.middle())
            && gap.len() >= MISSED_SPACE
        {
            let confidence = last.confidence.min(letter.confidence);
            spaced.push(Letter { char: ' ', from: gap.start as f32, to: gap.end as f32, confidence });
        }
        spaced.push(letter);
    }
    *letters = spaced;
    let middles: Vec<f32> = letters.iter().map(Letter::middle).collect();
    let (Some(&first), Some(&last)) = (middles.first(), middles.last()) else { return };
    let edge = |column: Option<usize>, other: f32| column.map_or(other, |column| column as f32);
    let mut left = edge(ink.iter().position(|ink| *ink), 0.0).min(first);
    let end = edge(ink.iter().rposition(|ink| *ink).map(|column| column + 1), ink.len() as f32).max(last);
    let spaces: Vec<bool> = letters.iter().map(Letter::is_space).collect();
    let middle = |i: usize| middles.get(i).copied();
    let is_space = |i: usize| spaces.get(i).copied().unwrap_or(false);
    // Where each letter ends and the next begins.
    let border = |i: usize| {
        let (here, next) = (middle(i)?, middle(i + 1)?);
        let between = if is_space(i + 1) {
            middle(i + 2).and_then(|beyond| widest_gap(ink, here, beyond)).map(|gap| gap.start)
        } else if is_space(i) {
            middle(i.checked_sub(1)?).and_then(|before| widest_gap(ink, before, next)).map(|gap| gap.end)
        } else {
            None
        };
        Some(edge(between, (here + next) / 2.0))
    };
    for (i, letter) in letters.iter_mut().enumerate() {
        letter.from = left;
        letter.to = border(i).unwrap_or(end).max(left);
        left = letter.to;
    }
}

/// The widest stretch of columns without ink from column `from` to column `to`.
fn widest_gap(ink: &[bool], from: f32, to: f32) -> Option<Range<usize>> {
    let from = (from.max(0.0) as usize).min(ink.len());
    let columns = ink.get(from..(to.max(0.0) as usize).min(ink.len()))?;
    let mut at = from;
    let runs = columns.chunk_by(|a, b| a == b).filter_map(|run| {
        at += run.len();
        (run.first() == Some(&false)).then(|| at - run.len()..at)
    });
    runs.max_by_key(Range::len)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    const CHARACTERS: [char; 4] = ['a', 'b', '中', ' '];

    /// Steps that show what `classes` says, `.` for nothing, each with probability 0.9.
    fn steps(classes: &str) -> Vec<f32> {
        let mut steps = Vec::new();
        for shown in classes.chars() {
            let class = CHARACTERS.iter().position(|c| *c == shown).map_or(0, |i| i + 1);
            steps.extend((0..=CHARACTERS.len()).map(|c| if c == class { 0.9 } else { 0.02 }));
        }
        steps
    }

    fn check(classes: &str, text: &str, edges: &[(f32, f32)]) {
        let found = letters(&steps(classes), &CHARACTERS);
        assert_eq!(found.iter().map(|l| l.char).collect::<String>(), text, "{classes}");
        assert_eq!(found.iter().map(|l| (l.from, l.to)).collect::<Vec<_>>(), edges, "{classes}");
        assert!(found.iter().all(|l| l.confidence == 0.9));
    }

    #[test]
    fn steps_become_letters() {
        check("..aa.b", "ab", &[(2.0, 4.0), (5.0, 6.0)]);
        // The same letter twice, with nothing between.
        check("a.a", "aa", &[(0.0, 1.0), (2.0, 3.0)]);
        // White space at the ends goes, two spaces are one.
        check(" .a . .中. ", "a 中", &[(2.0, 3.0), (3.0, 6.0), (7.0, 8.0)]);
        check("....", "", &[]);
        check("", "", &[]);
    }

    #[test]
    fn words_end_where_their_ink_ends_and_letters_meet_between() {
        //   ink:  a and b in columns 2 to 9, 中 in 20 to 24
        let mut found = letters(&steps("a.b . 中."), &CHARACTERS);
        let ink: Vec<bool> = (0..32).map(|x| (2..10).contains(&x) || (20..25).contains(&x)).collect();
        spread(&mut found, 4.0, &ink);
        let edges: Vec<(char, f32, f32)> = found.iter().map(|l| (l.char, l.from, l.to)).collect();
        assert_eq!(edges, [('a', 2.0, 6.0), ('b', 6.0, 10.0), (' ', 10.0, 20.0), ('中', 20.0, 26.0)]);
    }

    #[test]
    fn a_wide_gap_that_the_model_missed_is_a_space() {
        let check = |classes: &str, gap: usize, text: &str| {
            let mut found = letters(&steps(classes), &CHARACTERS);
            let ink: Vec<bool> = (0..56).map(|x| x < 8 || x >= 8 + gap).collect();
            spread(&mut found, 8.0, &ink);
            assert_eq!(found.iter().map(|l| l.char).collect::<String>(), text, "{classes} {gap}");
        };
        check("a...b..", 20, "a b");
        check("a...b..", 19, "ab");
        check("a.. b..", 20, "a b");
        check("a...中..", 20, "a中");
    }

    proptest! {
        #[test]
        fn letters_stand_in_order_within_the_line(classes in "[ab中 .]{0,40}", ink in prop::collection::vec(any::<bool>(), 320)) {
            let mut found = letters(&steps(&classes), &CHARACTERS);
            spread(&mut found, 8.0, &ink);
            let mut end = 0.0;
            for letter in &found {
                prop_assert!(letter.from >= end && letter.to >= letter.from && letter.to <= 320.0 && letter.to.is_finite(), "{:?}", found);
                end = letter.to;
            }
            prop_assert!(!found.first().is_some_and(Letter::is_space) && !found.last().is_some_and(Letter::is_space));
        }

        #[test]
        fn any_numbers_decode(steps in prop::collection::vec(any::<f32>(), 0..200)) {
            for letter in letters(&steps, &CHARACTERS) {
                prop_assert!((0.0..=1.0).contains(&letter.confidence), "{letter:?}");
            }
        }
    }
}
