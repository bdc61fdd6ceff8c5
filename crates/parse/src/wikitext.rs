//! Wikitext to blocks, as a reader of the page would see it.

mod markup;

use std::time::{Duration, Instant};

use citadel_core::BlockKind;
use parse_wiki_text_2::{Configuration, ConfigurationSource, Node, Output, Parameter, ParseError, TableRow};

use crate::builder::TextBuilder;
use crate::rows::{Cell, Rows};
use crate::templates;
use markup::{
    LEFT_OUT, heading_in_disguise, inside, is_too_deep, is_unshown_tag, only_attributes, prepared,
    shows_nothing, span, tidy,
};

/// An ordinary page takes milliseconds; the library is slow on some unclosed markup.
const PAGE_TIME: Duration = Duration::from_secs(5);
/// Deeper markup is no page that somebody wrote, and recursion has an end.
const MAX_DEPTH: usize = 1_000;

/// A wiki's own names for the things that are left out.
pub(crate) struct Dialect {
    files: Vec<String>,
    categories: Vec<String>,
    configuration: Configuration,
}

impl std::fmt::Debug for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialect").field("files", &self.files).field("categories", &self.categories).finish()
    }
}

impl Default for Dialect {
    fn default() -> Self {
        let files = ["file", "image", "media"].map(str::to_owned).to_vec();
        let categories = vec!["category".to_owned()];
        let configuration = configuration(&files, &categories);
        Self { files, categories, configuration }
    }
}

impl Dialect {
    /// Notes what the wiki calls namespace `key`.
    pub fn name_namespace(&mut self, key: i64, name: &str) {
        let names = match key {
            -2 | 6 => &mut self.files,
            14 => &mut self.categories,
            _ => return,
        };
        let name = name.trim().to_lowercase();
        // The library cannot hold a name that starts with another one and a colon.
        if !name.is_empty() && !name.contains(':') && !names.contains(&name) {
            names.push(name);
        }
    }

    /// Makes the names noted count.
    pub fn build(&mut self) {
        self.configuration = configuration(&self.files, &self.categories);
    }

    /// Appends the page's blocks; gives a warning where not all was read.
    ///
    /// # Errors
    /// The reason why the page cannot be read at all.
    pub fn read(&self, source: &str, builder: &mut TextBuilder) -> Result<Option<String>, &'static str> {
        if is_too_deep(source) {
            return Err("its markup is nested too deeply");
        }
        let source = &prepared(source);
        let begun = Instant::now();
        let (output, whole) = self.parse(source, PAGE_TIME);
        let mut walk = Walk {
            dialect: self,
            source,
            begun,
            whole,
            builder,
            kind: BlockKind::Paragraph,
            text: String::new(),
            cells: None,
            flat: false,
        };
        walk.nodes(&output.nodes, 0);
        walk.flush();
        let cut = !walk.whole;
        Ok(cut.then(|| "not all of it was read: the markup took too long".to_owned()))
    }

    /// What the library reads of `source` in this time, and whether that is all.
    fn parse<'a>(&self, source: &'a str, time: Duration) -> (Output<'a>, bool) {
        // The library takes zero for no limit.
        match self.configuration.parse_with_timeout(source, time.max(Duration::from_millis(1))) {
            Ok(output) => (output, true),
            Err(ParseError::TimedOut { output, .. }) => (output, false),
        }
    }
}

/// Whether the page only leads to another one. Dumps before version 0.6 do not mark it.
pub(crate) fn redirects(source: &str) -> bool {
    source.trim_start().get(..9).is_some_and(|start| start.eq_ignore_ascii_case("#REDIRECT"))
}

