//! What a document says about itself, in the words of Dublin Core: the same in Office Open XML, OpenDocument and EPUB.

use std::collections::BTreeMap;

use citadel_core::Document;

use crate::Failure;
use crate::builder::one_line;
use crate::xml::{self, Event};

/// The facts of one part, the first of each name.
#[derive(Debug, Default)]
pub(crate) struct Facts(BTreeMap<String, String>);

impl Facts {
    /// Reads the part `name`; one that is missing says nothing.
    pub fn read(name: &str, bytes: Option<Vec<u8>>) -> Result<Self, Failure> {
        let mut facts = Self::default();
        let mut open: Option<(String, String)> = None;
        xml::read(name, bytes.as_deref().unwrap_or_default(), &mut |event| {
            match event {
                Event::Open(tag) => open = Some((tag.name(), String::new())),
                Event::Text(text) => open.iter_mut().for_each(|(_, value)| value.push_str(text)),
                Event::Close(_) => {
                    if let Some((name, value)) = open.take() {
                        let value = one_line(&value);
                        if !value.is_empty() {
                            facts.0.entry(name).or_insert(value);
                        }
                    }
                }
            }
            Ok(())
        })?;
        Ok(facts)
    }

    /// The title.
    pub fn title(&self) -> Option<&str> {
        self.first(&["title"])
    }

    /// Adds author, time and language to the document.
    pub fn describe(&self, document: &mut Document) {
        for (key, names) in [
            ("author", &["initial-creator", "creator"][..]),
            ("timestamp", &["modified", "date", "created", "creation-date"]),
            ("language", &["language"]),
        ] {
            document.metadata.extend(self.first(names).map(|value| (key.to_owned(), value.to_owned())));
        }
    }

    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.0.get(*name)).map(String::as_str)
    }
}
