//! Markdown of any dialect to blocks.

mod dialects;
mod front_matter;
mod tags;

use citadel_core::{BlockKind, Document, Format};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::builder::TextBuilder;
use crate::reader::Place;
use crate::text::Decoded;
use crate::{html, notion};

/// Endings of files that show no words.
const PICTURES: [&str; 9] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "avif", "tiff"];

/// A Markdown file.
pub(crate) fn parse(decoded: Decoded, place: &Place) -> Document {
    let Decoded { text, mut warnings } = decoded;
    let mut builder = TextBuilder::default();
    let exported = notion::is_page(place);
    let facts = match exported {
        true => blocks(&notion::with_properties_apart(&text), &mut builder, &mut warnings),
        false => blocks(&text, &mut builder, &mut warnings),
    };
    let title = facts.iter().find(|(key, _)| key == "title").map(|(_, value)| value.clone());
    let mut document = match exported {
        true => {
            builder.under(&notion::path(place)).finish(Format::Markdown, &[], notion::title(place.stem()))
        }
        false => builder.finish(Format::Markdown, &[title.as_deref()], place.stem()),
    };
    document.metadata.extend(facts);
    document.warnings = warnings;
    document
}

/// Appends the blocks of `markdown` and gives the facts of its front matter.
fn blocks(markdown: &str, builder: &mut TextBuilder, warnings: &mut Vec<String>) -> Vec<(String, String)> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_MATH
        | Options::ENABLE_WIKILINKS;
    let mut walk = Walk {
        builder,
        kind: BlockKind::Paragraph,
        text: String::new(),
        lists: Vec::new(),
        cells: None,
        wiki_link: None,
    };
    let mut facts = Vec::new();
    let common = dialects::to_common(&tags::without_tags(markdown));
    warnings.extend(common.warnings);
    for event in Parser::new_ext(&common.text, options) {
        match event {
            Event::End(TagEnd::MetadataBlock(_)) => {
                facts = front_matter::facts(&std::mem::take(&mut walk.text))
            }
            Event::Start(Tag::HtmlBlock) => walk.flush(),
            Event::End(TagEnd::HtmlBlock) => {
                warnings.extend(html::push_any(&std::mem::take(&mut walk.text), walk.builder));
            }
            Event::Html(part) => walk.text.push_str(&part),
            Event::Start(tag) => walk.start(&tag),
            Event::End(tag) => walk.end(tag),
            Event::Text(part) | Event::Code(part) => walk.text.push_str(&part),
            Event::SoftBreak => walk.text.push(' '),
            Event::HardBreak => walk.text.push('\n'),
            Event::InlineHtml(tag) => walk.inline_html(&tag),
            Event::Rule => walk.flush(),
            // It shows no words: the note's text follows as a paragraph.
            Event::FootnoteReference(_) => {}
            Event::TaskListMarker(done) => walk.text.push_str(if done { "[x] " } else { "[ ] " }),
            // With its marks, which may be the signs of dollars after all.
            Event::InlineMath(part) => walk.text.push_str(&format!("${part}$")),
            Event::DisplayMath(part) => walk.text.push_str(&format!("$${part}$$")),
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
    /// The length of `text` before the link between double brackets that is open, and whether it has words of its own.
    wiki_link: Option<(usize, bool)>,
}

impl Walk<'_> {
    /// Ends the block that `text` is, if any; what follows is running text or belongs to the list around.
    fn flush(&mut self) {
        self.builder.push(self.kind, &self.text);
        self.text.clear();
        self.kind = if self.lists.is_empty() { BlockKind::Paragraph } else { BlockKind::ListItem };
    }

    /// Of an element inside a line only a line break and a picture's description show something.
    fn inline_html(&mut self, tag: &str) {
        let is = |name: &str| tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        if is("<br") {
            self.text.push('\n');
        } else if is("<img")
            && let Some((_, alt)) = tag.split_once("alt=\"")
        {
            self.text.extend(alt.split('"').next());
        }
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
            Tag::DefinitionListTitle | Tag::DefinitionListDefinition => {
                self.flush();
                self.kind = BlockKind::ListItem;
            }
            Tag::Table(_) => {
                self.flush();
                self.cells = Some(Vec::new());
            }
            Tag::Link { link_type: LinkType::WikiLink { has_pothole }, .. } => {
                self.wiki_link = Some((self.text.len(), *has_pothole));
            }
            Tag::Image { link_type: LinkType::WikiLink { .. }, dest_url, .. } => {
                let ending = dest_url.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
                let is_picture = ending.is_some_and(|ending| PICTURES.contains(&ending.as_str()));
                // Of a picture not even the name is shown; what stands behind a bar may be its width.
                self.wiki_link = Some((self.text.len(), is_picture));
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
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::FootnoteDefinition => self.flush(),
            TagEnd::Link => {
                if let Some((start, false)) = self.wiki_link.take() {
                    let target = self.text.split_off(start.min(self.text.len()));
                    self.text.push_str(&shown_target(&target));
                }
            }
            TagEnd::Image => {
                if let Some((start, is_picture)) = self.wiki_link.take() {
                    let target = self.text.split_off(start.min(self.text.len()));
                    let shown = if is_picture { String::new() } else { shown_target(&target) };
                    self.text.push_str(&shown);
                }
            }
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

/// What a reader sees of a link to `Page#Heading#^block`.
fn shown_target(target: &str) -> String {
    let steps = target.split('#').map(str::trim).filter(|step| !step.is_empty() && !step.starts_with('^'));
    steps.collect::<Vec<_>>().join(" > ")
}
