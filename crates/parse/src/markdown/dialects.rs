//! What the many dialects of Markdown add to the common one, rewritten in terms of it line by line: boxes (MkDocs,
//! Docusaurus, GitHub, Obsidian), tabs, quotes of GitLab, attribute lists, highlights, comments, block names and
//! tables of contents. Words stay; what only steers a renderer goes. Code is left as it is.

use std::borrow::Cow;

/// Lines that a table of contents takes the place of.
const CONTENTS: [&str; 6] = ["[TOC]", "[toc]", "[[_TOC_]]", "[[toc]]", "{:toc}", "${toc}"];
/// Kinds of boxes whose name a reader sees where the box has no title.
const BOXES: [&str; 26] = [
    "note",
    "tip",
    "info",
    "warning",
    "danger",
    "caution",
    "important",
    "success",
    "failure",
    "bug",
    "example",
    "quote",
    "question",
    "abstract",
    "summary",
    "tldr",
    "hint",
    "attention",
    "error",
    "todo",
    "check",
    "done",
    "help",
    "faq",
    "cite",
    "seealso",
];
/// Columns by which MkDocs indents what stands in a box.
const INDENT: usize = 4;
/// A longer list of attributes is none.
const MAX_ATTRIBUTES: usize = 300;
/// Boxes inside each other.
const MAX_BOXES: usize = 50;

/// Markdown in the common dialect.
pub(super) struct Common {
    pub text: String,
    /// What was left out, in words for people.
    pub warnings: Vec<String>,
}

/// Rewrites a text of any dialect.
pub(super) fn to_common(markdown: &str) -> Common {
    let lines: Vec<&str> = markdown.lines().collect();
    let pairs = |mark: &str| lines.iter().filter(|line| line.trim() == mark).count() % 2 == 0;
    let mut rewriter = Rewriter {
        out: String::with_capacity(markdown.len()),
        boxes: Vec::new(),
        fence: None,
        in_table: false,
        tables_end: lines.iter().rposition(|line| line.contains("</table")).unwrap_or(0),
        in_snippets: false,
        quotes_pair: pairs(">>>"),
        comment: None,
        snippets: Vec::new(),
    };
    let start = front_matter(&lines);
    for (at, line) in lines.iter().enumerate() {
        match at < start {
            true => rewriter.put(line),
            false => rewriter.line(line, at, lines.get(at + 1..).unwrap_or_default()),
        }
    }
    let mut warnings = Vec::new();
    if let Some(unclosed) = rewriter.comment.take() {
        // What begins like a comment and does not end is none.
        rewriter.put(&unclosed);
    }
    if !rewriter.snippets.is_empty() {
        let names = rewriter.snippets.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
        warnings.push(format!("{} included files were not read with it: {names}", rewriter.snippets.len()));
    }
    Common { text: rewriter.out, warnings }
}

/// The number of lines of front matter.
fn front_matter(lines: &[&str]) -> usize {
    let Some(mark) = lines.first().filter(|line| matches!(line.trim_end(), "---" | "+++")) else { return 0 };
    lines.iter().skip(1).position(|line| line.trim_end() == mark.trim_end()).map_or(0, |end| end + 2)
}

struct Rewriter {
    out: String,
    /// The columns at which the contents of the boxes around begin, outermost first.
    boxes: Vec<usize>,
    /// What ends the code around.
    fence: Option<(char, usize)>,
    /// In an HTML table, which an empty line would end.
    in_table: bool,
    /// The line with the end of the last of them.
    tables_end: usize,
    /// Between lines that enclose names of snippets.
    in_snippets: bool,
    /// Every `>>>` that opens a quote has one that closes it.
    quotes_pair: bool,
    /// What stands in a comment so far.
    comment: Option<String>,
    snippets: Vec<String>,
}

