//! What the Office Open XML formats share: how parts point at each other.

use std::collections::HashMap;

use crate::Failure;
use crate::archive::{Parts, resolve};
use crate::xml::{self, Event};

/// The part that holds the facts about the document.
pub(crate) const CORE_FACTS: &str = "docProps/core.xml";

/// Where one part points.
#[derive(Debug)]
pub(crate) struct Relation {
    /// The last step of the address that names its type, such as `slide`.
    pub kind: String,
    /// The name of the part it points at.
    pub target: String,
}

/// The relations of a part by their names.
pub(crate) fn relations(parts: &mut Parts<'_>, part: &str) -> Result<HashMap<String, Relation>, Failure> {
    let (folder, file) = part.rsplit_once('/').unwrap_or_default();
    let name = format!("{folder}/_rels/{file}.rels");
    let mut relations = HashMap::new();
    xml::read(&name, &parts.read(&name)?.unwrap_or_default(), &mut |event| {
        if let Event::Open(tag) = event
            && let (Some(id), Some(kind), Some(target)) =
                (tag.attribute("Id"), tag.attribute("Type"), tag.attribute("Target"))
        {
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            relations.insert(id, Relation { kind, target: resolve(part, &target) });
        }
        Ok(())
    })?;
    Ok(relations)
}
