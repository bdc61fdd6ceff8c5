//! How near an extracted text is to what it should be.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use unicode_normalization::UnicodeNormalization;

/// Words in lower case and NFKC; soft hyphens are not there.
pub(super) fn words(text: &str) -> Vec<String> {
    let text: String = text.nfkc().filter(|c| *c != '\u{ad}').flat_map(char::to_lowercase).collect();
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Two texts as bags of words.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Overlap {
    pub both: usize,
    pub got: usize,
    pub expected: usize,
}

impl Overlap {
    /// Words of `optional` that are in `got` beyond what is expected count neither for nor against it: running headers,
    /// which one reader gives and another leaves out.
    pub(super) fn of(got: &[String], expected: &[String], optional: &[String]) -> Self {
        let (got_counts, expected_counts, optional) = (counts(got), counts(expected), counts(optional));
        let (mut both, mut free) = (0, 0);
        for (word, &n) in &got_counts {
            let wanted = expected_counts.get(word).copied().unwrap_or(0).min(n);
            both += wanted;
            free += optional.get(word).copied().unwrap_or(0).min(n - wanted);
        }
        Self { both, got: got.len() - free, expected: expected.len() }
    }

    pub(super) fn f1(self) -> f64 {
        ratio(2 * self.both, self.got + self.expected)
    }

    /// The share of `got` that was expected.
    pub(super) fn precision(self) -> f64 {
        ratio(self.both, self.got)
    }

    /// The share of what was expected that is in `got`.
    pub(super) fn recall(self) -> f64 {
        ratio(self.both, self.expected)
    }
}

/// Lines at either edge of a page among which running headers and footers are looked for.
const EDGE_LINES: usize = 3;

/// The text of pages without what runs along their edges, and that: lines near an edge that stand there on at least
/// three pages and a fifth of all, numbers aside.
pub(super) fn without_running_lines<'a>(pages: impl Iterator<Item = &'a str> + Clone) -> (String, String) {
    let numberless = |line: &str| line.chars().filter(|c| !c.is_numeric()).collect::<String>();
    let edges = |page: &'a str| {
        let lines: Vec<&str> = page.lines().filter(|line| !line.trim().is_empty()).collect();
        let inner = EDGE_LINES..lines.len().saturating_sub(EDGE_LINES);
        (0..lines.len()).map(|at| (lines[at], !inner.contains(&at))).collect::<Vec<_>>()
    };
    let mut times: HashMap<String, usize> = HashMap::new();
    for page in pages.clone() {
        let at_edge = edges(page).into_iter().filter(|(_, edge)| *edge).map(|(line, _)| numberless(line));
        at_edge.collect::<HashSet<_>>().into_iter().for_each(|line| *times.entry(line).or_default() += 1);
    }
    let enough = (pages.clone().count() / 5).max(3);
    let (mut text, mut running) = (String::new(), String::new());
    for (line, edge) in pages.flat_map(edges) {
        let runs = edge && times.get(&numberless(line)).is_some_and(|&times| times >= enough);
        let to = if runs { &mut running } else { &mut text };
        to.push_str(line);
        to.push('\n');
    }
    (text, running)
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

fn counts<T: Eq + Hash>(items: &[T]) -> HashMap<&T, usize> {
    let mut counts = HashMap::new();
    items.iter().for_each(|item| *counts.entry(item).or_default() += 1);
    counts
}

/// How well the order is kept, 0 to 1: of the runs of three words that stand once in `expected` and whose words are all
/// in `got`, the share in the longest chain that stands in `got` in the same order. Lost words are not counted again;
/// `None` where nothing can be compared.
pub(super) fn order(got: &[String], expected: &[String]) -> Option<f64> {
    let known: HashSet<&String> = got.iter().collect();
    let (in_got, in_expected) = (once(got), once(expected));
    let mut runs: Vec<(usize, &[String])> = in_expected
        .into_iter()
        .filter(|(run, _)| run.iter().all(|word| known.contains(word)))
        .map(|(run, at)| (at, run))
        .collect();
    runs.sort_unstable();
    let places: Vec<usize> = runs.iter().filter_map(|(_, run)| in_got.get(run).copied()).collect();
    (!runs.is_empty()).then(|| longest_ascent(&places) as f64 / runs.len() as f64)
}

/// The runs of three words that occur once, each with its place.
fn once(words: &[String]) -> HashMap<&[String], usize> {
    let mut places: HashMap<&[String], Option<usize>> = HashMap::new();
    for (at, run) in words.windows(3).enumerate() {
        places.entry(run).and_modify(|place| *place = None).or_insert(Some(at));
    }
    places.into_iter().filter_map(|(run, place)| Some((run, place?))).collect()
}

