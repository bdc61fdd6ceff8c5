use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use citadel_catalog::Catalog;
use citadel_chunk::{Chunker, MAX_TOKENS};
use citadel_core::{Embedder, Generator, Reader};
use citadel_generate::DevicePreference;
use citadel_index::{Index, IndexOptions, Opened, StoreState};
use fs4::FileExt;

use crate::EngineError;
use crate::models::ModelPack;

type Result<T> = std::result::Result<T, EngineError>;

/// Where the vault and the models lie, and how documents are parsed.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The knowledge base; made where there is none.
    pub vault: PathBuf,
    /// The model pack.
    pub models: PathBuf,
    /// The program that parses one document.
    pub parser: ParserCommand,
    /// The language model that answers, by its name in the pack; the one in use where `None`.
    pub generator: Option<String>,
    /// Threads that embed; all cores where `None`.
    pub threads: Option<usize>,
    /// Where the language model runs.
    pub device: DevicePreference,
    /// Most tokens of a chunk, of documents that are read from now on: [`SMALLEST_CHUNKS`] to [`MAX_TOKENS`], or it is
    /// set to the nearer of them.
    pub chunk_tokens: usize,
}

impl EngineOptions {
    /// The usual ones.
    pub fn new(vault: PathBuf, models: PathBuf, parser: ParserCommand) -> Self {
        let (device, chunk_tokens) = (DevicePreference::Auto, MAX_TOKENS);
        Self { vault, models, parser, generator: None, threads: None, device, chunk_tokens }
    }
}

/// The smallest chunks that can be chosen, in tokens: half of it may be title and headings.
pub const SMALLEST_CHUNKS: usize = 128;

/// The child process that parses one document: a program that calls [`crate::parse_child_main`].
#[derive(Clone, Debug)]
pub struct ParserCommand {
    /// The executable, by its absolute path.
    pub program: PathBuf,
    /// What leads it to [`crate::parse_child_main`].
    pub arguments: Vec<OsString>,
}

/// The embedder and the chunker that counts in its tokens.
pub(crate) struct Encoder {
    pub embedder: Mutex<Box<dyn Embedder>>,
    pub chunker: Chunker,
}

/// The language model, and which file it came from.
pub(crate) struct LoadedGenerator {
    pub generator: Mutex<Box<dyn Generator>>,
    /// SHA-256 of the model's file, hexadecimal; empty where it has none.
    pub file_sha256: String,
}

/// An open vault. Models and indexes are loaded when first needed, so that listing documents needs neither.
pub struct Engine {
    pub(crate) options: EngineOptions,
    pub(crate) runtime: tokio::runtime::Runtime,
    catalog: Mutex<Catalog>,
    index: OnDemand<Index>,
    encoder: OnDemand<Encoder>,
    reader: OnDemand<Mutex<Box<dyn Reader>>>,
    generator: OnDemand<LoadedGenerator>,
    /// The last file whose bytes were compared with those that were read, and its size and time then.
    pub(crate) hashed: Mutex<Option<(PathBuf, (u64, i64))>>,
    /// Held until the vault is closed; the system frees it if the process dies.
    _lock: std::fs::File,
}

/// Something loaded at its first use; a failed load is tried again at the next.
struct OnDemand<T>(Mutex<Option<Arc<T>>>);

impl<T> OnDemand<T> {
    fn new() -> Self {
        Self(Mutex::new(None))
    }

    fn get(&self, load: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let mut slot = lock(&self.0);
        if let Some(loaded) = &*slot {
            return Ok(Arc::clone(loaded));
        }
        let loaded = Arc::new(load()?);
        *slot = Some(Arc::clone(&loaded));
        Ok(loaded)
    }
}

impl Engine {
    /// Opens the vault, or makes it. One process at a time: a second gets [`EngineError::VaultInUse`].
    pub fn open(mut options: EngineOptions) -> Result<Self> {
        // The vector store takes only a path that means the same whatever the current folder is.
        options.vault = std::path::absolute(&options.vault).map_err(|source| EngineError::Io {
            path: options.vault.clone(),
            source,
            hint: NAME_A_VAULT,
        })?;
        let vault = &options.vault;
        create_private_folder(vault)?;
        let lock_file = lock_vault(vault)?;
        let catalog = Catalog::open(&vault.join("catalog.sqlite"))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .thread_name("citadel-index")
            .build()
            .map_err(|source| EngineError::Io {
                path: vault.clone(),
                source,
                hint: "close other programs; the system has no threads left",
            })?;
        Ok(Self {
            options,
            runtime,
            catalog: Mutex::new(catalog),
            index: OnDemand::new(),
            encoder: OnDemand::new(),
            reader: OnDemand::new(),
            generator: OnDemand::new(),
            hashed: Mutex::new(None),
            _lock: lock_file,
        })
    }

    /// Uses this embedder, with a chunker that counts in its tokens, instead of the model pack's.
    pub fn with_embedder(self, embedder: Box<dyn Embedder>, chunker: Chunker) -> Self {
        *lock(&self.encoder.0) = Some(Arc::new(Encoder { embedder: Mutex::new(embedder), chunker }));
        self
    }

