//! Where things lie, and the vault that is open.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use citadel_core::StopFlag;
use citadel_engine::models::ModelPack;
use citadel_engine::{Engine, EngineError, EngineOptions, ParserCommand, Problem};
use serde::Serialize;
use tauri::{AppHandle, Manager};
use ts_rs::TS;

use crate::jobs::Jobs;
use crate::settings::Settings;
use crate::watching;

/// How long a closing vault waits for what runs in it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What leads this program to parsing one document.
pub(crate) const PARSE_CHILD: &str = "__parse-child";

/// The vault, where it is open, and what goes with it.
pub(crate) struct Desk {
    app: AppHandle,
    engine: RwLock<Option<Arc<Engine>>>,
    /// One opening at a time.
    opening: Mutex<()>,
    /// One ingest at a time.
    ingesting: Mutex<()>,
    /// Stops the watching of folders.
    watching: Mutex<StopFlag>,
    /// Files that the program was started with; given to the window once.
    named: Mutex<Vec<PathBuf>>,
}

/// An opened vault.
#[derive(Clone, Debug, Serialize, TS)]
pub(crate) struct Opened {
    /// Its folder.
    vault: String,
    /// The model pack's folder.
    models: String,
    /// Documents in it.
    documents: u64,
    /// Whether nothing was ever put in or asked.
    first_start: bool,
    /// The program's version.
    version: String,
    /// Files that the program was started with, the first time; the window adds them.
    files: Vec<PathBuf>,
}

impl Desk {
    pub fn new(app: &AppHandle) -> Self {
        let arguments: Vec<String> = std::env::args().collect();
        let folder = std::env::current_dir().unwrap_or_default();
        Self {
            app: app.clone(),
            engine: RwLock::default(),
            opening: Mutex::default(),
            ingesting: Mutex::default(),
            watching: Mutex::default(),
            named: Mutex::new(named_files(&arguments, &folder)),
        }
    }

    pub fn app(&self) -> &AppHandle {
        &self.app
    }

    /// The vault's folder: the one that the environment names, or the user's.
    pub fn vault(&self) -> Result<PathBuf, Problem> {
        match std::env::var_os("CITADEL_VAULT") {
            Some(dir) => Ok(PathBuf::from(dir)),
            None => citadel_engine::default_vault().map_err(|e| e.problem()),
        }
    }

    /// The model pack: the one that the environment names, the user's, or that which came with the program.
    pub fn models(&self) -> Result<PathBuf, Problem> {
        if let Some(dir) = std::env::var_os("CITADEL_MODELS") {
            return Ok(PathBuf::from(dir));
        }
        let own = citadel_engine::default_models().map_err(|e| e.problem())?;
        let shipped = self.resource("models").ok().filter(|_| ModelPack::open(&own).is_err());
        Ok(shipped.filter(|dir| ModelPack::open(dir).is_ok()).unwrap_or(own))
    }

    /// A file or folder that came with the program.
    pub fn resource(&self, name: &str) -> Result<PathBuf, Problem> {
        let missing = |why: &str| Problem::new("resource", &format!("{name}: {why}; install Citadel again"));
        let dir = self.app.path().resource_dir().map_err(|error| missing(&error.to_string()))?;
        let path = dir.join(name);
        if path.exists() { Ok(path) } else { Err(missing("it did not come with the program")) }
    }

    pub fn settings_file(&self) -> Result<PathBuf, Problem> {
        Ok(self.vault()?.with_file_name("desktop.json"))
    }

    pub fn settings(&self) -> Result<Settings, Problem> {
        Ok(Settings::read(&self.settings_file()?))
    }

    /// Opens the vault, in the place of one that is open. Models are loaded behind it.
    pub fn open(&self) -> Result<Opened, Problem> {
        let _alone = lock(&self.opening);
        self.close();
        let settings = self.settings()?;
        if settings.gentle {
            citadel_engine::lower_priority();
        }
        let program = std::env::current_exe().map_err(|error| {
            Problem::new("internal", &format!("the running program is not found: {error}"))
        })?;
        let models = self.models()?;
        let parser = ParserCommand { program, arguments: vec![PARSE_CHILD.into()] };
        let options = EngineOptions {
            threads: settings.threads,
            device: settings.device.into(),
            chunk_tokens: settings.chunk_tokens,
            ..EngineOptions::new(self.vault()?, models.clone(), parser)
        };
        let engine = Arc::new(Engine::open(options).map_err(|e| e.problem())?);
        let told = || -> Result<Opened, EngineError> {
            ModelPack::open(&models)?.is_complete()?;
            let (documents, answers) = engine.counts()?;
            Ok(Opened {
                vault: engine.vault().to_string_lossy().into_owned(),
                models: models.to_string_lossy().into_owned(),
                documents,
                first_start: documents + answers == 0,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                files: std::mem::take(&mut *lock(&self.named)),
            })
        };
        let opened = told().map_err(|e| e.problem())?;
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&engine));
        self.watch_again(&engine);
        // What fails here fails again, and is told, when it is needed.
        std::thread::spawn(move || drop(engine.warm_up()));
        Ok(opened)
    }

    /// Closes the vault. What still runs in it is stopped, and this waits a while for its end: the lock of a vault goes with
    /// the last that holds it. What was committed stays, and is gone on with later.
    pub fn close(&self) {
        lock(&self.watching).stop();
        // A page that died does not know its jobs any more.
        self.app.state::<Jobs>().stop_all();
        let engine = self.engine.write().unwrap_or_else(PoisonError::into_inner).take();
        let begun = Instant::now();
        while engine.as_ref().is_some_and(|engine| Arc::strong_count(engine) > 1)
            && begun.elapsed() < PATIENCE
        {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn engine(&self) -> Result<Arc<Engine>, Problem> {
        let open = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        open.clone().ok_or_else(|| Problem::new("not_open", "the vault is not open; open it first"))
    }

    /// Held while files are ingested.
    pub fn ingesting(&self) -> MutexGuard<'_, ()> {
        lock(&self.ingesting)
    }

    /// Watches the folders that are kept in step, in the place of those before.
    pub fn watch_again(&self, engine: &Arc<Engine>) {
        let stop = StopFlag::new();
        std::mem::replace(&mut *lock(&self.watching), stop.clone()).stop();
        watching::begin(self.app.clone(), Arc::downgrade(engine), stop);
    }
}

/// The files among the arguments of a start.
pub(crate) fn named_files(arguments: &[String], folder: &Path) -> Vec<PathBuf> {
    let named = arguments.iter().skip(1).filter(|argument| !argument.starts_with('-'));
    named.map(|argument| folder.join(argument)).filter(|path| path.exists()).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
