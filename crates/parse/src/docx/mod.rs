//! Word documents: headings by style or outline level, lists and headings with the numbers that Word shows, tables,
//! text boxes; notes and comments follow the paragraph they are attached to. Of tracked changes insertions are read
//! and deletions are not. Headers, footers and tables of contents are left out; hidden text is marked as hidden.

mod body;
mod styles;

use std::collections::HashMap;

use citadel_core::{Document, Format};

use crate::Failure;
use crate::archive::Parts;
use crate::facts::Facts;
use crate::ooxml::{self, CORE_FACTS};
use body::Body;
use styles::{Numberings, Styles};

const MAIN: &str = "word/document.xml";

/// A DOCX file, whose archive has been looked at.
pub(crate) fn parse(bytes: &[u8], stem: &str) -> Result<Document, Failure> {
    let mut parts = Parts::open(bytes)?;
    let relations = ooxml::relations(&mut parts, MAIN)?;
    // The part of this kind; one that is missing is empty.
    let mut part = |kind: &str, usual: &str| -> Result<(String, Vec<u8>), Failure> {
        let related = relations.values().find(|relation| relation.kind == kind);
        let name = related.map_or(usual, |relation| &relation.target).to_owned();
        let bytes = parts.read(&name)?.unwrap_or_default();
        Ok((name, bytes))
    };
    let (name, bytes) = part("styles", "word/styles.xml")?;
    let styles = Styles::read(&name, &bytes)?;
    let (name, bytes) = part("numbering", "word/numbering.xml")?;
    let numberings = Numberings::read(&name, &bytes)?;
    let mut notes = HashMap::new();
    for kind in ["footnotes", "endnotes", "comments"] {
        let (name, bytes) = part(kind, &format!("word/{kind}.xml"))?;
        let mut body = Body::new(&styles, Numberings::default(), HashMap::new());
        body.read(&name, &bytes)?;
        notes.extend(body.into_notes());
    }
    let facts = Facts::read(CORE_FACTS, parts.read(CORE_FACTS)?)?;
    let mut body = Body::new(&styles, numberings, notes);
    body.read(MAIN, &parts.require(MAIN)?)?;
    let (builder, title, warnings) = body.finish();
    let mut document = builder.finish(Format::Docx, &[title.as_deref(), facts.title()], stem);
    document.warnings = warnings;
    facts.describe(&mut document);
    Ok(document)
}