    /// Uses this reader of evidence instead of the model pack's.
    pub fn with_reader(self, reader: Box<dyn Reader>) -> Self {
        *lock(&self.reader.0) = Some(Arc::new(Mutex::new(reader)));
        self
    }

    /// Uses this language model instead of the model pack's.
    pub fn with_generator(self, generator: Box<dyn Generator>) -> Self {
        let loaded = LoadedGenerator { generator: Mutex::new(generator), file_sha256: String::new() };
        *lock(&self.generator.0) = Some(Arc::new(loaded));
        self
    }

    pub(crate) fn catalog(&self) -> MutexGuard<'_, Catalog> {
        lock(&self.catalog)
    }

    pub(crate) fn encoder(&self) -> Result<Arc<Encoder>> {
        self.encoder.get(|| crate::load::encoder(&self.options))
    }

    pub(crate) fn reader(&self) -> Result<Arc<Mutex<Box<dyn Reader>>>> {
        self.reader.get(|| Ok(Mutex::new(crate::load::reader(&self.options.models, self.options.threads)?)))
    }

    pub(crate) fn generator(&self) -> Result<Arc<LoadedGenerator>> {
        let options = &self.options;
        self.generator
            .get(|| crate::load::generator(&options.models, options.generator.as_deref(), options.device))
    }

    /// The indexes, brought in step with the catalog: what a crash left undone is done first, and a store that could
    /// not be read is filled again. `None` as long as nothing was ever ingested.
    pub(crate) fn index(&self) -> Result<Option<Arc<Index>>> {
        let Some(record) = self.catalog().embedder()? else { return Ok(None) };
        let index = self.index.get(|| {
            let options = IndexOptions {
                dir: self.options.vault.join("index"),
                fingerprint: record.fingerprint,
                dimensions: record.dimensions,
            };
            let (index, opened) = self.runtime.block_on(Index::open(options))?;
            if self.out_of_step(&opened)? {
                self.rebuild(&index)?;
            }
            self.settle(&index)?;
            if self.removal_is_unfinished() {
                // Searching needs less than this: on a full disk it goes on, and the doctor tells.
                let _ = self.forget_removed(&index);
            }
            Ok(index)
        })?;
        Ok(Some(index))
    }

    /// Whether a store is empty or of another time than the catalog. A crash between an index commit and the
    /// catalog's leaves the index one generation ahead with an outbox to repeat it, which is in step.
    fn out_of_step(&self, opened: &Opened) -> Result<bool> {
        let catalog = self.catalog();
        let known = catalog.generation()?;
        let waiting = !catalog.outbox(1)?.is_empty();
        Ok([&opened.vectors, &opened.keywords].into_iter().any(|store| match store {
            StoreState::Created => known > 0,
            StoreState::SetAside(_) => true,
            StoreState::Ready { generation } => match generation {
                Some(generation) => {
                    let generation = i64::try_from(*generation).unwrap_or(i64::MAX);
                    generation > known + 1 || (!waiting && generation != known)
                }
                None => false,
            },
        }))
    }

    /// Lets another language model of the pack answer from now on, by its name.
    pub fn use_model(&self, name: &str) -> Result<()> {
        ModelPack::open(&self.options.models)?.choose(name)?;
        *lock(&self.generator.0) = None;
        Ok(())
    }

    /// Loads what a question needs, so that the first one does not wait for it.
    pub fn warm_up(&self) -> Result<()> {
        self.encoder()?;
        self.index()?;
        self.reader()?;
        self.generator().map(drop)
    }

    /// The folder of the vault.
    pub fn vault(&self) -> &Path {
        &self.options.vault
    }
}

/// A lock whose data stays usable after a panic elsewhere: every critical section leaves it whole.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds since 1970; 0 on a clock set before that.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The vault of a user who names none.
pub fn default_vault() -> Result<PathBuf> {
    Ok(data_folder()?.join("vault"))
}

/// The model pack of a user who names none.
pub fn default_models() -> Result<PathBuf> {
    Ok(data_folder()?.join("models"))
}

/// Where the system keeps a user's data.
fn data_folder() -> Result<PathBuf> {
    let var = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = if cfg!(windows) {
        var("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        var("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        var("XDG_DATA_HOME").or_else(|| var("HOME").map(|home| home.join(".local/share")))
    };
    Ok(base.ok_or(EngineError::NoDataFolder)?.join("citadel"))
}

const NAME_A_VAULT: &str = "name a folder that may be written with --vault";

/// Keeps other processes out of a vault for as long as the file lives.
pub(crate) fn lock_vault(vault: &Path) -> Result<std::fs::File> {
    let path = vault.join("lock");
    let io = |source| EngineError::Io {
        path: path.clone(),
        source,
        hint: "check that the vault folder may be written and the disk is not full",
    };
    let file =
        std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match FileExt::try_lock(&file) {
        Ok(()) => Ok(file),
        Err(fs4::TryLockError::WouldBlock) => Err(EngineError::VaultInUse(vault.to_owned())),
        Err(fs4::TryLockError::Error(source)) => Err(io(source)),
    }
}

/// Makes the vault's folder, readable by its owner alone.
pub(crate) fn create_private_folder(dir: &Path) -> Result<()> {
    let io = |source| EngineError::Io { path: dir.to_owned(), source, hint: NAME_A_VAULT };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(io)
}
