//! MediaWiki XML dumps, read as a stream: one document for each page of a content namespace.

use std::io::{BufRead, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use citadel_core::{Document, Format};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::builder::TextBuilder;
use crate::frame::Tally;
use crate::sniff::{self, Packing};
use crate::text::Transcoder;
use crate::wikitext::{self, Dialect};
use crate::{Failure, archive, xml};

/// MediaWiki itself stores at most 2 MiB a page unless told otherwise.
const MAX_PAGE_BYTES: usize = 32 << 20;
const MAX_WARNINGS: usize = 100;
/// Pages passed over between two signs of life.
const ALIVE_EVERY: u64 = 200;

/// Gives each content page to `sink`, and `None` now and then while there is none; ends when `sink` says so.
///
/// A redirect is counted, not given: its target comes under its own name. Of a page with several revisions the newest
/// is taken. Entities that a document type defines are not expanded.
pub(crate) fn parse(
    file: impl Read,
    packing: Packing,
    sink: &mut dyn FnMut(Option<Document>) -> bool,
) -> Result<Tally, Failure> {
    let mut plain = BufReader::with_capacity(64 << 10, packing.unpack(BufReader::new(file)));
    let start = plain.fill_buf().map_err(|e| archive::broken(&e))?;
    if !sniff::is_dump(start) {
        return Err(Failure::Unsupported("it is an archive of something that is no wiki dump".into()));
    }
    let mut reader = Reader::from_reader(BufReader::new(Transcoder::new(plain)));
    reader.config_mut().allow_dangling_amp = true;
    let mut dump = Dump::default();
    let mut buffer = Vec::new();
    loop {
        let event = reader.read_event_into(&mut buffer).map_err(xml::failure)?;
        match event {
            Event::Start(tag) => dump.open(&tag),
            Event::Empty(tag) => {
                dump.open(&tag);
                dump.path.pop();
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => dump.take(&xml::text(&event)),
            Event::End(_) => {
                if !dump.close(sink) {
                    return Ok(dump.tally);
                }
            }
            Event::Eof if !dump.path.is_empty() => {
                return Err(Failure::Truncated("the wiki dump has no end".into()));
            }
            Event::Eof => return Ok(dump.finish()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
        }
        buffer.clear();
    }
}

#[derive(Debug, Default)]
struct Dump {
    /// The names of the open elements.
    path: Vec<String>,
    /// The text of the innermost element so far.
    value: String,
    dialect: Dialect,
    /// Number of the `<namespace>` being read.
    namespace_key: i64,
    language: Option<String>,
    site: Option<String>,
    page: Page,
    revision: Revision,
    tally: Tally,
    passed: u64,
    empty: u64,
}

#[derive(Debug, Default)]
struct Page {
    title: String,
    namespace: i64,
    redirect: bool,
    newest: Option<Revision>,
}

#[derive(Debug, Default)]
struct Revision {
    id: String,
    timestamp: String,
    author: String,
    model: String,
    text: String,
    too_large: bool,
}

impl Dump {
    fn open(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name();
        let name: &str = name.as_ref();
        match name {
            "mediawiki" => self.language = xml::attribute(tag, "xml:lang"),
            "namespace" => {
                self.namespace_key = xml::attribute(tag, "key").and_then(|key| key.parse().ok()).unwrap_or(0)
            }
            "page" => self.page = Page::default(),
            "revision" => self.revision = Revision::default(),
            "redirect" => self.page.redirect = true,
            _ => {}
        }
        self.path.push(name.to_owned());
        self.value.clear();
    }

    fn take(&mut self, text: &str) {
        if self.value.len() + text.len() > MAX_PAGE_BYTES {
            self.revision.too_large = true;
            self.value.clear();
        } else if !self.revision.too_large {
            self.value.push_str(text);
        }
    }

    /// Ends the innermost element; gives whether to go on.
    fn close(&mut self, sink: &mut dyn FnMut(Option<Document>) -> bool) -> bool {
        let name = self.path.pop().unwrap_or_default();
        let value = std::mem::take(&mut self.value).replace("\r\n", "\n");
        match (self.path.last().map(String::as_str).unwrap_or_default(), name.as_str()) {
            ("siteinfo", "sitename") => self.site = Some(value),
            ("namespaces", "namespace") => self.dialect.name_namespace(self.namespace_key, &value),
            ("mediawiki", "siteinfo") => self.dialect.build(),
            ("page", "title") => self.page.title = value,
            ("page", "ns") => self.page.namespace = value.trim().parse().unwrap_or(0),
            ("revision", "id") => self.revision.id = value,
            ("revision", "timestamp") => self.revision.timestamp = value,
            ("revision", "model") => self.revision.model = value,
            ("revision", "text") => self.revision.text = value,
            ("contributor", "username" | "ip") => self.revision.author = value,
            ("page", "revision") => {
                let revision = std::mem::take(&mut self.revision);
                // Timestamps are ISO 8601 in UTC, so that their letters sort as their times.
                if self.page.newest.as_ref().is_none_or(|newest| newest.timestamp <= revision.timestamp) {
                    self.page.newest = Some(revision);
                }
            }
            ("mediawiki", "page") => return self.close_page(sink),
            _ => {}
        }
        true
    }

    fn close_page(&mut self, sink: &mut dyn FnMut(Option<Document>) -> bool) -> bool {
        let page = std::mem::take(&mut self.page);
        let document = match page.newest {
            _ if page.redirect => {
                self.tally.redirects += 1;
                None
            }
            Some(revision) if is_content(page.namespace) && is_wikitext(&revision.model) => {
                self.document(page.title, revision)
            }
            _ => {
                self.tally.skipped += 1;
                None
            }
        };
        if document.is_some() {
            return sink(document);
        }
        self.passed += 1;
        !self.passed.is_multiple_of(ALIVE_EVERY) || sink(None)
    }

    fn document(&mut self, title: String, revision: Revision) -> Option<Document> {
        let mut skip = |reason: &str| {
            self.tally.skipped += 1;
            if self.tally.warnings.len() < MAX_WARNINGS {
                self.tally.warnings.push(format!("page “{title}” was left out: {reason}"));
            }
        };
        if revision.too_large {
            skip("it is larger than 32 MiB");
            return None;
        }
        if wikitext::redirects(&revision.text) {
            self.tally.redirects += 1;
            return None;
        }
        let mut builder = TextBuilder::default();
        // The library panics on some markup; one page must not cost the rest.
        let read = catch_unwind(AssertUnwindSafe(|| self.dialect.read(&revision.text, &mut builder)));
        let warning = match read {
            Ok(Ok(warning)) => warning,
            Ok(Err(reason)) => {
                skip(reason);
                return None;
            }
            Err(_) => {
                skip("its markup broke the reader");
                return None;
            }
        };
        if builder.chars() == 0 {
            self.tally.skipped += 1;
            self.empty += 1;
            return None;
        }
        let mut document = builder.finish(Format::MediaWiki, &[Some(&title)], "untitled page");
        document.part = Some(title);
        document.warnings.extend(warning);
        let facts = [
            ("revision", Some(revision.id)),
            ("author", Some(revision.author)),
            ("timestamp", Some(revision.timestamp)),
            ("language", self.language.clone()),
            ("site", self.site.clone()),
        ];
        for (key, value) in facts {
            document.metadata.extend(value.filter(|v| !v.is_empty()).map(|v| (key.to_owned(), v)));
        }
        Some(document)
    }

    fn finish(mut self) -> Tally {
        if self.empty > 0 {
            self.tally.warnings.push(format!("{} pages have no text of their own", self.empty));
        }
        self.tally
    }
}

/// The main namespace, the project's and help pages, and those that a wiki defines itself, such as `Policy:`. Not talk
/// (odd), users, files, interface, templates, categories, nor what extensions store (subtitles, modules, gadgets,
/// flow boards, drafts).
fn is_content(namespace: i64) -> bool {
    match namespace {
        0 | 4 | 12 => true,
        118 | 710 | 828 | 2300 | 2302 | 2600 => false,
        custom => custom >= 100 && custom % 2 == 0,
    }
}

/// Dumps before version 0.8 name no model.
fn is_wikitext(model: &str) -> bool {
    matches!(model, "" | "wikitext")
}
