//! What the areas share: a vault of one's own, a run of the program, small files of every kind.

pub mod files;
pub mod shape;

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use serde_json::Value;
use tempfile::TempDir;

pub fn trial(name: &str, check: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name.to_owned(), move || {
        check();
        Ok(())
    })
}

/// Whether the program and the model pack are there. `cargo xtask test` sees to both; without them, a line says so.
pub fn ready() -> bool {
    let pack = models().join("manifest.json");
    for needed in [program(), pack.clone()] {
        if !needed.is_file() {
            println!("skipped: no {}; `cargo xtask test` prepares it", needed.display());
            return false;
        }
    }
    true
}

/// The program, beside the folder of this test.
pub fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let folder = here.parent().and_then(Path::parent).unwrap();
    folder.join(if cfg!(windows) { "citadel.exe" } else { "citadel" })
}

pub fn models() -> PathBuf {
    match std::env::var_os("CITADEL_MODELS") {
        Some(dir) => std::path::absolute(dir).unwrap(),
        None => citadel_engine::default_models().unwrap(),
    }
}

/// A file of the checkout. Not by the path at compile time: checkouts share one target folder.
pub fn asset(path: &str) -> PathBuf {
    Path::new("../assets").canonicalize().unwrap().join(path)
}

/// The folder below which all tests of this process work.
static FOLDER: Mutex<Option<TempDir>> = Mutex::new(None);

/// A new folder, gone when all tests are done.
pub fn folder(name: &str) -> PathBuf {
    let mut all = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    let all = all.get_or_insert_with(|| TempDir::with_prefix("citadel-tests-").unwrap());
    let made = TempDir::with_prefix_in(format!("{name}-"), all.path()).unwrap();
    made.keep()
}

pub fn clear_away() {
    drop(FOLDER.lock().unwrap_or_else(PoisonError::into_inner).take());
}

/// A knowledge base of one's own.
pub struct Vault {
    pub dir: PathBuf,
    pub models: PathBuf,
}

impl Vault {
    pub fn new() -> Self {
        Self::at(folder("vault").join("vault"))
    }

    pub fn at(dir: PathBuf) -> Self {
        Self { dir, models: models() }
    }

    /// A vault that holds these files, each `(name, bytes)`, and the folder that they lie in.
    pub fn with(files: &[(&str, &[u8])]) -> (Self, PathBuf) {
        let vault = Self::new();
        let corpus = folder("corpus");
        for (name, bytes) in files {
            std::fs::write(corpus.join(name), bytes).unwrap();
        }
        vault.run(&[OsStr::new("ingest"), corpus.as_os_str()]).done();
        (vault, corpus)
    }

    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .env("CITADEL_VAULT", &self.dir)
            .env("CITADEL_MODELS", &self.models)
            .env("CANDLE_BARRIER_POOL_SPIN_LIMIT", "100")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Run {
        run(&mut self.command(arguments))
    }

    /// The one JSON value that a verb gives that is done.
    pub fn json(&self, arguments: &[impl AsRef<OsStr>]) -> Value {
        self.run(arguments).done().json()
    }

    /// The extracted text of a document.
    pub fn text(&self, document_id: &str) -> String {
        self.run(&["documents", "show", document_id, "--text"]).done().stdout
    }

    /// `(path, id)` of every document, with the name of its part where it has one.
    pub fn documents(&self) -> Vec<(String, String)> {
        let list = self.json(&["documents", "list", "--json"]);
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        list.as_array()
            .unwrap()
            .iter()
            .map(|d| {
                let path = text(&d["path"]);
                let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
                (format!("{name}{}", text(&d["part"])), text(&d["document_id"]))
            })
            .collect()
    }

    pub fn id_of(&self, name: &str) -> String {
        let documents = self.documents();
        let found = documents.iter().find(|(n, _)| n == name);
        found.unwrap_or_else(|| panic!("no document {name} in {documents:?}")).1.clone()
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// No run takes this long: one that does hangs, and is ended.
const PATIENCE: Duration = Duration::from_secs(180);

pub fn run(command: &mut Command) -> Run {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stdout = read_all(child.stdout.take().unwrap());
    let stderr = read_all(child.stderr.take().unwrap());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("it hangs: {command:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Run { code: status.code(), stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

fn read_all(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        from.read_to_string(&mut text).expect("UTF-8");
        text
    })
}

impl Run {
    /// It ended with 0.
    #[track_caller]
    pub fn done(self) -> Self {
        self.ended(0)
    }

    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// It could not be done, says all of `words` on stderr, and nothing on stdout.
    #[track_caller]
    pub fn refused(self, words: &[&str]) -> Self {
        let run = self.ended(2);
        assert_eq!(run.stdout, "", "a failure says nothing on stdout");
        run.complains(words)
    }

    #[track_caller]
    pub fn complains(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in {:?}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// The one line of stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{self:#?}");
        lines.into_iter().next().unwrap()
    }

    /// Every line of stdout, [`rounded`].
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        let line = |l: &str| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"));
        self.stdout.lines().map(line).map(rounded).collect()
    }

    /// The report of an ingest with `--json`: the last line.
    #[track_caller]
    pub fn report(&self) -> Value {
        let report = self.lines().pop().expect("a report");
        assert_eq!(report["event"], "report", "{report}");
        report
    }
}

/// The sample documents of the repository and a small manual with labelled pages, ingested once. One test at a time.
pub fn samples() -> MutexGuard<'static, Vault> {
    static SAMPLES: OnceLock<Mutex<Vault>> = OnceLock::new();
    let samples = SAMPLES.get_or_init(|| {
        let vault = Vault::new();
        let corpus = asset("samples/corpus");
        vault.run(&[OsStr::new("ingest"), corpus.as_os_str()]).done();
        let manual = folder("manual").join("valve.pdf");
        std::fs::write(&manual, files::labelled_pdf(files::VALVE)).unwrap();
        let ingest = ["ingest".as_ref(), manual.as_os_str(), "--collection".as_ref(), "valves".as_ref()];
        vault.run(&ingest).done();
        Mutex::new(vault)
    });
    samples.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same with every number of six digits after the point: reading JSON may change the last bit of a number.
pub fn rounded(value: Value) -> Value {
    match value {
        Value::Number(n) if n.is_f64() => ((n.as_f64().unwrap() * 1e6).round() / 1e6).into(),
        Value::Array(items) => items.into_iter().map(rounded).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, rounded(value))).collect(),
        other => other,
    }
}

/// Lines for `--batch`.
pub fn batch(lines: &[Value]) -> PathBuf {
    let file = folder("batch").join("lines.jsonl");
    let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
    std::fs::write(&file, text).unwrap();
    file
}

/// All files below `dir`.
pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    files
}

/// Copies a folder with all below it.
pub fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, &target).unwrap();
    }
}
