//! From rows to blocks: paragraphs, list items, table rows and headings.

use super::glyph::OutlineEntry;
use super::layout::{Region, Row};
use super::wrapped;

/// What will become one block.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub kind: Kind,
    pub rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Paragraph,
    ListItem,
    TableRow,
    /// A form's value or a note, see [`super::marks`].
    Mark,
    /// 1 to 6.
    Heading(u8),
}

impl Unit {
    pub fn text(&self) -> String {
        self.rows.iter().map(Row::text).collect::<Vec<_>>().join(" ")
    }

    /// The size of its largest row, in points.
    pub fn size(&self) -> f32 {
        self.rows.iter().map(|row| row.size).fold(0.0, f32::max)
    }
}

/// The units of one region, top to bottom; headings are told later, when the whole document is known.
pub(super) fn units(region: Region) -> Vec<Unit> {
    let tabular = table_rows(&region);
    let left = region.iter().map(|r| r.rect[0]).fold(f32::MAX, f32::min);
    let right = region.iter().map(|r| r.rect[2]).fold(f32::MIN, f32::max);
    let column = Column { left, right, leading: leading(&region) };
    let mut units: Vec<Unit> = Vec::new();
    let mut table: Vec<Row> = Vec::new();
    let end = |table: &mut Vec<Row>, units: &mut Vec<Unit>| {
        let rows = wrapped::rows(std::mem::take(table));
        units.extend(rows.into_iter().map(|row| Unit { kind: Kind::TableRow, rows: vec![row] }));
    };
    for (row, tabular) in region.into_iter().zip(tabular) {
        if tabular {
            table.push(row);
            continue;
        }
        end(&mut table, &mut units);
        let open = units.last_mut().filter(|unit| unit.kind != Kind::TableRow);
        match open {
            Some(unit) if !column.starts_unit(unit, &row) => unit.rows.push(row),
            _ => {
                let kind = if is_bullet(&row) { Kind::ListItem } else { Kind::Paragraph };
                units.push(Unit { kind, rows: vec![row] });
            }
        }
    }
    end(&mut table, &mut units);
    units
}

struct Column {
    left: f32,
    right: f32,
    /// The usual distance of baselines, in font sizes.
    leading: f32,
}

impl Column {
    fn starts_unit(&self, unit: &Unit, row: &Row) -> bool {
        let (Some(last), Some(first)) = (unit.rows.last(), unit.rows.first()) else { return true };
        let size = last.size.max(row.size).max(1.0);
        let step = (row.baseline - last.baseline) / size;
        if step > self.leading * 1.25
            || step < 0.0
            || (last.size - row.size).abs() > 0.1 * size
            || last.bold != row.bold
        {
            return true;
        }
        let ended = last.text().ends_with(['.', '!', '?', ':', ';', '。', '！', '？']);
        let short = last.rect[2] < self.right - 0.15 * (self.right - self.left);
        let numbered = row.words.len() > 1 && row.words.first().is_some_and(|w| is_number_mark(w.text));
        let indented = row.rect[0] > last.rect[0] + size && last.rect[0] < self.left + size;
        // In an item whose lines hang, a line at the mark's own edge no longer belongs to it.
        let hangs = unit.rows.get(1).is_some_and(|second| second.rect[0] > first.rect[0] + 0.5 * size);
        let leaves_item = unit.kind == Kind::ListItem && hangs && row.rect[0] <= first.rect[0] + 0.3 * size;
        // Titles stand one below the other, each on its own line.
        let titles = row.bold && short && !row.words.first().is_some_and(|w| w.text.starts_with('('));
        titles
            || is_bullet(row)
            || numbered && (ended || short)
            || ended && (short || indented)
            || leaves_item
    }
}

