//! Answers as DOCX: headings, footnotes and page numbers that a text processor knows as such.
//!
//! Of the library's parts some are mended before they are packed: it writes no number into a footnote, no separator
//! above them, and no title.

mod styles;

use std::io::Cursor;

use docx_rs::{
    BreakType, Docx, Footer, Footnote, NumPages, PageMargin, PageNum, Paragraph, Run, SpecialIndentType, Tab,
    TabValueType, XMLDocx,
};

use crate::sheet::{Check, Entry, Note, Piece, Sheet, Shown, Source};

/// A4, and the text between its margins, in twentieths of a point.
const PAGE: (u32, u32) = (11906, 16838);
const MARGIN: i32 = 1700;
const WIDTH: usize = 11906 - 2 * 1700;

/// Stands where a footnote's own number goes. No text of others has it: it is a control character.
const NUMBER: &str = "\u{1}";

pub(crate) fn write(sheet: &Sheet) -> Result<Vec<u8>, String> {
    // First of all: it starts the numbering of paragraphs anew.
    let mut docx = Docx::new();
    for style in styles::all() {
        docx = docx.add_style(style);
    }
    docx = docx
        .default_fonts(styles::serif())
        .default_size(22)
        .page_size(PAGE.0, PAGE.1)
        .page_margin(PageMargin {
            top: 1600,
            left: MARGIN,
            bottom: 1600,
            right: MARGIN,
            header: 800,
            footer: 800,
            gutter: 0,
        })
        .footer(footer(sheet));
    if let Some(created) = sheet.answers.first().map(|a| a.created_at.as_str()).filter(|t| is_time(t)) {
        docx = docx.created_at(created).updated_at(created);
    }
    let mut paragraphs = vec![styled("Kicker", &sheet.kicker.to_uppercase())];
    for (at, answer) in sheet.answers.iter().enumerate() {
        entry(answer, at > 0, &mut paragraphs);
        paragraphs.push(styled("Meta", sheet.verify).line_spacing(styles::spacing(240, 0)));
    }
    for paragraph in paragraphs {
        docx = docx.add_paragraph(paragraph);
    }
    let mut parts = docx.build();
    mend(&mut parts, &sheet.title)?;
    let mut file = Cursor::new(Vec::new());
    parts.pack(&mut file).map_err(|e| e.to_string())?;
    Ok(file.into_inner())
}

fn entry(answer: &Entry, on_new_page: bool, out: &mut Vec<Paragraph>) {
    let question = styled("Heading1", &answer.question);
    out.push(if on_new_page { question.page_break_before(true) } else { question });
    out.push(styled(if answer.found { "Summary" } else { "SummaryNotFound" }, &answer.summary));
    for pieces in &answer.paragraphs {
        out.push(paragraph(pieces));
    }
    if !answer.sources.is_empty() {
        out.push(styled("Heading2", "Sources"));
        answer.sources.iter().for_each(|s| source(s, out));
    }
    if !answer.checks.is_empty() {
        out.push(styled("Heading2", "Self-check, sentence by sentence"));
        out.extend(answer.checks.iter().map(check));
    }
    if !answer.passages.is_empty() {
        out.push(styled("Heading2", answer.passages_title));
        answer.passages.iter().for_each(|p| passage(p, out));
    }
    out.push(styled("Heading2", "Record"));
    out.extend(answer.record.iter().map(|(name, value)| named(name, value, 0)));
}

fn paragraph(pieces: &[Piece]) -> Paragraph {
    let mut out = Paragraph::new().style("Answer");
    let mut after_note = false;
    for piece in pieces {
        let run = match piece {
            Piece::Text { text } => Run::new().add_text(text),
            Piece::Note(note) => {
                // Two numbers side by side would read as one.
                if after_note {
                    out = out.add_run(Run::new().style("FootnoteReference").add_text(", "));
                }
                Run::new().add_footnote_reference(footnote(note))
            }
            Piece::Unverified { text } => Run::new().style("Doubt").add_text(format!(" [{text}]")),
        };
        after_note = matches!(piece, Piece::Note(_));
        out = out.add_run(run);
    }
    out
}

fn footnote(note: &Note) -> Footnote {
    let mut quote = Run::new();
    if !note.quote.is_empty() {
        quote = lines(quote.add_text(" “"), &note.quote).add_text("”");
    }
    let content = Paragraph::new()
        .style("FootnoteText")
        .add_run(Run::new().style("FootnoteReference").add_text(NUMBER))
        .add_run(quote)
        .add_run(Run::new().color(styles::SOFT).add_text(format!(" {}", note.place)));
    // The library would count footnotes through the whole process.
    Footnote { id: note.number, content: vec![content] }
}

fn source(source: &Source, out: &mut Vec<Paragraph>) {
    out.push(numbered(&format!("[{}]", source.number), &source.title, ""));
    if !source.place.is_empty() {
        out.push(styled("SourceMeta", &source.place));
    }
    if let Some(unverified) = source.unverified {
        let unverified = Run::new().italic().color(styles::INK).add_text(unverified);
        out.push(Paragraph::new().style("SourceMeta").add_run(unverified));
    }
    if !source.quote.is_empty() {
        out.push(quotation(&source.quote));
    }
    out.push(styled("SourceMeta", &source.slice));
    out.extend(source.facts.iter().map(|(name, value)| named(name, value, styles::INDENT)));
}

