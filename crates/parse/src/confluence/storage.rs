//! Confluence's storage format: XHTML with elements of its own for macros, links, pictures and tasks.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::escape;
use quick_xml::events::{BytesStart, Event};

use crate::builder::TextBuilder;
use crate::{html, xml};

/// Elements inside each other; of what is deeper only the words are kept.
const MAX_DEPTH: usize = 500;

/// Appends the blocks of a page; gives what was doubtful. `users` are names by key.
pub(super) fn push(body: &str, users: &HashMap<String, String>, builder: &mut TextBuilder) -> Option<String> {
    let mut page = Page { html: String::with_capacity(body.len()), open: Vec::new(), too_deep: 0, users };
    let mut reader = Reader::from_str(body);
    let config = reader.config_mut();
    (config.allow_dangling_amp, config.allow_unmatched_ends, config.check_end_names) = (true, true, false);
    let warning = loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => page.open(&tag),
            Ok(Event::Empty(tag)) => {
                page.open(&tag);
                page.close(tag.name().into_inner());
            }
            Ok(Event::End(tag)) => page.close(tag.name().into_inner()),
            Ok(Event::Text(text)) => page.text(&text),
            Ok(Event::CData(text)) => page.text(&text),
            // HTML's entities, which the reader of the blocks knows.
            Ok(Event::GeneralRef(name)) => page.html.push_str(&format!("&{};", &*name)),
            Ok(Event::Eof) => break None,
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_)) => {}
            Err(e) => {
                // HTML is read whatever it looks like.
                let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                let rest = body.get(at..).unwrap_or_default();
                page.html.push_str(&rest.replace("<![CDATA[", " ").replace("]]>", " "));
                break Some(format!("its markup is damaged ({e}): macros after that were not read"));
            }
        }
    };
    while let Some(element) = page.open.pop() {
        page.end(element);
    }
    html::push(&page.html, builder);
    warning
}

/// A page whose markup becomes plain HTML.
struct Page<'a> {
    /// What is written so far; of an open element that is not done yet, as if it were nothing special.
    html: String,
    open: Vec<Element>,
    /// Elements open beyond [`MAX_DEPTH`].
    too_deep: usize,
    users: &'a HashMap<String, String>,
}

struct Element {
    name: String,
    kind: Kind,
    /// Where in the HTML its content starts.
    at: usize,
}

enum Kind {
    /// An element of HTML, as this one.
    Html(&'static str),
    /// Its content stands for it.
    Content,
    /// Nothing for a reader.
    Nothing,
    Macro(Macro),
    Parameter(String),
    PlainBody,
    RichBody,
    /// A link to `target`, shown as `text` if that is given.
    Link {
        target: String,
        text: String,
    },
    LinkText,
    Task {
        done: bool,
    },
    TaskStatus,
}

#[derive(Default)]
struct Macro {
    name: String,
    parameters: HashMap<String, String>,
    rich: String,
    plain: String,
}

/// What the reader of the blocks wants to see; of other elements the content is enough.
const STRUCTURE: [&str; 31] = [
    "p",
    "div",
    "br",
    "hr",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "td",
    "th",
    "caption",
    "pre",
    "blockquote",
    "sup",
    "img",
    "figure",
    "figcaption",
    "section",
    "address",
    "center",
    "details",
    "summary",
    "header",
    "aside",
];
/// They have no content, and no end.
const VOID: [&str; 3] = ["br", "hr", "img"];

impl Page<'_> {
    fn text(&mut self, text: &str) {
        self.html.push_str(&escape::partial_escape(text));
    }

    fn open(&mut self, tag: &BytesStart<'_>) {
        if self.open.len() >= MAX_DEPTH {
            self.too_deep += 1;
            return;
        }
        let name: &str = tag.name().into_inner();
        let named = || xml::attribute(tag, "ac:name").unwrap_or_default();
        let kind = match name {
            // The first level is that of the heading with the page's path.
            "h1" => Kind::Html("h2"),
            "h2" => Kind::Html("h3"),
            "h3" => Kind::Html("h4"),
            "h4" => Kind::Html("h5"),
            "h5" | "h6" => Kind::Html("h6"),
            "ac:structured-macro" | "ac:macro" => {
                Kind::Macro(Macro { name: named().to_ascii_lowercase(), ..Macro::default() })
            }
            "ac:parameter" => Kind::Parameter(named()),
            "ac:default-parameter" => Kind::Parameter(String::new()),
            "ac:plain-text-body" => Kind::PlainBody,
            "ac:rich-text-body" => Kind::RichBody,
            "ac:link" => Kind::Link { target: String::new(), text: String::new() },
            "ac:link-body" | "ac:plain-text-link-body" => Kind::LinkText,
            "ac:task-list" => Kind::Html("ul"),
            "ac:task" => Kind::Task { done: false },
            "ac:task-status" => Kind::TaskStatus,
            "ac:layout-cell" => Kind::Html("div"),
            "ac:image" => {
                self.html.extend(xml::attribute(tag, "ac:alt").map(|alt| format!(" {alt} ")));
                // A caption may be inside.
                Kind::Content
            }
            "time" => {
                self.html.extend(xml::attribute(tag, "datetime"));
                Kind::Content
            }
            "ac:task-id" | "ac:task-uuid" | "ac:emoticon" | "ac:placeholder" | "ac:adf-attribute"
            | "ac:adf-fallback" | "script" | "style" | "iframe" | "object" => Kind::Nothing,
            _ if name.starts_with("ri:") => {
                let found = self.target(name, tag);
                if let Some(Element { kind: Kind::Link { target, .. }, .. }) = self.open.last_mut() {
                    target.extend(found);
                }
                Kind::Nothing
            }
            _ => STRUCTURE
                .iter()
                .find(|known| **known == name)
                .map_or(Kind::Content, |known| Kind::Html(known)),
        };
        if let Kind::Html(html) = kind {
            self.html.push_str(&format!("<{html}"));
            for attribute in ["colspan", "rowspan", "start", "alt"] {
                if let Some(value) = xml::attribute(tag, attribute) {
                    self.html.push_str(&format!(" {attribute}=\"{}\"", value.replace('"', "&quot;")));
                }
            }
            self.html.push('>');
        }
        self.open.push(Element { name: name.to_owned(), kind, at: self.html.len() });
    }

