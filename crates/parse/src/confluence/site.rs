//! Confluence HTML exports: an archive of a page for each page of the wiki, with its attachments beside it.

use std::collections::{HashMap, HashSet};

use super::page::{self, Told};
use crate::archive::files::{self, Entry, Files};
use crate::archive::names::{self, Names};
use crate::frame::Tally;
use crate::outlet::{Member, Outlet, WITHIN};
use crate::reader::Place;
use crate::{Failure, sniff};

const INDEX: &str = "index.html";
/// How many files of that name are looked at.
const MAX_INDEXES: usize = 16;
/// Folders of what the pages only look like.
const FURNITURE: [&str; 3] = ["styles/", "images/", "attachments/thumbnails/"];

/// The folder of the export, with a `/` at its end unless it is the archive itself; `None` where the archive is
/// something else.
pub(crate) fn find(files: &mut Files<'_>) -> Option<String> {
    let listed = files.entries().filter_map(|entry| {
        let folder = entry.way.ok()?.strip_suffix(INDEX)?.to_owned();
        let is_folder = folder.is_empty() || folder.ends_with('/');
        (is_folder && folder.matches('/').count() < 2).then_some((entry.at, folder))
    });
    let listed: Vec<(usize, String)> = listed.take(MAX_INDEXES).collect();
    listed.into_iter().find_map(|(at, folder)| {
        let start = files.start(at, sniff::HEAD_BYTES);
        (page::told(&String::from_utf8_lossy(&start)) == Some(Told::Index)).then_some(folder)
    })
}

/// Reads each page and behind it the files that it lists as its own; at last what no page lists.
pub(crate) fn read(folder: &str, mut files: Files<'_>, to: &mut Outlet<'_>) -> Result<Tally, Failure> {
    let entries: Vec<Entry> = files.entries().collect();
    let known: HashMap<&str, &Entry> =
        entries.iter().filter_map(|entry| Some((entry.way.as_deref().ok()?, entry))).collect();
    let mut tally = Tally::default();
    let mut given = Names::default();
    let mut taken = HashSet::new();
    let mut others = Vec::new();
    for entry in &entries {
        let own = entry.way.as_deref().ok().and_then(|way| way.strip_prefix(folder));
        let Some(own) = own.filter(|own| own.ends_with(".html") && !own.contains('/')) else {
            others.push(entry);
            continue;
        };
        if own == INDEX {
            continue;
        }
        let bytes = files.load(entry.at, to);
        let html = bytes.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let (title, listed) = (page::title(&html), page::attachments(&html));
        drop(html);
        let member = entry.member(given.unique(format!("{folder}{own}")));
        let (part, place) = (member.part.clone(), member.place.clone());
        if !to.member(member, |to| to.nested(bytes?, &place)) {
            return to.end(Ok(tally));
        }
        for (way, name) in listed {
            let Some(entry) = known.get(format!("{folder}{way}").as_str()) else { continue };
            if !taken.insert(entry.at) {
                continue;
            }
            let name = names::shown(&name);
            let place = Place { file_name: name.clone(), folders: Vec::new() };
            let member = Member {
                part: given.unique(format!("{part}{WITHIN}{name}")),
                place: place.clone(),
                bytes: entry.bytes,
                attached_to: title.clone(),
            };
            let go_on = to.member(member, |to| {
                let bytes = files.load(entry.at, to)?;
                to.nested(bytes, &place)
            });
            if !go_on {
                return to.end(Ok(tally));
            }
        }
    }
    for entry in others {
        let own = entry.way.as_deref().ok().and_then(|way| way.strip_prefix(folder)).unwrap_or_default();
        let is_furniture = taken.contains(&entry.at) || FURNITURE.iter().any(|name| own.starts_with(name));
        if !is_furniture && !files::read_entry(entry, &mut files, &mut given, &mut tally, to) {
            break;
        }
    }
    to.end(Ok(tally))
}
