//! Books: the chapters of an EPUB file in reading order.

use std::collections::{HashMap, HashSet};

use citadel_core::{Document, Format};
use percent_encoding::percent_decode_str;

use crate::archive::{Parts, resolve};
use crate::builder::TextBuilder;
use crate::facts::Facts;
use crate::xml::{self, Event};
use crate::{Failure, html, text};

const CONTAINER: &str = "META-INF/container.xml";
const ENCRYPTION: &str = "META-INF/encryption.xml";
/// HTML has no `<p/>`: these are the only elements that need no end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// An EPUB file, whose archive has been looked at.
pub(crate) fn parse(bytes: &[u8], stem: &str) -> Result<Document, Failure> {
    let mut parts = Parts::open(bytes)?;
    let package = package(&parts.require(CONTAINER)?)?;
    let content = parts.require(&package)?;
    let locked = locked(&parts.read(ENCRYPTION)?.unwrap_or_default())?;
    let mut builder = TextBuilder::default();
    let mut warnings = Vec::new();
    for chapter in chapters(&package, &content)? {
        if locked.contains(&chapter) {
            return Err(Failure::Encrypted);
        }
        let Some(bytes) = parts.read(&chapter)? else {
            warnings.push(format!("the chapter {chapter} is missing"));
            continue;
        };
        match text::decode(&bytes, true) {
            Ok(decoded) => {
                let warned = html::push_any(&closed(&decoded.text), &mut builder);
                let warned = decoded.warnings.into_iter().chain(warned);
                warnings.extend(warned.map(|warning| format!("{chapter}: {warning}")));
            }
            // A page without a word.
            Err(Failure::Empty) => {}
            Err(failure) => warnings.push(format!("the chapter {chapter} was left out: {failure}")),
        }
    }
    let facts = Facts::read(&package, Some(content))?;
    let mut document = builder.finish(Format::Epub, &[facts.title()], stem);
    document.warnings = warnings;
    facts.describe(&mut document);
    Ok(document)
}

/// The part that lists the others.
fn package(container: &[u8]) -> Result<String, Failure> {
    let mut package = None;
    xml::read(CONTAINER, container, &mut |event| {
        if let Event::Open(tag) = event
            && tag.name() == "rootfile"
            && package.is_none()
        {
            package = tag.attribute("full-path");
        }
        Ok(())
    })?;
    package.ok_or_else(|| Failure::Damaged(format!("{CONTAINER} names no package")))
}

/// The parts that are encrypted; fonts often are, in books that everybody may read.
fn locked(encryption: &[u8]) -> Result<HashSet<String>, Failure> {
    let mut locked = HashSet::new();
    xml::read(ENCRYPTION, encryption, &mut |event| {
        if let Event::Open(tag) = event
            && tag.name() == "CipherReference"
        {
            locked.extend(tag.attribute("URI").map(|uri| part_of("", &uri)));
        }
        Ok(())
    })?;
    Ok(locked)
}

/// The parts of the spine that are pages, in order, without the table of contents.
fn chapters(package: &str, content: &[u8]) -> Result<Vec<String>, Failure> {
    let mut pages = HashMap::new();
    let mut chapters = Vec::new();
    xml::read(package, content, &mut |event| {
        let Event::Open(tag) = event else { return Ok(()) };
        match tag.name().as_str() {
            "item" => {
                let kind = tag.attribute("media-type").unwrap_or_default();
                let properties = tag.attribute("properties").unwrap_or_default();
                let is_page =
                    kind.contains("html") && properties.split_whitespace().all(|name| name != "nav");
                if let (true, Some(id), Some(target)) = (is_page, tag.attribute("id"), tag.attribute("href"))
                {
                    pages.insert(id, part_of(package, &target));
                }
            }
            // Each page once: a spine that names one many times would be a bomb.
            "itemref" => chapters.extend(tag.attribute("idref").and_then(|id| pages.remove(&id))),
            _ => {}
        }
        Ok(())
    })?;
    Ok(chapters)
}

/// The name of the part behind an address, which may hold `%20` and point at a place inside the part.
fn part_of(from: &str, address: &str) -> String {
    let path = address.split('#').next().unwrap_or_default();
    resolve(from, &percent_decode_str(path).decode_utf8_lossy())
}

/// XHTML for a reader of HTML, to which `<title/>` is a title that never ends.
fn closed(xhtml: &str) -> String {
    let mut html = String::with_capacity(xhtml.len());
    let mut rest = xhtml;
    while let Some((before, after)) = rest.split_once("/>") {
        html.push_str(before);
        let tag = before.rsplit_once('<').map(|(_, tag)| tag).unwrap_or_default();
        let name = tag.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if starts && !tag.contains('>') && !VOID.contains(&name) {
            html.push_str(&format!("></{name}>"));
        } else {
            html.push_str("/>");
        }
        rest = after;
    }
    html.push_str(rest);
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_without_content_are_closed() {
        for (xhtml, html) in [
            ("<title/><p>a<br/>b</p>", "<title></title><p>a<br/>b</p>"),
            ("<a id=\"x/y\" />z", "<a id=\"x/y\" ></a>z"),
            ("a /> b", "a /> b"),
            ("<p>1 /> 2", "<p>1 /> 2"),
        ] {
            assert_eq!(closed(xhtml), html);
        }
    }
}
