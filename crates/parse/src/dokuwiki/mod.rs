//! Pages of a DokuWiki, which are text files; folders are namespaces.

mod inline;

use citadel_core::{BlockKind, Document, Format};

use crate::builder::{TextBuilder, one_line};
use crate::reader::Place;
use crate::rows::MAX_REPEATED_CHARS;
use crate::text::Decoded;

/// The folder around all pages.
const PAGES: &str = "pages";
/// Lists inside each other.
const MAX_LISTS: usize = 50;
/// Markup that a file must show to be taken for a page, by [`evidence`].
const ENOUGH: usize = 4;
/// The same where a folder `pages` is above it.
const ENOUGH_BELOW_PAGES: usize = 2;

/// Whether a text file that begins with `head` is a page, and no other text: its markup tells, or its folders do.
pub(crate) fn is_page(head: &str, folders: &[String]) -> bool {
    let mut steps = folders.windows(2);
    if steps.any(|pair| matches!(pair, [data, pages] if data == "data" && pages == PAGES)) {
        return true;
    }
    let enough = if folders.iter().any(|folder| folder == PAGES) { ENOUGH_BELOW_PAGES } else { ENOUGH };
    evidence(head) >= enough
}

/// Points for each kind of markup that is found. A heading alone is not enough: people underline and frame with `=`.
fn evidence(head: &str) -> usize {
    let (mut headings, mut top, mut items, mut heads) = (0, 0, 0, 0);
    for line in head.lines() {
        if let Some((level, _)) = heading(line) {
            headings += 1;
            top += usize::from(level <= 2);
        }
        items += usize::from(item(line).is_some());
        heads += usize::from(line.starts_with("^ ") && line.trim_end().ends_with('^'));
    }
    let has = |marks: &[&str]| usize::from(marks.iter().any(|mark| head.contains(mark)));
    let link = head.split("[[").skip(1).any(|link| {
        let end = link.find("]]").unwrap_or(0);
        link.get(..end).is_some_and(|target| !target.is_empty() && !target.contains('\n'))
    });
    let medium = head.split("{{").skip(1).any(|medium| {
        let target = medium.split(['|', '}', '\n']).next().unwrap_or_default();
        target.trim_start().starts_with(':') || (target.contains('.') && target.contains('?'))
    });
    if headings == 0 && heads == 0 {
        return 0;
    }
    // Other wikis write `== Heading ==` too, but begin there and not with five or six signs.
    2 * usize::from(top > 0)
        + 2 * usize::from(heads > 0)
        + usize::from(headings > 1)
        + usize::from(items > 0)
        + usize::from(link)
        + 2 * usize::from(medium)
        + has(&["</code>", "</file>", "</nowiki>", "</WRAP>", "</note>"])
        + 3 * has(&["~~NOTOC~~", "~~NOCACHE~~", "{{tag>", "{{page>"])
        + has(&["\\\\ ", "\\\\\n"])
}

/// The level and words of a heading: from six signs, which is the highest, to two.
fn heading(line: &str) -> Option<(u8, &str)> {
    let line = line.trim();
    let signs = line.bytes().take_while(|b| *b == b'=').count();
    let words = line.strip_suffix("==")?.trim_end_matches('=').get(signs..)?.trim();
    let level = 7usize.checked_sub(signs.min(6)).filter(|_| signs >= 2)?;
    (!words.is_empty()).then_some((u8::try_from(level).ok()?, words))
}

/// The depth of an item of a list from 0 on, whether it is numbered, and its words.
fn item(line: &str) -> Option<(usize, bool, &str)> {
    let text = line.trim_start_matches([' ', '\t']);
    let lead = line.get(..line.len() - text.len())?;
    let columns = lead.chars().map(|c| if c == '\t' { 2 } else { 1 }).sum::<usize>();
    let numbered = text.starts_with('-');
    let words = text.strip_prefix(['*', '-'])?;
    // `  --- x` and `  **bold**` are none.
    let is_item = columns >= 2 && words.starts_with([' ', '\t']);
    is_item.then(|| ((columns / 2 - 1).min(MAX_LISTS), numbered, words.trim()))
}

/// A page.
pub(crate) fn parse(decoded: Decoded, place: &Place) -> Document {
    let mut page = Page::default();
    page.read(&decoded.text);
    // Above the pages lies the wiki's own folder.
    let start = place.folders.iter().rposition(|folder| folder == PAGES).map_or(0, |at| at + 1);
    let namespaces: Vec<String> = place.folders.iter().skip(start).map(|folder| spaced(folder)).collect();
    let mut document = page.builder.under(&namespaces).finish(Format::DokuWiki, &[], &spaced(place.stem()));
    if !page.tags.is_empty() {
        document.metadata.insert("tags".into(), page.tags.join(", "));
    }
    document.warnings = decoded.warnings;
    document
}

/// A name without the underscores that stand for its spaces.
fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// Elements whose text is taken as it is.
const VERBATIM: [(&str, &str); 2] = [("<code", "</code>"), ("<file", "</file>")];
/// Elements that only programs read.
const EMBEDDED: [(&str, &str); 4] =
    [("<html>", "</html>"), ("<HTML>", "</HTML>"), ("<php>", "</php>"), ("<PHP>", "</PHP>")];

