//! What XWiki's own reader makes of a Confluence export.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

/// A page as XWiki imports it.
#[derive(Debug, Default)]
pub struct Page {
    pub title: String,
    /// Its words in XWiki's markup.
    pub content: String,
}

/// The newest version of each page in each language in a file of filter events.
pub fn pages(events: &str) -> Vec<Page> {
    let xml: Vec<&str> = events.lines().filter(|line| !line.starts_with('.')).collect();
    let xml = xml.join("\n");
    let mut reader = Reader::from_str(&xml);
    let (mut pages, mut open, mut page, mut key, mut value) =
        (Vec::new(), Vec::<String>::new(), Page::default(), String::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                let name = tag.name().into_inner().to_owned();
                // The newest version comes last.
                if name == "wikiDocumentRevision" {
                    page = Page::default();
                }
                open.push(name);
                value.clear();
            }
            Event::Empty(tag) => {
                let attribute = |name: &str| {
                    let value = tag.try_get_attribute(name).unwrap().map(|a| a.value.into_owned());
                    value.map(|value| quick_xml::escape::unescape(&value).unwrap().into_owned())
                };
                // A blog post is an object.
                let is_post = open.iter().any(|name| name == "wikiObject");
                if is_post && attribute("name").as_deref() == Some("content") {
                    page.content.extend(attribute("value"));
                }
            }
            Event::Text(text) => value.push_str(&text),
            Event::GeneralRef(name) => value.push_str(match &*name {
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "amp" => "&",
                "apos" => "'",
                _ => " ",
            }),
            Event::End(_) => {
                let name = open.pop().unwrap();
                let value = std::mem::take(&mut value);
                match (name.as_str(), key.as_str()) {
                    ("string", "") => key = value,
                    ("string", "title") => page.title = value,
                    ("string", "content") => page.content = value,
                    ("entry", _) => key.clear(),
                    ("wikiDocumentLocale", _) => pages.push(std::mem::take(&mut page)),
                    _ => {}
                }
            }
            Event::Eof => return pages,
            _ => {}
        }
    }
}

/// How often each word occurs.
pub type Words = BTreeMap<String, usize>;

pub fn count(text: &str, words: &mut Words) {
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *words.entry(word.to_lowercase()).or_default() += 1;
    }
}

/// The words that `a` and `b` share.
pub fn shared(a: &Words, b: &Words) -> usize {
    a.iter().map(|(word, n)| (*n).min(b.get(word).copied().unwrap_or(0))).sum()
}

/// XWiki's markup without macros, styles and the targets of links.
pub fn plain(markup: &str) -> String {
    let mut plain = String::new();
    let mut rest = markup;
    while let Some(at) = rest.find(['{', '(', '[', '~']) {
        let (before, here) = rest.split_at(at);
        plain.push_str(before);
        let inside = |open: &str, close: &str| {
            here.strip_prefix(open)
                .and_then(|inner| inner.split_once(close))
                .map(|(i, end)| (i.to_owned(), end))
        };
        if let Some((macro_, end)) = inside("{{", "}}") {
            // Readers see the titles of macros.
            let title = macro_.split_once("title=\"").and_then(|(_, title)| title.split_once('"'));
            plain.push_str(&format!(" {} ", title.map(|(title, _)| title).unwrap_or_default()));
            rest = end;
        } else if let Some((_, end)) = inside("(%", "%)") {
            rest = end;
        } else if let Some((link, end)) = inside("[[", "]]") {
            // Without a text there is only XWiki's own name of the target.
            if let Some((text, _)) = link.rsplit_once(">>") {
                plain.push_str(&self::plain(text));
            }
            rest = end;
        } else {
            let first = here.chars().next().unwrap();
            plain.extend((first != '~').then_some(first));
            rest = &here[1..];
        }
    }
    plain.push_str(rest);
    // Bold, italic and underlined parts of words.
    ["**", "//", "__"].iter().fold(plain, |plain, mark| plain.replace(mark, ""))
}
