//! A vault in one file, and back. The catalog holds everything; the indexes are filled again from it.

use std::io::Read;
use std::path::{Path, PathBuf};

use citadel_catalog::{Catalog, CatalogError};
use serde::Serialize;

use crate::vault::now_ms;
use crate::{Engine, EngineError};

/// What a catalog begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What a vault takes of the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct Storage {
    /// The vault's folder.
    pub vault: String,
    /// Documents, vectors, answers and the journal.
    pub catalog_bytes: u64,
    /// Both indexes, which can be filled again from the catalog.
    pub index_bytes: u64,
    /// The model pack's folder.
    pub models: String,
    /// The model pack.
    pub models_bytes: u64,
    /// Bytes that are free where the vault lies; `None` where the system does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
}

impl Engine {
    /// What the vault and the model pack take of the disk.
    pub fn storage(&self) -> Storage {
        let vault = self.vault();
        let index_bytes = bytes_below(&vault.join("index"));
        let models = &self.options.models;
        Storage {
            vault: vault.to_string_lossy().into_owned(),
            catalog_bytes: bytes_below(vault).saturating_sub(index_bytes),
            index_bytes,
            models: models.to_string_lossy().into_owned(),
            models_bytes: bytes_below(models),
            free_bytes: fs4::available_space(vault).ok(),
        }
    }

    /// Writes the whole vault, documents with their vectors and all answers, into one file that [`restore`] reads. A
    /// file of that name is replaced once the new one is whole.
    pub fn back_up(&self, to: &Path) -> Result<(), EngineError> {
        let mut unfinished = to.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        let hint = "name a place with enough free space that may be written";
        let io = |source| EngineError::Io { path: to.to_owned(), source, hint };
        match std::fs::remove_file(&unfinished) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        let written = self.catalog().copy_to(&unfinished);
        if let Err(error) = written {
            let _ = std::fs::remove_file(&unfinished);
            return Err(error.into());
        }
        std::fs::rename(&unfinished, to).map_err(io)
    }
}

/// Puts a back-up in the place of the vault, which is set aside and whose new name is given; `None` where there was
/// none. No process may have the vault open.
pub fn restore(file: &Path, vault: &Path) -> Result<Option<PathBuf>, EngineError> {
    let io = |path: &Path, source| EngineError::Io {
        path: path.to_owned(),
        source,
        hint: "choose a file that Citadel wrote as a back-up, and check that the disk is not full",
    };
    // An empty file would be taken for a new catalog.
    let mut head = [0; MAGIC.len()];
    std::fs::File::open(file).and_then(|mut opened| opened.read_exact(&mut head)).map_err(|e| io(file, e))?;
    if &head != MAGIC {
        return Err(io(file, std::io::Error::other("it is no back-up")));
    }
    // Looked at as a copy: opening one brings it to this version's form, and a back-up stays what it is.
    let parent = vault.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(|e| io(parent, e))?;
    let fresh = beside(vault, "restoring");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh).map_err(|e| io(&fresh, e))?;
    }
    crate::vault::create_private_folder(&fresh)?;
    let tried = (|| {
        let catalog = fresh.join("catalog.sqlite");
        std::fs::copy(file, &catalog).map_err(|e| io(&catalog, e))?;
        let damage = Catalog::open(&catalog)?.integrity_check()?;
        if damage.is_empty() {
            Ok(())
        } else {
            Err(CatalogError::Damaged { path: file.to_owned(), detail: damage.join(", ") }.into())
        }
    })();
    if let Err(error) = tried {
        let _ = std::fs::remove_dir_all(&fresh);
        return Err(error);
    }
    let aside = set_aside(vault)?;
    std::fs::rename(&fresh, vault).map_err(|e| io(vault, e))?;
    Ok(aside)
}

/// Gives the vault's folder another name beside its own, and tells it; `None` where there is none. No process may have
/// the vault open.
pub fn set_aside(vault: &Path) -> Result<Option<PathBuf>, EngineError> {
    if !vault.exists() {
        return Ok(None);
    }
    crate::vault::lock_vault(vault).map(drop)?;
    let stamp = crate::ask::rfc3339(now_ms()).replace(':', "-");
    // Two in one second get names of their own.
    let names = (0..).map(|n| if n == 0 { stamp.clone() } else { format!("{stamp}-{n}") });
    let mut places = names.map(|name| beside(vault, &format!("set-aside-{name}")));
    let Some(aside) = places.find(|place| !place.exists()) else { return Ok(None) };
    std::fs::rename(vault, &aside).map_err(|source| EngineError::Io {
        path: vault.to_owned(),
        source,
        hint: "close other programs that use the vault's folder",
    })?;
    Ok(Some(aside))
}

/// A name beside the vault's own.
fn beside(vault: &Path, what: &str) -> PathBuf {
    let mut name = vault.file_name().unwrap_or_default().to_owned();
    name.push(format!("-{what}"));
    vault.with_file_name(name)
}

fn bytes_below(folder: &Path) -> u64 {
    let files = walkdir::WalkDir::new(folder).into_iter().flatten().filter(|e| e.file_type().is_file());
    files.filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum()
}