impl Rewriter {
    fn put(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// A paragraph of its own, behind `lead`: white space and marks of quotes.
    fn title(&mut self, lead: &str, title: &str) {
        let between = lead.trim_end();
        self.put(between);
        if !title.is_empty() {
            self.put(&format!("{lead}{title}"));
            self.put(between);
        }
    }

    /// Rewrites the line with this number, which these follow.
    fn line(&mut self, line: &str, number: usize, next: &[&str]) {
        let columns = indentation(line);
        if !line.trim().is_empty() {
            while self.fence.is_none() && self.boxes.last().is_some_and(|content| columns < *content) {
                self.boxes.pop();
            }
        }
        let line: &str = &dedent(line, self.boxes.len() * INDENT);
        let text = line.trim();
        let quoted = text.trim_start_matches(['>', ' ']);
        if let Some((mark, length)) = self.fence {
            if quoted.chars().all(|c| c == mark) && quoted.len() >= length {
                self.fence = None;
            }
            return self.put(line);
        }
        if self.comment.is_none()
            && let Some(mark) = quoted.chars().next().filter(|c| matches!(c, '`' | '~'))
        {
            let length = quoted.chars().take_while(|c| *c == mark).count();
            if length >= 3 && !(mark == '`' && quoted.trim_start_matches('`').contains('`')) {
                self.fence = Some((mark, length));
                return self.put(line);
            }
        }
        if self.in_table && text.is_empty() {
            return;
        }
        self.in_table = match text.rfind("</table") {
            Some(_) => false,
            None => self.in_table || (text.starts_with("<table") && number < self.tables_end),
        };
        if self.comment.is_some() || !self.block(line, text, next) {
            self.inline(line);
        }
    }

    /// Rewrites a line that is more than words; gives whether it was one.
    fn block(&mut self, line: &str, text: &str, next: &[&str]) -> bool {
        let lead = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
        if CONTENTS.contains(&text) || (text.starts_with("{:") && text.ends_with('}')) || is_import(line) {
            return true;
        }
        if text == ">>>" && self.quotes_pair {
            self.put("");
            return true;
        }
        if let Some(name) = text.strip_prefix("--8<--") {
            if name.trim().is_empty() {
                self.in_snippets = !self.in_snippets;
            } else {
                self.snippets.push(name.trim().trim_matches(['"', '\'']).to_owned());
            }
            return true;
        }
        if self.in_snippets {
            self.snippets.push(text.to_owned());
            return true;
        }
        let content = self.boxes.len() * INDENT + indentation(line) + INDENT;
        if let Some(title) = indented_box(text).filter(|_| self.boxes.len() < MAX_BOXES) {
            let first = next.iter().find(|line| !line.trim().is_empty());
            if first.is_none_or(|line| indentation(line) >= content) {
                self.title(lead, &title);
                self.boxes.push(content);
                return true;
            }
        }
        if let Some(rest) = text.strip_prefix(":::") {
            self.title(lead, &fenced_box(rest.trim_start_matches(':').trim()));
            return true;
        }
        let quoted = text.trim_start_matches(['>', ' ']);
        if quoted.len() < text.len()
            && let Some(title) = callout(quoted)
        {
            let marks = line.get(..line.len() - quoted.len() - (line.len() - line.trim_end().len()));
            self.title(marks.unwrap_or("> "), &title);
            return true;
        }
        false
    }

    /// Rewrites the marks among the words of a line.
    fn inline(&mut self, line: &str) {
        let is_empty = line.trim().is_empty();
        let line = match self.comment.is_some() {
            true => line,
            false => without_block_name(line),
        };
        let mut clean = String::with_capacity(line.len());
        let mut rest = line;
        if let Some(mut comment) = self.comment.take() {
            match line.split_once("%%") {
                Some((_, after)) => rest = after,
                None => {
                    comment.push_str(line);
                    comment.push('\n');
                    self.comment = Some(comment);
                    return;
                }
            }
        }
        // Whether what is searched for in vain will be so in the rest, too: searched once, or a line takes square time.
        let (mut code_ends, mut highlight_ends) = (true, true);
        while let Some(at) = rest.find(['`', '=', '%', '{', '$']) {
            let (before, after) = rest.split_at(at);
            clean.push_str(before);
            let mark = after.chars().next().unwrap_or_default();
            let run = after.chars().take_while(|c| *c == mark).count();
            let (marks, inner) = after.split_at(run);
            rest = inner;
            match (mark, run) {
                ('`' | '$', _) if code_ends && (mark == '`' || run <= 2) => {
                    clean.push_str(marks);
                    match inner.find(marks) {
                        Some(end) => {
                            let (code, after) = inner.split_at(end + run);
                            clean.push_str(code);
                            rest = after;
                        }
                        None => code_ends = mark == '$',
                    }
                }
                ('=', 2) if highlight_ends && !inner.starts_with([' ', '=']) => {
                    match inner.split_once("==") {
                        Some((words, after)) if !words.is_empty() && !words.ends_with(' ') => {
                            clean.push_str(words);
                            rest = after;
                        }
                        found => {
                            highlight_ends = found.is_some();
                            clean.push_str(marks);
                        }
                    }
                }
                ('%', 2) if clean.is_empty() || clean.ends_with([' ', '(', '\t']) => {
                    match inner.split_once("%%") {
                        Some((_, after)) => rest = after,
                        None => {
                            self.comment = Some(format!("%%{inner}\n"));
                            rest = "";
                        }
                    }
                }
                ('{', 1) => {
                    let near = inner.get(..inner.floor_char_boundary(MAX_ATTRIBUTES)).unwrap_or_default();
                    match near
                        .find('}')
                        .filter(|end| is_attributes(near.get(..*end).unwrap_or_default(), &clean))
                    {
                        Some(end) => rest = inner.get(end + 1..).unwrap_or_default(),
                        None => clean.push('{'),
                    }
                }
                _ => clean.push_str(marks),
            }
        }
        clean.push_str(rest);
        // A comment alone on its line leaves none behind: it would end a paragraph.
        if !clean.trim().is_empty() || is_empty {
            self.put(&clean);
        }
    }
}

fn indentation(line: &str) -> usize {
    let white = line.chars().take_while(|c| matches!(c, ' ' | '\t'));
    white.fold(0, |column, c| if c == '\t' { column / 4 * 4 + 4 } else { column + 1 })
}

/// `line` without its first `columns` of white space.
fn dedent(line: &str, columns: usize) -> Cow<'_, str> {
    if columns == 0 {
        return Cow::Borrowed(line);
    }
    let left = indentation(line).saturating_sub(columns);
    Cow::Owned(format!("{}{}", " ".repeat(left), line.trim_start_matches([' ', '\t'])))
}

