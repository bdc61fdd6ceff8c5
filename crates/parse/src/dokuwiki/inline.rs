//! The markup among the words of a DokuWiki page.

/// Marks around bold, italic, underlined and typewriter words.
const STYLES: [&str; 4] = ["**", "//", "__", "''"];
/// Elements that change how words look, or put them into a box.
const ELEMENTS: [&str; 14] =
    ["del", "ins", "sub", "sup", "u", "s", "note", "WRAP", "wrap", "hidden", "box", "color", "fc", "nowiki"];
/// Links in notes in links.
const MAX_DEPTH: usize = 20;
/// Longer ones are none, so that what has no end is not looked for to the end of the page.
const MAX_LINK_BYTES: usize = 10_000;
const MAX_CELL_LINK_BYTES: usize = 1_000;

/// The words that a reader sees of `markup`. Footnotes stay in place, in brackets; tags of the page are added to `tags`.
pub(super) fn words(markup: &str, tags: &mut Vec<String>) -> String {
    let mut shown = String::with_capacity(markup.len());
    push(markup, &mut shown, tags, 0);
    shown
}

fn push(markup: &str, shown: &mut String, tags: &mut Vec<String>, depth: usize) {
    let mut line =
        Line { shown, tags, depth, open: [false; STYLES.len()], searched: [usize::MAX; ENDS.len()] };
    let mut rest = markup;
    while let Some(at) = rest.find(['*', '/', '_', '\'', '[', '{', '(', '%', '<', '\\', '~']) {
        let (before, after) = rest.split_at(at);
        line.shown.push_str(before);
        rest = line.special(after).unwrap_or_else(|| {
            // A double mark stays double: its second half begins nothing.
            let is_double = after.get(..2).is_some_and(|two| two == "//" || two == "((");
            let (kept, rest) = after.split_at(if is_double { 2 } else { 1 });
            line.shown.push_str(kept);
            rest
        });
    }
    line.shown.push_str(rest);
}

/// Marks that enclose something and what ends it.
const ENDS: [(&str, &str); 10] = [
    ("%%", "%%"),
    ("<nowiki>", "</nowiki>"),
    ("[[", "]]"),
    ("{{", "}}"),
    ("((", "))"),
    ("~~", "~~"),
    ("**", "**"),
    ("//", "//"),
    ("__", "__"),
    ("''", "''"),
];

struct Line<'a> {
    shown: &'a mut String,
    tags: &'a mut Vec<String>,
    /// The links and notes around.
    depth: usize,
    /// Which of [`STYLES`] are open.
    open: [bool; STYLES.len()],
    /// For each of [`ENDS`], how much of the line is left behind what was searched for it in vain: nothing is searched
    /// twice.
    searched: [usize; ENDS.len()],
}

