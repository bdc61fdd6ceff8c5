//! The model pack: a folder with the model files, the two native libraries and a `manifest.json` that names each with
//! its size and SHA-256. Nothing is loaded that the manifest does not name, and nothing before it was checked.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use citadel_generate::{GenerateError, MemoryNeed, ModelFiles};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The manifest that `cargo xtask setup` writes.
const MANIFEST: &str = "manifest.json";
/// Models that the user added. A file of its own, so that a newer pack replaces the manifest and leaves these.
const ADDED: &str = "added.json";
/// The manifest format this program reads.
const FORMAT: u32 = 1;
const MAX_MANIFEST_BYTES: u64 = 16 << 20;

/// What is wrong with the model pack or one of its files.
#[derive(Debug, thiserror::Error)]
pub enum ModelPackError {
    /// There is no manifest: the pack was never prepared, or its preparation was interrupted.
    #[error("there is no model pack in {}; install Citadel again, run `cargo xtask setup` in its source, or name another folder with --models", .dir.display())]
    NoPack {
        /// The folder that was looked at.
        dir: PathBuf,
    },
    /// A manifest is no manifest.
    #[error("{} cannot be read as a manifest: {reason}; install Citadel again, or run `cargo xtask setup` in its source", .path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, with line and column where known.
        reason: String,
    },
    /// A manifest of another format.
    #[error("{} has format {found}, this program reads format {FORMAT}; install this version of Citadel again, or run `cargo xtask setup` in its source", .path.display())]
    Format {
        /// The manifest.
        path: PathBuf,
        /// Its format number.
        found: u32,
    },
    /// A manifest names a file that is not plainly inside the pack's folder.
    #[error("{} names the file {file:?}, which is not a plain file name; only files inside the pack's own folder are loaded", .path.display())]
    FileName {
        /// The manifest.
        path: PathBuf,
        /// The name as written there.
        file: String,
    },
    /// No entry of the wanted role.
    #[error("the model pack in {} has no file for the role {role:?}; install Citadel again, or run `cargo xtask setup` in its source", .dir.display())]
    NoRole {
        /// The pack's folder.
        dir: PathBuf,
        /// The role.
        role: ModelRole,
    },
    /// A named file is not there.
    #[error("the model file {} is missing; install Citadel again, or run `cargo xtask setup` in its source", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A named file has another size.
    #[error("the model file {} has {found} bytes instead of {expected}; it was cut short or replaced: see `citadel models verify`, then install Citadel again, or run `cargo xtask setup` in its source", .path.display())]
    Size {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        found: u64,
        /// The size in the manifest.
        expected: u64,
    },
    /// A named file has another content.
    #[error("the model file {} was altered: its SHA-256 is {found}, the manifest says {expected}; see `citadel models verify`, then install Citadel again, or run `cargo xtask setup` in its source", .path.display())]
    Altered {
        /// The file.
        path: PathBuf,
        /// Its SHA-256 in hexadecimal.
        found: String,
        /// The SHA-256 in the manifest.
        expected: String,
    },
    /// A file offered as a model is none.
    #[error("{} is not a GGUF model of version 2 or 3; `citadel models add` takes a .gguf file", .path.display())]
    NotGguf {
        /// The file.
        path: PathBuf,
    },
    /// A file offered as a model is one that would not be run.
    #[error("{0}; it was not added")]
    Unusable(GenerateError),
    /// No language model of that name.
    #[error(
        "the model pack has no language model {name:?}; it has {known}. `citadel models add FILE.gguf` adds one"
    )]
    NoGenerator {
        /// The name asked for.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A model of that name is there already.
    #[error("the model pack has a file {file:?} already; rename the new one first")]
    Exists {
        /// The file name.
        file: String,
    },
    /// The system refused to read or write.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl ModelPackError {
    /// A name for the kind of error that never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoPack { .. } => "model_pack_missing",
            Self::Manifest { .. } => "model_pack_manifest",
            Self::Format { .. } => "model_pack_format",
            Self::FileName { .. } => "model_pack_file_name",
            Self::NoRole { .. } => "model_role_missing",
            Self::Unusable(_) => "model_unusable",
            Self::NoGenerator { .. } => "model_unknown",
            Self::Missing { .. } => "model_file_missing",
            Self::Size { .. } => "model_file_size",
            Self::Altered { .. } => "model_file_altered",
            Self::NotGguf { .. } => "model_not_gguf",
            Self::Exists { .. } => "model_exists",
            Self::Io { .. } => "io",
        }
    }

    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// What a file of the pack is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelRole {
    /// The embedding model, ONNX.
    Embedder,
    /// The embedder's tokenizer.json.
    EmbedderTokenizer,
    /// The embedder's config.json.
    EmbedderConfig,
    /// The embedder's tokenizer_config.json.
    EmbedderTokenizerConfig,
    /// The embedder's special_tokens_map.json.
    EmbedderSpecialTokens,
    /// A language model, GGUF.
    Generator,
    /// The tokenizer.json of the generator of the same name.
    GeneratorTokenizer,
    /// The encoder that reads evidence, ONNX; its tokenizer is the embedder's.
    Reader,
    /// ONNX Runtime's shared library.
    OnnxRuntime,
    /// PDFium's shared library.
    PdfLibrary,
    /// The model that finds lines of text on a picture, ONNX.
    OcrDetector,
    /// The model that reads a line of text, ONNX.
    OcrReader,
    /// A licence text.
    Licence,
    /// A role of a later version; never loaded.
    #[serde(other)]
    Other,
}