/// The title of a box whose contents are indented below: `!!! note "Title"`, `??? note`, `=== "Tab"`.
fn indented_box(text: &str) -> Option<String> {
    if let Some(tab) = text.strip_prefix("===") {
        let title = tab.trim_start_matches(['!', '+', '=']).trim().strip_prefix('"')?.strip_suffix('"')?;
        return Some(title.to_owned());
    }
    let rest = text.strip_prefix("!!!").or_else(|| text.strip_prefix("???"))?;
    let rest = rest.strip_prefix('+').unwrap_or(rest).trim();
    let (kind, title) = match rest.split_once('"') {
        Some((kind, title)) => (kind, Some(title.strip_suffix('"')?)),
        None => (rest, None),
    };
    let is_kind = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let first = kind.split(' ').next().filter(|first| !first.is_empty())?;
    if !kind.split(' ').all(is_kind) {
        return None;
    }
    Some(title.map_or_else(|| capitalised(first), str::to_owned))
}

/// The title of a box that `:::` begins: `note Title`, `note[Title]`, `{.class}`. The end of one has none.
fn fenced_box(text: &str) -> String {
    let text = text.split_once('{').map_or(text, |(text, _)| text).trim();
    let end = text.find(|c: char| !(c.is_alphanumeric() || "-_".contains(c))).unwrap_or(text.len());
    let (kind, title) = text.split_at(end);
    let title = title.trim().trim_matches(['[', ']']);
    match BOXES.contains(&kind.to_ascii_lowercase().as_str()) {
        true if title.is_empty() => capitalised(kind),
        true => title.to_owned(),
        false => text.to_owned(),
    }
}

/// The title of a quote that begins with `[!note]`, `[!note]- Title` or the like.
fn callout(text: &str) -> Option<String> {
    let (kind, title) = text.strip_prefix("[!")?.split_once(']')?;
    let title = title.strip_prefix(['+', '-']).unwrap_or(title).trim();
    let kind = kind.split('|').next().unwrap_or_default().trim();
    let is_kind = !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || "-_ ".contains(c));
    is_kind.then(|| if title.is_empty() { capitalised(kind) } else { title.to_owned() })
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + &chars.as_str().to_lowercase()
}

/// Whether a line is an import of MDX.
fn is_import(line: &str) -> bool {
    let names = line.strip_prefix("import ").and_then(|rest| rest.split_once(" from "));
    names.is_some_and(|(_, path)| {
        let path = path.trim().trim_end_matches(';');
        path.len() > 2 && path.starts_with(['"', '\'']) && path.ends_with(['"', '\''])
    })
}

/// `line` without the name that Obsidian gives a block at its end, ` ^a1b2c3`.
fn without_block_name(line: &str) -> &str {
    let Some((before, name)) = line.trim_end().rsplit_once('^') else { return line };
    let is_name = name.len() >= 3
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && name.bytes().any(|b| b.is_ascii_alphabetic());
    let is_apart = before.is_empty() || before.ends_with([' ', '\t']);
    if is_name && is_apart { before.trim_end() } else { line }
}

