//! Chinese and Japanese text that runs from top to bottom with its characters upright. PDF does not tell it from text
//! that runs to the right, only the places of its characters do.

use super::glyph::{Glyph, Turn};
use super::words::is_unspaced;

/// So many characters below each other are a line.
const LEAST_RUN: usize = 3;
/// The same on a page where most characters stand so.
const LEAST_RUN_AMONG: usize = 2;

/// Tells that vertical text runs downwards, and takes out the spaces that a reader saw between its characters.
pub(super) fn turn(glyphs: &mut Vec<Glyph>) {
    let visible: Vec<usize> =
        glyphs.iter().enumerate().filter(|(_, glyph)| glyph.char != ' ').map(|(at, _)| at).collect();
    let glyph = |at: &usize| glyphs.get(*at);
    let runs = || visible.chunk_by(|a, b| glyph(a).zip(glyph(b)).is_some_and(|(a, b)| is_below(a, b)));
    let all = glyphs.iter().filter(|glyph| is_unspaced(glyph.char)).count();
    let stacked: usize = runs().map(<[usize]>::len).filter(|run| *run >= LEAST_RUN).sum();
    if stacked == 0 {
        return;
    }
    let least = if 2 * stacked > all { LEAST_RUN_AMONG } else { LEAST_RUN };
    let lines: Vec<(usize, usize)> = runs()
        .filter(|run| run.len() >= least)
        .filter_map(|run| Some((*run.first()?, *run.last()?)))
        .collect();
    let mut spaces = vec![false; glyphs.len()];
    for (first, last) in lines {
        let within = glyphs.iter_mut().zip(&mut spaces).skip(first).take(last + 1 - first);
        for (glyph, is_space) in within {
            glyph.turn = Turn::Down;
            *is_space = glyph.char == ' ';
        }
    }
    let mut spaces = spaces.into_iter();
    glyphs.retain(|_| !spaces.next().unwrap_or(false));
}

/// Whether `b` follows `a` in a vertical line.
fn is_below(a: &Glyph, b: &Glyph) -> bool {
    let size = a.size.max(b.size);
    let step = b.origin[1] - a.origin[1];
    let is_upright = |glyph: &Glyph| glyph.turn == Turn::Right && is_unspaced(glyph.char);
    is_upright(a)
        && is_upright(b)
        && (a.origin[0] - b.origin[0]).abs() < 0.3 * size
        && (0.4 * size..2.0 * size).contains(&step)
}
