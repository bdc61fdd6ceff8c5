//! Rows of a table whose cells are wrapped: the lines of one row are put together, each cell whole.

use super::blocks::is_figure_or_sign;
use super::layout::Row;
use super::words::{Word, WordRef, union};

/// Steps between lines that differ by less than this factor are the same step.
const SAME: f32 = 1.15;
/// A step between rows is at least this many times one within a row.
const WIDER: f32 = 1.3;
/// Lines this many font sizes apart belong to two tables.
const APART: f32 = 4.0;
/// A row has no more lines than this.
const MAX_LINES: usize = 12;

/// The rows of a table of these lines, from top to bottom, where its rows stand clearly further apart than their lines;
/// the lines themselves where they do not.
///
/// Lines that all have figures in one column are rows, however close they stand: sections of a balance sheet part them,
/// too.
pub(super) fn rows(lines: Vec<Row>) -> Vec<Row> {
    let mut tables: Vec<Vec<Row>> = Vec::new();
    for line in lines {
        match tables.last_mut() {
            Some(table) if table.last().is_some_and(|l| line.baseline - l.baseline < APART * l.size) => {
                table.push(line);
            }
            _ => tables.push(vec![line]),
        }
    }
    tables.into_iter().flat_map(table).collect()
}

fn table(lines: Vec<Row>) -> Vec<Row> {
    let Some(groups) = groups(&lines) else { return lines };
    let mut columns = Vec::new();
    for group in groups.iter().filter_map(|range| lines.get(range.clone())) {
        match columns_of(group) {
            Some(of_group) => columns.push(of_group),
            None => return lines,
        }
    }
    let mut lines = lines.into_iter();
    let merged = groups.into_iter().zip(columns);
    merged
        .filter_map(|(range, columns)| merge(lines.by_ref().take(range.len()).collect(), &columns))
        .collect()
}

/// Which lines make a row each; `None` where steps of two clearly different kinds are not what the table has.
fn groups(lines: &[Row]) -> Option<Vec<std::ops::Range<usize>>> {
    let upright = |row: &Row| {
        row.words
            .first()
            .is_some_and(|w| !row.aside && w.shown[0] >= row.rect[0] - 1.0 && w.shown[2] <= row.rect[2] + 1.0)
    };
    if lines.len() < 4 || !lines.iter().all(upright) {
        return None;
    }
    let steps: Vec<f32> =
        lines.windows(2).filter_map(|pair| Some(pair.get(1)?.baseline - pair.first()?.baseline)).collect();
    // Lines of cells that are centred in their row stand half a step apart.
    let least = steps.iter().copied().filter(|step| *step > 1.0).fold(f32::MAX, f32::min);
    let size = lines.iter().map(|row| row.size).fold(0.0, f32::max);
    let step = if least < 0.8 * size { 2.0 * least } else { least };
    let is_wide = |s: f32| s >= step * WIDER;
    if !steps.iter().all(|s| *s <= step * SAME || is_wide(*s)) || step > 1.6 * size {
        return None;
    }
    let mut groups = Vec::new();
    let mut from = 0;
    for (at, wide) in steps.iter().map(|s| is_wide(*s)).chain([true]).enumerate() {
        if wide {
            groups.push(from..at + 1);
            from = at + 1;
        }
    }
    let wrapped = groups.iter().filter(|range| range.len() > 1).count();
    let fits =
        groups.len() >= 2 && wrapped * 2 >= groups.len() && groups.iter().all(|r| r.len() <= MAX_LINES);
    fits.then_some(groups)
}

/// The columns of one row, as `[left, right]`, from left to right; `None` where its lines are rows themselves.
fn columns_of(lines: &[Row]) -> Option<Vec<[f32; 2]>> {
    let mut columns: Vec<[f32; 2]> = Vec::new();
    for cell in lines.iter().flat_map(Row::cells) {
        let [mut left, mut right] = span(cell)?;
        columns.retain(|[l, r]| {
            let apart = *r < left || *l > right;
            if !apart {
                (left, right) = (left.min(*l), right.max(*r));
            }
            apart
        });
        columns.push([left, right]);
    }
    columns.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let widest = lines.iter().map(|row| row.cells.len()).max()?;
    if lines.len() > 1 && columns.len() < widest.max(2) {
        return None;
    }
    let figures = |[left, right]: &[f32; 2]| {
        let is_figure = |row: &&Row| {
            row.cells().any(|cell| {
                span(cell.clone()).is_some_and(|[l, r]| l >= *left && r <= *right)
                    && cell.clone().all(|word| is_figure_or_sign(word.text))
            })
        };
        lines.iter().filter(is_figure).count()
    };
    columns.iter().all(|column| figures(column) <= 1).then_some(columns)
}

fn span<'a>(cell: impl Iterator<Item = WordRef<'a>>) -> Option<[f32; 2]> {
    cell.map(|word| [word.shown[0], word.shown[2]]).reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
}

fn merge(lines: Vec<Row>, columns: &[[f32; 2]]) -> Option<Row> {
    if lines.len() < 2 {
        return lines.into_iter().next();
    }
    let (mut words, mut cells) = (Vec::new(), Vec::new());
    for [left, right] in columns {
        cells.push(words.len());
        for row in &lines {
            let of_column =
                row.cells().filter(|cell| span(cell.clone()).is_some_and(|[l, r]| l >= *left && r <= *right));
            for (at, word) in of_column.flat_map(Iterator::enumerate) {
                words.push(Word {
                    text: word.text.to_owned(),
                    shown: word.shown,
                    rect: word.shown,
                    baseline: row.baseline,
                    size: row.size,
                    bold: row.bold,
                    spaced: word.spaced || at == 0,
                    hidden: word.hidden,
                });
            }
        }
    }
    let first = lines.first()?;
    let rect = lines.iter().fold(first.rect, |all, row| union(all, row.rect));
    let bold = lines.iter().all(|row| row.bold);
    let (baseline, size, aside) = (first.baseline, first.size, first.aside);
    Some(Row { words: words.into_iter().collect(), cells: cells.into(), rect, baseline, size, bold, aside })
}
