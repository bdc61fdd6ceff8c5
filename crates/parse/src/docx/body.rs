//! The running text of a Word document, and its notes, which are written alike.

use std::collections::HashMap;

use citadel_core::BlockKind;

use super::styles::{Numbered, Numberings, Styles, is_on};
use crate::Failure;
use crate::builder::{self, TextBuilder, one_line};
use crate::rows::MAX_REPEATED_CHARS;
use crate::xml::{self, Event, Tag};

/// Columns that one cell covers, by the format's own limit.
const MAX_COLUMNS: usize = 63;

/// Kinds of notes by the name of their element, which their identities count for.
pub(super) type Notes = HashMap<(&'static str, String), String>;

/// Reads a part and puts its text together.
pub(super) struct Body<'a> {
    styles: &'a Styles,
    numberings: Numberings,
    notes: Notes,
    builder: TextBuilder,
    /// What a paragraph of the style `Title` says.
    title: Option<String>,
    warnings: Vec<String>,
    /// The elements around that are left out.
    skipped: usize,
    /// The paragraphs around: one in a box stands inside another.
    paragraphs: Vec<Paragraph>,
    /// Paragraphs that follow the one that they were anchored in.
    anchored: Vec<Paragraph>,
    /// The tables around, outermost first.
    tables: Vec<Table>,
    /// Inside the element that holds words.
    in_text: bool,
    in_paragraph_properties: bool,
    in_row_properties: bool,
    run_is_hidden: bool,
    /// The note that is being read, and what it says so far.
    note: Option<((&'static str, String), String)>,
}

#[derive(Default)]
struct Paragraph {
    text: String,
    style: String,
    outline: Option<u8>,
    numbered: Numbered,
    /// Notes that are attached to it.
    notes: Vec<(&'static str, String)>,
}

#[derive(Default)]
struct Table {
    row: Vec<Cell>,
    /// The texts of the row above, by column.
    above: Vec<String>,
    is_deleted: bool,
    /// The open paragraphs outside: what is deeper stands in the cell.
    outside: usize,
    /// Rows of tables inside the row.
    nested: Vec<Vec<String>>,
    /// Notes attached to the row.
    notes: Vec<(&'static str, String)>,
}

struct Cell {
    text: String,
    columns: usize,
    /// The cell above reaches into it.
    is_covered: bool,
}

impl<'a> Body<'a> {
    pub fn new(styles: &'a Styles, numberings: Numberings, notes: Notes) -> Self {
        Self {
            styles,
            numberings,
            notes,
            builder: TextBuilder::default(),
            title: None,
            warnings: Vec::new(),
            skipped: 0,
            paragraphs: Vec::new(),
            anchored: Vec::new(),
            tables: Vec::new(),
            in_text: false,
            in_paragraph_properties: false,
            in_row_properties: false,
            run_is_hidden: false,
            note: None,
        }
    }

    pub fn read(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        xml::read(name, bytes, &mut |event| {
            match event {
                Event::Open(tag) => self.open(&tag),
                Event::Text(text) if self.in_text => self.text(text),
                Event::Text(_) => {}
                Event::Close(name) => self.close(name),
            }
            Ok(())
        })
    }

    pub fn finish(self) -> (TextBuilder, Option<String>, Vec<String>) {
        (self.builder, self.title, self.warnings)
    }

    pub fn into_notes(self) -> Notes {
        self.notes
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name();
        match name.as_str() {
            _ if self.skipped > 0 => self.skipped += 1,
            "del" if self.in_row_properties => {
                self.tables.last_mut().into_iter().for_each(|table| table.is_deleted = true);
            }
            // What was struck or moved, what was said before, codes of fields, and the same for older programs.
            "del" | "moveFrom" | "pPrChange" | "rPrChange" | "trPrChange" | "tcPrChange" | "instrText"
            | "Fallback" => self.skipped = 1,
            "p" => self.paragraphs.push(Paragraph::default()),
            "pPr" => self.in_paragraph_properties = true,
            "trPr" => self.in_row_properties = true,
            "r" => {
                let style = self.paragraphs.last().map_or("", |paragraph| &paragraph.style);
                self.run_is_hidden = self.styles.is_hidden(style);
            }
            "pStyle" | "outlineLvl" | "numId" | "ilvl" if self.in_paragraph_properties => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    let value = tag.prefixed("val").unwrap_or_default();
                    match name.as_str() {
                        "pStyle" => paragraph.style = value,
                        "outlineLvl" => paragraph.outline = value.parse().ok(),
                        _ => paragraph.numbered.take(tag),
                    }
                }
            }
            _ if self.in_paragraph_properties => {}
            "vanish" => self.run_is_hidden = is_on(tag),
            "rStyle" => {
                self.run_is_hidden |= self.styles.is_hidden(&tag.prefixed("val").unwrap_or_default());
            }
            "t" => self.in_text = true,
            "tab" | "ptab" => self.text("\t"),
            "br" | "cr" => self.text("\n"),
            "noBreakHyphen" => self.text("\u{2011}"),
            "docPr" => {
                let words = tag.attribute("descr").map(|words| format!(" {words} "));
                words.iter().for_each(|words| self.text(words));
            }
            "footnoteReference" | "endnoteReference" | "commentReference" => self.attach(tag),
            "footnote" | "endnote" | "comment" => self.begin_note(tag),
            "altChunk" => self.warnings.push("a document that is embedded in it was not read".into()),
            "tbl" => self.tables.push(Table { outside: self.paragraphs.len(), ..Table::default() }),
            "tc" => {
                if let Some(table) = self.tables.last_mut() {
                    table.row.push(Cell { text: String::new(), columns: 1, is_covered: false });
                }
            }
            "gridSpan" | "vMerge" => {
                let value = tag.prefixed("val");
                if let Some(cell) = self.tables.last_mut().and_then(|table| table.row.last_mut()) {
                    match name.as_str() {
                        "gridSpan" => cell.columns = value.and_then(|n| n.parse().ok()).unwrap_or(1),
                        _ => cell.is_covered = value.as_deref() != Some("restart"),
                    }
                }
            }
            _ => {}
        }
    }

    fn attach(&mut self, tag: &Tag<'_>) {
        let kind = match tag.name().as_str() {
            "footnoteReference" => "footnote",
            "endnoteReference" => "endnote",
            _ => "comment",
        };
        if let (Some(id), Some(paragraph)) = (tag.prefixed("id"), self.paragraphs.last_mut()) {
            paragraph.notes.push((kind, id));
        }
    }

    /// Lines between text and notes are notes of a type of their own.
    fn begin_note(&mut self, tag: &Tag<'_>) {
        let kind = match tag.name().as_str() {
            "footnote" => "footnote",
            "endnote" => "endnote",
            _ => "comment",
        };
        match tag.prefixed("type").filter(|kind| kind != "normal") {
            Some(_) => self.skipped = 1,
            None => {
                // Of a comment the reader sees who wrote it.
                let author = tag.prefixed("author").filter(|_| kind == "comment");
                let start = author.map(|author| format!("{author}: ")).unwrap_or_default();
                self.note = tag.prefixed("id").map(|id| ((kind, id), start));
            }
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut().filter(|_| self.skipped == 0) {
            match self.run_is_hidden {
                true => paragraph.text.push_str(&builder::hidden(text)),
                false => paragraph.text.push_str(text),
            }
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            _ if self.skipped > 0 => self.skipped -= 1,
            "t" => self.in_text = false,
            "r" => self.run_is_hidden = false,
            "pPr" => self.in_paragraph_properties = false,
            "trPr" => self.in_row_properties = false,
            "p" => self.end_paragraph(),
            "tr" => self.end_row(),
            "tbl" => {
                self.tables.pop();
            }
            "footnote" | "endnote" | "comment" => self.notes.extend(self.note.take()),
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        self.in_paragraph_properties = false;
        let Some(paragraph) = self.paragraphs.pop() else { return };
        if let Some(table) = self.tables.last_mut().filter(|table| self.paragraphs.len() >= table.outside)
            && let Some(cell) = table.row.last_mut()
        {
            let number = self.numberings.next(&paragraph.numbered).unwrap_or_default();
            cell.text.push_str(&format!("{number} {}\n", paragraph.text));
            table.notes.extend(paragraph.notes);
            return;
        }
        if !self.paragraphs.is_empty() {
            self.anchored.push(paragraph);
            return;
        }
        let anchored = std::mem::take(&mut self.anchored);
        for paragraph in std::iter::once(paragraph).chain(anchored) {
            self.write(paragraph);
        }
    }

    fn write(&mut self, paragraph: Paragraph) {
        let Paragraph { mut text, style, outline, numbered, notes } = paragraph;
        let name = self.styles.name(&style);
        if name.starts_with("toc ") {
            return;
        }
        if let Some((_, note)) = &mut self.note {
            note.push_str(&text);
            note.push('\n');
            return;
        }
        if name == "title" && self.title.is_none() {
            self.title = Some(one_line(&text)).filter(|title| !title.is_empty());
        }
        let inherited = self.styles.numbered(&style);
        let numbered =
            Numbered { list: numbered.list.or(inherited.list), level: numbered.level.or(inherited.level) };
        // A paragraph without words shows no number, but counts.
        let number = self.numberings.next(&numbered);
        let level = match outline {
            Some(outline) => (outline < 9).then(|| (outline + 1).min(6)),
            None => self.styles.heading(&style),
        };
        if let Some(number) = number.as_ref().filter(|number| !number.is_empty() && !text.trim().is_empty()) {
            text = format!("{number} {text}");
        }
        let kind = match (level, &number) {
            (Some(level), _) => BlockKind::Heading { level },
            (None, Some(_)) => BlockKind::ListItem,
            (None, None) => BlockKind::Paragraph,
        };
        self.builder.push(kind, &text);
        self.write_notes(&notes);
    }

    fn write_notes(&mut self, notes: &[(&'static str, String)]) {
        for note in notes {
            // Taken out, so that each stands in the text once.
            if let Some(text) = self.notes.remove(note) {
                self.builder.push(BlockKind::Paragraph, &text);
            }
        }
    }

    /// A cell that others cover is repeated beside them; a table inside a cell follows the row that holds it.
    fn end_row(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        let is_deleted = std::mem::take(&mut table.is_deleted);
        let cells = std::mem::take(&mut table.row);
        let (nested, notes) = (std::mem::take(&mut table.nested), std::mem::take(&mut table.notes));
        if is_deleted {
            return;
        }
        let above = std::mem::take(&mut table.above);
        let mut row = Vec::with_capacity(cells.len());
        for cell in cells {
            let column = table.above.len();
            let text = match above.get(column).filter(|_| cell.is_covered) {
                Some(above) if cell.text.trim().is_empty() => above.clone(),
                _ => cell.text,
            };
            let is_short = text.chars().count() <= MAX_REPEATED_CHARS;
            table.above.push(if is_short { text.clone() } else { String::new() });
            table.above.resize(column + cell.columns.clamp(1, MAX_COLUMNS), String::new());
            row.push(text);
        }
        let rows: Vec<Vec<String>> = std::iter::once(row).chain(nested).collect();
        if let Some(outer) = self.tables.len().checked_sub(2).and_then(|outer| self.tables.get_mut(outer)) {
            outer.nested.extend(rows);
            outer.notes.extend(notes);
        } else if let Some((_, note)) = &mut self.note {
            rows.iter().for_each(|row| note.push_str(&(row.join(" ") + "\n")));
        } else {
            rows.iter().for_each(|row| self.builder.push_row(row));
            self.write_notes(&notes);
        }
    }
}
