//! An ingest that is killed at any moment leaves every document as it was or as it is to be, and the next ingest ends
//! what was begun.
//!
//! `CITADEL_KILL_TRIALS` sets how often (12), `CITADEL_KILL_SEED` repeats a run.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant, SystemTime};

use citadel_engine::{Engine, EngineOptions, ParserCommand, SearchMode, SearchRequest};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::{Vault, copy, files, files_below, folder, program, trial};

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![trial("killed::at_random_moments", at_random_moments)];
    trials.push(trial("killed::power_loss", power_loss));
    if cfg!(unix) {
        trials.push(trial("killed::stopped_by_hand", stopped_by_hand));
    }
    trials
}

/// The name of a document and its text.
type State = BTreeMap<String, String>;

/// Of 45 files and 16 wiki pages a third stays, a third changes and the rest is new; three pages go.
const FILES: usize = 45;

#[derive(Clone, Copy, PartialEq)]
enum Day {
    First,
    Second,
}

/// A word that stands in one version of one document and nowhere else.
fn word(number: usize, day: Day) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    format!("zq{}{}{}x", letter(number / 26), letter(number), if day == Day::First { "f" } else { "s" })
}

/// The day whose version of document `number` there is on `day`; none where there is none.
fn version(number: usize, day: Day) -> Option<Day> {
    match number % 3 {
        0 => Some(Day::First),
        1 => Some(day),
        _ => (day == Day::Second).then_some(Day::Second),
    }
}

fn paragraphs(number: usize, version: Day) -> [String; 2] {
    let filler =
        "The harbour master keeps a list of ships, their berths and what they owe for water and light. ";
    [
        format!("Entry {number} of the list is kept under {}.", word(number, version)),
        filler.repeat(1 + number % 9),
    ]
}

fn write_corpus(dir: &Path, day: Day) {
    for number in 0..FILES {
        let Some(version) = version(number, day) else { continue };
        let [first, second] = paragraphs(number, version);
        let (ending, bytes) = match number % 4 {
            0 => ("txt", format!("{first}\n\n{second}\n").into_bytes()),
            1 => ("md", format!("# Entry {number}\n\n{first}\n\n{second}\n").into_bytes()),
            2 => (
                "html",
                format!("<!doctype html><html><body><p>{first}</p><p>{second}</p></body></html>")
                    .into_bytes(),
            ),
            _ => ("docx", files::docx(&[&first, &second], 0)),
        };
        fs::write(dir.join(format!("{number:02}.{ending}")), bytes).unwrap();
    }
    let pages: Vec<(String, String)> = (FILES..FILES + 16)
        .filter(|number| day == Day::First || number % 16 != 0)
        .filter_map(|number| {
            Some((format!("Page {number}"), paragraphs(number, version(number, day)?).join("\n\n")))
        })
        .chain(
            (100..103)
                .filter(|_| day == Day::First)
                .map(|n| (format!("Gone {n}"), paragraphs(n, day).join("\n\n"))),
        )
        .collect();
    let pages: Vec<(&str, &str)> =
        pages.iter().map(|(title, text)| (title.as_str(), text.as_str())).collect();
    fs::write(dir.join("wiki.xml"), files::wiki(&pages)).unwrap();
}

/// The vault through the engine itself: the same as the program, without a process for each document.
fn open(vault: &Vault) -> Engine {
    let parser = ParserCommand { program: program(), arguments: Vec::new() };
    Engine::open(EngineOptions::new(vault.dir.clone(), vault.models.clone(), parser)).unwrap()
}

fn state(vault: &Vault) -> State {
    let engine = open(vault);
    let mut state = State::new();
    for document in engine.documents().unwrap() {
        let name =
            format!("{}{}", document.path.rsplit('/').next().unwrap(), document.part.unwrap_or_default());
        let text = engine.document_text(&document.document_id.0).unwrap();
        assert_eq!(text.chars().count() as u64, document.chars, "{name}");
        assert!(state.insert(name.clone(), text).is_none(), "{name} is there twice");
    }
    state
}

