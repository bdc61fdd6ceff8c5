//! Pages of Confluence HTML exports, as they stand in the archive or in the folder that it was unpacked to.
//!
//! The result is that of an XML export of the same page: its place in the wiki as the first heading, its own headings
//! one level lower, and nothing of what Confluence makes anew each time that it shows the page.

use citadel_core::{BlockKind, Document, Format};
use dom_query::Selection;
use percent_encoding::percent_decode_str;
use quick_xml::escape;

use super::path_heading;
use crate::builder::{TextBuilder, one_line};
use crate::html;
use crate::text::Decoded;

/// What is left out of a page: made by macros from other pages, or there for a mouse.
const FURNITURE: &str = ".toc-macro, .childpages-macro, .children-macro, .plugin_pagetree, .plugin-contributors, \
    .recently-updated, .content-by-label, .plugin_attachments_container, .aui-icon, .expand-control-icon, \
    img.emoticon, fieldset.hidden, script, style";
/// What an expander is called that its writer gave no name.
const EXPANDER: &str = "Click here to expand...";
/// How much of a page is looked at for one fact.
const MAX_FACT_BYTES: usize = 16 << 10;
/// Attachments of one page.
const MAX_LINKS: usize = 10_000;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A file of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Page,
    /// The list of pages.
    Index,
}

/// What a file that starts like this is in an export, if it is of one.
pub(crate) fn told(html: &str) -> Option<Told> {
    if !html.contains("id=\"main-header\"") || !html.contains("id=\"main-content\"") {
        return None;
    }
    match html.contains("id=\"breadcrumb") {
        true => Some(Told::Page),
        false => html.contains("id=\"main-content\" class=\"pageSection\"").then_some(Told::Index),
    }
}

/// A page; `stem` is its title if it has none.
pub(crate) fn parse(decoded: Decoded, stem: &str) -> Document {
    let Decoded { text, warnings } = decoded;
    if html::is_too_deep(&text) {
        return html::parse(Decoded { text, warnings }, stem);
    }
    let page = dom_query::Document::from(with_code(&text));
    let main = page.select_single("#main-content");
    tidy(&main);
    let crumbs = crumbs(&text);
    let mut builder = TextBuilder::default();
    builder.push(BlockKind::Heading { level: 1 }, &path_heading(&crumbs));
    let before = builder.chars();
    if let Some(node) = main.nodes().first() {
        html::push_below(node, &mut builder);
    }
    if builder.chars() == before {
        // A page without text is none, whatever stands above it.
        builder = TextBuilder::default();
    }
    let title = title(&text);
    let mut document = builder.finish(Format::Confluence, &[title.as_deref()], stem);
    document.warnings = warnings;
    let (author, timestamp) = facts(&text);
    for (key, value) in [("author", author), ("timestamp", timestamp), ("site", crumbs.into_iter().next())] {
        document.metadata.extend(value.map(|value| (key.to_owned(), value)));
    }
    document
}

/// The page's title, without the space in front.
pub(super) fn title(html: &str) -> Option<String> {
    let title = words(inside(html, "id=\"title-text\"", "</span>")?);
    let space = space(html).unwrap_or_default();
    let own = title.strip_prefix(&space).and_then(|rest| rest.strip_prefix(" : ")).map(str::to_owned);
    Some(own.unwrap_or(title)).filter(|title| !title.is_empty())
}

/// The names of the files that the page lists as its own, by their ways in the export.
pub(super) fn attachments(html: &str) -> Vec<(String, String)> {
    let Some(at) = html.find("id=\"attachments\"") else { return Vec::new() };
    let listed = links(html.get(at..).unwrap_or_default()).filter_map(|(address, text)| {
        let address = address.split(['?', '#']).next().unwrap_or_default();
        let way = percent_decode_str(address).decode_utf8_lossy().into_owned();
        way.starts_with("attachments/").then(|| (way, words(text)))
    });
    listed.take(MAX_LINKS).collect()
}

fn space(html: &str) -> Option<String> {
    let (_, text) = links(inside(html, "id=\"breadcrumb", "</ol>")?).next()?;
    Some(words(text)).filter(|space| !space.is_empty())
}

/// The names of the space and of the pages above, outermost first. The space's home page is above all others and says
/// no more than the space; which one it is, only its name tells.
fn crumbs(html: &str) -> Vec<String> {
    let section = inside(html, "id=\"breadcrumb", "</ol>").unwrap_or_default();
    let mut crumbs: Vec<String> = links(section).map(|(_, text)| words(text)).collect();
    crumbs.retain(|crumb| !crumb.is_empty());
    if let [space, home, ..] = crumbs.as_slice()
        && (home == space || home == "Home" || home.strip_suffix(" Home") == Some(space))
    {
        crumbs.remove(1);
    }
    crumbs
}

