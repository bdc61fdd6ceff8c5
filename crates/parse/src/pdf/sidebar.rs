//! A narrow box beside running text, as an encyclopaedia's facts are: its lines are no cells of the text's lines.

use super::layout::{fills, is_prose};
use super::words::{Piece, union};

/// Fewer lines of running text than this beside a box are no column.
const TEXT_LINES: usize = 6;
/// A box has at least so many pieces, half of them at its left edge or at that of its second column.
const BOX_PIECES: usize = 4;
/// A wider space than this, in font sizes, begins a paragraph.
const PARAGRAPH: f32 = 0.6;
/// On a page with more pieces than this no box is looked for.
const MAX_PIECES: usize = 20_000;
/// Pieces this close, in points, start at one edge.
const EDGE: f32 = 2.0;
/// The text ends at least so far before the box, in points.
const GAP: f32 = 3.0;

/// The parts of a page with a box, in reading order.
pub(super) struct Parts {
    pub above: Vec<Piece>,
    pub text: Vec<Piece>,
    /// Beside the text.
    pub aside: Vec<Piece>,
    pub below: Vec<Piece>,
}

/// Takes a page apart where a box stands at its right; gives the pieces back where none does.
///
/// A table is told from it by its rows: cells stand on the baselines of their row's first cell, and lines of a box only by
/// chance on those of the text. Lines of text fill their column, which descriptions in a table seldom do.
pub(super) fn part(mut pieces: Vec<Piece>) -> Result<Parts, Vec<Piece>> {
    let prose = pieces.iter().filter(|piece| is_prose(piece)).count();
    if prose < TEXT_LINES || pieces.len() > MAX_PIECES {
        return Err(pieces);
    }
    let all = pieces.iter().map(|piece| piece.rect).reduce(union).unwrap_or([0.0; 4]);
    let middle = all[0] + 0.45 * (all[2] - all[0]);
    let mut edges: Vec<f32> = pieces.iter().map(|piece| piece.rect[0]).filter(|x| *x > middle).collect();
    edges.sort_by(f32::total_cmp);
    edges.dedup_by(|b, a| *b - *a < EDGE);
    pieces.sort_by(|a, b| a.rect[1].total_cmp(&b.rect[1]));
    // The leftmost edge that will do: a box may have columns itself.
    let Some((edge, from, to)) = edges.into_iter().find_map(|edge| {
        let (from, to) = longest_free(&pieces, edge)?;
        is_box(pieces.get(from..to)?, edge).then_some((edge, from, to))
    }) else {
        return Err(pieces);
    };
    let mut below = pieces.split_off(to);
    let beside = pieces.split_off(from);
    let (aside, mut text): (Vec<Piece>, Vec<Piece>) =
        beside.into_iter().partition(|piece| piece.rect[0] >= edge - EDGE);
    // What stands deeper than the box is read after it, from where a paragraph begins.
    let end = aside.iter().map(|piece| piece.rect[3]).fold(f32::MIN, f32::max);
    let begins = |pair: &[Piece]| match pair {
        [line, next] => next.rect[1] >= end && next.rect[1] - line.rect[3] > PARAGRAPH * next.size,
        _ => false,
    };
    let deeper = text.windows(2).position(begins).map(|at| text.split_off(at + 1));
    below.splice(0..0, deeper.into_iter().flatten());
    Ok(Parts { above: pieces, text, aside, below })
}

/// The pieces, from top to bottom, among which no one crosses `edge`: the run with the most right of it.
fn longest_free(pieces: &[Piece], edge: f32) -> Option<(usize, usize)> {
    let crosses = |piece: &Piece| piece.rect[0] < edge - EDGE && piece.rect[2] > edge - GAP;
    let mut best: Option<(usize, usize, usize)> = None;
    let mut from = 0;
    for to in 0..=pieces.len() {
        if pieces.get(to).is_some_and(|piece| !crosses(piece)) {
            continue;
        }
        let right = pieces.get(from..to)?.iter().filter(|piece| piece.rect[0] >= edge - EDGE).count();
        if best.is_none_or(|(most, ..)| right > most) {
            best = Some((right, from, to));
        }
        from = to + 1;
    }
    best.map(|(_, from, to)| (from, to))
}

fn is_box(pieces: &[Piece], edge: f32) -> bool {
    let (aside, text): (Vec<&Piece>, Vec<&Piece>) = pieces.iter().partition(|p| p.rect[0] >= edge - EDGE);
    let prose: Vec<&Piece> = text.into_iter().filter(|piece| is_prose(piece)).collect();
    let at_edge = aside.iter().filter(|piece| piece.rect[0] - edge <= EDGE).count();
    if prose.len() < TEXT_LINES || aside.len() < BOX_PIECES || at_edge * 4 < aside.len() {
        return false;
    }
    // Two columns of running text are told elsewhere.
    if aside.iter().filter(|piece| is_prose(piece)).count() * 2 > aside.len() {
        return false;
    }
    let mut baselines: Vec<f32> = prose.iter().map(|line| line.baseline).collect();
    baselines.sort_by(f32::total_cmp);
    let on_a_line = |piece: &&&Piece| {
        let next = baselines.partition_point(|baseline| *baseline < piece.baseline - 1.0);
        baselines.get(next).is_some_and(|baseline| *baseline < piece.baseline + 1.0)
    };
    let (left, right) =
        prose.iter().fold((f32::MAX, f32::MIN), |(l, r), p| (l.min(p.rect[0]), r.max(p.rect[2])));
    aside.iter().filter(on_a_line).count() * 2 <= aside.len()
        && fills(&prose.iter().collect::<Vec<_>>(), left, right)
}
