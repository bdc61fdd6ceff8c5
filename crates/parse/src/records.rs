//! Rows of a sheet or of a file of separated values, written so that each stands for itself.

use citadel_core::BlockKind;

use crate::Failure;
use crate::builder::{TextBuilder, one_line};

/// A longer text names no column, and is not repeated.
const MAX_LABEL_CHARS: usize = 100;
/// A longer row is written as several: a row is never cut later on.
const MAX_ROW_CHARS: usize = 2_000;

/// Writes rows; empty ones are left out.
///
/// The first row with at least two filled cells heads those below if each of its filled cells is a label (it has a
/// letter, is neither a number, a date nor a truth value, and is not longer than 100 characters), no two are the same,
/// and the next row that is not empty is not wider. Each row below is then written as `Name: Smith | Amount: 12.50`,
/// without its empty cells. Without such a head, rows are written as they are. What stands above in a single cell, such
/// as a title, is written as it is, too.
///
/// After an empty row another table may begin: its first row heads those below if all its filled cells are labels and
/// one of the next row's is none.
pub(crate) struct Records<'a> {
    builder: &'a mut TextBuilder,
    max_chars: usize,
    /// What to write as a heading before the first row.
    heading: Option<&'a str>,
    head: Head,
    /// The last row was empty.
    after_gap: bool,
}

enum Head {
    Sought,
    /// The next row decides.
    Candidate(Vec<String>),
    Found(Vec<String>),
    /// The next row decides whether the second is the head of another table.
    Again(Vec<String>, Vec<String>),
    None,
}

impl<'a> Records<'a> {
    /// Rows of at most `max_chars` characters, under a heading.
    pub fn new(builder: &'a mut TextBuilder, heading: Option<&'a str>, max_chars: usize) -> Self {
        Self { builder, max_chars, heading, head: Head::Sought, after_gap: false }
    }

    /// Writes a row; an empty one parts tables.
    pub fn push<S: AsRef<str>>(&mut self, row: &[S]) -> Result<(), Failure> {
        let mut row: Vec<String> = row.iter().map(|cell| one_line(cell.as_ref())).collect();
        while row.last().is_some_and(String::is_empty) {
            row.pop();
        }
        if row.is_empty() {
            self.after_gap = true;
            return Ok(());
        }
        let after_gap = std::mem::take(&mut self.after_gap);
        if let Some(heading) = self.heading.take() {
            self.builder.push(BlockKind::Heading { level: 1 }, heading);
        }
        self.head = match std::mem::replace(&mut self.head, Head::None) {
            Head::Sought if row.iter().filter(|cell| !cell.is_empty()).count() > 1 => Head::Candidate(row),
            Head::Candidate(head) => {
                self.write(&head);
                if row.len() <= head.len() && is_head(&head) {
                    self.write(&labelled(&head, &row));
                    Head::Found(head)
                } else {
                    self.write(&row);
                    Head::None
                }
            }
            Head::Again(head, candidate) => {
                let is_new = !after_gap
                    && row.len() <= candidate.len()
                    && row.iter().any(|cell| !cell.is_empty() && !is_label(cell));
                let head = if is_new {
                    self.write(&candidate);
                    candidate
                } else {
                    self.write(&labelled(&head, &candidate));
                    head
                };
                self.write(&labelled(&head, &row));
                Head::Found(head)
            }
            Head::Found(head) if after_gap && row.len() > 1 && is_head(&row) => Head::Again(head, row),
            Head::Found(head) => {
                self.write(&labelled(&head, &row));
                Head::Found(head)
            }
            without @ (Head::Sought | Head::None) => {
                self.write(&row);
                without
            }
        };
        match self.builder.chars() > self.max_chars {
            true => Err(Failure::too_long(self.max_chars)),
            false => Ok(()),
        }
    }

    /// Writes what still waits for a row below.
    pub fn finish(mut self) {
        match std::mem::replace(&mut self.head, Head::None) {
            Head::Candidate(row) => self.write(&row),
            Head::Again(head, row) => self.write(&labelled(&head, &row)),
            Head::Sought | Head::Found(_) | Head::None => {}
        }
    }

