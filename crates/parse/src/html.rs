//! HTML: the page's main content, by way of Markdown.

use std::collections::BTreeMap;

use citadel_core::{Document, Format};
use dom_smoothie::{Article, ParsePolicy, Readability};
use htmd::HtmlToMarkdown;

use crate::Failure;
use crate::builder::TextBuilder;
use crate::markdown::{self, RawHtml};
use crate::text::Decoded;

/// What is believed to be the main content but holds less than this share of the page's text loses to the whole page:
/// a menu too many costs less than a paragraph too few.
const LEAST_SHARE: f64 = 0.5;
/// A larger page is data, not an article; finding its main content would take minutes.
const MAX_ARTICLE_BYTES: usize = 8 << 20;
/// Elements whose text is no content.
const SKIPPED: [&str; 14] = [
    "script", "style", "noscript", "template", "head", "nav", "footer", "svg", "iframe", "object", "button",
    "select", "textarea", "dialog",
];

/// An HTML page.
pub(crate) fn parse(decoded: Decoded, stem: &str) -> Result<Document, Failure> {
    let damaged = || Failure::Damaged("the HTML cannot be read".into());
    let page = read(&decoded.text).ok_or_else(damaged)?;
    let article = article(&decoded.text);
    let body = article.as_ref().and_then(|article| read(&article.content));
    let builder = match body {
        Some(body) if body.chars() as f64 >= LEAST_SHARE * page.chars() as f64 => body,
        _ => page,
    };
    let title = article.as_ref().map(|article| article.title.as_str());
    let mut document = builder.finish(Format::Html, &[title], stem);
    document.metadata = article.map(facts).unwrap_or_default();
    document.warnings = decoded.warnings;
    Ok(document)
}

fn read(html: &str) -> Option<TextBuilder> {
    let mut builder = TextBuilder::default();
    markdown::blocks(&to_markdown(html)?, RawHtml::Drop, &mut builder);
    Some(builder)
}

fn article(html: &str) -> Option<Article> {
    if html.len() > MAX_ARTICLE_BYTES {
        return None;
    }
    // The stricter policies throw out lists and tables that look like menus.
    Readability::new(html, None, None).ok()?.parse_with_policy(ParsePolicy::Raw).ok()
}

fn facts(article: Article) -> BTreeMap<String, String> {
    let facts = [
        ("author", article.byline),
        ("language", article.lang),
        ("timestamp", article.modified_time.or(article.published_time)),
        ("site", article.site_name),
    ];
    facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Markdown with the same text; `None` where the library fails.
pub(crate) fn to_markdown(html: &str) -> Option<String> {
    HtmlToMarkdown::builder().skip_tags(SKIPPED.to_vec()).build().convert(html).ok()
}
