//! Word documents, read by `undoc`.

use citadel_core::{BlockKind, Document, Format};
use undoc::{Block, ListType, Paragraph, Table};

use crate::Failure;
use crate::builder::TextBuilder;
use crate::rows::{Cell, Rows};

/// A DOCX file, whose archive has been looked at.
pub(crate) fn parse(bytes: &[u8], stem: &str) -> Result<Document, Failure> {
    let read = undoc::parse_bytes(bytes).map_err(|e| match e.kind() {
        undoc::ErrorKind::Encrypted => Failure::Encrypted,
        _ => Failure::Damaged(e.to_string()),
    })?;
    let mut builder = TextBuilder::default();
    let mut doc_title = None;
    for block in read.sections.iter().flat_map(|section| &section.content) {
        match block {
            Block::Paragraph(paragraph) => {
                if doc_title.is_none() && paragraph.style_name.as_deref() == Some("Title") {
                    doc_title = Some(text_of(paragraph));
                }
                push(paragraph, &mut builder);
            }
            Block::Table(table) => push_table(table, &mut builder, 0),
            Block::Note { content, .. } => content.iter().for_each(|paragraph| push(paragraph, &mut builder)),
            Block::Image { alt_text: Some(alt), .. } => builder.push(BlockKind::Paragraph, alt),
            Block::Image { .. } | Block::PageBreak | Block::SectionBreak => {}
        }
    }
    let facts = read.metadata;
    let mut document = builder.finish(Format::Docx, &[doc_title.as_deref(), facts.title.as_deref()], stem);
    for (key, value) in [("author", facts.author), ("timestamp", facts.modified.or(facts.created))] {
        document.metadata.extend(value.map(|value| (key.to_owned(), value)));
    }
    Ok(document)
}

fn push(paragraph: &Paragraph, builder: &mut TextBuilder) {
    let mut text = text_of(paragraph);
    let heading = paragraph.heading as u8;
    let kind = match &paragraph.list_info {
        _ if heading > 0 => BlockKind::Heading { level: heading.min(6) },
        Some(list) if list.list_type != ListType::None => {
            if let Some(number) = list.number.filter(|_| list.list_type == ListType::Numbered) {
                text = format!("{number}. {text}");
            }
            BlockKind::ListItem
        }
        _ => BlockKind::Paragraph,
    };
    builder.push(kind, &text);
}

/// The words without those struck by a tracked change; notes follow as paragraphs of their own.
fn text_of(paragraph: &Paragraph) -> String {
    let mut text = String::new();
    for run in paragraph.runs.iter().filter(|run| run.revision != undoc::model::RevisionType::Deleted) {
        text.push_str(&run.text);
        if run.line_break || run.page_break {
            text.push('\n');
        }
    }
    for image in &paragraph.images {
        if let Some(alt) = &image.alt_text {
            text.push('\n');
            text.push_str(alt);
        }
    }
    text
}

/// Rows; a table inside a cell follows the row that holds it.
fn push_table(table: &Table, builder: &mut TextBuilder, depth: usize) {
    if let Some(caption) = &table.caption {
        builder.push(BlockKind::Paragraph, caption);
    }
    let mut spans = Rows::default();
    for row in &table.rows {
        let cells = row.cells.iter().map(|cell| Cell {
            text: cell.content.iter().map(text_of).collect::<Vec<_>>().join("\n"),
            rows: cell.row_span as usize,
            columns: cell.col_span as usize,
        });
        builder.push_row(&spans.next(cells.collect()));
        for nested in row.cells.iter().flat_map(|cell| &cell.nested_tables).filter(|_| depth < 20) {
            push_table(nested, builder, depth + 1);
        }
    }
}