    /// Writes a row, in several parts if it is long; each begins with the first cell.
    fn write(&mut self, row: &[String]) {
        let mut part: Vec<&str> = Vec::new();
        let mut chars = 0;
        for cell in row {
            let count = cell.chars().count();
            if chars + count > MAX_ROW_CHARS && part.len() > 1 {
                self.builder.push_row(&part);
                part.truncate(1);
                part.retain(|key| key.chars().count() <= MAX_LABEL_CHARS);
                chars = part.iter().map(|key| key.chars().count()).sum();
            }
            part.push(cell);
            chars += count;
        }
        self.builder.push_row(&part);
    }
}

fn labelled(head: &[String], row: &[String]) -> Vec<String> {
    let cells = row.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
    let labelled = cells.map(|(at, cell)| match head.get(at).map(|label| label.trim_end_matches(':')) {
        Some(label) if !label.is_empty() => format!("{label}: {cell}"),
        _ => cell.clone(),
    });
    labelled.collect()
}

fn is_head(row: &[String]) -> bool {
    let labels: Vec<&String> = row.iter().filter(|cell| !cell.is_empty()).collect();
    let mut distinct = labels.clone();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() == labels.len() && labels.into_iter().all(|label| is_label(label))
}

fn is_label(text: &str) -> bool {
    let year = text.bytes().take_while(u8::is_ascii_digit).count() == 4;
    let date = year && text.as_bytes().get(4) == Some(&b'-');
    let truth = ["true", "false"].iter().any(|value| text.eq_ignore_ascii_case(value));
    text.chars().any(char::is_alphabetic)
        && text.parse::<f64>().is_err()
        && !date
        && !truth
        && text.chars().count() <= MAX_LABEL_CHARS
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use citadel_core::{Format, TextMap};

    use super::*;

    fn rows_of(rows: &[&str]) -> Vec<String> {
        let mut builder = TextBuilder::default();
        let mut records = Records::new(&mut builder, None, usize::MAX);
        for row in rows {
            records.push(&row.split(',').collect::<Vec<_>>()).unwrap();
        }
        records.finish();
        let document = builder.finish(Format::Csv, &[], "stem");
        let map = TextMap::new(&document.text);
        document.blocks.iter().map(|block| map.slice(block.range).unwrap().to_owned()).collect()
    }

    #[test]
    fn a_head_labels_the_rows_below() {
        for (rows, written) in [
            (
                &["Name,Amount", "Smith,12.50", ",,", "Ann,"][..],
                "Name | Amount; Name: Smith | Amount: 12.50; Name: Ann",
            ),
            (&["Report", "", "Name:,,Paid", "x,y,true"], "Report; Name: | | Paid; Name: x | y | Paid: true"),
            (&["City,2023", "Rome,1", "Oslo,2"], "City | 2023; Rome | 1; Oslo | 2"),
            (&["a,2024-01-15", "b,c"], "a | 2024-01-15; b | c"),
            (&["a,a", "b,c"], "a | a; b | c"),
            (&["a,b", "b,c,d", "e"], "a | b; b | c | d; e"),
            (&["a,inf", "1,2"], "a | inf; 1 | 2"),
            (&["a,True", "1,2"], "a | True; 1 | 2"),
            (&["a,b"], "a | b"),
            (
                &["a,b", "c,1", "", "City,Pay", "Rome,2", ",", "x,y", "z,w", "", "u,v"],
                "a | b; a: c | b: 1; City | Pay; City: Rome | Pay: 2; City: x | Pay: y; City: z | Pay: w; City: u | Pay: v",
            ),
            (&["a", "b", "c"], "a; b; c"),
        ] {
            assert_eq!(rows_of(rows).join("; "), written, "{rows:?}");
        }
    }

    #[test]
    fn long_rows_are_parted_and_long_texts_are_no_labels() {
        let long = "x".repeat(1_500);
        let rows = rows_of(&["key,one,two", &format!("k,{long},{long}")]);
        assert_eq!(
            rows,
            ["key | one | two".into(), format!("key: k | one: {long}"), format!("key: k | two: {long}")]
        );
        assert_eq!(rows_of(&[&format!("{long},a"), "b,c"]), [format!("{long} | a"), "b | c".into()]);
    }

    #[test]
    fn too_much_text_ends_the_reading() {
        let mut builder = TextBuilder::default();
        let mut records = Records::new(&mut builder, Some("Sheet"), 20);
        let mut pushed = (0..10).map(|n| records.push(&[format!("row {n}")]));
        assert_eq!(pushed.find_map(Result::err).map(|failure| failure.code()), Some("too_large"));
    }
}