impl Line<'_> {
    /// What stands between `start`, at the start of `text`, and its end, and what follows.
    fn between<'t>(&mut self, text: &'t str, start: &str) -> Option<(&'t str, &'t str)> {
        let inner = text.strip_prefix(start)?;
        let (at, (_, end)) = ENDS.iter().enumerate().find(|(_, (open, _))| *open == start)?;
        let searched = self.searched.get_mut(at)?;
        let limit = inner.floor_char_boundary(MAX_LINK_BYTES);
        let from = inner.floor_char_boundary(inner.len().saturating_sub(*searched).min(limit));
        match inner.get(from..limit)?.find(end) {
            Some(found) => Some((inner.get(..from + found)?, inner.get(from + found + end.len()..)?)),
            None => {
                *searched = inner.len() - limit + end.len() - 1;
                None
            }
        }
    }

    /// Writes what the markup at the start of `text` shows, and gives what follows; `None` where it is no markup.
    fn special<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        if let Some((inside, rest)) = self.between(text, "%%").or_else(|| self.between(text, "<nowiki>")) {
            self.shown.push_str(inside);
            return Some(rest);
        }
        if let Some((link, rest)) = self.between(text, "[[") {
            match link.split_once('|').map(|(target, words)| (target, words.trim())) {
                Some((_, words)) if !words.is_empty() => self.inside(words),
                Some((target, _)) => self.shown.push_str(&target_words(target)),
                None => self.shown.push_str(&target_words(link)),
            }
            return Some(rest);
        }
        if let Some((medium, rest)) = self.between(text, "{{") {
            push_medium(medium, self.shown, self.tags);
            return Some(rest);
        }
        if let Some((note, rest)) = self.between(text, "((") {
            // A bracket of the note's own stands before its end.
            let own = if rest.starts_with(')') { ")" } else { "" };
            self.shown.push_str(" (");
            self.inside(note);
            self.shown.push_str(own);
            self.shown.push(')');
            return rest.get(own.len()..);
        }
        if let Some((name, rest)) = self.between(text, "~~")
            && name.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b":-_ ".contains(&b))
        {
            return Some(rest);
        }
        if let Some(rest) = text.strip_prefix("\\\\")
            && (rest.is_empty() || rest.starts_with([' ', '\n', '\t']))
        {
            self.shown.push('\n');
            return Some(rest);
        }
        if let Some(tag) = text.strip_prefix('<') {
            let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphabetic()).next()?;
            let end = tag.find(['>', '<', '\n']).filter(|end| tag.as_bytes().get(*end) == Some(&b'>'))?;
            return tag.get(end + 1..).filter(|_| ELEMENTS.contains(&name));
        }
        self.style(text)
    }

    /// Begins or ends bold words and the like.
    fn style<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (at, mark) = STYLES.iter().enumerate().find(|(_, mark)| text.starts_with(**mark))?;
        let rest = text.get(mark.len()..)?;
        let is_open = self.open.get(at).is_some_and(|open| *open);
        // The two strokes of an address are no mark.
        if *mark == "//" && self.shown.ends_with(':') {
            let end = rest.find(|c: char| c.is_whitespace() || "|]})<>\"".contains(c)).unwrap_or(rest.len());
            self.shown.push_str(text.get(..mark.len() + end)?);
            return rest.get(end..);
        }
        if !is_open && self.between(text, mark).is_none() {
            return None;
        }
        self.open.iter_mut().skip(at).take(1).for_each(|open| *open = !is_open);
        Some(rest)
    }

    fn inside(&mut self, markup: &str) {
        match self.depth < MAX_DEPTH {
            true => push(markup, self.shown, self.tags, self.depth + 1),
            false => self.shown.push_str(markup),
        }
    }
}

/// What a link without words of its own shows: the page, section or address it leads to.
fn target_words(target: &str) -> String {
    let target = target.trim();
    if target.contains("://") || target.contains('@') || target.starts_with("\\\\") {
        return target.to_owned();
    }
    let name = target.rsplit('>').next().unwrap_or_default();
    let (page, section) = name.split_once('#').unwrap_or((name, ""));
    let page = page.trim_end_matches(':').rsplit([':', '/']).next().unwrap_or_default();
    let page = page.split('?').next().unwrap_or_default();
    if page.is_empty() { section } else { page }.replace('_', " ")
}

/// Writes the description of a picture, or the name of a file that is linked; tags go to `tags`.
fn push_medium(medium: &str, shown: &mut String, tags: &mut Vec<String>) {
    if let Some(list) = medium.trim().strip_prefix("tag>") {
        tags.extend(quoted_words(list));
        return;
    }
    let (target, words) = medium.split_once('|').unwrap_or((medium, ""));
    let target = target.trim();
    if !words.trim().is_empty() {
        shown.push_str(words.trim());
        return;
    }
    let plugin = target.split_once('>').map(|(plugin, _)| plugin);
    let name =
        target.split('?').next().unwrap_or_default().rsplit([':', '>', '/']).next().unwrap_or_default();
    let picture = ["png", "jpg", "jpeg", "gif", "svg", "webp", "ico"];
    let is_picture =
        name.rsplit_once('.').is_some_and(|(_, end)| picture.iter().any(|p| end.eq_ignore_ascii_case(p)));
    // Other plugins show what is not in the page, or nothing.
    let is_named = plugin.is_none_or(|plugin| matches!(plugin, "page" | "section"));
    if is_named && !is_picture {
        shown.push_str(name);
    }
}

