//! From pieces to rows in reading order: columns where they are clear, cells where wide gaps tell them.

use super::glyph::SOFT_HYPHEN;
use super::sidebar;
use super::words::{Piece, Word, WordRef, Words, gap, is_unspaced, union};

/// A gap wider than this, in font sizes, parts two cells.
const CELL_GAP: f32 = 1.2;
/// The same between two numbers, which stand closer in a narrow table and never in a sentence.
const FIGURE_GAP: f32 = 0.5;
/// This many dots in a row lead the eye to a page number.
const LEADER_DOTS: usize = 4;
/// Fewer lines of prose than this on either side are no column.
const COLUMN_LINES: usize = 6;
/// How often a page is split into columns within columns.
const COLUMN_DEPTH: u8 = 2;

/// One line of a column, or one row of a table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// In the order of reading.
    pub words: Words,
    /// Where each cell starts in `words`; the first is 0.
    pub cells: Box<[usize]>,
    pub rect: [f32; 4],
    pub baseline: f32,
    /// The size of most of its text, in points.
    pub size: f32,
    /// Whether all of it is bold.
    pub bold: bool,
    /// Whether it runs in another direction than most of the page's text, such as a stamp up the margin.
    pub aside: bool,
}

impl Row {
    /// The words of each cell.
    pub fn cells(&self) -> impl Iterator<Item = impl Iterator<Item = WordRef<'_>> + Clone> {
        let ends = self.cells.iter().skip(1).copied().chain([self.words.len()]);
        self.cells.iter().zip(ends).map(|(&start, end)| (start..end).filter_map(|at| self.words.get(at)))
    }

    /// All words, joined by single spaces.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for word in self.words.iter() {
            if !text.is_empty() && word.spaced {
                text.push(' ');
            }
            text.push_str(word.text.trim_end_matches(SOFT_HYPHEN));
        }
        text
    }
}

/// Rows that are read one after the other, from top to bottom: a column, or what goes across columns.
pub(super) type Region = Vec<Row>;

/// The page's pieces of one direction in reading order; `aside` where it is not the direction of most of the text.
pub(super) fn regions(pieces: Vec<Piece>, aside: bool) -> Vec<Region> {
    let mut out = Vec::new();
    split(pieces, 0, &mut out);
    out.iter_mut().flatten().for_each(|row: &mut Row| row.aside = aside);
    out
}