fn configuration(files: &[String], categories: &[String]) -> Configuration {
    fn borrow(names: &[String]) -> Vec<&str> {
        names.iter().map(String::as_str).collect()
    }
    Configuration::new(&ConfigurationSource {
        category_namespaces: &borrow(categories),
        file_namespaces: &borrow(files),
        extension_tags: &[
            "categorytree",
            "ce",
            "charinsert",
            "chem",
            "gallery",
            "graph",
            "hiero",
            "imagemap",
            "indicator",
            "inputbox",
            "mapframe",
            "maplink",
            "math",
            "nowiki",
            "poem",
            "pre",
            "ref",
            "references",
            "score",
            "section",
            "source",
            "syntaxhighlight",
            "templatedata",
            "templatestyles",
            "timeline",
        ],
        link_trail: "abcdefghijklmnopqrstuvwxyz",
        magic_words: &[
            "DISAMBIG",
            "FORCETOC",
            "HIDDENCAT",
            "INDEX",
            "NEWSECTIONLINK",
            "NOCC",
            "NOCONTENTCONVERT",
            "NOEDITSECTION",
            "NOGALLERY",
            "NOGLOBAL",
            "NOINDEX",
            "NONEWSECTIONLINK",
            "NOTC",
            "NOTITLECONVERT",
            "NOTOC",
            "STATICREDIRECT",
            "TOC",
        ],
        protocols: &[
            "//", "ftp://", "ftps://", "http://", "https://", "irc://", "mailto:", "news:", "sftp://", "tel:",
        ],
        redirect_magic_words: &["REDIRECT"],
    })
}

struct Walk<'a> {
    dialect: &'a Dialect,
    source: &'a str,
    builder: &'a mut TextBuilder,
    /// When the page was begun: all that is parsed in it has [`PAGE_TIME`] together.
    begun: Instant,
    /// Whether all of the page was parsed.
    whole: bool,
    /// What `text` will be.
    kind: BlockKind,
    text: String,
    /// The cells of the row so far, inside a table written in HTML.
    cells: Option<Vec<String>>,
    /// Inside a table cell, where blocks are only words.
    flat: bool,
}

