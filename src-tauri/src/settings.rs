//! What the user chose, kept beside the vault.

use std::path::Path;

use citadel_engine::{AskMode, Problem};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the user chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields = nullable)]
pub(crate) struct Settings {
    /// `system`, or a language's two letters.
    pub language: String,
    /// `system`, `light`, `dark` or `contrast`.
    pub theme: String,
    /// How questions are answered.
    pub mode: AskMode,
    /// Threads that embed; all cores where none is named.
    pub threads: Option<usize>,
    /// Whether other programs go first.
    pub gentle: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "system".to_owned(),
            theme: "system".to_owned(),
            mode: AskMode::Generate,
            threads: None,
            gentle: false,
        }
    }
}

impl Settings {
    /// Those of the file; the usual ones where there is none, or none that can be read.
    pub fn read(file: &Path) -> Self {
        std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Writes beside and renames: half a file is never read.
    pub fn write(&self, file: &Path) -> Result<(), Problem> {
        let fresh = file.with_extension("json.new");
        let written = serde_json::to_vec_pretty(self)
            .map_err(std::io::Error::from)
            .and_then(|bytes| std::fs::write(&fresh, bytes))
            .and_then(|()| std::fs::rename(&fresh, file));
        written.map_err(|error| {
            let text = format!("{}: {error}; check that the folder may be written", file.display());
            Problem::new("settings", &text)
        })
    }
}
