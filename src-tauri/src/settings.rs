//! What the user chose, kept beside the vault.

use std::path::Path;

use citadel_engine::{AskMode, DevicePreference, MAX_CHUNK_TOKENS, PASSAGES, Problem};
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
    /// Where the language model runs.
    pub device: Device,
    /// Most tokens of a chunk, of documents that are read from now on.
    pub chunk_tokens: usize,
    /// Passages that an answer is written from.
    pub passages: usize,
}

/// Where the language model runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Device {
    /// A graphics card where this build and the machine have one, else the processor.
    #[default]
    Auto,
    /// The processor, whatever else there is.
    Cpu,
}

impl From<Device> for DevicePreference {
    fn from(device: Device) -> Self {
        match device {
            Device::Auto => Self::Auto,
            Device::Cpu => Self::Cpu,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "system".to_owned(),
            theme: "system".to_owned(),
            mode: AskMode::Generate,
            threads: None,
            gentle: false,
            device: Device::Auto,
            chunk_tokens: MAX_CHUNK_TOKENS,
            passages: PASSAGES,
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
