//! A vault and its folders kept in step: renames, copies, files that go, ingests that are stopped, folders watched,
//! and the ledger of what was read.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::{Vault, files, folder, trial};

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![
        trial("in_step::renamed_and_copied", renamed_and_copied),
        trial("in_step::gone_files", gone_files),
        trial("in_step::a_drive_that_goes", a_drive_that_goes),
        trial("in_step::ledger", ledger),
        trial("in_step::retried", retried),
        trial("in_step::watched", watched),
    ];
    if cfg!(unix) {
        trials.push(trial("in_step::stopped_and_resumed", stopped_and_resumed));
    }
    trials
}

fn ingest(vault: &Vault, path: &Path) -> Value {
    vault.run(&["ingest".as_ref(), path.as_os_str(), OsStr::new("--json")]).report()
}

/// Some counts of a report: added, updated, unchanged, removed, renamed, duplicates, missing.
fn counts(report: &Value) -> [u64; 7] {
    let number = |name: &str| report[name].as_u64().unwrap();
    let missing = report["missing"].as_array().unwrap().len() as u64;
    [
        number("added"),
        number("updated"),
        number("unchanged"),
        number("removed"),
        number("renamed"),
        number("duplicates"),
        missing,
    ]
}

/// The names of the files that a search finds.
fn found(vault: &Vault, query: &str) -> Vec<String> {
    let result = vault.json(&["search", query, "--mode", "keyword", "--json"]);
    let name = |p: &Value| p["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    result["passages"].as_array().unwrap().iter().map(name).collect()
}

fn renamed_and_copied() {
    let (vault, corpus) = Vault::with(&[("a.md", b"The mooring costs forty pounds."), ("b.md", b"A crane.")]);
    assert_eq!(counts(&ingest(&vault, &corpus)), [0, 0, 2, 0, 0, 0, 0], "Vault::with has ingested");
    let id = vault.id_of("a.md");
    let answer = vault.json(&["ask", "What does the mooring cost?", "--mode", "quote", "--json"]);
    assert_eq!(answer["citations"][0]["document_id"], json!(id));

    // A new name: nothing is read again, and the keyword leg knows it.
    fs::rename(corpus.join("a.md"), corpus.join("quayside-tariff.md")).unwrap();
    assert_eq!(counts(&ingest(&vault, &corpus)), [0, 0, 2, 0, 1, 0, 0]);
    assert_eq!(vault.id_of("quayside-tariff.md"), id);
    assert_eq!(found(&vault, "quayside"), ["quayside-tariff.md"]);
    let cited = vault.json(&["answers", "show", answer["id"].as_str().unwrap(), "--json"]);
    assert_eq!(cited["citations"][0]["quote"], answer["citations"][0]["quote"]);

    // Copies are linked: to a file of the vault, to one of the same ingest, but not where the ending tells otherwise.
    fs::write(corpus.join("copy.md"), "The mooring costs forty pounds.").unwrap();
    for name in ["one.md", "two.md", "three.txt"] {
        fs::write(corpus.join(name), "# Tide\n\nThe tide table hangs in the hall.").unwrap();
    }
    assert_eq!(counts(&ingest(&vault, &corpus)), [2, 0, 2, 0, 0, 2, 0]);
    assert_eq!(counts(&ingest(&vault, &corpus)), [0, 0, 4, 0, 0, 2, 0], "a second time: nothing new");
    assert_eq!(found(&vault, "mooring"), ["quayside-tariff.md"]);
    let shown = vault.json(&["documents", "show", &id, "--json"]);
    assert!(shown["copies"][0].as_str().unwrap().ends_with("copy.md"), "{shown}");

    // The original changes: the copy is read itself. It goes: the copy takes its place, and its id.
    fs::write(corpus.join("quayside-tariff.md"), "The mooring costs fifty pounds now.").unwrap();
    assert_eq!(counts(&ingest(&vault, &corpus)), [1, 1, 3, 0, 0, 2, 0]);
    let mut both = found(&vault, "mooring");
    both.sort();
    assert_eq!(both, ["copy.md", "quayside-tariff.md"]);
    let (original, copy) = if vault.documents().iter().any(|(name, _)| name == "one.md") {
        ("one.md", "two.md")
    } else {
        ("two.md", "one.md")
    };
    let tide = vault.id_of(original);
    fs::remove_file(corpus.join(original)).unwrap();
    assert_eq!(counts(&ingest(&vault, &corpus)), [0, 0, 5, 0, 1, 0, 0]);
    assert_eq!(vault.id_of(copy), tide);
    assert!(vault.run(&["doctor"]).done().stdout.contains("whole"));
}

fn gone_files() {
    let (vault, corpus) = Vault::with(&[("a.md", b"The mooring costs forty pounds."), ("b.md", b"A crane.")]);
    fs::remove_file(corpus.join("a.md")).unwrap();
    for _ in 0..2 {
        let report = ingest(&vault, &corpus);
        assert_eq!(counts(&report), [0, 0, 1, 0, 0, 0, 1]);
        assert_eq!(report["missing"][0]["documents"], json!([vault.id_of("a.md")]));
    }
    assert_eq!(found(&vault, "mooring"), ["a.md"], "offered for removal, not removed");
    assert!(vault.run(&["documents", "missing"]).done().stdout.contains("a.md"));
    let removed = vault.json(&["documents", "remove", "--missing", "--json"]);
    assert_eq!(removed["documents"].as_array().unwrap().len(), 1);
    assert_eq!(vault.json(&["documents", "missing", "--json"]), json!([]));
    assert_eq!((found(&vault, "mooring"), found(&vault, "crane")), (vec![], vec!["b.md".to_owned()]));
}

/// A whole folder that is not there is an error of this ingest, not a loss of its documents.
fn a_drive_that_goes() {
    let (vault, corpus) = Vault::with(&[("a.md", b"The mooring costs forty pounds.")]);
    let elsewhere = corpus.with_extension("unplugged");
    fs::rename(&corpus, &elsewhere).unwrap();
    let run = vault.run(&["ingest".as_ref(), corpus.as_os_str(), OsStr::new("--json")]).ended(1);
    let report = run.report();
    assert_eq!(
        (&report["failed"][0]["code"], &report["missing"]),
        (&json!("not_found"), &json!([])),
        "{report}"
    );
    assert_eq!(found(&vault, "mooring"), ["a.md"]);
    fs::rename(&elsewhere, &corpus).unwrap();
    assert_eq!(counts(&ingest(&vault, &corpus)), [0, 0, 1, 0, 0, 0, 0]);
}

fn ledger() {
    let vault = Vault::new();
    let corpus = folder("ledger");
    let pages = files::wiki(&[
        ("Fees", "{|\n! Berth !! Fee\n|-\n| North || 40\n|}\nThe fee."),
        ("Other", "#REDIRECT [[Fees]]"),
    ]);
    fs::write(corpus.join("wiki.xml"), pages).unwrap();
    fs::write(corpus.join("locked.pdf"), files::locked_pdf()).unwrap();
    fs::write(corpus.join("labelled.pdf"), files::labelled_pdf(&["One page of words."])).unwrap();
    fs::write(corpus.join("copy.pdf"), files::labelled_pdf(&["One page of words."])).unwrap();
    let report = ingest(&vault, &corpus);
    assert_eq!(
        (&report["tables"], &report["pages"], &report["duplicates"]),
        (&json!(1), &json!(1), &json!(1)),
        "{report}"
    );
    let out = folder("certificate").join("coverage.json");
    vault.run(&["documents".as_ref(), "certificate".as_ref(), "--output".as_ref(), out.as_os_str()]).done();
    let certificate: Value = serde_json::from_str(&fs::read_to_string(&out).unwrap()).unwrap();
    let totals = &certificate["totals"];
    assert_eq!(totals["files"], json!({"done": 2, "duplicate": 1, "failed": 1}), "{certificate}");
    assert_eq!(
        (&totals["documents"], &totals["pages"]["text"], &totals["tables"]),
        (&json!(2), &json!(1), &json!(1))
    );
    let files = certificate["files"].as_array().unwrap();
    let of = |name: &str| files.iter().find(|f| f["path"].as_str().unwrap().ends_with(name)).unwrap();
    assert_eq!(of("locked.pdf")["failure"]["code"], "encrypted");
    assert_eq!(of("wiki.xml")["redirects"], 1);
    for file in files {
        assert_eq!(file["sha256"].as_str().map(str::len), Some(64), "{file}");
    }
    let document = &of("wiki.xml")["documents"][0];
    assert_eq!((&document["title"], &document["tables"]), (&json!("Fees"), &json!(1)));
    assert_eq!(
        vault.json(&["documents", "certificate", "--json", "--collection", "none"])["files"],
        json!([])
    );
    let shown = vault.run(&["documents", "show", &vault.id_of("wiki.xmlFees")]).done().stdout;
    assert!(shown.contains("1 tables") && shown.contains("Fees"), "{shown}");
}

/// What failed for a reason that may pass is read again when asked.
fn retried() {
    let vault = Vault::new();
    let corpus = folder("retried");
    fs::write(corpus.join("a.txt"), "").unwrap();
    fs::write(corpus.join("b.txt"), "The crane is closed.").unwrap();
    assert_eq!(ingest(&vault, &corpus)["failed"][0]["code"], "empty");
    fs::write(corpus.join("a.txt"), "The mooring costs forty pounds.").unwrap();
    let report = vault.run(&["ingest", "--retry", "--json"]).done().report();
    assert_eq!(counts(&report), [1, 0, 0, 0, 0, 0, 0], "b.txt is not among them: {report}");
    assert_eq!(found(&vault, "mooring"), ["a.txt"]);
    let report = vault.run(&["ingest", "--retry", "--json"]).done().report();
    assert_eq!(counts(&report), [0; 7], "nothing is left");
}

/// A program that runs on, and what it says.
struct Running {
    child: std::process::Child,
    lines: Receiver<Value>,
}

impl Running {
    fn start(vault: &Vault, arguments: &[&OsStr]) -> Self {
        let mut child =
            vault.command(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = send.send(serde_json::from_str(&line).unwrap());
            }
        });
        Self { child, lines }
    }

    /// Waits for the next event of this name.
    fn next(&self, event: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(120)).expect("an event in two minutes");
            if line["event"] == event {
                return line;
            }
        }
    }
}

