//! The wiki markup in which Confluence stored its pages before version 4: what a reader sees of it.

use citadel_core::BlockKind;

use crate::builder::TextBuilder;

/// Macros whose body is not markup.
const VERBATIM: [&str; 3] = ["code", "noformat", "html"];

/// Characters of a link, a macro's parameters or words between two marks; nobody writes more, and looking further would
/// take quadratic time.
const MAX_INSIDE: usize = 1000;

/// Appends the blocks of a page.
pub(super) fn push(body: &str, builder: &mut TextBuilder) {
    let mut page = Page { builder, paragraph: String::new(), lists: Vec::new() };
    let body = body.replace("\r\n", "\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        // Verbatim text may start in the middle of a line, and end in one.
        match verbatim(line, rest) {
            Some((before, parameters, inner, end)) => {
                page.line(before);
                page.end_paragraph();
                page.builder.push(BlockKind::Paragraph, &title(parameters));
                page.builder.push(BlockKind::Code, inner);
                rest = end;
            }
            None => {
                page.line(line);
                rest = after;
            }
        }
    }
    page.end_paragraph();
}

/// The text before a macro with a verbatim body that opens in `line`, its parameters, its body and what follows.
fn verbatim<'a>(line: &'a str, rest: &'a str) -> Option<(&'a str, &'a str, &'a str, &'a str)> {
    let (name, at) = VERBATIM
        .iter()
        .filter_map(|name| {
            Some((*name, line.find(&format!("{{{name}")).filter(|at| !is_escaped(line, *at))?))
        })
        .min_by_key(|(_, at)| *at)?;
    let (parameters, _) = line.get(at + 1 + name.len()..)?.split_once('}')?;
    if !(parameters.is_empty() || parameters.starts_with(':')) {
        return None;
    }
    let inner = rest.get(at + name.len() + parameters.len() + 2..)?;
    // Without an end it is all that is left.
    let (inner, end) = inner.split_once(&format!("{{{name}}}")).unwrap_or((inner, ""));
    Some((rest.get(..at)?, parameters, inner, end))
}

fn is_escaped(line: &str, at: usize) -> bool {
    line.get(..at).is_some_and(|before| before.ends_with('\\'))
}

/// The title among a macro's parameters, `:title=Words|color=red`.
fn title(parameters: &str) -> String {
    let mut all = parameters.trim_start_matches(':').split('|');
    all.find_map(|parameter| parameter.trim().strip_prefix("title=")).unwrap_or_default().trim().to_owned()
}

struct Page<'a> {
    builder: &'a mut TextBuilder,
    paragraph: String,
    /// The mark of each list around and how many items it has so far, outermost first.
    lists: Vec<(char, u64)>,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        let line = line.trim();
        if let Some((level, words)) = heading(line) {
            return self.block(BlockKind::Heading { level }, words);
        }
        if let Some((marks, words)) = item(line) {
            self.end_paragraph();
            // Where the mark changes, another list begins.
            let same =
                self.lists.iter().zip(marks.chars()).take_while(|((known, _), mark)| known == mark).count();
            self.lists.truncate(same);
            self.lists.extend(marks.chars().skip(same).map(|mark| (mark, 0)));
            let words = inline(words);
            let text = match self.lists.last_mut() {
                Some(('#', number)) => {
                    *number += 1;
                    format!("{number}. {words}")
                }
                _ => words,
            };
            self.builder.push(BlockKind::ListItem, &text);
            return;
        }
        self.lists.clear();
        if line.starts_with('|') {
            self.end_paragraph();
            return self.builder.push_row(&cells(line));
        }
        match line {
            "" | "----" => self.end_paragraph(),
            _ => {
                if let Some(quoted) = line.strip_prefix("bq. ") {
                    return self.block(BlockKind::Paragraph, quoted);
                }
                self.paragraph.push_str(&inline(line));
                self.paragraph.push('\n');
            }
        }
    }

    fn block(&mut self, kind: BlockKind, words: &str) {
        self.end_paragraph();
        self.builder.push(kind, &inline(words));
    }

    fn end_paragraph(&mut self) {
        self.builder.push(BlockKind::Paragraph, &self.paragraph);
        self.paragraph.clear();
    }
}

/// `h1. Words`; the first level is that of the heading with the page's path.
fn heading(line: &str) -> Option<(u8, &str)> {
    let (level, words) = line.strip_prefix('h')?.split_once('.')?;
    let level: u8 = level.parse().ok().filter(|level| (1..=6).contains(level))?;
    Some(((level + 1).min(6), words))
}

/// `*# words` of a list in a list.
fn item(line: &str) -> Option<(&str, &str)> {
    let (marks, words) = line.split_once(' ')?;
    let is_list = !marks.is_empty() && marks.len() <= 20 && marks.chars().all(|c| "*#-".contains(c));
    // Two or three of them are a dash, four a line.
    (is_list && !marks.starts_with("--")).then_some((marks, words))
}

