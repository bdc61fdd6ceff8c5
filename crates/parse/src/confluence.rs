//! Confluence XML exports: one document for each current page and blog post.
//!
//! `entities.xml` holds the objects of the wiki's database in no order: a page's text may come long before its title.
//! It is read twice as a stream, first for everything but the texts, then for one text after the other, so that an
//! export of any size fits into memory; attachments follow, one in memory at a time. Comments and descriptions of
//! spaces are left out: a comment is no statement of the page.
//!
//! HTML exports: [`site`] and [`page`].

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use citadel_core::{BlockKind, Document, Format};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::archive::files::Files;
use crate::builder::{TextBuilder, one_line};
use crate::frame::Tally;
use crate::outlet::Outlet;
use crate::text::Transcoder;
use crate::{Failure, archive, xml};

mod attachments;
mod markup;
pub(crate) mod page;
pub(crate) mod site;
mod storage;

/// The part of the archive that holds pages, spaces and users.
pub(crate) const ENTITIES: &str = "entities.xml";
const ROOT: &str = "hibernate-generic";
/// Confluence itself stores at most 5 MiB a page unless told otherwise.
const MAX_VALUE_BYTES: usize = 32 << 20;
/// Objects read between two signs of life.
const ALIVE_EVERY: u64 = 1000;
/// Pages above a page that are looked at; nobody nests deeper, but a damaged export may go in circles.
const MAX_ANCESTORS: usize = 50;

/// What is read of pages, spaces, users and attachments before the texts.
const FACTS: [&str; 20] = [
    "title",
    "parent",
    "space",
    "version",
    "lastModificationDate",
    "creationDate",
    "lastModifier",
    "lastModifierName",
    "creator",
    "creatorName",
    "contentStatus",
    "originalVersion",
    "originalVersionId",
    "name",
    "key",
    "homePage",
    "content",
    "containerContent",
    "fileName",
    "attachmentVersion",
];
/// What is read of texts.
const TEXT: [&str; 2] = ["body", "bodyType"];

/// Gives each current page and blog post, then their attachments. Of an export that is damaged, the pages before the
/// damage are given, and the attachments of all that is known.
pub(crate) fn parse(mut files: Files<'_>, to: &mut Outlet<'_>) -> Result<Tally, Failure> {
    let mut wiki = Wiki::default();
    // Damage shows again when the texts are read.
    let known = objects(&mut files, &FACTS, &mut |object| match object {
        Some(object) => {
            wiki.take(object);
            true
        }
        None => to.event(None),
    });
    if let Err(failure @ (Failure::Bomb(_) | Failure::Encrypted | Failure::Unsupported(_))) = known {
        return Err(failure);
    }
    let mut export = wiki.export();
    let texts = objects(&mut files, &TEXT, &mut |object| match object {
        Some(object) => export.document(object).is_none_or(|document| to.document(document)),
        None => to.event(None),
    });
    to.end(Ok(()))?;
    export.attachments(&mut files, to);
    to.end(texts.map(|()| export.finish()))
}

/// An object of the wiki's database.
#[derive(Debug, Default)]
struct Object {
    class: String,
    id: String,
    /// Its properties; of one that is an object itself, the number.
    properties: HashMap<String, String>,
    /// The number of the last text that it lists as its own.
    last_body: Option<String>,
    too_large: bool,
}

