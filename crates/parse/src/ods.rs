//! OpenDocument workbooks: each sheet is a heading, its rows are [records](crate::records) of what the cells show.

use citadel_core::{Document, Format};

use crate::Failure;
use crate::builder::TextBuilder;
use crate::facts::Facts;
use crate::open_document::{self, CONTENT, FACTS};
use crate::records::Records;
use crate::rows::MAX_REPEATED_CHARS;
use crate::xml::{self, Event, Tag};

/// No sheet for people is wider; a single cell at the far right would fill its row with nothing.
const MAX_COLUMNS: usize = 1_000;
/// A row may say that it stands for a million others.
const MAX_REPEATED_ROWS: usize = 1_000;

/// An ODS file, whose archive has been looked at.
pub(crate) fn parse(bytes: &[u8], max_text_chars: usize, stem: &str) -> Result<Document, Failure> {
    let mut parts = open_document::open(bytes)?;
    let content = parts.require(CONTENT)?;
    let facts = Facts::read(FACTS, parts.read(FACTS)?)?;
    let mut builder = TextBuilder::default();
    let mut warnings = Vec::new();
    let mut sheet = Sheet::default();
    // Rows are written when their sheet is whole, for its name stands above them; memory is that of the text.
    xml::read(CONTENT, &content, &mut |event| {
        match event {
            Event::Open(tag) => sheet.open(&tag),
            Event::Text(text) => sheet.text(text),
            Event::Close("table") if sheet.depth == 1 => {
                let Sheet { name, rows, cut, .. } = std::mem::take(&mut sheet);
                let mut records = Records::new(&mut builder, Some(&name), max_text_chars);
                for (row, count) in &rows {
                    for _ in 0..*count {
                        records.push(row)?;
                    }
                }
                records.finish();
                if cut {
                    warnings.push(format!(
                        "sheet “{name}”: what stands right of column {MAX_COLUMNS}, and rows that are repeated more than {MAX_REPEATED_ROWS} times, were left out"
                    ));
                }
            }
            Event::Close(name) => sheet.close(name),
        }
        match sheet.bytes / 4 > max_text_chars {
            true => Err(Failure::too_long(max_text_chars)),
            false => Ok(()),
        }
    })?;
    // The name of the first sheet says less than that of the file.
    let mut document = builder.finish(Format::Ods, &[facts.title(), Some(stem)], stem);
    document.warnings = warnings;
    facts.describe(&mut document);
    Ok(document)
}

/// The sheet that is being read.
#[derive(Default)]
struct Sheet {
    name: String,
    /// Tables around: a cell may hold one.
    depth: usize,
    /// The elements around that are left out.
    skipped: usize,
    /// Rows with text, and how often each stands there.
    rows: Vec<(Vec<String>, usize)>,
    /// The bytes of their texts.
    bytes: usize,
    row: Vec<String>,
    row_count: usize,
    cell: Option<Cell>,
    /// What covers each column from above, and for how many more rows.
    above: Vec<(usize, String)>,
    /// Whether something was left out.
    cut: bool,
}

struct Cell {
    text: String,
    /// Columns that it stands for, and rows that it covers.
    count: usize,
    rows: usize,
    is_covered: bool,
}

impl Sheet {
    fn open(&mut self, tag: &Tag<'_>) {
        let number = |name| tag.prefixed(name).and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(1);
        match tag.name().as_str() {
            _ if self.skipped > 0 => self.skipped += 1,
            "annotation" | "tracked-changes" | "shapes" | "named-expressions" | "automatic-styles" => {
                self.skipped = 1
            }
            "table" => {
                self.depth += 1;
                if self.depth == 1 {
                    self.name = tag.prefixed("name").unwrap_or_default();
                }
            }
            "table-row" if self.depth == 1 => self.row_count = number("number-rows-repeated"),
            name @ ("table-cell" | "covered-table-cell") if self.depth == 1 => {
                self.cell = Some(Cell {
                    text: String::new(),
                    count: number("number-columns-repeated"),
                    rows: number("number-rows-spanned"),
                    is_covered: name == "covered-table-cell",
                });
            }
            "p" | "line-break" => self.text("\n"),
            "s" | "tab" => self.text(" "),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = self.cell.as_mut().filter(|_| self.skipped == 0) {
            cell.text.push_str(text);
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            _ if self.skipped > 0 => self.skipped -= 1,
            "table" => self.depth = self.depth.saturating_sub(1),
            "table-cell" | "covered-table-cell" if self.depth == 1 => self.end_cell(),
            "table-row" if self.depth == 1 => self.end_row(),
            _ => {}
        }
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else { return };
        let count = cell.count.min(MAX_COLUMNS.saturating_sub(self.row.len()));
        let is_empty = cell.text.trim().is_empty();
        self.cut |= count < cell.count && !is_empty;
        for _ in 0..count {
            let column = self.row.len();
            if self.above.len() <= column {
                self.above.resize(column + 1, (0, String::new()));
            }
            let Some((left, above)) = self.above.get_mut(column) else { continue };
            if cell.rows > 1 && cell.text.len() <= MAX_REPEATED_CHARS {
                (*left, *above) = (cell.rows, cell.text.clone());
            }
            let is_filled = cell.is_covered && is_empty && *left > 0;
            let text = if is_filled { above } else { &cell.text };
            self.bytes += text.len();
            self.row.push(text.clone());
        }
    }

    fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        let count = std::mem::replace(&mut self.row_count, 1);
        for (left, _) in &mut self.above {
            *left = left.saturating_sub(count);
        }
        let is_empty = row.iter().all(|cell| cell.trim().is_empty());
        self.cut |= !is_empty && count > MAX_REPEATED_ROWS;
        self.rows.push(match is_empty {
            true => (Vec::new(), 1),
            false => (row, count.min(MAX_REPEATED_ROWS)),
        });
    }
}
