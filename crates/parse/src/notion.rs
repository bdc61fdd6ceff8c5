//! What the exports of Notion have of their own: pages, folders and databases carry 32 hexadecimal digits in their
//! names, pages under a page lie in a folder of its name, and a page of a database begins with its properties.

use std::borrow::Cow;

use dom_query::NodeRef;

use crate::reader::Place;

/// The number of digits of an identity.
const DIGITS: usize = 32;
/// A longer address is none.
const MAX_ADDRESS: usize = 2_000;
/// What the export puts around the pages.
const AROUND: [&str; 2] = ["Private & Shared", "Teamspace"];

/// Whether a file is named like a page or database of an export.
pub(crate) fn is_page(place: &Place) -> bool {
    title(place.stem()) != place.stem()
}

/// The title in a name: what stands before the identity.
pub(crate) fn title(name: &str) -> &str {
    // A database is written twice: as it is shown, and with all its rows.
    let bare = name.strip_suffix("_all").unwrap_or(name);
    let parts = bare.len().checked_sub(DIGITS).and_then(|at| bare.split_at_checked(at));
    match parts.filter(|(before, digits)| before.ends_with(' ') && is_identity(digits)) {
        Some((before, _)) if !before.trim().is_empty() => before.trim(),
        _ => name,
    }
}

/// The titles of the pages above a file, outermost first.
pub(crate) fn path(place: &Place) -> Vec<String> {
    let is_around = |folder: &&String| folder.starts_with("Export-") || AROUND.contains(&folder.as_str());
    place.folders.iter().skip_while(is_around).map(|folder| title(folder).to_owned()).collect()
}

/// A cell of a database: links to pages are written as `Title (Folder/Title%20identity.md)`.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let is_address = |inner: &str| {
        let path = inner.split('?').next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let digits = stem.len().checked_sub(DIGITS).and_then(|at| stem.get(at..));
        digits.is_some_and(is_identity)
    };
    if !text.contains(" (") {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" (") {
        clean.push_str(before);
        let near = after.get(..after.floor_char_boundary(MAX_ADDRESS)).unwrap_or_default();
        rest = match near.split_once(')').filter(|(inner, _)| is_address(inner)) {
            Some((inner, _)) => after.get(inner.len() + 1..).unwrap_or_default(),
            None => {
                clean.push_str(" (");
                after
            }
        };
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// A Markdown page with each of the properties below its title on a line of its own.
pub(crate) fn with_properties_apart(markdown: &str) -> String {
    let mut lines = markdown.lines();
    let mut apart = String::with_capacity(markdown.len());
    for line in lines.by_ref() {
        apart.push_str(line);
        apart.push('\n');
        if !line.trim().is_empty() && !line.starts_with("# ") {
            break;
        }
    }
    let is_property = |line: &str| line.split_once(": ").is_some_and(|(key, _)| key.chars().count() < 60);
    if apart.lines().last().is_some_and(is_property) {
        for line in lines.by_ref() {
            if is_property(line) {
                // Two spaces end a line.
                apart.insert_str(apart.len() - 1, "  ");
            }
            apart.push_str(line);
            apart.push('\n');
            if line.trim().is_empty() {
                break;
            }
        }
    }
    lines.for_each(|line| {
        apart.push_str(line);
        apart.push('\n');
    });
    apart
}

/// The page in an HTML export and its title.
pub(crate) fn article<'a>(page: &'a dom_query::Document) -> Option<(NodeRef<'a>, String)> {
    let root = page.root();
    let article = root.descendants_it().find(|node| node.has_name("article"))?;
    let identity = article.attr("id")?.replace('-', "");
    let heading = article.descendants_it().find(|node| node.has_class("page-title"))?;
    is_identity(&identity).then(|| (article, heading.text().to_string()))
}

fn is_identity(digits: &str) -> bool {
    digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "152bb52ee2b580f1bc1bd5ac36d7f9e3";

    #[test]
    fn names_lose_their_identities() {
        for (name, shown) in [
            (format!("Project Planner {ID}"), "Project Planner"),
            (format!("Habits {ID}_all"), "Habits"),
            (ID.into(), ID),
            (format!("é {ID}"), "é"),
            (format!("x{ID}"), &*format!("x{ID}")),
            ("short".into(), "short"),
            (format!("ééééééééé{ID}"), &*format!("ééééééééé{ID}")),
            (format!("Upper {}", ID.to_uppercase()), &*format!("Upper {}", ID.to_uppercase())),
        ] {
            assert_eq!(title(&name), shown);
        }
        let folders =
            ["Export-1", "Private & Shared", &format!("Home {ID}"), "Plain"].map(str::to_owned).to_vec();
        assert_eq!(path(&Place { file_name: String::new(), folders }), ["Home", "Plain"]);
    }

    #[test]
    fn cells_lose_the_addresses_of_pages() {
        for (text, shown) in [
            (format!("Ann (Staff/Ann%20{ID}.md), Bob (https://www.notion.so/Bob-{ID}?pvs=21)"), "Ann, Bob"),
            ("Ann (Staff), Bob".into(), "Ann (Staff), Bob"),
            ("open (".into(), "open ("),
        ] {
            assert_eq!(cell(&text), shown);
        }
    }

    #[test]
    fn properties_stand_on_their_own_lines() {
        for (markdown, apart) in [
            (
                "# T\n\nStatus: Done\nDate: May 1\n\nText: a\nb",
                "# T\n\nStatus: Done  \nDate: May 1\n\nText: a\nb\n",
            ),
            ("# T\n\nNo property\nDate: May 1", "# T\n\nNo property\nDate: May 1\n"),
            ("# T", "# T\n"),
            ("", ""),
        ] {
            assert_eq!(with_properties_apart(markdown), apart);
        }
    }
}
