//! A file that was cut off has lost its end, where a PDF keeps the way into it: the trailer that names the catalog,
//! and often the catalog and the page tree as well. What is left can be read with a new end.

use std::collections::BTreeSet;

/// The file with a new end: first with the catalog that is still in it, then, where that leads nowhere, with a new
/// page tree of all pages that are there, in the order of the file.
pub(super) fn new_ends(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let objects = objects(bytes);
    let catalog = objects.iter().rev().find(|object| object.is(b"Catalog"));
    let end = catalog.map(|catalog| {
        format!("\nendobj\ntrailer << /Root {} {} R >>\n%%EOF\n", catalog.number, catalog.generation)
    });
    // The numbers of a file are below its size, and those of PDF below 8,388,608 (ISO 32000-1, annex C).
    let free = objects.iter().map(|object| object.number).max().unwrap_or(0) + 1;
    let mut seen = BTreeSet::new();
    let pages: Vec<String> = objects
        .iter()
        .filter(|object| object.is(b"Page") && seen.insert(object.number))
        .map(|object| format!("{} {} R", object.number, object.generation))
        .collect();
    let tree = (!pages.is_empty()).then(|| {
        format!(
            "\nendobj\n{free} 0 obj << /Type /Pages /Kids [{}] /Count {} /MediaBox [0 0 612 792] >> endobj\n\
             {} 0 obj << /Type /Catalog /Pages {free} 0 R >> endobj\ntrailer << /Root {} 0 R >>\n%%EOF\n",
            pages.join(" "),
            pages.len(),
            free + 1,
            free + 1
        )
    });
    [end, tree].into_iter().flatten().map(move |end| [bytes, end.as_bytes()].concat())
}

struct Object<'a> {
    number: u32,
    generation: u16,
    /// The start of what it holds, long enough for a dictionary.
    head: &'a [u8],
}

impl Object<'_> {
    /// Whether it is a dictionary with this `/Type`.
    fn is(&self, kind: &[u8]) -> bool {
        let at = self.head.windows(5).position(|w| w == b"/Type");
        let Some(rest) = at.and_then(|at| self.head.get(at + 5..)) else { return false };
        let name = rest.trim_ascii_start().strip_prefix(b"/").unwrap_or_default();
        name.starts_with(kind) && !name.get(kind.len()).is_some_and(u8::is_ascii_alphanumeric)
    }
}

/// All that looks like `12 0 obj`.
fn objects(bytes: &[u8]) -> Vec<Object<'_>> {
    /// A dictionary's `/Type` comes early.
    const HEAD: usize = 4096;
    let starts = bytes.windows(4).enumerate().filter(|(_, w)| *w == b" obj").map(|(at, _)| at);
    let object = |at: usize| {
        let before = bytes.get(at.saturating_sub(16)..at)?;
        let mut words = before.rsplit(|b| !b.is_ascii_digit()).filter(|w| !w.is_empty());
        let generation = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
        let number = std::str::from_utf8(words.next()?).ok()?.parse().ok().filter(|n| *n < 8_388_607)?;
        let head = bytes.get(at + 4..bytes.len().min(at + 4 + HEAD))?;
        let end = head.windows(6).position(|w| w == b"endobj" || w == b"stream").unwrap_or(head.len());
        Some(Object { number, generation, head: head.get(..end)? })
    };
    starts.filter_map(object).collect()
}
