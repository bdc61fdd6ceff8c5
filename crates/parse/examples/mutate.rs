//! Runs fuzz targets over changed samples, without a fuzzer: what `cargo xtask fuzz` starts.
//!
//! `mutate CORPUS FINDINGS SECONDS SEED [TARGET [FILE]]`: each target for so long on samples from its folder in CORPUS, or one on
//! FILE alone. What made a parser panic is kept in FINDINGS under the line of code; the input that is being read is kept
//! as `TARGET/last`, which is left behind where the process is ended by it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use citadel_parse::fuzzing::{Mutator, TARGETS, Target};

/// The longest that one input may take.
const PATIENCE: Duration = Duration::from_secs(10);

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// The number of findings in our own code; what a library panics at ends one child process at most.
fn run(arguments: &[String]) -> Result<usize> {
    let [corpus, findings, seconds, seed, more @ ..] = arguments else {
        return Err("mutate CORPUS FINDINGS SECONDS SEED [TARGET [FILE]]".into());
    };
    let chosen: Vec<&Target> = match more.first() {
        Some(name) => vec![TARGETS.iter().find(|target| target.name == name).ok_or_else(|| {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            format!("{name}: no such target; known are {}", names.join(", "))
        })?],
        None => TARGETS.iter().collect(),
    };
    if let (Some(file), [target]) = (more.get(1), chosen.as_slice()) {
        target.run(&std::fs::read(file).map_err(|e| format!("{file}: {e}"))?);
        eprintln!("{file}: nothing found");
        return Ok(0);
    }
    let time = Duration::from_secs(seconds.parse()?);
    let panics = Panics::watch();
    let mut found = 0;
    for target in chosen {
        let folder = Path::new(findings).join(target.name);
        std::fs::create_dir_all(&folder)?;
        let samples = samples(&Path::new(corpus).join(target.name))?;
        let mutator = Mutator::new(seed.parse()?, samples);
        found += fuzz(target, mutator, time, &folder, &panics)?;
    }
    Ok(found)
}

fn samples(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    Ok(paths.iter().map(std::fs::read).collect::<std::io::Result<_>>()?)
}

fn fuzz(
    target: &Target,
    mut mutator: Mutator,
    time: Duration,
    folder: &Path,
    panics: &Panics,
) -> Result<usize> {
    let last = folder.join("last");
    let (begun, mut inputs, mut slowest) = (Instant::now(), 0u64, Duration::ZERO);
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    let watchdog = Watchdog::start(last.clone());
    while begun.elapsed() < time {
        let input = mutator.input();
        std::fs::write(&last, &input)?;
        watchdog.begin(inputs);
        let started = Instant::now();
        // The hook notes it, and those that the parsers catch themselves.
        let _ = catch_unwind(AssertUnwindSafe(|| target.run(&input)));
        slowest = slowest.max(started.elapsed());
        watchdog.end();
        inputs += 1;
        for panic in panics.take() {
            let count = found.entry(panic.clone()).or_default();
            *count += 1;
            if *count == 1 {
                let name: String =
                    panic.chars().take(100).map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
                std::fs::write(folder.join(name), &input)?;
                println!("{}: {panic}", target.name);
            }
        }
    }
    std::fs::remove_file(last)?;
    let (name, seconds, slowest) = (target.name, begun.elapsed().as_secs(), slowest.as_secs_f64());
    println!(
        "{name}: {inputs} inputs in {seconds} s, the slowest took {slowest:.2} s; {} findings",
        found.len()
    );
    Ok(found.len())
}

/// Where panics happened since they were last looked at.
#[derive(Default, Clone)]
struct Panics(Arc<Mutex<Vec<String>>>);

impl Panics {
    fn watch() -> Self {
        let panics = Self::default();
        let seen = panics.clone();
        std::panic::set_hook(Box::new(move |panic| {
            let at = panic.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
            let what = panic.payload_as_str().unwrap_or_default().lines().next().unwrap_or_default();
            let line = format!(
                "{}: {}",
                at.rsplit_once("/src/").map_or(&*at, |(before, _)| {
                    // The crate's folder tells whose it is.
                    let folder = before.rfind('/').map_or(0, |slash| slash + 1);
                    at.get(folder..).unwrap_or_default()
                }),
                what.chars().take(60).collect::<String>()
            );
            seen.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }));
        panics
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Ends the process where one input takes too long; the input is left behind.
struct Watchdog {
    /// The number of the input being read, from 1; 0 between inputs.
    reading: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Watchdog {
    fn start(last: PathBuf) -> Self {
        let (reading, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (seen, end) = (Arc::clone(&reading), Arc::clone(&over));
        std::thread::spawn(move || {
            let mut before = (0, Instant::now());
            while !end.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(100));
                let now = seen.load(Ordering::Relaxed);
                if now != before.0 {
                    before = (now, Instant::now());
                } else if now > 0 && before.1.elapsed() > PATIENCE {
                    eprintln!("{} takes more than {} s", last.display(), PATIENCE.as_secs());
                    std::process::exit(1);
                }
            }
        });
        Self { reading, over }
    }

    fn begin(&self, inputs: u64) {
        self.reading.store(inputs + 1, Ordering::Relaxed);
    }

    fn end(&self) {
        self.reading.store(0, Ordering::Relaxed);
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