/// Who wrote the page last, and when: `2026-01-12`. The date is in the language of the export; only English ones are
/// understood.
fn facts(html: &str) -> (Option<String>, Option<String>) {
    let Some(section) = inside(html, "class=\"page-metadata\"", "</div>") else { return (None, None) };
    let person = |class: &str| {
        let name = words(inside(section, class, "</span>")?);
        Some(name).filter(|name| !name.is_empty())
    };
    let author = ["editor", "author"].iter().find_map(|class| {
        person(&format!("class='{class}'")).or_else(|| person(&format!("class=\"{class}\"")))
    });
    let told = words(section);
    (author, told.rsplit_once(" on ").and_then(|(_, date)| iso_date(date)))
}

/// `Jan 12, 2026` or `12 Jan 2026`, and whatever follows, as `2026-01-12`.
fn iso_date(date: &str) -> Option<String> {
    let mut words = date.split([' ', ',']).filter(|word| !word.is_empty());
    let (first, second, year) = (words.next()?, words.next()?, words.next()?);
    let month_of = |word: &str| MONTHS.iter().position(|month| word.starts_with(month)).map(|at| at + 1);
    let (month, day) = match month_of(first) {
        Some(month) => (month, second),
        None => (month_of(second)?, first),
    };
    let (day, year): (u8, u16) = (day.parse().ok()?, year.parse().ok()?);
    ((1..=31).contains(&day) && year > 1990).then(|| format!("{year}-{month:02}-{day:02}"))
}

/// Makes plain HTML of what macros leave behind.
fn tidy(main: &Selection<'_>) {
    main.select(FURNITURE).remove();
    for expander in main.select(".expand-control-text").iter() {
        if expander.text().trim() == EXPANDER {
            expander.remove();
        }
    }
    // The issue's title and state are fetched when the page is shown.
    for issue in main.select(".jira-issue[data-jira-key]").iter() {
        let key = issue.attr("data-jira-key").unwrap_or_default();
        issue.set_text(&key);
    }
    for task in main.select(".inline-task-list > li").iter() {
        task.prepend_html(if task.has_class("checked") { "☑ " } else { "☐ " });
    }
}

/// The page with code as text that older versions left to a script to show.
fn with_code(html: &str) -> String {
    const START: &str = "<script type=\"syntaxhighlighter\"";
    let mut shown = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, script)) = rest.split_once(START) {
        let parts = script.split_once('>').and_then(|(_, code)| code.split_once("</script>"));
        let Some((code, after)) = parts else { break };
        let code = code.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>");
        let code = code.replace("]]]]><![CDATA[>", "]]>");
        shown.push_str(&format!("{before}<pre>{}</pre>", escape::partial_escape(&code)));
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// What stands in the element that `mark` is in, up to `end`.
fn inside<'a>(html: &'a str, mark: &str, end: &str) -> Option<&'a str> {
    let (_, after) = html.split_once(mark)?;
    let (_, content) = after.split_once('>')?;
    content.split_once(end).map(|(content, _)| content).filter(|content| content.len() <= MAX_FACT_BYTES)
}

/// The addresses and contents of links.
fn links(html: &str) -> impl Iterator<Item = (&str, &str)> {
    html.split("<a ").skip(1).filter_map(|link| {
        let (tag, rest) = link.split_once('>')?;
        let (_, address) = tag.split_once("href=\"")?;
        let (text, _) = rest.split_once("</a>")?;
        (text.len() <= MAX_FACT_BYTES).then_some((address.split_once('"')?.0, text))
    })
}

/// The words of a piece of HTML.
fn words(html: &str) -> String {
    one_line(&dom_query::Document::fragment(html).text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (date, iso) in [
            ("Jan 12, 2026", Some("2026-01-12")),
            ("3 March 2025", Some("2025-03-03")),
            ("Sep 01, 2014 (view change)", Some("2014-09-01")),
            ("12. Januar 2026", None),
            ("Jan 40, 2026", None),
            ("", None),
        ] {
            assert_eq!(iso_date(date).as_deref(), iso, "{date}");
        }
    }

    #[test]
    fn code_in_scripts() {
        let script = "a<script type=\"syntaxhighlighter\" class=\"brush: java\"><![CDATA[if (a < b) x[y[0]]]]><![CDATA[> 1]]></script>b";
        assert_eq!(with_code(script), "a<pre>if (a &lt; b) x[y[0]]&gt; 1</pre>b");
        assert_eq!(
            with_code("a<script type=\"syntaxhighlighter\">b"),
            "a<script type=\"syntaxhighlighter\">b"
        );
    }
}
