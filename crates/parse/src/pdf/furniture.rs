//! Running headers, footers and page numbers: lines at the edge of the page that come again on other pages.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::layout::{Region, Row};

/// Rows this close to an edge are looked at, counted from outside.
const EDGE_ROWS: usize = 3;
/// The part of the page's height, at either edge, where furniture may stand.
const EDGE_ZONE: f32 = 0.15;
/// Fewer pages than this show no habit.
const LEAST_PAGES: usize = 3;
/// Every such page between the first and the last that has the line must have it at this rate or more, as a
/// percentage. Headers often alternate between left and right pages.
const LEAST_PERCENT: usize = 40;
/// A header stands at the same height on each page, within this many points.
const SAME_HEIGHT: f32 = 8.0;

/// How many pages before and after are looked at.
const AROUND: usize = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Top,
    Bottom,
}

/// A candidate: which row of which region it is, what it says without its numbers, and how high it stands.
struct Line {
    region: usize,
    row: usize,
    key: String,
    height: f32,
    /// Whether it is the last on its page and carries a number. Some programs put the footer right below the text,
    /// wherever that ends, so the height says nothing.
    last: bool,
}

/// Takes the furniture out of `pages`, each with its height in points.
pub(super) fn take_out(pages: &mut [(f32, Vec<Region>)]) {
    let copies = copies(pages);
    for edge in [Edge::Top, Edge::Bottom] {
        let lines: Vec<Vec<Line>> =
            pages.iter().map(|(height, regions)| edge_lines(regions, *height, edge)).collect();
        let mut places: HashMap<&str, Vec<(usize, &Line)>> = HashMap::new();
        for (page, line) in
            lines.iter().enumerate().flat_map(|(page, lines)| lines.iter().map(move |l| (page, l)))
        {
            places.entry(&line.key).or_default().push((page, line));
        }
        let mut doomed: Vec<Vec<(usize, usize)>> = Vec::with_capacity(lines.len());
        for (page, lines) in lines.iter().enumerate() {
            // From the edge inwards, and no further than the first line that is not furniture.
            let mut here: Vec<(usize, usize)> = Vec::new();
            for line in lines {
                let repeated = places.get(line.key.as_str()).is_some_and(|at| is_habit(at, page, line));
                if !repeated {
                    break;
                }
                here.push((line.region, line.row));
            }
            // Where nothing else is on the page, it is what the page says.
            let all = pages.get(page).map_or(0, |(_, regions)| regions.iter().map(Vec::len).sum());
            let is_copy = copies.get(page).copied().unwrap_or(false);
            doomed.push(if here.len() < all && !is_copy { here } else { Vec::new() });
        }
        drop(places);
        for ((_, regions), doomed) in pages.iter_mut().zip(doomed) {
            for (number, region) in regions.iter_mut().enumerate() {
                let mut row = 0;
                region.retain(|_| {
                    row += 1;
                    !doomed.contains(&(number, row - 1))
                });
            }
            regions.retain(|region| !region.is_empty());
        }
    }
}

/// Which pages say, numbers aside, what most pages say from top to bottom: nothing on them is furniture.
fn copies(pages: &[(f32, Vec<Region>)]) -> Vec<bool> {
    let texts: Vec<u64> = pages
        .iter()
        .map(|(_, regions)| {
            let mut hash = DefaultHasher::new();
            regions.iter().flatten().for_each(|row| key(row).hash(&mut hash));
            hash.finish()
        })
        .collect();
    let mut counts: HashMap<u64, usize> = HashMap::new();
    texts.iter().for_each(|text| *counts.entry(*text).or_default() += 1);
    texts.iter().map(|text| counts.get(text).is_some_and(|n| *n > 1 && n * 2 > pages.len())).collect()
}

fn edge_lines(regions: &[Region], height: f32, edge: Edge) -> Vec<Line> {
    let mut rows: Vec<(usize, usize, &Row)> = regions
        .iter()
        .enumerate()
        .flat_map(|(region, rows)| rows.iter().enumerate().map(move |(row, r)| (region, row, r)))
        .filter(|(.., row)| !row.aside)
        .collect();
    rows.sort_by(|a, b| match edge {
        Edge::Top => a.2.baseline.total_cmp(&b.2.baseline),
        Edge::Bottom => b.2.baseline.total_cmp(&a.2.baseline),
    });
    rows.truncate(EDGE_ROWS);
    let in_zone = |row: &Row| match edge {
        Edge::Top => row.rect[3] < height * EDGE_ZONE,
        Edge::Bottom => row.rect[1] > height * (1.0 - EDGE_ZONE),
    };
    let mut lines = Vec::new();
    for (rank, (region, row, r)) in rows.into_iter().enumerate() {
        let key = key(r);
        let last = edge == Edge::Bottom
            && rank == 0
            && r.cells.len() <= 3
            && key.contains('#')
            && (key == "#" || key.contains(char::is_alphabetic));
        if !last && !in_zone(r) {
            break;
        }
        lines.push(Line { region, row, key, height: r.baseline, last });
    }
    lines
}

/// What a row says, with each number, arabic or roman, as `#`.
fn key(row: &Row) -> String {
    let words = row.words.iter().map(|word| {
        let bare = word.text.trim_matches(|c: char| !c.is_alphanumeric());
        let roman = !bare.is_empty()
            && bare.len() <= 6
            && row.words.len() == 1
            && bare.chars().all(|c| "ivxlc".contains(c));
        if roman
            || bare.chars().any(|c| c.is_ascii_digit())
                && bare.chars().all(|c| c.is_ascii_digit() || "-./".contains(c))
        {
            "#".to_owned()
        } else {
            word.text.to_lowercase()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn is_habit(places: &[(usize, &Line)], page: usize, line: &Line) -> bool {
    let pages = |same: &dyn Fn(&Line) -> bool| -> Vec<usize> {
        let mut pages: Vec<usize> = places.iter().filter(|(_, l)| same(l)).map(|(page, _)| *page).collect();
        pages.dedup();
        pages
    };
    // Among the nearest pages that have the line, so that a chapter's header counts within its chapter.
    let rate = |near: &[usize], least: usize| {
        let (Some(first), Some(last)) = (near.first(), near.last()) else { return false };
        let around = near.iter().filter(|p| p.abs_diff(page) <= AROUND).count();
        let span = page.saturating_add(AROUND).min(*last) + 1 - page.saturating_sub(AROUND).max(*first);
        around >= LEAST_PAGES && around * 100 >= span * least
    };
    rate(&pages(&|l| (l.height - line.height).abs() <= SAME_HEIGHT), LEAST_PERCENT)
        || line.last && rate(&pages(&|l| l.last), 2 * LEAST_PERCENT)
}