/// What the doctor says of the index: how many entries there are.
fn index_entries(vault: &Vault) -> String {
    let report = vault.json(&["doctor", "--json"]);
    let index = report["findings"].as_array().unwrap().iter().find(|f| f["what"] == "index").unwrap();
    let found = index["found"].as_str().unwrap();
    found.rsplit_once(", ").unwrap().0.to_owned()
}

/// What an uninterrupted ingest leads to, and how long its parts take.
struct Clean {
    corpus: PathBuf,
    /// The vault of the first day.
    first: Vault,
    before: State,
    after: State,
    entries: String,
    /// Documents that the second day's ingest tells of.
    told: usize,
    /// To the first line, to the last document, to the end.
    start: Duration,
    reading: Duration,
    end: Duration,
}

impl Clean {
    fn make() -> Self {
        let (first, corpus) = (Vault::new(), folder("kill"));
        write_corpus(&corpus, Day::First);
        first.run(&["ingest".as_ref(), corpus.as_os_str()]).done();
        let before = state(&first);
        write_corpus(&corpus, Day::Second);

        let second = copy_of(&first);
        let begun = Instant::now();
        let mut ingest = Ingest::start(&second, &corpus);
        let (mut told, mut start, mut last) = (0, None, Duration::ZERO);
        for line in &ingest.lines {
            let at = begun.elapsed();
            start.get_or_insert(at);
            if is_document(&line) {
                told += 1;
                last = at;
            }
        }
        assert!(ingest.child.wait().unwrap().success());
        let end = begun.elapsed() - last;
        let start = start.unwrap();
        let reading = last - start;
        let after = state(&second);
        let entries = index_entries(&second);
        // A vault that never saw the first day holds the same.
        let fresh = Vault::new();
        fresh.run(&["ingest".as_ref(), corpus.as_os_str()]).done();
        assert_eq!((state(&fresh), index_entries(&fresh)), (after.clone(), entries.clone()));
        for (number, name) in [(0, "00.txt"), (4, "04.txt"), (8, "08.txt")] {
            let [one, two] = paragraphs(number, version(number, Day::Second).unwrap());
            assert_eq!(after[name], format!("{one}\n\n{}", two.trim_end()));
        }
        assert!(before.len() >= 40 && after.len() >= 58 && before.keys().any(|k| !after.contains_key(k)));
        Self { corpus, first, before, after, entries, told, start, reading, end }
    }

    /// Every document is as it was or as it is to be; none is lost, none is strange.
    fn assert_whole(&self, vault: &Vault, before: &State) {
        let now = state(vault);
        for (name, text) in &now {
            assert!(
                before.get(name) == Some(text) || self.after.get(name) == Some(text),
                "{name} is half there: {text}"
            );
        }
        for name in before.keys().filter(|name| self.after.contains_key(*name)) {
            assert!(now.contains_key(name), "{name} is lost");
        }
    }

    /// After an ingest that came to its end: what an uninterrupted one leaves, and each is found once.
    fn assert_final(&self, vault: &Vault) {
        assert_eq!(state(vault), self.after);
        assert_eq!(index_entries(vault), self.entries, "the indexes hold each chunk once");
        let engine = open(vault);
        // The other leg reads every vector.
        let request = SearchRequest {
            query: "the harbour master".to_owned(),
            query_id: None,
            mode: SearchMode::Vector,
            collections: Vec::new(),
            limit: 10,
        };
        assert_eq!(engine.search(&request).unwrap().passages.len(), 10);
        for number in (0..FILES + 16).chain(100..103) {
            for day in [Day::First, Day::Second] {
                let own = word(number, day);
                let wanted =
                    self.after.iter().filter(|(_, text)| text.contains(&own)).map(|(name, _)| name.as_str());
                let request = SearchRequest {
                    query: own.clone(),
                    query_id: None,
                    mode: SearchMode::Keyword,
                    collections: Vec::new(),
                    limit: 10,
                };
                let found = engine.search(&request).unwrap().passages;
                assert!(found.iter().all(|p| p.text.contains(&own)), "{own}");
                assert_eq!(found.len(), wanted.count(), "{own}: {found:?}");
            }
        }
    }
}

fn copy_of(vault: &Vault) -> Vault {
    let copied = Vault::new();
    copy(&vault.dir, &copied.dir);
    copied
}

