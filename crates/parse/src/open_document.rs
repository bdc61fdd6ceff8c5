//! OpenDocument texts and presentations.

use citadel_core::{BlockKind, Document, Format, Page, PageStatus};

use crate::Failure;
use crate::archive::Parts;
use crate::builder::TextBuilder;
use crate::facts::Facts;
use crate::rows::{Cell, Rows};
use crate::xml::{self, Event, Tag};

pub(crate) const CONTENT: &str = "content.xml";
pub(crate) const FACTS: &str = "meta.xml";
const MANIFEST: &str = "META-INF/manifest.xml";
/// More spaces in a row than a line has places say nothing more.
const MAX_SPACES: usize = 100;

/// The parts of an OpenDocument file that needs no password.
pub(crate) fn open(bytes: &[u8]) -> Result<Parts<'_>, Failure> {
    let mut parts = Parts::open(bytes)?;
    xml::read(MANIFEST, &parts.read(MANIFEST)?.unwrap_or_default(), &mut |event| match event {
        Event::Open(tag) if tag.name() == "encryption-data" => Err(Failure::Encrypted),
        _ => Ok(()),
    })?;
    Ok(parts)
}

/// An ODT or ODP file, whose archive has been looked at.
pub(crate) fn parse(bytes: &[u8], format: Format, stem: &str) -> Result<Document, Failure> {
    let mut parts = open(bytes)?;
    let mut content = Content::default();
    xml::read(CONTENT, &parts.require(CONTENT)?, &mut |event| {
        match event {
            Event::Open(tag) => content.open(&tag),
            Event::Text(text) => content.text(text),
            Event::Close(name) => content.close(name),
        }
        Ok(())
    })?;
    let facts = Facts::read(FACTS, parts.read(FACTS)?)?;
    let mut document = content.builder.finish(format, &[content.title.as_deref(), facts.title()], stem);
    document.pages = content.pages;
    facts.describe(&mut document);
    Ok(document)
}

#[derive(Default)]
struct Content {
    builder: TextBuilder,
    pages: Vec<Page>,
    /// What a paragraph of the style `Title` says.
    title: Option<String>,
    /// The elements around that are left out.
    skipped: usize,
    /// The paragraphs around: one in a note or frame stands inside another.
    paragraphs: Vec<Paragraph>,
    /// Paragraphs that follow the one they were anchored in.
    anchored: Vec<Paragraph>,
    /// Lists around.
    lists: usize,
    /// The tables around, outermost first.
    tables: Vec<Table>,
    /// Inside a frame that holds the slide's title.
    in_title: bool,
    slide: Option<Slide>,
}

struct Paragraph {
    kind: BlockKind,
    is_title: bool,
    text: String,
}

#[derive(Default)]
struct Table {
    rows: Rows,
    row: Vec<Cell>,
    /// The open paragraphs outside: what is deeper stands in the cell.
    outside: usize,
    /// Rows of tables inside the row.
    nested: Vec<Vec<String>>,
}

struct Slide {
    /// The blocks before it.
    first: usize,
    has_picture: bool,
}

impl Content {
    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name();
        let number = |name| tag.prefixed(name).and_then(|n| n.trim().parse::<usize>().ok());
        match name.as_str() {
            _ if self.skipped > 0 => self.skipped += 1,
            // Struck words, remarks, what repeats headings, numbers of notes, a small picture of the slide.
            "tracked-changes" | "annotation" | "table-of-content" | "note-citation" | "page-thumbnail"
            | "covered-table-cell" | "automatic-styles" => self.skipped = 1,
            "page" => self.slide = Some(Slide { first: self.builder.blocks(), has_picture: false }),
            "frame" => match tag.prefixed("class").as_deref() {
                Some("title") => self.in_title = true,
                Some("page-number" | "date-time" | "header" | "footer") => self.skipped = 1,
                _ => {}
            },
            "image" => self.slide.iter_mut().for_each(|slide| slide.has_picture = true),
            "list" => self.lists += 1,
            "h" => {
                let level = number("outline-level").unwrap_or(1).clamp(1, 6) as u8;
                self.start(BlockKind::Heading { level }, false);
            }
            "p" | "desc" => {
                let is_title = tag.prefixed("style-name").as_deref() == Some("Title");
                let kind = match self.lists {
                    _ if self.in_title => BlockKind::Heading { level: 1 },
                    0 => BlockKind::Paragraph,
                    _ => BlockKind::ListItem,
                };
                self.start(kind, is_title);
            }
            "s" => {
                let count = number("c").unwrap_or(1).min(MAX_SPACES);
                self.text(&" ".repeat(count));
            }
            "tab" => self.text("\t"),
            "line-break" => self.text("\n"),
            "table" => self.tables.push(Table { outside: self.paragraphs.len(), ..Table::default() }),
            "table-cell" => {
                if let Some(table) = self.tables.last_mut() {
                    let span = |name| number(name).unwrap_or(1);
                    let (rows, columns) = (span("number-rows-spanned"), span("number-columns-spanned"));
                    table.row.push(Cell { text: String::new(), rows, columns });
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.skipped == 0
            && let Some(paragraph) = self.paragraphs.last_mut()
        {
            paragraph.text.push_str(text);
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            _ if self.skipped > 0 => self.skipped -= 1,
            "p" | "h" | "desc" => self.end_paragraph(),
            "list" => self.lists = self.lists.saturating_sub(1),
            "frame" => self.in_title = false,
            "table-row" => self.end_row(),
            "table" => {
                self.tables.pop();
            }
            "page" => self.end_slide(),
            _ => {}
        }
    }

    fn start(&mut self, kind: BlockKind, is_title: bool) {
        self.paragraphs.push(Paragraph { kind, is_title, text: String::new() });
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else { return };
        if let Some(table) = self.tables.last_mut().filter(|table| self.paragraphs.len() >= table.outside)
            && let Some(cell) = table.row.last_mut()
        {
            cell.text.push_str(&paragraph.text);
            cell.text.push('\n');
            return;
        }
        if !self.paragraphs.is_empty() {
            self.anchored.push(paragraph);
            return;
        }
        for Paragraph { kind, is_title, text } in std::iter::once(paragraph).chain(self.anchored.drain(..)) {
            self.builder.push(kind, &text);
            if is_title && self.title.is_none() {
                self.title = Some(text);
            }
        }
    }

    /// A table inside a cell follows the row that holds it.
    fn end_row(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        let row = table.rows.next(std::mem::take(&mut table.row));
        let rows = std::iter::once(row).chain(table.nested.drain(..)).collect::<Vec<_>>();
        match self.tables.len().checked_sub(2).and_then(|outer| self.tables.get_mut(outer)) {
            Some(outer) => outer.nested.extend(rows),
            None => rows.iter().for_each(|row| self.builder.push_row(row)),
        }
    }

    fn end_slide(&mut self) {
        let Some(slide) = self.slide.take() else { return };
        let range = self.builder.range_after(slide.first);
        let status = match () {
            () if self.builder.blocks() > slide.first => PageStatus::Text,
            () if slide.has_picture => PageStatus::NoText,
            () => PageStatus::Blank,
        };
        let number = u32::try_from(self.pages.len() + 1).unwrap_or(u32::MAX);
        let (width, height, words) = (0.0, 0.0, Vec::new());
        self.pages.push(Page { number, label: None, range, width, height, status, words });
    }
}