/// The length of the longest strictly ascending subsequence (Fredman 1975).
fn longest_ascent(values: &[usize]) -> usize {
    // The least last value of a chain of each length.
    let mut ends: Vec<usize> = Vec::new();
    for &value in values {
        let at = ends.partition_point(|&end| end < value);
        match ends.get_mut(at) {
            Some(end) => *end = value,
            None => ends.push(value),
        }
    }
    ends.len()
}

/// A row of a table as a reader gives it.
#[derive(Debug)]
pub(super) enum Row {
    Cells(Vec<String>),
    /// A line of text, in which nothing parts one cell from the next.
    Line(String),
}

impl Row {
    /// How many of `cells` it has, in their order.
    fn holds(&self, cells: &[String]) -> usize {
        match self {
            Self::Cells(own) => {
                // Longest common subsequence.
                let mut best = vec![0; own.len() + 1];
                for cell in cells {
                    let mut diagonal = 0;
                    for (at, own) in own.iter().enumerate() {
                        let above = best[at + 1];
                        best[at + 1] = if own == cell { diagonal + 1 } else { above.max(best[at]) };
                        diagonal = above;
                    }
                }
                best[own.len()]
            }
            Self::Line(line) => {
                let (mut rest, mut held) = (format!(" {line} "), 0);
                for cell in cells {
                    let bounded = format!(" {cell} ");
                    if let Some(at) = rest.find(&bounded) {
                        rest = rest.split_off(at + bounded.len() - 1);
                        held += 1;
                    }
                }
                held
            }
        }
    }
}

/// Of the cells of `expected`, how many stand in one row of `rows` with the other cells of their row, in order.
pub(super) fn cells_found(expected: &[Vec<String>], rows: &[Row]) -> usize {
    let best = |cells: &Vec<String>| rows.iter().map(|row| row.holds(cells)).max().unwrap_or(0);
    expected.iter().map(best).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-3, "{a} {b}");
    }

    #[test]
    fn overlaps() {
        let check = |got: &str, expected: &str, optional: &str, f1: f64| {
            near(Overlap::of(&words(got), &words(expected), &words(optional)).f1(), f1);
        };
        check("One two, three", "one two three", "", 1.0);
        check("one two", "one two three four", "", 2.0 / 3.0);
        check("one one", "one", "", 2.0 / 3.0);
        check("page 3 one two", "one two", "page 3", 1.0);
        check("page page one", "one", "page", 2.0 / 3.0);
        check("o\u{ad}ne ﬁne", "one fine", "", 1.0);
        check("", "", "", 1.0);
    }

    #[test]
    fn running_lines() {
        let page = |n: usize| format!("Report\n\na{n}\nb\nc\nd\ne\n\nPage {n}");
        let pages: Vec<String> = (1..=4).map(page).collect();
        let (text, running) = without_running_lines(pages[..3].iter().map(String::as_str));
        assert_eq!(text.lines().next(), Some("c"), "what repeats otherwise runs too");
        assert_eq!(running.lines().last(), Some("Page 3"));
        let (text, running) = without_running_lines(pages[..2].iter().map(String::as_str));
        assert_eq!((text.lines().count(), running.as_str()), (14, ""));
    }

    #[test]
    fn orders() {
        let check = |got: &str, expected: &str, score: Option<f64>| match (
            order(&words(got), &words(expected)),
            score,
        ) {
            (Some(a), Some(b)) => near(a, b),
            (a, b) => assert_eq!(a, b, "{got}"),
        };
        check("a b c d e f", "a b c d e f", Some(1.0));
        // Two columns of which the right one comes first.
        check("e f g h a b c d", "a b c d e f g h", Some(2.0 / 6.0));
        // Two columns read across.
        check("a b e f c d g h", "a b c d e f g h", Some(0.0));
        check("a b c d e", "a b c d e f g h", Some(1.0));
        check("x", "a b c", None);
    }

    #[test]
    fn rows_of_tables() {
        let expected = [["Net income", "19,442", "(5)"].map(str::to_owned).to_vec()];
        let check = |row: Row, found: usize| assert_eq!(cells_found(&expected, &[row]), found);
        let cells = |cells: &[&str]| Row::Cells(cells.iter().map(|c| (*c).to_owned()).collect());
        check(cells(&["Net income", "", "19,442", "(5)"]), 3);
        check(cells(&["19,442", "Net income", "(5)"]), 2);
        check(cells(&["Net income 19,442", "(5)"]), 1);
        check(Row::Line("Net income 19,442 (5)".into()), 3);
        check(Row::Line("Net income 119,442 (5)".into()), 2);
        check(Row::Line("(5)".into()), 1);
    }
}