/// One file of the pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// The model's or library's name.
    pub name: String,
    /// What the file is for.
    pub role: ModelRole,
    /// Its plain name inside the pack's folder.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// SPDX name of its licence; "unknown" for models that the user added.
    pub licence: String,
    /// Where it came from: package and version, or the name of the added file.
    pub source: String,
    /// Numbers per vector, for an embedder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<usize>,
    /// The longest input in tokens, special tokens counted, for an embedder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<usize>,
    /// How token vectors become one, for an embedder: "mean".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pooling: Option<String>,
    /// Prompt and answer together in tokens, for a generator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_length: Option<usize>,
    /// The Jinja template of a generator's chat format, as its own metadata has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_template: Option<String>,
    /// The type of a generator's matrices, such as "Q8_0".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantisation: Option<String>,
    /// A generator's architecture as GGUF names it, such as "llama".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipe: Option<String>,
    /// Whether it came with an installer and lies where users may not write: what they add and choose then lies in their
    /// own data folder.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    installed: bool,
    /// The language model that answers, where the user chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chosen: Option<String>,
    entries: Vec<ModelEntry>,
}

/// An opened pack: the manifest is read, no file is checked yet.
#[derive(Debug)]
pub struct ModelPack {
    dir: PathBuf,
    /// Where what the user added lies; most often the same.
    own: PathBuf,
    recipe: Option<String>,
    entries: Vec<ModelEntry>,
    chosen: Option<String>,
    /// How many of `entries` come from the pack itself; the user's own follow.
    shipped: usize,
}

impl ModelPack {
    /// Reads the manifest in `dir`, and the list of models that the user added.
    ///
    /// # Errors
    /// [`ModelPackError::NoPack`], [`ModelPackError::Manifest`], [`ModelPackError::Format`],
    /// [`ModelPackError::FileName`], [`ModelPackError::Io`].
    pub fn open(dir: &Path) -> Result<Self, ModelPackError> {
        Self::open_for(dir, crate::default_models().ok())
    }

    /// The pack in `dir` for a user whose own data folder for models is `data`.
    fn open_for(dir: &Path, data: Option<PathBuf>) -> Result<Self, ModelPackError> {
        // Libraries are loaded from here: only an absolute path names the same file whatever the current folder is.
        let dir = std::path::absolute(dir).map_err(ModelPackError::io(dir))?;
        let Some(manifest) = read_manifest(&dir.join(MANIFEST))? else {
            return Err(ModelPackError::NoPack { dir });
        };
        let own = data.filter(|_| manifest.installed).unwrap_or_else(|| dir.clone());
        // What a user added must not take away what was installed.
        let added = match read_manifest(&own.join(ADDED)) {
            Err(_) if manifest.installed => None,
            added => added?,
        };
        let (added, chosen) = added.map(|m| (m.entries, m.chosen)).unwrap_or_default();
        let shipped = manifest.entries.len();
        let mut entries = manifest.entries;
        // A later pack may bring what was added before: the pack's own stays.
        let is_new = |file: &str| entries.iter().all(|known: &ModelEntry| known.file != file);
        let added: Vec<ModelEntry> = added.into_iter().filter(|entry| is_new(&entry.file)).collect();
        entries.extend(added);
        let is_known =
            |name: &String| entries.iter().any(|e| e.role == ModelRole::Generator && e.name == *name);
        let chosen = chosen.filter(is_known);
        Ok(Self { dir, own, recipe: manifest.recipe, entries, chosen, shipped })
    }

