//! Markdown to blocks.

use std::borrow::Cow;

use citadel_core::{BlockKind, Document, Format};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::builder::TextBuilder;
use crate::html;
use crate::text::Decoded;

/// Front matter beyond this is no fact about the document but content.
const MAX_FACTS: usize = 50;
const MAX_FACT_CHARS: usize = 500;

/// A Markdown file.
pub(crate) fn parse(decoded: Decoded, stem: &str) -> Document {
    let mut builder = TextBuilder::default();
    let facts = blocks(&without_liquid(&decoded.text), &mut builder);
    let title = facts.iter().find(|(key, _)| key == "title").map(|(_, value)| value.clone());
    let mut document = builder.finish(Format::Markdown, &[title.as_deref()], stem);
    document.metadata.extend(facts);
    document.warnings = decoded.warnings;
    document
}

/// Appends the blocks of `markdown` and gives the front matter's plain `key: value` lines.
fn blocks(markdown: &str, builder: &mut TextBuilder) -> Vec<(String, String)> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
        | Options::ENABLE_WIKILINKS;
    let mut walk =
        Walk { builder, kind: BlockKind::Paragraph, text: String::new(), lists: Vec::new(), cells: None };
    let mut facts = Vec::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::End(TagEnd::MetadataBlock(_)) => facts = plain_facts(&std::mem::take(&mut walk.text)),
            Event::Start(Tag::HtmlBlock) => walk.flush(),
            Event::End(TagEnd::HtmlBlock) => {
                html::push(&std::mem::take(&mut walk.text), walk.builder);
            }
            Event::Html(part) => walk.text.push_str(&part),
            Event::Start(tag) => walk.start(&tag),
            Event::End(tag) => walk.end(tag),
            Event::Text(part) | Event::Code(part) => walk.text.push_str(&part),
            Event::SoftBreak => walk.text.push(' '),
            Event::HardBreak => walk.text.push('\n'),
            Event::InlineHtml(tag) if tag.get(..3).is_some_and(|t| t.eq_ignore_ascii_case("<br")) => {
                walk.text.push('\n');
            }
            Event::Rule => walk.flush(),
            // Marks that show no words: footnote numbers (their text follows as a paragraph), tick boxes, inline tags.
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::InlineHtml(_) => {}
            Event::InlineMath(part) | Event::DisplayMath(part) => walk.text.push_str(&part),
        }
    }
    walk.flush();
    facts
}

struct Walk<'a> {
    builder: &'a mut TextBuilder,
    /// What `text` will be.
    kind: BlockKind,
    text: String,
    /// The next number of each list around, outermost first; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// The cells of the row so far, inside a table.
    cells: Option<Vec<String>>,
}

impl Walk<'_> {
    /// Ends the block that `text` is, if any; what follows is running text or belongs to the list around.
    fn flush(&mut self) {
        self.builder.push(self.kind, &self.text);
        self.text.clear();
        self.kind = if self.lists.is_empty() { BlockKind::Paragraph } else { BlockKind::ListItem };
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush();
                self.kind = BlockKind::Heading { level: *level as u8 };
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.kind = BlockKind::Code;
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(*first);
            }
            Tag::Item => {
                self.flush();
                if let Some(Some(number)) = self.lists.last_mut() {
                    self.text.push_str(&format!("{number}. "));
                    *number += 1;
                }
            }
            // The number of an item stays with its first paragraph.
            Tag::Paragraph if !self.lists.is_empty() => {}
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_) => self.flush(),
            Tag::Table(_) => {
                self.flush();
                self.cells = Some(Vec::new());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
                self.kind = if self.lists.is_empty() { BlockKind::Paragraph } else { BlockKind::ListItem };
            }
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::CodeBlock
            | TagEnd::Item
            | TagEnd::BlockQuote(_)
            | TagEnd::FootnoteDefinition => self.flush(),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                self.cells.get_or_insert_default().push(cell);
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                if let Some(cells) = &mut self.cells {
                    self.builder.push_row(cells);
                    cells.clear();
                }
            }
            TagEnd::Table => self.cells = None,
            _ => {}
        }
    }
}

/// The lines `key: value` of YAML front matter. Nested values are left out.
fn plain_facts(yaml: &str) -> Vec<(String, String)> {
    let fact = |line: &str| {
        let (key, value) = line.split_once(": ")?;
        let value = value.trim();
        let quoted =
            value.len() >= 2 && ['"', '\''].iter().any(|q| value.starts_with(*q) && value.ends_with(*q));
        let value = if quoted { value.get(1..value.len() - 1)? } else { value };
        let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
        (plain && !value.is_empty() && value.chars().count() <= MAX_FACT_CHARS)
            .then(|| (key.to_owned(), value.to_owned()))
    };
    yaml.lines().filter_map(fact).take(MAX_FACTS).collect()
}

/// Without the `{% … %}` of site generators such as Jekyll, which break the links that they stand in. Words in quotes
/// among them, such as the heading of a box, are kept. Code is left as it is.
fn without_liquid(markdown: &str) -> Cow<'_, str> {
    if !markdown.starts_with("---") || !markdown.contains("{%") {
        return Cow::Borrowed(markdown);
    }
    let mut clean = String::with_capacity(markdown.len());
    for (at, part) in markdown.split("\n```").enumerate() {
        if at > 0 {
            clean.push_str("\n```");
        }
        let mut rest = part;
        // Every other part is inside a fence.
        while let Some((before, after)) = rest.split_once("{%").filter(|_| at % 2 == 0) {
            let Some((tag, behind)) = after.split_once("%}") else { break };
            clean.push_str(before);
            rest = behind;
            if before.ends_with('`') {
                clean.push_str("{%");
                rest = after;
            } else if before.ends_with('(') || before.trim_end().ends_with("]:") {
                // A link's address has to be something without spaces.
                clean.push('#');
            } else if let Some(words) = shown_words(tag) {
                clean.push_str(words);
            } else if before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty()) {
                // A tag alone on its line must not leave an empty one, which would end a block.
                rest = behind.strip_prefix('\n').unwrap_or(behind);
            }
        }
        clean.push_str(rest);
    }
    Cow::Owned(clean)
}

/// What a tag probably shows: a quoted value of several words, or the only one if it is no address.
fn shown_words(tag: &str) -> Option<&str> {
    let quoted = || tag.split('"').skip(1).step_by(2);
    quoted().find(|value| value.contains(' ')).or_else(|| {
        let only = quoted().next().filter(|value| !value.contains(['/', '.']));
        only.filter(|_| quoted().count() == 1)
    })
}
