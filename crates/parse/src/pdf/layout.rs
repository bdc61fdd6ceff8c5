//! From pieces to rows in reading order: columns where they are clear, cells where wide gaps tell them.

use super::words::{Piece, Word, gap, is_unspaced, union};

/// A gap wider than this, in font sizes, parts two cells.
const CELL_GAP: f32 = 1.2;
/// Fewer lines of prose than this on either side are no column.
const COLUMN_LINES: usize = 6;
/// How often a page is split into columns within columns.
const COLUMN_DEPTH: u8 = 2;

/// One line of a column, or one row of a table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// In the order of reading.
    pub words: Vec<Word>,
    /// Where each cell starts in `words`; the first is 0.
    pub cells: Vec<usize>,
    pub rect: [f32; 4],
    pub baseline: f32,
    /// The size of most of its text, in points.
    pub size: f32,
    /// Whether all of it is bold.
    pub bold: bool,
}

impl Row {
    /// The words of each cell.
    pub fn cells(&self) -> impl Iterator<Item = &[Word]> {
        let ends = self.cells.iter().skip(1).copied().chain([self.words.len()]);
        self.cells.iter().zip(ends).filter_map(|(&start, end)| self.words.get(start..end))
    }

    /// All words, joined by single spaces.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for word in &self.words {
            if !text.is_empty() && word.spaced {
                text.push(' ');
            }
            text.push_str(&word.text);
        }
        text
    }
}

/// Rows that are read one after the other, from top to bottom: a column, or what goes across columns.
pub(super) type Region = Vec<Row>;

/// The page in reading order.
pub(super) fn regions(pieces: Vec<Piece>) -> Vec<Region> {
    let mut out = Vec::new();
    split(pieces, 0, &mut out);
    out
}

fn split(pieces: Vec<Piece>, depth: u8, out: &mut Vec<Region>) {
    let Some(x) = (depth < COLUMN_DEPTH).then(|| gutter(&pieces)).flatten() else {
        if !pieces.is_empty() {
            out.push(rows(pieces));
        }
        return;
    };
    let mut pieces = pieces;
    pieces.sort_by(|a, b| a.rect[1].total_cmp(&b.rect[1]));
    let (mut left, mut right, mut across) = (Vec::new(), Vec::new(), Vec::new());
    for piece in pieces {
        let crosses = piece.rect[0] < x - piece.size * 0.5 && piece.rect[2] > x + piece.size * 0.5;
        if crosses {
            split(std::mem::take(&mut left), depth + 1, out);
            split(std::mem::take(&mut right), depth + 1, out);
            across.push(piece);
        } else {
            if !across.is_empty() {
                out.push(rows(std::mem::take(&mut across)));
            }
            if (piece.rect[0] + piece.rect[2]) / 2.0 < x { left.push(piece) } else { right.push(piece) }
        }
    }
    if !across.is_empty() {
        out.push(rows(across));
    }
    split(left, depth + 1, out);
    split(right, depth + 1, out);
}

/// Whether a piece reads like running text rather than like a cell.
fn is_prose(piece: &Piece) -> bool {
    let unspaced = piece.words.iter().filter(|w| w.text.chars().all(is_unspaced)).count();
    let wordy = piece.words.iter().filter(|w| w.text.chars().filter(|c| c.is_alphabetic()).count() >= 2).count();
    wordy >= 4 || unspaced >= 10
}

/// Where two columns of running text part, if the page has them: many lines end left of it, many start right of it
/// at one edge, side by side, and next to none cross.
fn gutter(pieces: &[Piece]) -> Option<f32> {
    let prose: Vec<&Piece> = pieces.iter().filter(|p| is_prose(p)).collect();
    if prose.len() < 2 * COLUMN_LINES {
        return None;
    }
    let all = prose.iter().fold(prose.first()?.rect, |all, p| union(all, p.rect));
    let width = all[2] - all[0];
    let mut edges: Vec<f32> = prose.iter().map(|p| p.rect[0]).collect();
    edges.sort_by(f32::total_cmp);
    edges.dedup_by(|b, a| *b - *a < 2.0);
    let mut best: Option<(usize, f32)> = None;
    for edge in edges.into_iter().filter(|e| (0.25..0.75).contains(&((e - all[0]) / width))) {
        let at_edge = prose.iter().filter(|p| (p.rect[0] - edge).abs() <= 3.0).count();
        let (left, rest): (Vec<&&Piece>, Vec<_>) = prose.iter().partition(|p| p.rect[2] <= edge - 3.0);
        let (right, across): (Vec<&&Piece>, Vec<_>) = rest.into_iter().partition(|p| p.rect[0] >= edge - 3.0);
        let lines = left.len().min(right.len());
        if at_edge < COLUMN_LINES || lines < COLUMN_LINES {
            continue;
        }
        let span = |side: &[&&Piece]| side.iter().fold((f32::MAX, f32::MIN), |s, p| (s.0.min(p.rect[1]), s.1.max(p.rect[3])));
        let (a, b) = (span(&left), span(&right));
        let (top, bottom) = (a.0.max(b.0), a.1.min(b.1));
        let side_by_side = bottom - top > 0.5 * (a.1 - a.0).min(b.1 - b.0);
        let crossing = across.iter().filter(|p| p.rect[1] < bottom && p.rect[3] > top).count();
        let end = left.iter().map(|p| p.rect[2]).fold(f32::MIN, f32::max);
        let wide = end - all[0] > 0.2 * width;
        if side_by_side && wide && crossing * 8 <= left.len() + right.len() && best.is_none_or(|(most, _)| lines > most) {
            best = Some((lines, (end.max(edge - 20.0) + edge) / 2.0));
        }
    }
    best.map(|(_, x)| x)
}