    /// What running a language model of the pack takes of the memory; `None` for files that are none.
    ///
    /// # Errors
    /// Those of a model that cannot be read or that would not be run.
    pub fn memory(&self, entry: &ModelEntry) -> Option<Result<MemoryNeed, GenerateError>> {
        (entry.role == ModelRole::Generator).then(|| MemoryNeed::of(&self.path_of(entry)))
    }

    /// The pack's folder, absolute.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The hash of the scripts that prepared the pack.
    pub fn recipe(&self) -> Option<&str> {
        self.recipe.as_deref()
    }

    /// All files: the pack's own in the manifest's order, then what the user added.
    pub fn entries(&self) -> &[ModelEntry] {
        &self.entries
    }

    /// Whether the user added that file.
    pub fn is_added(&self, entry: &ModelEntry) -> bool {
        let at = self.entries.iter().position(|known| known.file == entry.file);
        at.is_none_or(|at| at >= self.shipped)
    }

    fn path_of(&self, entry: &ModelEntry) -> PathBuf {
        let folder = if self.is_added(entry) { &self.own } else { &self.dir };
        folder.join(&entry.file)
    }

    /// The first file of that role: the pack's own where it has one.
    ///
    /// # Errors
    /// [`ModelPackError::NoRole`].
    pub fn entry(&self, role: ModelRole) -> Result<&ModelEntry, ModelPackError> {
        self.entries
            .iter()
            .find(|entry| entry.role == role)
            .ok_or_else(|| ModelPackError::NoRole { dir: self.dir.clone(), role })
    }

    /// The language model of that name; where none is named the one that the user chose, or the pack's own.
    ///
    /// # Errors
    /// [`ModelPackError::NoGenerator`], [`ModelPackError::NoRole`].
    pub fn generator(&self, name: Option<&str>) -> Result<&ModelEntry, ModelPackError> {
        let mut all = self.entries.iter().filter(|e| e.role == ModelRole::Generator);
        let Some(name) = name.or(self.chosen.as_deref()) else { return self.entry(ModelRole::Generator) };
        all.find(|e| e.name == name).ok_or_else(|| {
            let known = self.entries.iter().filter(|e| e.role == ModelRole::Generator);
            let known: Vec<&str> = known.map(|e| e.name.as_str()).collect();
            ModelPackError::NoGenerator { name: name.to_owned(), known: known.join(", ") }
        })
    }

    /// Lets the language model of that name answer from now on.
    ///
    /// # Errors
    /// [`ModelPackError::NoGenerator`], [`ModelPackError::Io`].
    pub fn choose(&mut self, name: &str) -> Result<&ModelEntry, ModelPackError> {
        self.generator(Some(name))?;
        self.chosen = Some(name.to_owned());
        self.write_added()?;
        self.generator(None)
    }

    fn write_added(&self) -> Result<(), ModelPackError> {
        let entries = self.entries.get(self.shipped..).unwrap_or_default().to_vec();
        let manifest =
            Manifest { format: FORMAT, recipe: None, installed: false, chosen: self.chosen.clone(), entries };
        fs::create_dir_all(&self.own).map_err(ModelPackError::io(&self.own))?;
        write_manifest(&self.own.join(ADDED), &manifest)
    }

    /// The tokenizer that belongs to a generator; `None` where it has to be read from the GGUF.
    pub fn tokenizer_of(&self, generator: &ModelEntry) -> Option<&ModelEntry> {
        self.entries.iter().find(|e| e.role == ModelRole::GeneratorTokenizer && e.name == generator.name)
    }

    /// The path of the first file of that role, once its size and SHA-256 are those of the manifest. Reads the file.
    ///
    /// # Errors
    /// [`ModelPackError::NoRole`] and those of [`ModelPack::check`].
    pub fn verified_path(&self, role: ModelRole) -> Result<PathBuf, ModelPackError> {
        self.check(self.entry(role)?)
    }