impl Object {
    /// A property with visible text.
    fn get(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether readers of the wiki see it: not a draft, not in the bin, not an older version.
    fn is_current(&self) -> bool {
        self.get("contentStatus").is_none_or(|status| status == "current")
            && self.get("originalVersion").or_else(|| self.get("originalVersionId")).is_none()
    }
}

/// Gives each object of the classes that matter to `each`, with the properties that `wanted` names, and `None` now
/// and then; ends when `each` says so.
fn objects(
    files: &mut Files<'_>,
    wanted: &[&str],
    each: &mut dyn FnMut(Option<Object>) -> bool,
) -> Result<(), Failure> {
    let (entry, packed) = files.part(ENTITIES)?;
    let most = archive::most_unpacked(packed);
    let mut limited = entry.take(most);
    let result = read_objects(&mut limited, wanted, each);
    // What comes after the limit was never seen, so that whatever else went wrong says nothing.
    if limited.limit() == 0 { Err(archive::bomb(packed, most)) } else { result }
}

fn read_objects(
    from: impl Read,
    wanted: &[&str],
    each: &mut dyn FnMut(Option<Object>) -> bool,
) -> Result<(), Failure> {
    let mut reader = Reader::from_reader(BufReader::new(Transcoder::new(BufReader::new(from))));
    reader.config_mut().allow_dangling_amp = true;
    let mut buffer = Vec::new();
    let mut walk =
        Walk { wanted, started: false, path: Vec::new(), object: Object::default(), value: String::new() };
    let mut read = 0u64;
    loop {
        let event = reader.read_event_into(&mut buffer).map_err(xml::failure)?;
        match &event {
            Event::Start(tag) => walk.open(tag)?,
            Event::Empty(tag) => {
                walk.open(tag)?;
                walk.close();
            }
            // Confluence puts a space behind each `]]` in a section, so that none ends it too early.
            Event::CData(text) => walk.text(&text.replace("]] ", "]]")),
            Event::Text(_) | Event::GeneralRef(_) => walk.text(&xml::text(&event)),
            Event::End(_) => {
                if let Some(object) = walk.close() {
                    read += 1;
                    if (is_known(&object.class) && !each(Some(object)))
                        || (read.is_multiple_of(ALIVE_EVERY) && !each(None))
                    {
                        return Ok(());
                    }
                }
            }
            Event::Eof if !walk.path.is_empty() => {
                return Err(Failure::Truncated("the list of pages has no end".into()));
            }
            Event::Eof if !walk.started => return Err(foreign()),
            Event::Eof => return Ok(()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
        }
        buffer.clear();
    }
}

fn foreign() -> Failure {
    Failure::Unsupported(format!("its {ENTITIES} is not that of a Confluence export"))
}

fn is_known(class: &str) -> bool {
    matches!(class, "Page" | "BlogPost" | "BodyContent" | "Space" | "ConfluenceUserImpl" | "Attachment")
}

/// Where in the file reading is.
struct Walk<'a> {
    wanted: &'a [&'a str],
    /// Whether the root element has come.
    started: bool,
    /// The open elements: what they are and their attribute `name` (of an object, `class`).
    path: Vec<(String, String)>,
    object: Object,
    /// The text of the innermost element so far.
    value: String,
}

impl Walk<'_> {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Failure> {
        let element: &str = tag.name().into_inner();
        let attribute = if element == "object" { "class" } else { "name" };
        let name = xml::attribute(tag, attribute).unwrap_or_default();
        match self.path.len() {
            0 if element != ROOT => return Err(foreign()),
            0 => self.started = true,
            1 => self.object = Object { class: name.clone(), ..Object::default() },
            _ => {}
        }
        self.path.push((element.to_owned(), name));
        self.value.clear();
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if !is_known(&self.object.class) || !self.is_wanted() {
            return;
        }
        if self.value.len() + text.len() > MAX_VALUE_BYTES {
            self.object.too_large = true;
        } else {
            self.value.push_str(text);
        }
    }

    /// Whether the property or other part of an object that is open is to be read.
    fn is_wanted(&self) -> bool {
        self.path
            .get(2)
            .is_some_and(|(element, name)| element != "property" || self.wanted.contains(&name.as_str()))
    }

    /// Ends the innermost element; gives the object that ends with it.
    fn close(&mut self) -> Option<Object> {
        let is_wanted = self.is_wanted();
        let (element, name) = self.path.pop()?;
        let value = std::mem::take(&mut self.value);
        // Nothing lies deeper than four, and whoever nests deeper shall not make it slow.
        let place: Vec<&str> =
            self.path.iter().skip(1).take(4).map(|(element, _)| element.as_str()).collect();
        match (place.as_slice(), element.as_str()) {
            ([], _) if self.path.len() == 1 => return Some(std::mem::take(&mut self.object)),
            (["object"], "id") => self.object.id = value.trim().to_owned(),
            // Where the value was an object, its number is there already.
            (["object"], "property") if is_wanted => {
                self.object.properties.entry(name).or_insert(value);
            }
            (["object", "property"], "id") if is_wanted => {
                if let Some((_, property)) = self.path.last() {
                    self.object.properties.insert(property.clone(), value);
                }
            }
            (["object", "collection", "element"], "id")
                if self.path.get(2).is_some_and(|(_, collection)| collection == "bodyContents") =>
            {
                self.object.last_body = Some(value.trim().to_owned());
            }
            _ => {}
        }
        None
    }
}