fn passage(passage: &Shown, out: &mut Vec<Paragraph>) {
    out.push(numbered(&format!("{}.", passage.rank), &passage.title, &passage.told));
    if !passage.place.is_empty() {
        out.push(styled("SourceMeta", &passage.place));
    }
    if !passage.text.is_empty() {
        out.push(quotation(&passage.text));
    }
    if !passage.slice.is_empty() {
        out.push(styled("SourceMeta", &passage.slice));
    }
}

fn check(check: &Check) -> Paragraph {
    let tag = Run::new().size(17).add_text(&check.tag);
    let tag = if check.supported { tag.color(styles::ACCENT) } else { tag.bold() };
    let paragraph = Paragraph::new().style("Check").add_run(tag.add_tab());
    let mut paragraph = if check.removed {
        let gone = Run::new().strike().color(styles::SOFT).add_text(&check.text);
        paragraph.add_run(gone).add_run(Run::new().add_text(" This is not part of the answer."))
    } else {
        let marks = Run::new().color(styles::ACCENT).add_text(format!(" {}", check.marks));
        paragraph.add_run(Run::new().add_text(&check.text)).add_run(marks)
    };
    if !check.stages.is_empty() {
        let stages = Run::new().size(17).color(styles::SOFT).add_break(BreakType::TextWrapping);
        paragraph = paragraph.add_run(stages.add_text(&check.stages));
    }
    paragraph
}

fn styled(style: &str, text: &str) -> Paragraph {
    Paragraph::new().style(style).add_run(Run::new().add_text(text))
}

fn numbered(number: &str, title: &str, tag: &str) -> Paragraph {
    let number = Run::new().color(styles::ACCENT).add_text(number).add_tab();
    let mut paragraph =
        Paragraph::new().style("Heading3").add_run(number).add_run(Run::new().add_text(title));
    if !tag.is_empty() {
        let tag = Run::new().disable_bold().size(18).color(styles::SOFT).add_text(format!("  {tag}"));
        paragraph = paragraph.add_run(tag);
    }
    paragraph
}

fn quotation(quote: &[String]) -> Paragraph {
    Paragraph::new().style("Quotation").add_run(lines(Run::new(), quote))
}

/// A name and its value in a column of its own; hashes in letters of one width.
fn named(name: &str, value: &str, indent: i32) -> Paragraph {
    let hash = name.ends_with("SHA-256");
    let text = Run::new().add_text(value);
    Paragraph::new()
        .style("Fact")
        .indent(Some(indent + 2000), Some(SpecialIndentType::Hanging(2000)), None, None)
        .add_run(Run::new().add_text(name).add_tab())
        .add_run(if hash { text.fonts(styles::fixed()).size(14) } else { text })
}

fn lines(mut run: Run, lines: &[String]) -> Run {
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        run = run.add_text(line);
    }
    run
}

fn footer(sheet: &Sheet) -> Footer {
    let title = Run::new().add_text(&sheet.footer).add_tab();
    let paragraph = Paragraph::new()
        .style("Foot")
        .add_tab(Tab::new().val(TabValueType::Right).pos(WIDTH))
        .add_run(title)
        .add_page_num(PageNum::new())
        .add_run(Run::new().add_text(" / "))
        .add_num_pages(NumPages::new());
    Footer::new().add_paragraph(paragraph)
}

/// Whether it is of the letters of a time, which the library writes as it is.
fn is_time(text: &str) -> bool {
    text.len() >= 20 && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ':' | 'T' | 'Z' | '.'))
}

/// Separators above the footnotes, which the settings name.
const SEPARATORS: &str = "<w:footnote w:type=\"separator\" w:id=\"-1\"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>\
    <w:footnote w:type=\"continuationSeparator\" w:id=\"0\"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>";

fn mend(parts: &mut XMLDocx, title: &str) -> Result<(), String> {
    let number = format!("<w:t xml:space=\"preserve\">{NUMBER}</w:t>");
    replace(&mut parts.footnotes, &number, "<w:footnoteRef/>")?;
    if replace(
        &mut parts.footnotes,
        "<w:footnote w:id=\"1\">",
        &format!("{SEPARATORS}<w:footnote w:id=\"1\">"),
    )? {
        let named =
            "<w:footnotePr><w:footnote w:id=\"-1\"/><w:footnote w:id=\"0\"/></w:footnotePr><w:compat>";
        replace(&mut parts.settings, "<w:compat>", named)?;
    }
    let escaped = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let core = &mut parts.doc_props.core;
    replace(
        core,
        "<dc:creator>unknown</dc:creator>",
        &format!("<dc:title>{escaped}</dc:title><dc:creator>Citadel</dc:creator>"),
    )?;
    replace(core, "<cp:lastModifiedBy>unknown<", "<cp:lastModifiedBy>Citadel<")?;
    Ok(())
}

/// Puts `new` where `old` stands in a part, and says whether it stood there.
fn replace(part: &mut Vec<u8>, old: &str, new: &str) -> Result<bool, String> {
    let text = String::from_utf8(std::mem::take(part)).map_err(|e| e.to_string())?;
    let found = text.contains(old);
    *part = text.replace(old, new).into_bytes();
    Ok(found)
}