/// The median distance of baselines in font sizes, from lines of one size.
fn leading(region: &[Row]) -> f32 {
    let mut steps: Vec<f32> = region
        .iter()
        .zip(region.iter().skip(1))
        .filter(|(a, b)| a.cells.len() == 1 && b.cells.len() == 1 && (a.size - b.size).abs() <= 0.1 * a.size)
        .map(|(a, b)| (b.baseline - a.baseline) / a.size.max(1.0))
        .filter(|step| (0.8..=2.2).contains(step))
        .collect();
    steps.sort_by(f32::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or(1.2)
}

fn is_bullet(row: &Row) -> bool {
    row.words.len() > 1
        && row
            .words
            .first()
            .is_some_and(|w| ["•", "◦", "▪", "■", "●", "‣", "–", "-", "*", "o", ""].contains(&w.text))
}

/// `1.`, `2)`, `(a)`, `iv.` and the like.
fn is_number_mark(text: &str) -> bool {
    let bare = text.trim_start_matches('(');
    let Some(inner) = bare.strip_suffix([')', '.']) else { return false };
    !inner.is_empty()
        && inner.len() <= 4
        && (inner.chars().all(|c| c.is_ascii_digit())
            || inner.len() == 1 && inner.chars().all(char::is_alphabetic)
            || inner.chars().all(|c| "ivx".contains(c)))
}

/// Which rows belong to a table: several in a row with wide gaps in them, or one with three cells, most of them
/// numbers. A row of one cell between such rows belongs to it too.
fn table_rows(region: &[Row]) -> Vec<bool> {
    let gapped: Vec<bool> = region.iter().map(is_gapped).collect();
    let mut tabular = vec![false; region.len()];
    let left = region.iter().map(|r| r.rect[0]).fold(f32::MAX, f32::min);
    let right = region.iter().map(|r| r.rect[2]).fold(f32::MIN, f32::max);
    let mut at = 0;
    while at < region.len() {
        if !gapped.get(at).copied().unwrap_or(false) {
            at += 1;
            continue;
        }
        // The run from here: up to two plain short rows may stand between two gapped ones.
        let (mut end, mut next, mut count) = (at, at + 1, 1);
        while let (Some(row), Some(before)) = (region.get(next), region.get(next - 1)) {
            let near = row.baseline - before.baseline < 3.0 * row.size.max(before.size);
            let short = row.rect[2] - row.rect[0] < 0.6 * (right - left);
            let is_gapped = gapped.get(next).copied().unwrap_or(false);
            if !near || !is_gapped && (!short || next - end > 2) {
                break;
            }
            if is_gapped {
                (end, count) = (next, count + 1);
            }
            next += 1;
        }
        // One alone may be a stretched line of prose.
        let figures = region.get(at).is_some_and(|row| {
            row.cells.len() >= 3
                && 2 * row.cells().filter(|cell| cell.clone().all(|w| is_figure_or_sign(w.text))).count()
                    >= row.cells.len()
        });
        if count >= 2 || figures {
            tabular.iter_mut().take(end + 1).skip(at).for_each(|t| *t = true);
        }
        at = end + 1;
    }
    tabular
}

pub(super) fn is_figure_or_sign(text: &str) -> bool {
    !text.chars().any(char::is_alphabetic)
}

/// Whether a row has wide gaps that are not the gap after a list's mark.
fn is_gapped(row: &Row) -> bool {
    let lone = row.cells().next().and_then(|mut cell| cell.next().filter(|_| cell.next().is_none()));
    let mark = lone.is_some_and(|word| is_number_mark(word.text) || is_bullet(row));
    row.cells.len() >= if mark { 3 } else { 2 }
}

/// Tells the headings of the whole document: paragraphs named by the outline, set larger than the body, or bold on a
/// line of their own. Doubtful ones stay paragraphs. An entry of the outline whose words do not stand on its page is left
/// out, for nothing is written into the text that the page does not say.
pub(super) fn find_headings(pages: &mut [Vec<Unit>], outline: &[OutlineEntry]) {
    let body = Body::of(pages);
    let sizes = body.heading_sizes(pages);
    let mut outline: Vec<(usize, u8, Title)> =
        outline.iter().map(|e| (e.page, e.depth.clamp(1, 6), Title::new(&e.title))).collect();
    outline.retain(|(.., title)| !title.whole.is_empty());
    outline.sort_by_key(|(page, ..)| *page);
    let mut depth = 0;
    for (number, units) in pages.iter_mut().enumerate() {
        let here = outline.partition_point(|(page, ..)| *page < number)
            ..outline.partition_point(|(page, ..)| *page <= number);
        let titles = outline.get(here).unwrap_or_default();
        let mut told: Vec<Unit> = Vec::with_capacity(units.len());
        for mut unit in units.drain(..) {
            if let Some((rows, level)) = named_rows(&unit, titles) {
                depth = level;
                let rest = unit.rows.split_off(rows);
                told.push(Unit { kind: Kind::Heading(level), rows: unit.rows });
                if !rest.is_empty() {
                    told.push(Unit { kind: Kind::Paragraph, rows: rest });
                }
                continue;
            }
            if let Some(level) = body.heading_level(&unit, &sizes) {
                // Below the outline's last entry, which is surer than the size of the font.
                unit.kind = Kind::Heading(level.max(depth + 1).min(6));
            }
            told.push(unit);
        }
        *units = told;
    }
}

/// How many of a paragraph's first rows are the title of an entry, and the level of that.
fn named_rows(unit: &Unit, titles: &[(usize, u8, Title)]) -> Option<(usize, u8)> {
    /// No title takes more lines.
    const MOST_ROWS: usize = 4;
    if unit.kind != Kind::Paragraph || titles.is_empty() {
        return None;
    }
    let mut text = String::new();
    for (at, row) in unit.rows.iter().take(MOST_ROWS).enumerate() {
        text.push_str(&row.text());
        text.push(' ');
        let line = Title::new(&text);
        // The end of a longer line counts only where it is all that the paragraph says.
        let is_whole = at + 1 == unit.rows.len();
        let named = titles.iter().find(|(.., title)| title.names(&line, is_whole));
        if let Some((_, level, _)) = named {
            return Some((at + 1, *level));
        }
    }
    None
}

/// A line or an entry of the outline, made to be compared.
struct Title {
    /// Its letters and digits in lower case.
    whole: String,
    /// The same without the number in front, which some programs put into the outline, and others on the page.
    bare: String,
}

impl Title {
    fn new(text: &str) -> Self {
        let mut words = text.split_whitespace().peekable();
        while words.peek().is_some_and(|word| is_numbering(word)) {
            words.next();
        }
        Self { whole: letters(text), bare: words.map(letters).collect() }
    }

    fn names(&self, line: &Self, is_whole: bool) -> bool {
        line.whole == self.whole
            || line.bare.len() >= 2 && line.bare == self.bare
            || is_whole
                && self.whole.len() >= 4
                && line.whole.ends_with(&self.whole)
                && line.whole.len() <= self.whole.len() + 12
    }
}

/// `3`, `2.1.`, `IV`, `B.`, `II-A`, `(c)`, `Chapter` and the like.
fn is_numbering(word: &str) -> bool {
    let lower = word.to_lowercase();
    if ["chapter", "section", "part", "appendix", "annex", "§"].contains(&lower.trim_end_matches([':', '.']))
    {
        return true;
    }
    let mut parts = lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some()
        && parts.all(|part| {
            part.chars().all(|c| c.is_ascii_digit())
                || part.chars().all(|c| "ivxlc".contains(c))
                || part.chars().count() == 1
        })
}

/// Letters and digits in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

struct Body {
    /// The size of most of the text, in points.
    size: f32,
    /// Whether so much is bold that bold means nothing.
    bold: bool,
}

impl Body {
    fn of(pages: &[Vec<Unit>]) -> Self {
        let mut sizes: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
        let (mut bold, mut all) = (0, 0);
        for row in pages.iter().flatten().flat_map(|unit| &unit.rows) {
            let chars: usize = row.words.iter().map(|w| w.text.len()).sum();
            *sizes.entry(half_points(row.size)).or_default() += chars;
            all += chars;
            bold += if row.bold { chars } else { 0 };
        }
        let most = sizes.into_iter().max_by_key(|(_, chars)| *chars).map_or(0, |(size, _)| size);
        Self { size: most as f32 / 2.0, bold: bold * 10 > all * 4 }
    }

    /// The smallest size of each class of large headings, the largest class first.
    fn heading_sizes(&self, pages: &[Vec<Unit>]) -> Vec<f32> {
        let mut sizes: Vec<f32> =
            pages.iter().flatten().filter(|u| self.is_large(u)).map(Unit::size).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        sizes.dedup_by(|b, a| half_points(*a) == half_points(*b));
        // Five classes at most: the sizes closest to each other count as one, which its smallest stands for.
        let close = |sizes: &[f32]| {
            let ratios = sizes.iter().zip(sizes.iter().skip(1)).map(|(a, b)| a / b).enumerate();
            ratios.min_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, ratio)| sizes.len() > 5 || *ratio < 1.05)
        };
        while let Some((larger, _)) = close(&sizes) {
            sizes.remove(larger);
        }
        sizes
    }

    fn is_large(&self, unit: &Unit) -> bool {
        unit.kind == Kind::Paragraph
            && unit.rows.len() <= 3
            && !unit.rows.iter().any(|row| row.aside)
            && unit.size() >= 1.15 * self.size
            && is_title(&unit.text(), 200)
    }

    fn heading_level(&self, unit: &Unit, sizes: &[f32]) -> Option<u8> {
        if self.is_large(unit) {
            let size = unit.size();
            let rank = sizes.iter().position(|least| size >= *least - 0.3)?;
            return Some(u8::try_from(rank + 1).unwrap_or(5).min(5));
        }
        let is_bold = unit.kind == Kind::Paragraph
            && !self.bold
            && unit.rows.len() <= 2
            && unit.rows.iter().all(|row| row.bold)
            && unit.size() >= 0.95 * self.size;
        let reads_so = |text: String| {
            is_title(&text, 120) && !text.ends_with('.') && !text.starts_with(char::is_lowercase)
        };
        (is_bold && reads_so(unit.text())).then(|| u8::try_from(sizes.len() + 1).unwrap_or(6).min(6))
    }
}

fn half_points(size: f32) -> u32 {
    (size * 2.0).round().clamp(0.0, 10_000.0) as u32
}

fn is_title(text: &str, longest: usize) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphabetic());
    letters.nth(1).is_some() && text.chars().count() <= longest && !text.ends_with([',', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_told_with_and_without_their_numbers() {
        let check = |title: &str, line: &str, expected| {
            let named = Title::new(title).names(&Title::new(line), true);
            assert_eq!(named, expected, "{title:?} and {line:?}");
        };
        check("Scope", "1. Scope", true);
        check("Foo", "4 Foo", true);
        check("II-A Dataset extraction", "A. Dataset extraction", true);
        check("2.1 Methods", "Methods", true);
        check("Chapter 3: Fire", "3 Fire", true);
        check("Summary of results", "Results", false);
        check("Water", "Fire", false);
        check("3", "4", false);
        check("A model", "I model", true);
        check("Introduction", "This is the introduction", true);
        check("Introduction", "Long ago somebody wrote an introduction", false);
    }
}
