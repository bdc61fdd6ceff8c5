//! HTML: the page's main content, its blocks and tables.

use std::collections::BTreeMap;

use citadel_core::{BlockKind, Document, Format};
use dom_query::NodeRef;
use dom_smoothie::{Article, ParsePolicy, Readability};

use crate::builder::TextBuilder;
use crate::notion;
use crate::reader::Place;
use crate::rows::{Cell, Rows};
use crate::text::Decoded;

/// What is taken for the main content has to hold this share of the page's text: a menu too many costs less than a
/// paragraph too few.
const LEAST_SHARE: f64 = 0.5;
/// A larger page is data, not an article; finding its main content would take minutes.
const MAX_ARTICLE_BYTES: usize = 8 << 20;
/// Elements inside each other; the libraries take quadratic time, and no page for people comes near.
const MAX_DEPTH: usize = 2_000;

/// An HTML page.
pub(crate) fn parse(decoded: Decoded, place: &Place) -> Document {
    let stem = place.stem();
    let Decoded { text: html, mut warnings } = decoded;
    if is_too_deep(&html) {
        let mut builder = TextBuilder::default();
        warnings.extend(push_any(&html, &mut builder));
        let mut document = builder.finish(Format::Html, &[], stem);
        document.warnings = warnings;
        return document;
    }
    let page = dom_query::Document::from(html.as_str());
    if let Some((article, title)) = notion::article(&page) {
        let builder = read(&article).under(&notion::path(place));
        let mut document = builder.finish(Format::Html, &[Some(&title)], notion::title(stem));
        document.warnings = warnings;
        return document;
    }
    let whole = read(&page.root());
    let article = article(&html);
    let holds_most = |content: &TextBuilder| content.chars() as f64 >= LEAST_SHARE * whole.chars() as f64;
    // What the page itself calls its main content is better than what a library finds.
    let named = main_element(&page).map(|main| read(&main)).filter(holds_most);
    let found = || {
        let mut content = read(&dom_query::Document::from(article.as_ref()?.content.clone()).root());
        // The library makes second-level headings of first-level ones.
        content.take_levels(&whole);
        Some(content).filter(holds_most)
    };
    let builder = named.or_else(found).unwrap_or(whole);
    let title = article.as_ref().map(|article| article.title.as_str());
    let mut document = builder.finish(Format::Html, &[title], stem);
    document.metadata = article.as_ref().map(facts).unwrap_or_default();
    document.warnings = warnings;
    document
}

fn article(html: &str) -> Option<Article> {
    if html.len() > MAX_ARTICLE_BYTES {
        return None;
    }
    // The stricter policies throw out lists and tables that look like menus.
    Readability::new(html, None, None).ok()?.parse_with_policy(ParsePolicy::Raw).ok()
}

/// The most elements open at once, roughly: those that are seldom closed do not count.
fn depth(html: &str) -> usize {
    const UNCLOSED: [&str; 25] = [
        "p", "li", "td", "th", "tr", "dt", "dd", "option", "thead", "tbody", "tfoot", "br", "img", "input",
        "hr", "meta", "link", "col", "colgroup", "source", "wbr", "area", "base", "embed", "param",
    ];
    let (mut open, mut most) = (0usize, 0usize);
    for tag in html.split('<').skip(1) {
        let closes = tag.starts_with('/');
        let name = tag
            .trim_start_matches('/')
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        if name.is_empty() || UNCLOSED.iter().any(|unclosed| name.eq_ignore_ascii_case(unclosed)) {
            continue;
        }
        open = if closes { open.saturating_sub(1) } else { open + 1 };
        most = most.max(open);
    }
    most
}

fn without_tags(html: &str) -> String {
    let mut words = String::with_capacity(html.len());
    for (at, part) in html.split('<').enumerate() {
        let skipped = if at == 0 { 0 } else { part.find('>').map_or(part.len(), |end| end + 1) };
        words.push_str(part.get(skipped..).unwrap_or_default());
        words.push(' ');
    }
    words
}

fn facts(article: &Article) -> BTreeMap<String, String> {
    let facts = [
        ("author", &article.byline),
        ("language", &article.lang),
        (
            "timestamp",
            if article.modified_time.is_some() { &article.modified_time } else { &article.published_time },
        ),
        ("site", &article.site_name),
    ];
    facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?))).collect()
}

/// The one element that is marked as the main content.
fn main_element(page: &dom_query::Document) -> Option<NodeRef<'_>> {
    let root = page.root();
    let is_main = |node: &NodeRef<'_>| {
        node.has_name("main") || node.attr("role").is_some_and(|role| role.as_ref() == "main")
    };
    let mut mains = root.descendants_it().filter(is_main);
    mains.next().filter(|_| mains.next().is_none())
}

fn read(node: &NodeRef<'_>) -> TextBuilder {
    let mut builder = TextBuilder::default();
    push_node(node, 0, &mut builder);
    builder
}