/// Words, those in quotes together.
fn quoted_words(list: &str) -> Vec<String> {
    let parts = list.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.trim().to_owned()],
    });
    words.filter(|word| !word.is_empty()).collect()
}

/// The cells of a row between bars and carets; those in links, media and text without markup part nothing.
pub(super) fn cells(line: &str) -> Vec<&str> {
    const SPANS: [(&str, &str); 4] = [("[[", "]]"), ("{{", "}}"), ("%%", "%%"), ("<nowiki>", "</nowiki>")];
    let mut cells = Vec::new();
    let (mut start, mut at) = (1, 1);
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let near = rest.get(..rest.floor_char_boundary(MAX_CELL_LINK_BYTES)).unwrap_or_default();
        let span = SPANS.iter().find_map(|(open, close)| {
            let inner = near.strip_prefix(open)?;
            Some(open.len() + inner.find(close)? + close.len())
        });
        let c = rest.chars().next().map_or(1, char::len_utf8);
        if rest.starts_with(['|', '^']) {
            cells.extend(line.get(start..at));
            start = at + 1;
        }
        at += span.unwrap_or(c);
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_see_words() {
        for (markup, shown) in [
            ("**bold //both//** ''type'' __line__", "bold both type line"),
            ("a ** b, http://x//y, 2 // 3", "a ** b, http://x//y, 2 // 3"),
            (
                "[[ns:some_page]] [[ns:page|the //words//]] [[doku>interwiki]] [[a#b c]] [[#part]]",
                "some page the words interwiki a part",
            ),
            ("[[http://x.y/z]] [[me@x.y]] [[a|{{:p.png|alt}}]] [[open", "http://x.y/z me@x.y alt [[open"),
            (
                "{{:a:b.png?200|Alt text}} {{:c.png}} {{ :d.pdf |}} {{tag>x \"y z\"}} {{rss>http://q}} {{page>ns:part}}",
                "Alt text  d.pdf   part",
            ),
            ("a((note **b** (c))) d", "a (note b (c)) d"),
            ("~~NOTOC~~x ~~ y ~~ one\\\\ two C:\\\\temp", "x ~~ y ~~ one\n two C:\\\\temp"),
            (
                "%%**raw** [[x]]%% <nowiki>//y//</nowiki> <del>old</del> x<sup>2</sup> 1 < 2 <unknown>",
                "**raw** [[x]] //y// old x2 1 < 2 <unknown>",
            ),
        ] {
            let mut tags = Vec::new();
            assert_eq!(words(markup, &mut tags), shown, "{markup}");
            assert_eq!(tags.join(","), if markup.contains("tag>") { "x,y z" } else { "" });
        }
    }

    #[test]
    fn bars_part_cells() {
        for (line, parts) in [
            ("^ a ^ b ^", &[" a ", " b "][..]),
            ("| [[x|y]] | %%|%% || {{p|q}} |", &[" [[x|y]] ", " %%|%% ", "", " {{p|q}} "]),
            ("| é|", &[" é"]),
            ("|", &[]),
        ] {
            assert_eq!(cells(line), parts, "{line}");
        }
    }

    #[test]
    fn hostile_markup_ends() {
        for piece in ["[[", "((", "{{", "**", "%%", "<", "~~", "((a", "[[a|", "//"] {
            words(&piece.repeat(1 << 14), &mut Vec::new());
        }
    }
}