/// The cells of `||head||head||` or `|cell|cell|`; links, macros and pictures have bars of their own.
fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut rest = line.trim_matches('|');
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let end = match c {
            '[' => Some(']'),
            '{' => Some('}'),
            '!' => until(after, '!').filter(|(picture, _)| is_picture(picture)).map(|_| '!'),
            _ => None,
        };
        let whole = end.and_then(|end| until(after, end));
        rest = whole.map_or(after, |(_, behind)| behind);
        match (c, whole) {
            (_, Some((inner, _))) => {
                cell.push(c);
                cell.push_str(inner);
                cell.extend(end);
            }
            ('|', _) => {
                cells.push(std::mem::take(&mut cell));
                // A second bar makes a head of the cell.
                rest = rest.strip_prefix('|').unwrap_or(rest);
            }
            ('\\', _) => {
                let escaped = rest.chars().next();
                cell.push(c);
                cell.extend(escaped);
                rest = rest.get(escaped.map_or(0, char::len_utf8)..).unwrap_or_default();
            }
            _ => cell.push(c),
        }
    }
    cells.push(cell);
    cells.iter().map(|cell| inline(cell)).collect()
}

/// The words of running text: without marks, macros and pictures, of links what is shown.
fn inline(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let next = after.chars().next();
        rest = after;
        match c {
            '\\' => match next {
                Some('\\') => {
                    words.push('\n');
                    rest = after.trim_start_matches('\\');
                }
                Some(escaped) if escaped.is_ascii_punctuation() => {
                    words.push(escaped);
                    rest = after.get(1..).unwrap_or_default();
                }
                _ => words.push(c),
            },
            '{' if next == Some('{') => rest = after.get(1..).unwrap_or_default(),
            '}' if next == Some('}') => rest = after.get(1..).unwrap_or_default(),
            '{' => match until(after, '}').filter(|(name, _)| is_macro(name)) {
                Some((inner, end)) => {
                    words.push_str(&macro_words(inner));
                    rest = end;
                }
                None => words.push(c),
            },
            '[' => match until(after, ']') {
                Some((link, end)) => {
                    words.push_str(link_words(link));
                    rest = end;
                }
                None => words.push(c),
            },
            '!' => match until(after, '!').filter(|(picture, _)| is_picture(picture)) {
                Some((_, end)) => rest = end,
                None => words.push(c),
            },
            '?' if next == Some('?') => rest = after.get(1..).unwrap_or_default(),
            '*' | '_' | '+' | '^' | '~' | '-' if is_mark(c, &words, after, &mut open) => {}
            _ => words.push(c),
        }
    }
    words
}

/// Whether what stands between braces is a macro and not text.
fn is_macro(inner: &str) -> bool {
    let name = inner.split(':').next().unwrap_or_default();
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

/// What a reader sees of a macro's own braces: a title, or the key of an issue.
fn macro_words(inner: &str) -> String {
    let (name, parameters) = inner.split_once(':').unwrap_or((inner, ""));
    match name {
        "jira" | "jiraissue" => {
            let first = parameters.split('|').next().unwrap_or_default();
            let key = first.strip_prefix("key=").unwrap_or(first);
            if key.contains(['=', ':']) { String::new() } else { format!(" {key} ") }
        }
        "status" => format!(" {} ", title(parameters)),
        _ => match title(parameters) {
            title if title.is_empty() => title,
            title => format!("{title}\n"),
        },
    }
}

/// `text|target` or a target alone.
fn link_words(link: &str) -> &str {
    match link.split_once('|') {
        Some((text, _)) => text,
        None if link.starts_with('#') => "",
        None => link.trim_start_matches(['~', '^', '$']),
    }
}

fn is_picture(inner: &str) -> bool {
    let name = inner.split('|').next().unwrap_or_default();
    !name.is_empty() && !name.starts_with(' ') && name.contains(['.', '/'])
}

/// Whether this character makes the words beside it bold, italic and so on: one of two, with a word inside and none
/// outside. `open` are the first ones of those whose second has not come.
fn is_mark(mark: char, before: &str, after: &str, open: &mut Vec<char>) -> bool {
    let outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != mark);
    let inside = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && c != mark);
    let (last, next) = (before.chars().next_back(), after.chars().next());
    if let Some(at) = open.iter().position(|known| *known == mark).filter(|_| outside(next) && inside(last)) {
        open.remove(at);
        return true;
    }
    let opens = outside(last) && inside(next) && closes_later(mark, after);
    open.extend(opens.then_some(mark));
    opens
}

fn closes_later(mark: char, after: &str) -> bool {
    let mut near = after.char_indices().take(MAX_INSIDE).skip(1).filter(|(_, c)| *c == mark);
    near.any(|(at, _)| !after.get(at + 1..).is_some_and(|end| end.starts_with(char::is_alphanumeric)))
}

/// What comes before and after `end`, where that is near.
fn until(text: &str, end: char) -> Option<(&str, &str)> {
    let (at, _) = text.char_indices().take(MAX_INSIDE).find(|(_, c)| *c == end)?;
    Some((text.get(..at)?, text.get(at + end.len_utf8()..)?))
}
