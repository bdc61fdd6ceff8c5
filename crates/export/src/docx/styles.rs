//! The looks of a DOCX file, by styles that a text processor lists and a reader can change. Sizes are half points,
//! distances twentieths of a point.

use docx_rs::{
    BorderType, LineSpacing, LineSpacingType, ParagraphBorder, ParagraphBorderPosition, ParagraphBorders,
    RunFonts, SpecialIndentType, Style, StyleType, VertAlignType,
};

pub(super) const INK: &str = "1A1C20";
pub(super) const SOFT: &str = "5A5F69";
pub(super) const ACCENT: &str = "1F4E8C";
const LINE: &str = "D4D8DE";

/// How far what belongs to a numbered source stands in.
pub(super) const INDENT: i32 = 520;

/// Word's own serif; other programs have one of the same measures.
pub(super) fn serif() -> RunFonts {
    RunFonts::new().ascii("Cambria").hi_ansi("Cambria").cs("Cambria")
}

pub(super) fn fixed() -> RunFonts {
    RunFonts::new().ascii("Courier New").hi_ansi("Courier New").cs("Courier New")
}

pub(super) fn spacing(before: u32, after: u32) -> LineSpacing {
    LineSpacing::new().before(before).after(after).line(276).line_rule(LineSpacingType::Auto)
}

pub(super) fn all() -> Vec<Style> {
    vec![
        paragraph("Kicker", "Citadel Kicker", 17, SOFT, spacing(0, 160)).spaced(12),
        heading(1, 40, INK, spacing(60, 200).line(252)).bold(),
        bordered(
            heading(2, 23, ACCENT, spacing(480, 200)).bold(),
            ParagraphBorder::new(ParagraphBorderPosition::Bottom).size(4).space(5).color(LINE),
        ),
        heading(3, 22, INK, spacing(200, 40)).bold().indent(
            Some(INDENT),
            Some(SpecialIndentType::Hanging(INDENT)),
            None,
            None,
        ),
        bordered(paragraph("Summary", "Citadel Summary", 19, SOFT, spacing(0, 360)), bar(12, ACCENT)).indent(
            Some(160),
            None,
            None,
            None,
        ),
        bordered(paragraph("SummaryNotFound", "Citadel Not Found", 19, INK, spacing(0, 360)), bar(12, SOFT))
            .indent(Some(160), None, None, None),
        paragraph("Answer", "Citadel Answer", 24, INK, spacing(0, 160).line(300)),
        bordered(paragraph("Quotation", "Citadel Quotation", 20, INK, spacing(80, 80)), bar(8, LINE)).indent(
            Some(INDENT + 160),
            None,
            None,
            None,
        ),
        paragraph("Meta", "Citadel Meta", 18, SOFT, spacing(0, 40)),
        paragraph("SourceMeta", "Citadel Source", 18, SOFT, spacing(0, 40)).indent(
            Some(INDENT),
            None,
            None,
            None,
        ),
        paragraph("Fact", "Citadel Fact", 18, SOFT, spacing(0, 20)),
        paragraph("Check", "Citadel Self-check", 20, INK, spacing(0, 140)).indent(
            Some(2000),
            Some(SpecialIndentType::Hanging(2000)),
            None,
            None,
        ),
        paragraph("FootnoteText", "footnote text", 18, INK, spacing(0, 60).line(250)),
        paragraph("Foot", "footer", 16, SOFT, spacing(0, 0)),
        character("FootnoteReference", "footnote reference", |style| {
            style.run_property =
                style.run_property.clone().vert_align(VertAlignType::SuperScript).color(ACCENT);
        }),
        character("Doubt", "Citadel Unverified", |style| {
            style.run_property = style.run_property.clone().italic().size(20).color(SOFT);
        }),
    ]
}

fn paragraph(id: &str, name: &str, size: usize, colour: &str, spacing: LineSpacing) -> Style {
    Style::new(id, StyleType::Paragraph).name(name).size(size).color(colour).line_spacing(spacing)
}

/// A heading that stays with what it heads.
fn heading(level: usize, size: usize, colour: &str, spacing: LineSpacing) -> Style {
    let mut style = paragraph(&format!("Heading{level}"), &format!("heading {level}"), size, colour, spacing)
        .outline_lvl(level - 1);
    style.paragraph_property = style.paragraph_property.keep_next(true).keep_lines(true);
    style
}

fn character(id: &str, name: &str, look: impl FnOnce(&mut Style)) -> Style {
    let mut style = Style::new(id, StyleType::Character).name(name);
    look(&mut style);
    style
}

/// A line at the left.
fn bar(size: usize, colour: &str) -> ParagraphBorder {
    ParagraphBorder::new(ParagraphBorderPosition::Left)
        .val(BorderType::Single)
        .size(size)
        .space(8)
        .color(colour)
}

fn bordered(mut style: Style, border: ParagraphBorder) -> Style {
    style.paragraph_property =
        style.paragraph_property.set_borders(ParagraphBorders::with_empty().set(border));
    style
}

/// Letters further apart.
trait Spaced {
    fn spaced(self, by: i32) -> Self;
}

impl Spaced for Style {
    fn spaced(mut self, by: i32) -> Self {
        self.run_property = self.run_property.spacing(by);
        self
    }
}