/// What is known of the wiki before its texts are read.
#[derive(Debug, Default)]
struct Wiki {
    /// The current pages and blog posts by their numbers.
    pages: BTreeMap<String, Object>,
    /// Drafts, older versions and pages in the bin.
    passed: u64,
    spaces: HashMap<String, Object>,
    /// Names of users by their keys.
    users: HashMap<String, String>,
    /// Current attachments by the numbers of their pages and their own.
    attachments: BTreeMap<(String, String), Object>,
    /// The numbers of all texts, and of the pages that they name as theirs.
    bodies: BTreeMap<String, Option<String>>,
}

impl Wiki {
    fn take(&mut self, object: Object) {
        let id = object.id.clone();
        match object.class.as_str() {
            "Space" => {
                self.spaces.insert(id, object);
            }
            "ConfluenceUserImpl" => self.users.extend(object.get("name").map(|name| (id, name.to_owned()))),
            "BodyContent" => {
                self.bodies.insert(id, object.get("content").map(str::to_owned));
            }
            "Attachment" => {
                let page = attachments::page_of(&object).filter(|_| object.is_current()).map(str::to_owned);
                self.attachments.extend(page.map(|page| ((page, id), object)));
            }
            _ if object.is_current() => {
                self.pages.insert(id, object);
            }
            _ => self.passed += 1,
        }
    }

    /// Finds each current page's text and name.
    fn export(self) -> Export {
        let mut titles: HashMap<String, usize> = HashMap::new();
        let mut texts: BTreeMap<&String, &String> = BTreeMap::new();
        for (id, page) in &self.pages {
            *titles.entry(title_of(page)).or_default() += 1;
            // A text that names another page is not this one's.
            let is_own = |body: &&String| {
                self.bodies.get(*body).is_some_and(|page| page.as_ref().is_none_or(|p| p == id))
            };
            texts.extend(page.last_body.as_ref().filter(is_own).map(|body| (id, body)));
        }
        // A page may list no texts; numbers grow, so that the highest is the newest.
        let mut unlisted: Vec<(&String, &String)> = self
            .bodies
            .iter()
            .filter_map(|(body, page)| Some((page.as_ref()?, body)))
            .filter(|(page, _)| self.pages.contains_key(*page) && !texts.contains_key(page))
            .collect();
        unlisted.sort_by_key(|(_, body)| (body.len(), *body));
        texts.extend(unlisted);
        let mut owners = HashMap::new();
        for (page, body) in texts {
            owners.entry(body.clone()).or_insert_with(|| page.clone());
        }
        let empty = self.pages.len() - owners.len();
        let tally = Tally { skipped: self.passed + empty as u64, ..Tally::default() };
        Export { owners, titles, empty, tally, wiki: self }
    }

    fn space_of(&self, page: &Object) -> Option<&Object> {
        self.spaces.get(page.get("space")?)
    }

    /// The names of the space and of the pages above, outermost first. The space's home page is above all others and
    /// says no more than the space.
    fn path_of(&self, page: &Object) -> Vec<String> {
        let space = self.space_of(page);
        let home = space.and_then(|space| space.get("homePage"));
        let above = |page: &&Object| self.pages.get(page.get("parent")?);
        let mut path = Vec::new();
        let mut seen = HashSet::from([page.id.as_str()]);
        for parent in std::iter::successors(above(&page), above).take(MAX_ANCESTORS) {
            if !seen.insert(&parent.id) {
                break;
            }
            if Some(parent.id.as_str()) != home {
                path.extend(parent.get("title").map(one_line));
            }
        }
        path.extend(space.and_then(|space| space.get("name").or_else(|| space.get("key"))).map(one_line));
        path.reverse();
        path
    }

    fn author_of<'a>(&'a self, page: &'a Object) -> Option<&'a str> {
        let by_key = |property| self.users.get(page.get(property)?).map(String::as_str);
        by_key("lastModifier")
            .or_else(|| page.get("lastModifierName"))
            .or_else(|| by_key("creator"))
            .or_else(|| page.get("creatorName"))
    }
}

/// The first heading of a page, made of the names above it.
///
/// A chunk's context is made of its document's title and the headings above it. One heading with the path, above all
/// headings of the page (which go down by one level), makes that `Page > Space > Parent > Section`, and is the first
/// thing to go where that is too long. A heading for each page above would stand in the text as many times, and facts
/// beside the text would never reach a chunk.
fn path_heading(names: &[String]) -> String {
    names.join(" > ")
}