/// Appends the blocks of a piece of HTML.
pub(crate) fn push(html: &str, builder: &mut TextBuilder) {
    push_node(&dom_query::Document::from(html).root(), 0, builder);
}

/// Appends the blocks of an element, with its headings one level lower.
pub(crate) fn push_below(node: &NodeRef<'_>, builder: &mut TextBuilder) {
    push_node(node, 1, builder);
}

/// Whether elements lie so deep in each other that only [`push_any`] should read them.
pub(crate) fn is_too_deep(html: &str) -> bool {
    depth(html) > MAX_DEPTH
}

/// Appends the blocks of a whole page, however deep it is nested; gives a warning if that was too deep.
pub(crate) fn push_any(html: &str, builder: &mut TextBuilder) -> Option<String> {
    if !is_too_deep(html) {
        push(html, builder);
        return None;
    }
    push(&without_tags(html), builder);
    Some(format!("elements are nested more than {MAX_DEPTH} deep: only the words were read"))
}

fn push_node(node: &NodeRef<'_>, lower: u8, builder: &mut TextBuilder) {
    let text = String::new();
    let mut walk = Walk { builder, kind: BlockKind::Paragraph, text, lists: Vec::new(), flat: false, lower };
    walk.children(node, 0);
    walk.flush();
}

struct Walk<'a> {
    builder: &'a mut TextBuilder,
    /// What `text` will be.
    kind: BlockKind,
    text: String,
    /// The next number of each list around, outermost first; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// Inside a table cell, where blocks are only words.
    flat: bool,
    /// By how many levels headings go down.
    lower: u8,
}

