//! PowerPoint presentations: each slide is a page, its speaker notes follow its text.

mod chart;

use citadel_core::{BlockKind, Document, Format, Page, PageStatus};

use crate::Failure;
use crate::archive::Parts;
use crate::builder::TextBuilder;
use crate::facts::Facts;
use crate::ooxml::{self, relations};
use crate::rows::{Cell, Rows};
use crate::xml::{self, Event, Tag};

const PRESENTATION: &str = "ppt/presentation.xml";
/// Lengths are in English Metric Units.
const UNITS_PER_POINT: f32 = 12_700.0;
/// More than any program lets a person make.
const MAX_SLIDES: usize = 10_000;

/// A PPTX file, whose archive has been looked at.
pub(crate) fn parse(bytes: &[u8], stem: &str) -> Result<Document, Failure> {
    let mut parts = Parts::open(bytes)?;
    let Outline { slides, size } = outline(&mut parts)?;
    let mut builder = TextBuilder::default();
    let mut pages = Vec::new();
    let mut broken = None;
    for (number, part) in (1u32..).zip(slides) {
        let first = builder.blocks();
        let status = match part.and_then(|part| push_slide(&part, &mut parts, &mut builder)) {
            Ok(status) => status,
            Err(failure) => {
                let status = PageStatus::Unreadable(failure.to_string());
                broken = Some(failure);
                status
            }
        };
        let range = builder.range_after(first);
        let [width, height] = size;
        pages.push(Page { number, label: None, range, width, height, status, words: Vec::new() });
    }
    if let (true, Some(failure)) = (builder.blocks() == 0, broken) {
        return Err(failure);
    }
    let facts = Facts::read(ooxml::CORE_FACTS, parts.read(ooxml::CORE_FACTS)?)?;
    // What the program itself writes as long as nobody gives a title, in many languages.
    let title = facts.title().filter(|title| !title.starts_with("PowerPoint"));
    let mut document = builder.finish(Format::Pptx, &[title], stem);
    document.pages = pages;
    facts.describe(&mut document);
    Ok(document)
}

/// What the presentation's main part says.
struct Outline {
    /// The parts of the slides in order.
    slides: Vec<Result<String, Failure>>,
    /// Width and height of every slide, in points.
    size: [f32; 2],
}

fn outline(parts: &mut Parts<'_>) -> Result<Outline, Failure> {
    let mut targets = relations(parts, PRESENTATION)?;
    let mut outline = Outline { slides: Vec::new(), size: [0.0; 2] };
    xml::read(PRESENTATION, &parts.require(PRESENTATION)?, &mut |event| {
        let Event::Open(tag) = event else { return Ok(()) };
        match tag.name().as_str() {
            "sldSz" => {
                let length = |name| tag.attribute(name).and_then(|units| units.parse::<u32>().ok());
                outline.size = ["cx", "cy"].map(|name| length(name).unwrap_or(0) as f32 / UNITS_PER_POINT);
            }
            "sldId" => {
                // Each slide once: a list that names one many times would be a bomb.
                let target = tag.prefixed("id").and_then(|id| targets.remove(&id));
                let part = target.map(|relation| relation.target);
                outline.slides.push(part.ok_or_else(|| Failure::Damaged("a slide has no part".into())));
            }
            _ => {}
        }
        match outline.slides.len() > MAX_SLIDES {
            true => Err(Failure::TooLarge(format!("more than {MAX_SLIDES} slides"))),
            false => Ok(()),
        }
    })?;
    Ok(outline)
}

/// Appends a slide, its charts and its notes.
fn push_slide(part: &str, parts: &mut Parts<'_>, builder: &mut TextBuilder) -> Result<PageStatus, Failure> {
    let mut slide = read(part, true, parts)?;
    let mut notes = Slide::default();
    let mut targets = relations(parts, part)?;
    // Each chart once.
    for chart in slide.charts.drain(..).filter_map(|id| targets.remove(&id)) {
        slide.pieces.extend(chart::read(&chart.target, parts)?.into_iter().map(Piece::row));
    }
    if let Some(relation) = targets.values().find(|relation| relation.kind == "notesSlide") {
        notes = read(&relation.target, false, parts)?;
    }
    let first = builder.blocks();
    // A title stands first on the slide, wherever it stands in the file.
    let (titles, rest): (Vec<_>, Vec<_>) = slide.pieces.iter().partition(|piece| piece.role == Role::Title);
    // Of the notes page the notes only: it also shows the slide and a page number.
    let notes = notes.pieces.iter().filter(|piece| piece.role == Role::Body);
    for piece in titles.into_iter().chain(rest).chain(notes) {
        match &piece.content {
            Content::Block(kind, text) => builder.push(*kind, text),
            Content::Row(cells) => builder.push_row(cells),
        }
    }
    Ok(match () {
        () if builder.blocks() > first => PageStatus::Text,
        () if slide.has_picture => PageStatus::NoText,
        () => PageStatus::Blank,
    })
}