    /// A file of the size that the manifest names, not read yet.
    fn open_file(&self, entry: &ModelEntry) -> Result<(PathBuf, File), ModelPackError> {
        let path = self.path_of(entry);
        let file = match File::open(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(ModelPackError::Missing { path }),
            opened => opened.map_err(ModelPackError::io(&path))?,
        };
        let found = file.metadata().map_err(ModelPackError::io(&path))?.len();
        if found != entry.bytes {
            return Err(ModelPackError::Size { path, found, expected: entry.bytes });
        }
        Ok((path, file))
    }

    /// Whether all files of the pack itself are there, in their sizes; one that the user added is missed when it is to
    /// answer. Contents are looked at when they are loaded.
    ///
    /// # Errors
    /// That of the first file that is not.
    pub fn is_complete(&self) -> Result<(), ModelPackError> {
        self.entries.iter().take(self.shipped).try_for_each(|entry| self.open_file(entry).map(drop))
    }

    /// The path of `entry`'s file, once its size and SHA-256 are those of the manifest. Reads the file.
    ///
    /// # Errors
    /// [`ModelPackError::Missing`], [`ModelPackError::Size`], [`ModelPackError::Altered`], [`ModelPackError::Io`].
    pub fn check(&self, entry: &ModelEntry) -> Result<PathBuf, ModelPackError> {
        let (path, mut file) = self.open_file(entry)?;
        let mut hash = Sha256::new();
        copy(&mut file, &mut |block| {
            hash.update(block);
            Ok(())
        })
        .map_err(ModelPackError::io(&path))?;
        let found = hex(&hash.finalize());
        if found != entry.sha256 {
            return Err(ModelPackError::Altered { path, found, expected: entry.sha256.clone() });
        }
        Ok(path)
    }

    /// Checks every file; `progress` is called before each with the entry.
    pub fn verify(
        &self,
        progress: &mut dyn FnMut(&ModelEntry),
    ) -> Vec<(&ModelEntry, Result<(), ModelPackError>)> {
        self.entries
            .iter()
            .map(|entry| {
                progress(entry);
                (entry, self.check(entry).map(drop))
            })
            .collect()
    }

    /// Copies a GGUF file into the pack, or beside an installed one, and registers it as a further generator, with the tokenizer that lies beside it
    /// (`NAME.tokenizer.json` for `NAME.gguf`, else `tokenizer.json`). A model that would not be run is refused. Gives the
    /// generator's entry.
    ///
    /// # Errors
    /// [`ModelPackError::NotGguf`], [`ModelPackError::Unusable`], [`ModelPackError::Exists`], [`ModelPackError::Io`].
    pub fn add(&mut self, path: &Path) -> Result<&ModelEntry, ModelPackError> {
        let not_gguf = || ModelPackError::NotGguf { path: path.to_owned() };
        let stem = path.file_stem().and_then(|s| s.to_str()).ok_or_else(not_gguf)?.to_owned();
        let mut header = [0u8; 8];
        let mut file = File::open(path).map_err(ModelPackError::io(path))?;
        file.read_exact(&mut header).map_err(|_| not_gguf())?;
        if !matches!(header, [b'G', b'G', b'U', b'F', 2 | 3, 0, 0, 0]) {
            return Err(not_gguf());
        }
        let tokenizer = [format!("{stem}.tokenizer.json"), "tokenizer.json".to_owned()]
            .into_iter()
            .map(|beside| path.with_file_name(beside))
            .find(|beside| beside.is_file());
        let files = ModelFiles {
            name: stem.clone(),
            gguf: path.to_owned(),
            tokenizer: tokenizer.clone(),
            sha256: String::new(),
        };
        citadel_generate::examine(&files).map_err(ModelPackError::Unusable)?;
        self.register(path, &stem, tokenizer.as_deref())
    }

    /// Copies a model and its tokenizer in under `stem`.
    fn register(
        &mut self,
        path: &Path,
        stem: &str,
        tokenizer: Option<&Path>,
    ) -> Result<&ModelEntry, ModelPackError> {
        let name = format!("{stem}.gguf");
        let generator = self.entries.len();
        self.entries.push(self.copy_in(path, &name, stem, ModelRole::Generator)?);
        if let Some(tokenizer) = tokenizer {
            let name = format!("{stem}.tokenizer.json");
            match self.copy_in(tokenizer, &name, stem, ModelRole::GeneratorTokenizer) {
                Ok(entry) => self.entries.push(entry),
                Err(error) => return self.take_back(generator, error),
            }
        }
        if let Err(error) = self.write_added() {
            return self.take_back(generator, error);
        }
        self.entries.get(generator).ok_or_else(|| ModelPackError::NotGguf { path: path.to_owned() })
    }