/// The pieces on one line each.
fn rows(mut pieces: Vec<Piece>) -> Region {
    pieces.sort_by(|a, b| a.baseline.total_cmp(&b.baseline).then(a.rect[0].total_cmp(&b.rect[0])));
    // A raised sign comes before the line that it belongs to, so a few rows stay open.
    const OPEN: usize = 4;
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    for piece in pieces {
        let from = lines.len().saturating_sub(OPEN);
        let line = lines.iter_mut().skip(from).rev().find(|line| belongs(line, &piece));
        match line {
            Some(line) => line.push(piece),
            None => lines.push(vec![piece]),
        }
    }
    let mut rows: Region = lines.into_iter().filter_map(row).collect();
    rows.sort_by(|a, b| a.baseline.total_cmp(&b.baseline).then(a.rect[0].total_cmp(&b.rect[0])));
    rows
}

fn belongs(line: &[Piece], piece: &Piece) -> bool {
    let Some(main) = line.iter().max_by(|a, b| a.size.total_cmp(&b.size)) else { return false };
    // From the height of a capital letter to half a descender.
    let span = |p: &Piece| (p.baseline - 0.7 * p.size, p.baseline + 0.1 * p.size);
    let ((a0, a1), (b0, b1)) = (span(main), span(piece));
    let overlap = a1.min(b1) - a0.max(b0);
    overlap >= 0.5 * (a1 - a0).min(b1 - b0) && line.iter().all(|p| gap(p.rect, piece.rect) > -0.3 * p.size.min(piece.size))
}

fn row(mut pieces: Vec<Piece>) -> Option<Row> {
    let chars = |p: &Piece| p.words.iter().map(|w| w.text.chars().count()).sum::<usize>();
    let rtl = pieces.iter().flat_map(|p| &p.words).filter(|w| w.rtl()).count();
    if rtl * 2 > pieces.iter().map(|p| p.words.len()).sum() {
        pieces.sort_by(|a, b| b.rect[2].total_cmp(&a.rect[2]));
    } else {
        pieces.sort_by(|a, b| a.rect[0].total_cmp(&b.rect[0]));
    }
    let main = pieces.iter().max_by_key(|p| chars(p))?;
    let (baseline, size, mut rect) = (main.baseline, main.size, main.rect);
    let mut words: Vec<Word> = Vec::new();
    let mut cells: Vec<usize> = vec![0];
    let mut last: Option<[f32; 4]> = None;
    for piece in pieces {
        rect = union(rect, piece.rect);
        let space = last.map(|last| gap(last, piece.rect));
        if space.is_some_and(|space| space > size * CELL_GAP) {
            cells.push(words.len());
        }
        last = Some(piece.rect);
        for (i, mut word) in piece.words.into_iter().enumerate() {
            if i == 0 {
                word.spaced = space.is_none_or(|space| space > 0.1 * size);
            }
            words.push(word);
        }
    }
    let bold = words.iter().all(|w| w.bold);
    let mut row = Row { words, cells, rect, baseline, size, bold };
    attach_signs(&mut row);
    Some(row)
}

/// A currency sign belongs to the number after it, a lone percent sign or bracket to the number before it.
fn attach_signs(row: &mut Row) {
    let cells: Vec<String> = row.cells().map(|words| words.iter().map(|w| w.text.as_str()).collect()).collect();
    let mut kept = Vec::with_capacity(row.cells.len());
    for (i, &start) in row.cells.iter().enumerate() {
        let is = |slot: Option<&String>, signs: &str| slot.is_some_and(|c| !c.is_empty() && c.chars().all(|c| signs.contains(c)));
        let before = i.checked_sub(1).and_then(|i| cells.get(i));
        let after_sign = is(before, "$€£¥(") && cells.get(i).is_some_and(|c| c.starts_with(|c: char| c.is_ascii_digit() || "(—–-.".contains(c)));
        if i == 0 || !(after_sign || is(cells.get(i), "%)")) {
            kept.push(start);
        }
    }
    row.cells = kept;
}