/// The journal after a kill: a parser that was just being started may hold the vault's lock a moment longer.
fn jobs_once_free(vault: &Vault) -> Value {
    for _ in 0..100 {
        let run = vault.run(&["jobs", "--json"]);
        if !run.stderr.contains("in use by another process") {
            return run.done().json();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the vault stays locked");
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn watched() {
    let (vault, corpus) = (Vault::new(), folder("watched"));
    fs::write(corpus.join("a.md"), "The mooring costs forty pounds.").unwrap();
    vault.run(&["watch", "--json"]).refused(&["no folder", "citadel watch PATH"]);
    let arguments = ["watch".as_ref(), corpus.as_os_str(), OsStr::new("--json")];
    let watch = Running::start(&vault, &arguments);
    assert_eq!(counts(&watch.next("report")), [1, 0, 0, 0, 0, 0, 0]);
    fs::create_dir(corpus.join("below")).unwrap();
    fs::write(corpus.join("below/b.md"), "The crane is closed.").unwrap();
    assert_eq!(counts(&watch.next("report")), [1, 0, 0, 0, 0, 0, 0]);
    // Others may ask in between.
    assert_eq!(found(&vault, "crane"), ["b.md"]);
    fs::rename(corpus.join("a.md"), corpus.join("c.md")).unwrap();
    assert_eq!(counts(&watch.next("report"))[4], 1, "renamed");
    fs::remove_file(corpus.join("c.md")).unwrap();
    assert_eq!(counts(&watch.next("report"))[6], 1, "missing");
    drop(watch);
    // What changed while nobody watched is found at the next start, which needs no name.
    fs::write(corpus.join("d.md"), "The tide table hangs in the hall.").unwrap();
    let watch = Running::start(&vault, &["watch".as_ref(), "--json".as_ref()]);
    assert_eq!(counts(&watch.next("report"))[0], 1);
    drop(watch);
    vault.run(&["watch".as_ref(), corpus.as_os_str(), OsStr::new("--forget")]).done();
    vault.run(&["watch"]).refused(&["no folder"]);
}

fn stopped_and_resumed() {
    let (vault, corpus) = (Vault::new(), folder("stopped"));
    const ALL: u64 = 200;
    for number in 0..ALL {
        fs::write(corpus.join(format!("{number}.txt")), format!("Entry {number} of the list.")).unwrap();
    }
    let arguments = ["ingest".as_ref(), corpus.as_os_str(), OsStr::new("--json")];
    let mut running = Running::start(&vault, &arguments);
    running.next("document");
    let id = running.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let stopped = running.next("report");
    assert_eq!((&stopped["stopped"], running.child.wait().unwrap().code()), (&json!(true), Some(1)));
    let jobs = vault.json(&["jobs", "--json"]);
    let (job, done) = (&jobs[0], jobs[0]["done"].as_u64().unwrap());
    assert!(done > 0 && done < ALL && job["total"] == ALL && job["stopped_at"].is_i64(), "{jobs}");
    assert!(vault.run(&["jobs"]).done().stdout.contains("stopped after"));

    // It says where it goes on, and does no more than is left.
    let run = vault.run(&["ingest", "--resume", "--json"]).done();
    let resuming = run.lines().into_iter().find(|l| l["event"] == "resuming").unwrap();
    assert_eq!((&resuming["done"], &resuming["total"]), (&json!(done), &json!(ALL)));
    let report = run.report();
    assert_eq!(report["added"].as_u64().unwrap() + report["unchanged"].as_u64().unwrap(), ALL - done);
    assert_eq!(vault.documents().len() as u64, ALL);
    assert_eq!(vault.json(&["jobs", "--json"]), json!([]));

    // One that is cut off and asked for again goes on, and says so.
    for number in 0..ALL {
        fs::write(corpus.join(format!("{number}.txt")), format!("Entry {number} of the new list.")).unwrap();
    }
    let running = Running::start(&vault, &arguments);
    running.next("document");
    drop(running);
    let jobs = jobs_once_free(&vault);
    assert_eq!(jobs[0]["stopped_at"], Value::Null, "cut off: {jobs}");
    let run = vault.run(&arguments).done();
    assert!(run.lines().iter().any(|l| l["event"] == "resuming"), "{}", run.stdout);
    assert_eq!(vault.json(&["jobs", "--json"]), json!([]));

    // One that is not wanted any more.
    for number in 0..ALL {
        fs::write(corpus.join(format!("{number}.txt")), format!("Entry {number} of the last list.")).unwrap();
    }
    let running = Running::start(&vault, &arguments);
    running.next("document");
    drop(running);
    let jobs = jobs_once_free(&vault);
    let id = jobs[0]["id"].to_string();
    assert_eq!(vault.json(&["jobs", "cancel", &id, "--json"]), json!([]));
    vault.run(&["jobs", "cancel", &id]).refused(&["job", &id]);
}