    /// What a link is called that leads to this resource.
    fn target(&self, name: &str, tag: &BytesStart<'_>) -> Option<String> {
        let attribute = |wanted| xml::attribute(tag, wanted);
        match name {
            "ri:page" | "ri:blog-post" => attribute("ri:content-title"),
            "ri:attachment" => attribute("ri:filename"),
            "ri:user" => attribute("ri:userkey")
                .and_then(|key| self.users.get(&key))
                .map(|name| escape::partial_escape(name.as_str()).into_owned())
                .or_else(|| attribute("ri:username")),
            "ri:url" => attribute("ri:value"),
            "ri:space" => attribute("ri:space-key"),
            _ => None,
        }
    }

    /// Ends the innermost element of this name and all that are open in it.
    fn close(&mut self, name: &str) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(at) = self.open.iter().rposition(|element| element.name == name) else { return };
        for element in self.open.drain(at..).rev().collect::<Vec<_>>() {
            self.end(element);
        }
    }

    /// Puts what a closed element says in place of its content.
    fn end(&mut self, element: Element) {
        let content = match element.kind {
            Kind::Content => return,
            Kind::Html(name) => {
                if !VOID.contains(&name) {
                    self.html.push_str(&format!("</{name}>"));
                }
                return;
            }
            _ => self.html.split_off(element.at),
        };
        let mut around = self.open.iter_mut().rev().map(|element| &mut element.kind);
        match element.kind {
            Kind::Content | Kind::Html(_) | Kind::Nothing => {}
            Kind::Macro(macro_) => self.html.push_str(&macro_.shown()),
            Kind::Link { target, text } => {
                self.html.push_str(if text.trim().is_empty() { &target } else { &text });
            }
            Kind::Task { done } => {
                // A paragraph would part the mark from its words.
                let words = content.trim_start();
                let words = words.strip_prefix("<p>").unwrap_or(words);
                self.html.push_str(&format!("<li>{} {words}</li>", if done { '☑' } else { '☐' }));
            }
            Kind::TaskStatus => {
                if let Some(Kind::Task { done }) = around.find(|kind| matches!(kind, Kind::Task { .. })) {
                    *done = content.trim() == "complete";
                }
            }
            Kind::LinkText => {
                if let Some(Kind::Link { text, .. }) = around.find(|kind| matches!(kind, Kind::Link { .. })) {
                    text.push_str(&content);
                }
            }
            Kind::Parameter(_) | Kind::PlainBody | Kind::RichBody => {
                let Some(Kind::Macro(holder)) = around.find(|kind| matches!(kind, Kind::Macro(_))) else {
                    return;
                };
                match element.kind {
                    Kind::Parameter(name) => {
                        holder.parameters.insert(name, content);
                    }
                    Kind::PlainBody => holder.plain.push_str(&content),
                    _ => holder.rich.push_str(&content),
                }
            }
        }
    }
}

impl Macro {
    fn get(&self, parameter: &str) -> &str {
        self.parameters.get(parameter).map(|value| value.trim()).unwrap_or_default()
    }

    /// What a reader of the page sees of it. Tables of contents, lists of pages and the like are made anew each time
    /// that the page is shown: they have no body, so that nothing is left of them.
    fn shown(&self) -> String {
        let title = match self.get("title") {
            "" => String::new(),
            title => format!("<p>{title}</p>"),
        };
        match self.name.as_str() {
            "code" | "noformat" => format!("{title}<pre>{}</pre>", self.plain),
            "status" => format!(" {} ", self.get("title")),
            "jira" => match self.get("key") {
                "" => format!(" {} ", self.get("")),
                key => format!(" {key} "),
            },
            "html" => escape::unescape(&self.plain).map(|html| html.into_owned()).unwrap_or_default(),
            "style" => String::new(),
            "info" | "note" | "tip" | "warning" | "panel" | "expand" => {
                format!("<div>{title}{}</div>", self.rich)
            }
            // Formulas have their body in a parameter.
            _ => {
                let formula = self.get("body");
                let shown = format!("{}{}{formula}", self.rich, self.plain);
                if shown.trim().is_empty() { shown } else { format!("{title}{shown}") }
            }
        }
    }
}
