//! Files attached to the pages of a Confluence XML export.

use std::collections::BTreeMap;

use super::Object;
use crate::archive::files::{Entry, Files};
use crate::archive::names::{self, Names};
use crate::frame::Tally;
use crate::outlet::{Member, Outlet, WITHIN};
use crate::reader::Place;

/// The files of an export by the numbers of their page and attachment, each with its versions.
type Stored = BTreeMap<(String, String), Vec<(u64, Entry)>>;

/// The page that an attachment belongs to. A property of either name holds it, depending on Confluence's version.
pub(super) fn page_of(attachment: &Object) -> Option<&str> {
    attachment.get("containerContent").or_else(|| attachment.get("content"))
}

/// Reads the newest version of each attachment; `page` gives the part and title of its page.
pub(super) fn read(
    attachments: &BTreeMap<(String, String), Object>,
    page: impl Fn(&str) -> Option<(String, String)>,
    files: &mut Files<'_>,
    tally: &mut Tally,
    to: &mut Outlet<'_>,
) {
    let stored = stored(files);
    let mut given = Names::default();
    let mut missing = 0u64;
    for (key, attachment) in attachments {
        let Some((part, title)) = page(&key.0) else { continue };
        let version = attachment.get("version").or_else(|| attachment.get("attachmentVersion"));
        let version = version.and_then(|version| version.parse().ok());
        let versions = stored.get(key).map(Vec::as_slice).unwrap_or_default();
        let named = versions.iter().find(|(number, _)| Some(*number) == version);
        let Some((_, entry)) = named.or_else(|| versions.iter().max_by_key(|(number, _)| *number)) else {
            missing += 1;
            continue;
        };
        let name = attachment.get("title").or_else(|| attachment.get("fileName"));
        let name = names::shown(name.unwrap_or("attachment"));
        let place = Place { file_name: name.clone(), folders: Vec::new() };
        let member = Member {
            part: given.unique(format!("{part}{WITHIN}{name}")),
            place: place.clone(),
            bytes: entry.bytes,
            attached_to: Some(title),
        };
        let go_on = to.member(member, |to| {
            entry.way.clone()?;
            let bytes = files.load(entry.at, to)?;
            to.nested(bytes, &place)
        });
        if !go_on {
            return;
        }
    }
    if missing > 0 {
        tally.warn(format!("{missing} attachments are not in the export: it was made without them"));
    }
}

/// Attachments lie in `attachments/<page>/<attachment>/<version>`.
fn stored(files: &Files<'_>) -> Stored {
    let mut stored = Stored::new();
    for entry in files.entries() {
        let steps: Vec<&str> = entry.name.split('/').collect();
        let ["attachments", page, attachment, version] = steps.as_slice() else { continue };
        let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
        let Ok(version) = digits.parse() else { continue };
        let key = ((*page).to_owned(), (*attachment).to_owned());
        stored.entry(key).or_default().push((version, entry));
    }
    stored
}