fn ingest_arguments(corpus: &Path) -> [&OsStr; 3] {
    ["ingest".as_ref(), corpus.as_os_str(), OsStr::new("--json")]
}

/// A running ingest and what it says.
struct Ingest {
    child: std::process::Child,
    lines: Receiver<String>,
}

impl Ingest {
    fn start(vault: &Vault, corpus: &Path) -> Self {
        Self::of(vault.command(&ingest_arguments(corpus)))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// Waits for so many documents, or the end.
    fn wait_for(&self, documents: usize) {
        self.lines.iter().filter(|line| is_document(line)).take(documents).for_each(drop);
    }
}

fn is_document(line: &str) -> bool {
    line.contains("\"event\":\"document\"")
}

/// SplitMix64 (Steele and others, 2014): any seed will do.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }

    fn within(&mut self, time: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(time.as_micros()).unwrap()))
    }
}

/// Starts an ingest and kills it: while it starts, while it reads, or (as often as both) while it commits and ends.
/// Gives the moment in words.
fn kill_once(clean: &Clean, mut ingest: Ingest, changes: usize, random: &mut Random) -> String {
    let (phase, delay) = match random.below(10) {
        0 => ("its start", random.within(clean.start)),
        1..5 => {
            let _ = ingest.lines.recv();
            ("its first word", random.within(clean.reading))
        }
        _ => {
            ingest.wait_for(changes);
            ("its last document", random.within(clean.end))
        }
    };
    // The moment itself, not a wait for something to happen.
    std::thread::sleep(delay);
    let ended = ingest.child.try_wait().unwrap();
    let _ = ingest.child.kill();
    ingest.child.wait().unwrap();
    let was = if ended.is_some() { "too late" } else { "killed" };
    format!("{was} {} ms after {phase}", delay.as_millis())
}

/// How often, and the seed.
fn trials_and_seed() -> (u64, u64) {
    let number = |name: &str| std::env::var(name).ok().map(|n| n.parse::<u64>().expect("a number"));
    let trials = number("CITADEL_KILL_TRIALS").unwrap_or(12);
    let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as u64;
    let seed = number("CITADEL_KILL_SEED").unwrap_or(clock % 1_000_000);
    println!("killed: CITADEL_KILL_SEED={seed}, {trials} trials");
    (trials, seed)
}

/// Made once for both tests.
fn clean() -> &'static Clean {
    static CLEAN: OnceLock<Clean> = OnceLock::new();
    CLEAN.get_or_init(Clean::make)
}

/// The library that notes what was synced; `None` where there is no compiler for it.
#[cfg(target_os = "linux")]
fn watcher_of_syncs() -> Option<PathBuf> {
    let library = folder("synced").join("synced.so");
    let source = "tests/cli/support/synced.c";
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    built.is_ok_and(|status| status.success()).then_some(library)
}

/// Cuts files of the vault back to anything from what was synced of them, by inode, to what is there: as the disk may
/// have them after a power cut. Says which.
#[cfg(target_os = "linux")]
fn cut_back(vault: &Vault, synced: &Path, random: &mut Random) -> Vec<String> {
    use std::os::unix::fs::MetadataExt;
    let mut sizes = BTreeMap::<u64, u64>::new();
    for line in fs::read_to_string(synced).unwrap_or_default().lines() {
        let (inode, size) = line.split_once(' ').unwrap();
        let size: u64 = size.parse().unwrap();
        // A file that was cut and written anew is as long as its last sync says.
        sizes.insert(inode.parse().unwrap(), size);
    }
    let mut cut = Vec::new();
    for file in files_below(&vault.dir) {
        let meta = fs::metadata(&file).unwrap();
        let (length, safe) = (meta.len(), sizes.get(&meta.ino()).copied().unwrap_or(0));
        // SQLite's shared memory is no file that it trusts, and files of the first day are long on the disk.
        let is_old =
            meta.modified().unwrap() < fs::metadata(synced.parent().unwrap()).unwrap().created().unwrap();
        if is_old || safe >= length || file.to_string_lossy().ends_with("-shm") {
            continue;
        }
        let keep = safe + random.below(length - safe);
        fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(keep).unwrap();
        cut.push(format!("{} to {keep} of {length}", file.strip_prefix(&vault.dir).unwrap().display()));
    }
    cut
}