/// What a placeholder is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Role {
    Title,
    /// The outline of the slide, or the notes of a notes page.
    Body,
    /// Date, footer and number: the same on every slide.
    Furniture,
    #[default]
    Other,
}

impl Role {
    fn of(placeholder: &Tag<'_>) -> Self {
        match placeholder.attribute("type").as_deref() {
            Some("title" | "ctrTitle") => Self::Title,
            None | Some("body" | "obj") => Self::Body,
            Some("dt" | "ftr" | "hdr" | "sldNum" | "sldImg") => Self::Furniture,
            Some(_) => Self::Other,
        }
    }
}

struct Piece {
    role: Role,
    content: Content,
}

impl Piece {
    fn row(cells: Vec<String>) -> Self {
        Self { role: Role::Other, content: Content::Row(cells) }
    }
}

enum Content {
    Block(BlockKind, String),
    Row(Vec<String>),
}

#[derive(Default)]
struct Slide {
    pieces: Vec<Piece>,
    has_picture: bool,
    /// The names of the relations to its charts.
    charts: Vec<String>,
    /// Whether paragraphs of the body are list items unless they say otherwise.
    bulleted: bool,
    role: Role,
    /// Whether the paragraph has a bullet or number of its own, if it says.
    bullet: Option<bool>,
    /// The paragraph so far.
    text: String,
    /// Inside the element that holds words.
    in_words: bool,
    /// Inside a second version of something for older programs.
    in_fallback: usize,
    table: Option<Table>,
}

#[derive(Default)]
struct Table {
    rows: Rows,
    row: Vec<Cell>,
    /// Whether the open cell is covered by another.
    covered: bool,
}

fn read(part: &str, bulleted: bool, parts: &mut Parts<'_>) -> Result<Slide, Failure> {
    let mut slide = Slide { bulleted, ..Slide::default() };
    xml::read(part, &parts.require(part)?, &mut |event| {
        match event {
            Event::Open(tag) => slide.open(&tag),
            Event::Text(text) if slide.in_words && slide.in_fallback == 0 => slide.text.push_str(text),
            Event::Text(_) => {}
            Event::Close(name) => slide.close(name),
        }
        Ok(())
    })?;
    Ok(slide)
}

impl Slide {
    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name();
        if name == "Fallback" || self.in_fallback > 0 {
            self.in_fallback += 1;
            return;
        }
        match name.as_str() {
            "sp" | "graphicFrame" | "cxnSp" => self.role = Role::Other,
            "pic" => {
                self.role = Role::Other;
                self.has_picture = true;
            }
            "ph" => self.role = Role::of(tag),
            "cNvPr" => {
                let text = tag.attribute("descr").unwrap_or_default();
                self.push(Content::Block(BlockKind::Paragraph, text));
            }
            "p" => self.bullet = None,
            "buNone" => self.bullet = Some(false),
            "buChar" | "buAutoNum" | "buBlip" => self.bullet = Some(true),
            "chart" => self.charts.extend(tag.prefixed("id")),
            "br" => self.text.push('\n'),
            "t" => self.in_words = true,
            "tbl" => self.table = Some(Table::default()),
            "tc" => {
                if let Some(table) = &mut self.table {
                    let span = |name| tag.attribute(name).and_then(|n| n.parse().ok()).unwrap_or(1);
                    let covers = |name| tag.attribute(name).is_some_and(|v| v == "1" || v == "true");
                    table.covered = covers("hMerge") || covers("vMerge");
                    if !table.covered {
                        let (rows, columns) = (span("rowSpan"), span("gridSpan"));
                        table.row.push(Cell { text: String::new(), rows, columns });
                    }
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.in_fallback > 0 {
            self.in_fallback -= 1;
            return;
        }
        match (name, &mut self.table) {
            ("t", _) => self.in_words = false,
            ("p", Some(table)) => {
                let text = std::mem::take(&mut self.text);
                if let Some(cell) = table.row.last_mut().filter(|_| !table.covered) {
                    cell.text.push_str(&text);
                    cell.text.push('\n');
                }
            }
            ("p", None) => {
                let listed = self.bullet.unwrap_or(self.bulleted && self.role == Role::Body);
                let kind = match self.role {
                    Role::Title => BlockKind::Heading { level: 1 },
                    _ if listed => BlockKind::ListItem,
                    _ => BlockKind::Paragraph,
                };
                let text = std::mem::take(&mut self.text);
                self.push(Content::Block(kind, text));
            }
            ("tr", Some(table)) => {
                let row = table.rows.next(std::mem::take(&mut table.row));
                self.push(Content::Row(row));
            }
            ("tbl", _) => self.table = None,
            _ => {}
        }
    }

    fn push(&mut self, content: Content) {
        if self.role != Role::Furniture {
            self.pieces.push(Piece { role: self.role, content });
        }
    }
}