    /// Removes the files of the entries from `from` on, which are not registered yet.
    fn take_back<T>(&mut self, from: usize, error: ModelPackError) -> Result<T, ModelPackError> {
        for entry in self.entries.drain(from..) {
            // What cannot be removed is named by no manifest and so is never loaded.
            let _ = fs::remove_file(self.own.join(entry.file));
        }
        Err(error)
    }

    /// Copies a file in under a new name, hashing on the way. A copy that was cut short has another name.
    fn copy_in(
        &self,
        from: &Path,
        file: &str,
        name: &str,
        role: ModelRole,
    ) -> Result<ModelEntry, ModelPackError> {
        let target = self.own.join(file);
        if target.exists() || self.entries.iter().any(|e| e.file == file) {
            return Err(ModelPackError::Exists { file: file.to_owned() });
        }
        fs::create_dir_all(&self.own).map_err(ModelPackError::io(&self.own))?;
        let partial = self.own.join(format!("{file}.partial"));
        let mut hash = Sha256::new();
        let mut bytes = 0u64;
        let written = (|| {
            let mut reader = File::open(from).map_err(ModelPackError::io(from))?;
            let mut writer = File::create(&partial).map_err(ModelPackError::io(&partial))?;
            copy(&mut reader, &mut |block| {
                hash.update(block);
                bytes += block.len() as u64;
                writer.write_all(block)
            })
            .and_then(|()| writer.sync_all())
            .and_then(|()| fs::rename(&partial, &target))
            .map_err(ModelPackError::io(&partial))
        })();
        if let Err(error) = written {
            let _ = fs::remove_file(&partial);
            return Err(error);
        }
        Ok(ModelEntry {
            name: name.to_owned(),
            role,
            file: file.to_owned(),
            bytes,
            sha256: hex(&hash.finalize()),
            licence: "unknown".to_owned(),
            source: from.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            dimensions: None,
            max_tokens: None,
            pooling: None,
            context_length: None,
            chat_template: None,
            quantisation: None,
            architecture: None,
        })
    }
}

/// `None` where there is no such file.
fn read_manifest(path: &Path) -> Result<Option<Manifest>, ModelPackError> {
    let bad = |reason: String| ModelPackError::Manifest { path: path.to_owned(), reason };
    let mut bytes = Vec::new();
    match File::open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened
            .and_then(|file| file.take(MAX_MANIFEST_BYTES).read_to_end(&mut bytes))
            .map_err(ModelPackError::io(path))?,
    };
    // The format comes first: an entry of a later format need not parse.
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    let head: Head = serde_json::from_slice(&bytes).map_err(|e| bad(e.to_string()))?;
    if head.format != FORMAT {
        return Err(ModelPackError::Format { path: path.to_owned(), found: head.format });
    }
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|e| bad(e.to_string()))?;
    for entry in &manifest.entries {
        if !is_plain_name(&entry.file) {
            return Err(ModelPackError::FileName { path: path.to_owned(), file: entry.file.clone() });
        }
    }
    Ok(Some(manifest))
}

fn write_manifest(path: &Path, manifest: &Manifest) -> Result<(), ModelPackError> {
    let partial = path.with_extension("partial");
    let json = serde_json::to_vec_pretty(manifest)
        .map_err(|e| ModelPackError::Manifest { path: path.to_owned(), reason: e.to_string() })?;
    File::create(&partial)
        .and_then(|mut file| file.write_all(&json).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&partial, path))
        .map_err(ModelPackError::io(path))
}

/// One file name, on every system: no separators of either kind, no drive, no `.` or `..`.
fn is_plain_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
        && !name.contains(['/', '\\', ':', '\0'])
}

fn copy(reader: &mut impl Read, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut block = vec![0u8; 1 << 20];
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(n) => sink(block.get(..n).unwrap_or_default())?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
#[path = "models_tests.rs"]
mod tests;