impl Walk<'_> {
    /// Ends the block that `text` is, if any; what follows is running text.
    fn flush(&mut self) {
        if self.flat || self.cells.is_some() {
            self.text.push(' ');
            return;
        }
        let text = tidy(&self.text);
        match (self.kind, heading_in_disguise(&text)) {
            (BlockKind::Paragraph, Some((level, words))) => {
                self.builder.push(BlockKind::Heading { level }, words)
            }
            (kind, _) => self.builder.push(kind, &text),
        }
        self.text.clear();
        self.kind = BlockKind::Paragraph;
    }

    fn block(&mut self, kind: BlockKind, nodes: &[Node<'_>], depth: usize) {
        self.flush();
        self.kind = kind;
        self.nodes(nodes, depth);
        self.flush();
    }

    fn nodes(&mut self, nodes: &[Node<'_>], depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for node in nodes {
            self.node(node, depth + 1);
        }
    }

    fn node(&mut self, node: &Node<'_>, depth: usize) {
        match node {
            Node::Text { value, .. } => self.words(value),
            Node::CharacterEntity { character, .. } => self.text.push(*character),
            Node::ParagraphBreak { .. } | Node::HorizontalDivider { .. } => self.flush(),
            Node::Heading { level, nodes, .. } => {
                self.block(BlockKind::Heading { level: *level }, nodes, depth)
            }
            Node::Link { target, text, .. } => {
                if !shows_nothing(target, text) {
                    self.nodes(text, depth);
                }
            }
            Node::ExternalLink { nodes, .. } => self.external_link(nodes, depth),
            Node::UnorderedList { items, .. } => {
                items.iter().for_each(|item| self.block(BlockKind::ListItem, &item.nodes, depth));
            }
            Node::OrderedList { items, .. } => {
                for (number, item) in (1..).zip(items) {
                    self.flush();
                    self.kind = BlockKind::ListItem;
                    self.text.push_str(&format!("{number}. "));
                    self.nodes(&item.nodes, depth);
                    self.flush();
                }
            }
            Node::DefinitionList { items, .. } => {
                items.iter().for_each(|item| self.block(BlockKind::ListItem, &item.nodes, depth));
            }
            Node::Preformatted { nodes, .. } => self.block(BlockKind::Code, nodes, depth),
            Node::Table { captions, rows, .. } => {
                self.flush();
                for caption in captions {
                    self.block(BlockKind::Paragraph, &caption.content, depth);
                }
                self.table(rows, depth);
            }
            Node::Tag { name, nodes, start, end } => {
                self.extension(&name.to_lowercase(), nodes, *start..*end, depth)
            }
            Node::StartTag { name, .. } => self.html_tag(&name.to_lowercase(), true),
            Node::EndTag { name, .. } => self.html_tag(&name.to_lowercase(), false),
            Node::Template { name, parameters, .. } => self.template(name, parameters, depth),
            Node::Parameter { default: Some(nodes), .. } => self.nodes(nodes, depth),
            Node::Bold { .. }
            | Node::BoldItalic { .. }
            | Node::Italic { .. }
            | Node::Category { .. }
            | Node::Comment { .. }
            | Node::Image { .. }
            | Node::MagicWord { .. }
            | Node::Parameter { default: None, .. }
            | Node::Redirect { .. } => {}
        }
    }

    /// Rows; a table inside a cell follows the row that holds it.
    fn table(&mut self, rows: &[TableRow<'_>], depth: usize) {
        let mut spans = Rows::default();
        for row in rows {
            let cells = row.cells.iter().map(|cell| {
                let span = |name| span(cell.attributes.as_deref(), name);
                Cell {
                    text: self.cell(&cell.content, depth),
                    rows: span("rowspan"),
                    columns: span("colspan"),
                }
            });
            let cells = spans.next(cells.collect());
            if self.flat || self.cells.is_some() {
                self.text.push_str(&cells.join(" "));
                continue;
            }
            self.builder.push_row(&cells);
            for node in row.cells.iter().flat_map(|cell| &cell.content) {
                if matches!(node, Node::Table { .. }) {
                    self.node(node, depth + 1);
                }
            }
        }
    }

    /// The words of a cell without those of a table in it.
    fn cell(&mut self, content: &[Node<'_>], depth: usize) -> String {
        let text = std::mem::take(&mut self.text);
        let flat = std::mem::replace(&mut self.flat, true);
        for node in content {
            if flat || !matches!(node, Node::Table { .. }) {
                self.node(node, depth + 1);
            }
        }
        self.flat = flat;
        let words = std::mem::replace(&mut self.text, text);
        // A template may have brought the bar between a cell's attributes and its words.
        match words.contains(LEFT_OUT) && only_attributes(&words) {
            true => String::new(),
            false => tidy(&words),
        }
    }

    /// Plain text; a line break in it is a space, except in preformatted text.
    fn words(&mut self, value: &str) {
        let mut rest = value;
        while let Some((before, after)) = rest.split_once('<') {
            self.line(before);
            // Tags that the library does not know.
            match after.split_once('>') {
                Some((tag, behind)) if is_unshown_tag(tag) => rest = behind,
                _ => {
                    self.text.push('<');
                    rest = after;
                }
            }
        }
        self.line(rest);
    }

    fn line(&mut self, words: &str) {
        match self.kind {
            BlockKind::Code => self.text.push_str(words),
            _ => self.text.extend(words.chars().map(|c| if c == '\n' { ' ' } else { c })),
        }
    }

    /// The words of `nodes` on one line, without ending the block around.
    fn aside(&mut self, nodes: &[Node<'_>], depth: usize) -> String {
        let text = std::mem::take(&mut self.text);
        let flat = std::mem::replace(&mut self.flat, true);
        self.nodes(nodes, depth);
        self.flat = flat;
        tidy(&std::mem::replace(&mut self.text, text))
    }

    /// `[address label]`: the label, else the address.
    fn external_link(&mut self, nodes: &[Node<'_>], depth: usize) {
        let words = self.aside(nodes, depth);
        let words = words.trim();
        self.text.push_str(words.split_once(char::is_whitespace).map_or(words, |(_, label)| label.trim()));
    }

    fn extension(&mut self, name: &str, nodes: &[Node<'_>], range: std::ops::Range<usize>, depth: usize) {
        match name {
            "pre" | "source" | "syntaxhighlight" => {
                self.flush();
                self.kind = BlockKind::Code;
                self.text.push_str(inside(self.source.get(range).unwrap_or_default()));
                self.flush();
            }
            // Wikitext again, in which line breaks count.
            "poem" => {
                let lines = inside(self.source.get(range).unwrap_or_default()).replace('\n', "<br>\n");
                let (output, whole) =
                    self.dialect.parse(&lines, PAGE_TIME.saturating_sub(self.begun.elapsed()));
                self.whole &= whole;
                self.flush();
                // Another poem inside would double the work at each step.
                self.nodes(&output.nodes, depth + MAX_DEPTH / 4);
                self.flush();
            }
            "nowiki" | "math" | "chem" | "ce" => self.nodes(nodes, depth),
            // Notes, pictures, maps and the like show no running text.
            _ => self.text.push(LEFT_OUT),
        }
    }

    fn html_tag(&mut self, name: &str, opens: bool) {
        match name {
            "br" => self.text.push('\n'),
            "td" | "th" if opens => self.end_cell(),
            "tr" | "table" => {
                self.end_cell();
                let cells = self.cells.take().unwrap_or_default();
                self.builder.push_row(&cells);
                self.flush();
                if name == "tr" && opens {
                    self.cells = Some(Vec::new());
                }
            }
            "p" | "div" | "center" | "blockquote" | "ul" | "ol" | "dl" | "caption" => self.flush(),
            "li" | "dd" | "dt" => {
                self.flush();
                self.kind = if opens { BlockKind::ListItem } else { BlockKind::Paragraph };
            }
            _ => {
                let level =
                    name.strip_prefix('h').and_then(|n| n.parse().ok()).filter(|n| (1..=6).contains(n));
                if let Some(level) = level {
                    self.flush();
                    self.kind = if opens { BlockKind::Heading { level } } else { BlockKind::Paragraph };
                }
            }
        }
    }

    fn end_cell(&mut self) {
        if let Some(cells) = &mut self.cells {
            let cell = std::mem::take(&mut self.text);
            if !(cells.is_empty() && cell.trim().is_empty()) {
                cells.push(tidy(&cell));
            }
        }
    }

    /// Templates are not expanded, since their definitions are pages like any other and a program in all but name. A
    /// few say all in their call; a box of named facts becomes a table.
    fn template(&mut self, name: &[Node<'_>], parameters: &[Parameter<'_>], depth: usize) {
        let name = self.aside(name, depth).trim().to_lowercase().replace('_', " ");
        let between_blocks =
            !self.flat && self.cells.is_none() && self.text.trim_matches([LEFT_OUT, ' ', '\n']).is_empty();
        if between_blocks && templates::is_box(&name, parameters, self.builder.chars() == 0) {
            self.flush();
            for parameter in parameters {
                let Some(key) = &parameter.name else { continue };
                let key = self.aside(key, depth).replace('_', " ");
                let value = self.aside(&parameter.value, depth);
                if templates::is_fact(&key, &value) {
                    self.builder.push_row(&[key, value]);
                }
            }
            return;
        }
        let words = templates::words(&name, |wanted| {
            let mut unnamed = parameters.iter().filter(|parameter| parameter.name.is_none());
            unnamed.nth(wanted).map(|parameter| self.aside(&parameter.value, depth))
        });
        match words {
            Some(words) => self.text.push_str(&words),
            None => self.text.push(LEFT_OUT),
        }
    }
}