fn title_of(page: &Object) -> String {
    let title = one_line(page.get("title").unwrap_or_default());
    if title.is_empty() { "untitled page".into() } else { title }
}

/// `2013-12-12 13:39:50.120` as `2013-12-12T13:39:50`: the export does not tell the time zone.
fn timestamp(stored: &str) -> String {
    let seconds = stored.split_once('.').map_or(stored, |(seconds, _)| seconds);
    seconds.replacen(' ', "T", 1)
}

/// Gives the documents.
struct Export {
    wiki: Wiki,
    /// Which page a text belongs to.
    owners: HashMap<String, String>,
    /// How many current pages have this title.
    titles: HashMap<String, usize>,
    empty: usize,
    tally: Tally,
}

impl Export {
    /// The document whose text this object is.
    fn document(&mut self, object: Object) -> Option<Document> {
        if object.class != "BodyContent" {
            return None;
        }
        // Taken out, so that a text that comes twice is given once.
        let page = self.wiki.pages.get(&self.owners.remove(&object.id)?)?;
        let title = title_of(page);
        let warn = |tally: &mut Tally, reason: &str| {
            tally.skipped += 1;
            tally.warn(format!("page “{title}” was left out: {reason}"));
        };
        if object.too_large {
            warn(&mut self.tally, "it is larger than 32 MiB");
            return None;
        }
        let body = object.properties.get("body").map(String::as_str).unwrap_or_default();
        let mut builder = TextBuilder::default();
        builder.push(BlockKind::Heading { level: 1 }, &path_heading(&self.wiki.path_of(page)));
        let before = builder.chars();
        // A library may panic on some markup; one page must not cost the rest.
        let read = catch_unwind(AssertUnwindSafe(|| match is_storage(object.get("bodyType"), body) {
            true => storage::push(body, &self.wiki.users, &mut builder),
            false => {
                markup::push(body, &mut builder);
                None
            }
        }));
        let Ok(warning) = read else {
            warn(&mut self.tally, "its markup broke the reader");
            return None;
        };
        if builder.chars() == before {
            self.tally.skipped += 1;
            self.empty += 1;
            return None;
        }
        let mut document = builder.finish(Format::Confluence, &[Some(&title)], &title);
        document.part = Some(self.part_of(page));
        document.warnings.extend(warning);
        let modified = page.get("lastModificationDate").or_else(|| page.get("creationDate"));
        let space = self.wiki.space_of(page);
        let facts = [
            ("revision", page.get("version").map(str::to_owned)),
            ("author", self.wiki.author_of(page).map(str::to_owned)),
            ("timestamp", modified.map(timestamp)),
            ("site", space.and_then(|space| space.get("name")).map(str::to_owned)),
        ];
        for (key, value) in facts {
            document.metadata.extend(value.map(|value| (key.to_owned(), value)));
        }
        Some(document)
    }

    /// Titles are unique in a space. An export of several spaces may repeat them, and numbers never change.
    fn part_of(&self, page: &Object) -> String {
        let title = title_of(page);
        let is_unique = self.titles.get(&title).is_none_or(|count| *count < 2);
        if is_unique { title } else { format!("{title} (page {})", page.id) }
    }

    /// Gives the documents of the pages' attachments.
    fn attachments(&mut self, files: &mut Files<'_>, to: &mut Outlet<'_>) {
        let page = |id: &str| {
            let page = self.wiki.pages.get(id)?;
            Some((self.part_of(page), title_of(page)))
        };
        let mut tally = Tally::default();
        attachments::read(&self.wiki.attachments, page, files, &mut tally, to);
        self.tally.add(tally);
    }

    fn finish(mut self) -> Tally {
        if self.empty > 0 {
            self.tally.warnings.push(format!("{} pages have no text of their own", self.empty));
        }
        self.tally
    }
}

/// Whether a text is in the storage format (since version 4 of 2011) and not in the older markup. An old export does
/// not tell, for it knows only one.
fn is_storage(body_type: Option<&str>, body: &str) -> bool {
    match body_type {
        Some("2") => true,
        Some("0") => false,
        _ => body.contains("</") || body.contains("/>"),
    }
}