/// Whether braces hold attributes: `{: …}` anywhere, or classes, names and values right behind something.
fn is_attributes(list: &str, before: &str) -> bool {
    if list.starts_with(':') {
        return true;
    }
    let is_attribute = |part: &str| {
        part.starts_with(['.', '#']) && part.len() > 1
            || part.split_once('=').is_some_and(|(key, _)| !key.is_empty())
    };
    let mut parts = list.split_whitespace().peekable();
    parts.peek().is_some()
        && before.trim_end().ends_with([')', ']', '`', '*', '_'])
        && parts.all(is_attribute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_become_paragraphs() {
        for (markdown, common) in [
            ("a\n!!! note \"The *title*\"\n    in\n\n    more\nout", "a\n\nThe *title*\n\nin\n\nmore\nout\n"),
            ("???+ warning\n    in\n    !!! tip \"\"\n        deep\n    in", "\nWarning\n\nin\n\ndeep\nin\n"),
            (
                "=== \"One\"\n    ```\n    x\n    ```\n=== \"Two\"\n\n    y",
                "\nOne\n\n```\nx\n```\n\nTwo\n\n\ny\n",
            ),
            ("- a\n\n    !!! note\n        in\n    b", "- a\n\n\n    Note\n\n    in\n    b\n"),
            ("!!! wow what?\nx", "!!! wow what?\nx\n"),
            ("!!! wow what\nx", "!!! wow what\nx\n"),
            (
                ":::note Title\nx\n:::\n::: tip[Other]{#a}\n:::warning\n::: {.columns}\n::: my.module",
                "\nTitle\n\nx\n\n\nOther\n\n\nWarning\n\n\n\nmy.module\n\n",
            ),
            (
                "> [!note]- Title\n> x\n>> [!WARNING]\n> a [!x]",
                ">\n> Title\n>\n> x\n>>\n>> Warning\n>>\n> a [!x]\n",
            ),
            (">>>\nq\n>>>", "\nq\n\n"),
            (">>>\nq", ">>>\nq\n"),
        ] {
            assert_eq!(to_common(markdown).text, common, "{markdown}");
        }
    }

    #[test]
    fn marks_go_and_words_stay() {
        for (markdown, common) in [
            ("a ==b c== d == e == f=='x'", "a b c d == e == f=='x'\n"),
            ("a %%b%% c\n%%\nd\n%%\ne", "a  c\ne\n"),
            ("50%% of it\n%% no end\nx", "50%% of it\n%% no end\nx\n\n"),
            ("words ^a1b2c3\n^abc\nx ^2", "words\nx ^2\n"),
            ("[b](c){ .md-button target=\"x\" } {x} a{.b} {: #id}", "[b](c) {x} a{.b} \n"),
            ("`==a==` ``%%b`` `{: c}\n$a==b==c$", "`==a==` ``%%b`` `\n$a==b==c$\n"),
            ("~~~\n==a== %%b%%\n!!! note\n~~~~\n[TOC]", "~~~\n==a== %%b%%\n!!! note\n~~~~\n"),
            ("---\nx: ==a==\n---\n[[_TOC_]]\n{: .lead }\nb", "---\nx: ==a==\n---\nb\n"),
            ("import Tabs from '@theme/Tabs';\nimport goods from abroad", "import goods from abroad\n"),
            ("<table>\n\n<tr>\n\n</tr>\n\n</table>\n\nx", "<table>\n<tr>\n</tr>\n</table>\n\nx\n"),
        ] {
            assert_eq!(to_common(markdown).text, common, "{markdown}");
        }
    }

    #[test]
    fn what_is_left_out_is_told() {
        let common = to_common("a\n--8<-- \"b.md\"\n--8<--\nc.md\n--8<--\nd");
        assert_eq!(common.text, "a\nd\n");
        assert_eq!(common.warnings, ["2 included files were not read with it: b.md, c.md"]);
    }

    #[test]
    fn hostile_lines_take_linear_time() {
        for piece in [
            "`",
            "` ",
            "==a",
            "%% ",
            "{",
            "{:",
            "\n",
            "$",
            "$ ",
            "!!! a\n",
            ">",
            "^a ",
            "<table>\n\n",
            ":::",
            "--8<--\n",
        ] {
            assert!(to_common(&piece.repeat(1 << 17)).text.len() < 1 << 21);
        }
    }
}