#[cfg(not(target_os = "linux"))]
fn power_loss() {}

/// Whatever was not synced when the power went is lost, and nothing that was told as committed with it.
#[cfg(target_os = "linux")]
fn power_loss() {
    let Some(library) = watcher_of_syncs() else {
        println!("skipped: power cuts, since there is no C compiler");
        return;
    };
    let (trials, seed) = trials_and_seed();
    let mut random = Random(seed ^ 1);
    let clean = clean();
    let mut syncs = 0;
    for trial in 1..=trials {
        let vault = copy_of(&clean.first);
        let log = folder("synced").join("log");
        let mut command = vault.command(&ingest_arguments(&clean.corpus));
        command.env("LD_PRELOAD", &library).env("CITADEL_TEST_SYNCED", &log);
        let moment = kill_once(clean, Ingest::of(command), clean.told, &mut random);
        let cut = cut_back(&vault, &log, &mut random);
        println!("power_loss: trial {trial} of {trials} (seed {seed}): {moment}; cut {cut:?}");
        syncs += fs::read_to_string(&log).unwrap_or_default().lines().count();
        clean.assert_whole(&vault, &clean.before);
        vault.run(&ingest_arguments(&clean.corpus)).done().report();
        clean.assert_final(&vault);
        fs::remove_dir_all(&vault.dir).unwrap();
    }
    assert!(syncs > 0, "nothing was ever synced: the watcher of syncs does not work");
}

fn at_random_moments() {
    let (trials, seed) = trials_and_seed();
    let mut random = Random(seed);
    let clean = clean();
    let begun = Instant::now();
    for trial in 1..=trials {
        // Every fourth time into a vault that is not there yet.
        let (vault, before) = if trial % 4 == 0 {
            (Vault::new(), State::new())
        } else {
            (copy_of(&clean.first), clean.before.clone())
        };
        let told = if before.is_empty() { clean.after.len() } else { clean.told };
        let kills = 1 + random.below(3) / 2;
        for _ in 0..kills {
            let moment = kill_once(clean, Ingest::start(&vault, &clean.corpus), told, &mut random);
            println!("killed: trial {trial} of {trials} (seed {seed}): {moment}");
            clean.assert_whole(&vault, &before);
        }
        vault.run(&ingest_arguments(&clean.corpus)).done().report();
        clean.assert_final(&vault);
        fs::remove_dir_all(&vault.dir).unwrap();
    }
    println!("killed: {trials} trials in {} s", begun.elapsed().as_secs());
}

/// Ctrl-C, or the system asking: a report, code 1, nothing half done, and no trace of an interruption the next time.
fn stopped_by_hand() {
    let (vault, corpus) = (Vault::new(), folder("stop"));
    // More than are embedded together, so that some are done at the first word and some are not.
    const ALL: usize = 200;
    for number in 0..ALL {
        fs::write(corpus.join(format!("{number}.txt")), format!("Entry {number} of the list.")).unwrap();
    }
    for signal in ["-INT", "-TERM"] {
        let mut ingest = Ingest::start(&vault, &corpus);
        ingest.wait_for(1);
        let id = ingest.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let last = ingest.lines.iter().last().unwrap();
        let report: Value = serde_json::from_str(&last).unwrap();
        assert_eq!((&report["event"], &report["stopped"]), (&json!("report"), &json!(true)), "{report}");
        assert_eq!(ingest.child.wait().unwrap().code(), Some(1));
        let there = state(&vault).len();
        assert!((1..ALL).contains(&there), "{there}");
    }
    let run = vault.run(&["ingest".as_ref(), corpus.as_os_str(), OsStr::new("--json")]).done();
    assert!(!run.stdout.contains("resuming"), "{}", run.stdout);
    assert_eq!(state(&vault).len(), ALL);
    let report = run.report();
    assert_eq!(report["added"].as_u64().unwrap() + report["unchanged"].as_u64().unwrap(), ALL as u64);
}