impl Walk<'_> {
    /// Ends the block that `text` is, if any; what follows is running text or belongs to the list around.
    fn flush(&mut self) {
        if self.flat {
            self.text.push('\n');
            return;
        }
        self.builder.push(self.kind, &self.text);
        self.text.clear();
        self.kind = self.next_kind();
    }

    fn block(&mut self, kind: BlockKind, node: &NodeRef<'_>, depth: usize) {
        self.flush();
        self.kind = kind;
        self.children(node, depth);
        self.flush();
    }

    fn children(&mut self, node: &NodeRef<'_>, depth: usize) {
        for child in node.children_it(false) {
            self.node(&child, depth + 1);
        }
    }

    fn node(&mut self, node: &NodeRef<'_>, depth: usize) {
        if node.is_text() || depth > 2 * MAX_DEPTH {
            let text = node.text();
            self.text.extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
            return;
        }
        let Some(name) = node.node_name() else { return };
        match name.as_ref() {
            // The heading of what folds is one.
            "button" if matches!(self.kind, BlockKind::Heading { .. }) => self.children(node, depth),
            // No content for a reader.
            "script" | "style" | "noscript" | "template" | "head" | "nav" | "footer" | "svg" | "iframe"
            | "object" | "button" | "select" | "textarea" | "dialog" => {}
            _ if node.has_attr("hidden") => {}
            "br" => self.text.push('\n'),
            "input" if node.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox")) => {
                self.tick(node.has_attr("checked"));
            }
            "div" if node.has_class("checkbox") => self.tick(node.has_class("checkbox-on")),
            // A formula is written twice: for programs, with its source, and for the eye.
            "span" if node.has_class("katex-html") => {}
            "math" => match node.descendants_it().find(|part| part.has_name("annotation")) {
                Some(source) => self.text.push_str(&source.text()),
                None => self.children(node, depth),
            },
            "span" if node.has_class("icon") => {}
            "span" if node.has_class("selected-value") => {
                if node.prev_sibling().is_some_and(|before| before.has_class("selected-value")) {
                    self.text.push_str(", ");
                }
                self.children(node, depth);
            }
            "summary" if let Some(level) = heading_of_toggle(node) => {
                self.block(BlockKind::Heading { level }, node, depth);
            }
            "img" => self.text.extend(node.attr("alt").map(|alt| format!(" {alt} "))),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name.bytes().nth(1).map_or(1, |digit| digit - b'0');
                self.block(BlockKind::Heading { level: (level + self.lower).min(6) }, node, depth);
            }
            "pre" => {
                self.flush();
                self.kind = BlockKind::Code;
                self.text.push_str(&node.text());
                self.flush();
            }
            "ul" | "ol" => {
                self.flush();
                let first = node.attr("start").and_then(|start| start.parse().ok()).unwrap_or(1);
                self.lists.push((name.as_ref() == "ol").then_some(first));
                self.children(node, depth);
                self.flush();
                self.lists.pop();
                self.flush();
            }
            "li" => {
                self.flush();
                self.kind = BlockKind::ListItem;
                if let Some(Some(number)) = self.lists.last_mut() {
                    self.text.push_str(&format!("{number}. "));
                    *number = number.saturating_add(1);
                }
                self.children(node, depth);
                self.flush();
            }
            // The number of an item stays with its first paragraph.
            "p" | "div" if self.is_item_number() => {
                self.children(node, depth);
                self.flush();
            }
            "dt" | "dd" => self.block(BlockKind::ListItem, node, depth),
            "table" => self.table(node, depth),
            // The handle of a heading that links to itself.
            "a" if matches!(node.text().trim(), "#" | "§" | "¶" | "🔗") => {}
            "sup" if is_note_mark(&node.text()) => {}
            "address" | "article" | "aside" | "blockquote" | "body" | "caption" | "center" | "details"
            | "div" | "dl" | "fieldset" | "figcaption" | "figure" | "form" | "header" | "hr" | "html"
            | "legend" | "main" | "p" | "section" | "summary" | "td" | "th" | "tr" => {
                self.block(self.next_kind(), node, depth)
            }
            _ => self.children(node, depth),
        }
    }

    /// The state of a box to tick: a word in a table, as in its export as values, and a mark elsewhere, as in Markdown.
    fn tick(&mut self, is_on: bool) {
        self.text.push_str(match (self.flat, is_on) {
            (true, true) => "Yes",
            (true, false) => "No",
            (false, true) => "[x] ",
            (false, false) => "[ ] ",
        });
    }

    fn next_kind(&self) -> BlockKind {
        if self.lists.is_empty() { BlockKind::Paragraph } else { BlockKind::ListItem }
    }

    fn is_item_number(&self) -> bool {
        self.kind == BlockKind::ListItem
            && self.text.strip_suffix(". ").is_some_and(|n| n.parse::<u64>().is_ok())
    }

    /// Rows; a table inside a cell follows the row that holds it.
    fn table(&mut self, table: &NodeRef<'_>, depth: usize) {
        self.flush();
        let parts = table.element_children();
        for caption in parts.iter().filter(|part| part.has_name("caption")) {
            self.block(BlockKind::Paragraph, caption, depth + 1);
        }
        let rows = parts.iter().flat_map(|part| match part.has_name("tr") {
            true => vec![*part],
            false => children_named(*part, &["tr"]),
        });
        let rows: Vec<Vec<NodeRef<'_>>> = rows.map(|row| children_named(row, &["td", "th"])).collect();
        if !self.flat && is_layout(table, &rows) {
            for cell in rows.iter().flatten() {
                self.block(self.next_kind(), cell, depth + 1);
            }
            return;
        }
        let mut spans = Rows::default();
        for row in &rows {
            let cells = row.iter().map(|cell| {
                let span = |name| cell.attr(name).and_then(|n| n.trim().parse().ok()).unwrap_or(1);
                Cell { text: self.cell(cell, depth), rows: span("rowspan"), columns: span("colspan") }
            });
            let cells = spans.next(cells.collect());
            if self.flat {
                self.text.push_str(&cells.join(" "));
                self.flush();
                continue;
            }
            self.builder.push_row(&cells);
            for nested in row.iter().flat_map(|cell| children_named(*cell, &["table"])) {
                self.node(&nested, depth + 1);
            }
        }
    }

    /// The words of a cell without those of a table in it.
    fn cell(&mut self, cell: &NodeRef<'_>, depth: usize) -> String {
        let text = std::mem::take(&mut self.text);
        let (flat, kind) = (std::mem::replace(&mut self.flat, true), self.kind);
        for child in cell.children_it(false) {
            if flat || !child.has_name("table") {
                self.node(&child, depth + 1);
            }
        }
        (self.flat, self.kind) = (flat, kind);
        std::mem::replace(&mut self.text, text)
    }
}

/// The level of a heading that folds what is below it: Notion's exports tell by its size.
fn heading_of_toggle(summary: &NodeRef<'_>) -> Option<u8> {
    let style = summary.attr("style")?;
    let sizes = [("font-size:1.875em", 1), ("font-size:1.5em", 2), ("font-size:1.25em", 3)];
    sizes.into_iter().find(|(size, _)| style.contains(size)).map(|(_, level)| level)
}

fn children_named<'a>(node: NodeRef<'a>, names: &[&str]) -> Vec<NodeRef<'a>> {
    node.element_children()
        .into_iter()
        .filter(|child| names.iter().any(|name| child.has_name(name)))
        .collect()
}

/// Whether a table only places things on the page: one column, or headings in its cells, and no cell that heads
/// others.
fn is_layout(table: &NodeRef<'_>, rows: &[Vec<NodeRef<'_>>]) -> bool {
    let cells = || rows.iter().flatten();
    let heads = cells().any(|cell| cell.has_name("th"));
    let one_column = rows.iter().all(|row| row.len() <= 1);
    let headings = || cells().any(|cell| !children_named(*cell, &["h1", "h2", "h3"]).is_empty());
    let said = table.attr("role").is_some_and(|role| matches!(role.as_ref(), "presentation" | "none"));
    said || (!heads && (one_column || headings()))
}

/// `[12]` above the line points at a note, and would look like one of an answer's own citations.
fn is_note_mark(text: &str) -> bool {
    let inner = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|n| (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_alphanumeric()))
}