#[derive(Default)]
struct Page {
    builder: TextBuilder,
    tags: Vec<String>,
    /// The lines of the paragraph or item that is open.
    text: String,
    /// Whether it is an item.
    in_item: bool,
    /// Lines of preformatted text.
    code: String,
    /// The next number of the list at each depth.
    numbers: Vec<u64>,
    /// The cells of the row above, inside a table.
    above: Vec<String>,
}

impl Page {
    /// Reads markup: code and embedded programs first, since no other markup counts in them.
    fn read(&mut self, text: &str) {
        let mut rest = text;
        // Ends that do not come any more: each start would be looked at to the end of the text.
        let mut missing: Vec<&str> = Vec::new();
        while let Some((at, open, close)) = next_element(rest, &missing) {
            let (before, after) = rest.split_at(at);
            let is_code = VERBATIM.iter().any(|(code, _)| *code == open);
            let Some((element, behind)) = after.split_once(close) else {
                missing.push(close);
                continue;
            };
            self.markup(before);
            if let Some((_, verbatim)) = element.split_once('>').filter(|_| is_code) {
                self.flush();
                self.builder.push(BlockKind::Code, verbatim);
            }
            rest = behind;
        }
        self.markup(rest);
        self.flush();
    }

    fn markup(&mut self, text: &str) {
        for line in text.split('\n') {
            self.line(line.trim_end_matches('\r'));
        }
    }

    fn line(&mut self, line: &str) {
        let text = line.trim();
        let is_row = line.starts_with(['^', '|']) && text.len() > 1 && text.ends_with(['^', '|']);
        if !is_row {
            self.above.clear();
        }
        if let Some((level, words)) = heading(line) {
            self.flush();
            self.numbers.clear();
            let words = self.words(words);
            self.builder.push(BlockKind::Heading { level }, &words);
        } else if let Some((depth, numbered, words)) = item(line) {
            self.flush();
            self.numbers.resize(depth + 1, 1);
            if let Some(number) = self.numbers.last_mut().filter(|_| numbered) {
                self.text.push_str(&format!("{number}. "));
                *number += 1;
            }
            self.text.push_str(words);
            self.in_item = true;
        } else if is_row {
            self.flush();
            self.row(text);
        } else if text.is_empty() || (text.len() >= 4 && text.bytes().all(|b| b == b'-')) {
            self.flush();
            self.numbers.clear();
        } else if line.starts_with("  ") && !self.in_item && self.text.is_empty() {
            self.code.push_str(line.get(2..).unwrap_or_default());
            self.code.push('\n');
        } else {
            if line.starts_with('>') || !self.code.is_empty() {
                self.flush();
            }
            // An item goes on in the lines below it.
            self.text.push('\n');
            self.text.push_str(line.trim_start_matches('>'));
        }
    }

    /// Ends the block that is open, if any.
    fn flush(&mut self) {
        let code = std::mem::take(&mut self.code);
        self.builder.push(BlockKind::Code, &code);
        let text = std::mem::take(&mut self.text);
        let kind = if std::mem::take(&mut self.in_item) { BlockKind::ListItem } else { BlockKind::Paragraph };
        let words = self.words(&text);
        self.builder.push(kind, &words);
    }

    fn words(&mut self, markup: &str) -> String {
        inline::words(markup, &mut self.tags)
    }

    /// Writes a row. A cell that only holds `:::` is covered by the one above; one that is not even a space long belongs
    /// to the one before it.
    fn row(&mut self, line: &str) {
        let mut row: Vec<String> = Vec::new();
        let above = std::mem::take(&mut self.above);
        let cells = inline::cells(line);
        for (column, cell) in cells.iter().enumerate() {
            let words = match cell.trim() {
                ":::" => above.get(column).cloned().unwrap_or_default(),
                text => self.words(text),
            };
            row.push(one_line(&words));
        }
        let shown = row.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()).map(|(text, _)| text);
        self.builder.push_row(&shown.collect::<Vec<_>>());
        self.above = row;
        for text in self.above.iter_mut().filter(|text| text.chars().count() > MAX_REPEATED_CHARS) {
            text.clear();
        }
    }
}

/// The next element of [`VERBATIM`] or [`EMBEDDED`] whose end is not `missing`: where it begins, its start and its end.
fn next_element(text: &str, missing: &[&str]) -> Option<(usize, &'static str, &'static str)> {
    text.match_indices('<').find_map(|(at, _)| {
        let rest = text.get(at..)?;
        let mut elements = VERBATIM.into_iter().chain(EMBEDDED);
        let (open, close) =
            elements.find(|(open, close)| rest.starts_with(open) && !missing.contains(close))?;
        let is_whole =
            open.ends_with('>') || rest.get(open.len()..).is_some_and(|rest| rest.starts_with([' ', '>']));
        is_whole.then_some((at, open, close))
    })
}