fn split(pieces: Vec<Piece>, depth: u8, out: &mut Vec<Region>) {
    let Some(x) = (depth < COLUMN_DEPTH).then(|| gutter(&pieces)).flatten() else {
        match sidebar::part(pieces) {
            // Each part is smaller than the whole.
            Ok(parts) => [parts.above, parts.text, parts.aside, parts.below]
                .into_iter()
                .for_each(|part| split(part, depth, out)),
            Err(pieces) if pieces.is_empty() => {}
            Err(pieces) => out.push(rows(pieces)),
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
pub(super) fn is_prose(piece: &Piece) -> bool {
    let unspaced = piece.words.iter().filter(|w| w.text.chars().all(is_unspaced)).count();
    let wordy =
        piece.words.iter().filter(|w| w.text.chars().filter(|c| c.is_alphabetic()).count() >= 2).count();
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
        let span = |side: &[&&Piece]| {
            side.iter().fold((f32::MAX, f32::MIN), |s, p| (s.0.min(p.rect[1]), s.1.max(p.rect[3])))
        };
        let (a, b) = (span(&left), span(&right));
        let (top, bottom) = (a.0.max(b.0), a.1.min(b.1));
        let side_by_side = bottom - top > 0.5 * (a.1 - a.0).min(b.1 - b.0);
        let crossing = across.iter().filter(|p| p.rect[1] < bottom && p.rect[3] > top).count();
        let end = left.iter().map(|p| p.rect[2]).fold(f32::MIN, f32::max);
        // Lines of prose fill their column; cells of a table seldom do.
        let filled = fills(&left, all[0], end) && fills(&right, edge, all[2]) && end - all[0] > 0.2 * width;
        if side_by_side
            && filled
            && crossing * 8 <= left.len() + right.len()
            && best.is_none_or(|(most, _)| lines > most)
        {
            best = Some((lines, (end.max(edge - 20.0) + edge) / 2.0));
        }
    }
    best.map(|(_, x)| x)
}

/// Whether the middle one of the pieces, ordered by how much of its column it fills, fills nearly all of it. Where many
/// lines start at an edge further right, that is where the next column starts.
pub(super) fn fills(side: &[&&Piece], left: f32, right: f32) -> bool {
    let mut edges: Vec<f32> = side.iter().map(|p| p.rect[0]).collect();
    edges.sort_by(f32::total_cmp);
    let starts: Vec<f32> = edges
        .chunk_by(|a, b| b - a <= 3.0)
        .filter(|same| same.len() >= COLUMN_LINES)
        .filter_map(|same| same.first().copied())
        .filter(|start| *start > left + 0.25 * (right - left))
        .collect();
    let mut parts: Vec<f32> = side
        .iter()
        .map(|p| {
            let start = starts.iter().rev().find(|s| **s <= p.rect[0] + 3.0).copied().unwrap_or(left);
            let end = starts.iter().find(|s| **s >= p.rect[2]).copied().unwrap_or(right);
            (p.rect[2] - p.rect[0]) / (end - start).max(1.0)
        })
        .collect();
    parts.sort_by(f32::total_cmp);
    parts.get(parts.len() / 2).is_some_and(|middle| *middle > 0.65)
}

/// Sets large first letters in front of the line that they begin: the top one of those beside them.
fn place_drop_capitals(pieces: &mut Vec<Piece>) {
    let mut at = 0;
    while let Some(capital) = pieces.get(at) {
        let line = is_capital(capital).then(|| first_line(pieces, capital)).flatten();
        let Some(line) = line.filter(|line| *line != at) else {
            at += 1;
            continue;
        };
        let capital = pieces.remove(at);
        let line = if line > at { line - 1 } else { line };
        if let (Some(line), Some(letter)) = (pieces.get_mut(line), capital.words.into_iter().next()) {
            if let Some(next) = line.words.first_mut() {
                // A word of its own, or the first letter of one.
                let is_word = ["A", "I", "O"].contains(&letter.text.as_str())
                    && gap(letter.rect, next.rect) > 0.35 * line.size;
                next.spaced = is_word;
            }
            line.words.insert(0, letter);
        }
    }
}

fn is_capital(piece: &Piece) -> bool {
    match piece.words.as_slice() {
        [word] => word.text.chars().count() == 1 && word.text.chars().all(char::is_uppercase),
        _ => false,
    }
}

/// The top one of two lines or more that stand beside a large letter, right behind it.
fn first_line(pieces: &[Piece], capital: &Piece) -> Option<usize> {
    let is_beside = |piece: &&Piece| {
        let space = piece.rect[0] - capital.rect[2];
        2.0 * piece.size <= capital.size
            && (-0.3 * piece.size..1.5 * piece.size).contains(&space)
            && piece.baseline <= capital.baseline + 0.3 * piece.size
            && piece.baseline > capital.baseline - capital.size
    };
    let beside = pieces.iter().enumerate().filter(|(_, piece)| is_beside(piece));
    let first = beside.clone().min_by(|(_, a), (_, b)| a.baseline.total_cmp(&b.baseline))?;
    (beside.count() >= 2).then_some(first.0)
}

/// The pieces on one line each.
fn rows(mut pieces: Vec<Piece>) -> Region {
    place_drop_capitals(&mut pieces);
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
    overlap >= 0.5 * (a1 - a0).min(b1 - b0)
        && line.iter().all(|p| gap(p.rect, piece.rect) > -0.3 * p.size.min(piece.size))
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
    let (baseline, size) = (main.baseline, main.size);
    let rect = pieces.iter().fold(main.rect, |all, p| union(all, p.rect));
    let mut words: Vec<Word> = Vec::new();
    for piece in pieces {
        for (i, mut word) in piece.words.into_iter().enumerate() {
            if let Some(last) = words.last().filter(|_| i == 0) {
                word.spaced = gap(last.rect, word.rect) > 0.1 * size;
            }
            words.push(word);
        }
    }
    mend_soft_hyphens(&mut words);
    let (words, cells) = cells(words, size);
    let bold = words.iter().all(|w| w.bold);
    (!words.is_empty()).then(|| Row {
        words: words.into_iter().collect(),
        cells: cells.into(),
        rect,
        baseline,
        size,
        bold,
        aside: false,
    })
}

/// Takes soft hyphens out, but for one at the end of the row.
fn mend_soft_hyphens(words: &mut Vec<Word>) {
    let last = words.len().saturating_sub(1);
    for (at, word) in words.iter_mut().enumerate().filter(|(_, word)| word.text.contains(SOFT_HYPHEN)) {
        let parts = at == last && word.text.ends_with(SOFT_HYPHEN);
        word.text.retain(|c| c != SOFT_HYPHEN);
        if parts && !word.text.is_empty() {
            word.text.push(SOFT_HYPHEN);
        }
    }
    words.retain(|word| !word.text.is_empty());
}

/// Where cells start. Leaders, the dots between a title and its page number, are taken out; they part cells too.
fn cells(all: Vec<Word>, size: f32) -> (Vec<Word>, Vec<usize>) {
    let is_dots = |word: &Word| word.text.chars().all(|c| ".…·_".contains(c));
    let mut leader = vec![false; all.len()];
    let mut from = 0;
    for run in all.chunk_by(|a, b| is_dots(a) && is_dots(b)) {
        let dots: usize = run.iter().filter(|w| is_dots(w)).map(|w| w.text.chars().count()).sum();
        if dots >= LEADER_DOTS {
            leader.iter_mut().skip(from).take(run.len()).for_each(|l| *l = true);
        }
        from += run.len();
    }
    let (mut words, mut cells): (Vec<Word>, Vec<usize>) = (Vec::with_capacity(all.len()), vec![0]);
    let mut parted = false;
    for (word, leader) in all.into_iter().zip(leader) {
        if leader {
            parted = true;
            continue;
        }
        if let Some(last) = words.last() {
            let space = gap(last.rect, word.rect) / size.max(1.0);
            let figures = is_figure(&last.text) && is_figure(&word.text);
            if parted || space > if figures { FIGURE_GAP } else { CELL_GAP } {
                cells.push(words.len());
            }
        }
        parted = false;
        words.push(word);
    }
    let cells = attach_signs(&words, &cells);
    (words, cells)
}

/// A number, or the dash that stands for none.
pub(super) fn is_figure(text: &str) -> bool {
    !text.chars().any(char::is_alphabetic)
        && (text.chars().any(|c| c.is_ascii_digit()) || matches!(text, "—" | "–"))
}

/// A currency sign belongs to the number after it, a lone percent sign or bracket to the number before it.
fn attach_signs(words: &[Word], cells: &[usize]) -> Vec<usize> {
    let text = |at: usize| words.get(at).map_or("", |w| w.text.as_str());
    let mut kept: Vec<usize> = vec![0];
    for (i, &start) in cells.iter().enumerate().skip(1) {
        let end = cells.get(i + 1).copied().unwrap_or(words.len());
        let before = kept.last().copied().unwrap_or(0);
        let only_signs = end == start + 1 && text(start).chars().all(|c| "%)".contains(c));
        let after_sign = matches!(text(start - 1), "$" | "€" | "£" | "¥" | "(" | "$(")
            && text(start).starts_with(|c: char| c.is_ascii_digit() || "(—–-.".contains(c));
        if only_signs || after_sign && start - 1 <= before {
            continue;
        }
        kept.push(if after_sign { start - 1 } else { start });
    }
    kept
}
