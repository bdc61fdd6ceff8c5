//! Vaults that are held by another, written by a later version, damaged, out of space, or none at all.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::support::{Vault, copy, files_below, folder, models, program, trial};

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![
        trial("bad_vaults::no_vault", no_vault),
        trial("bad_vaults::from_a_newer_version", from_a_newer_version),
        trial("bad_vaults::damaged_catalog", damaged_catalog),
        trial("bad_vaults::damaged_index", damaged_index),
    ];
    if cfg!(unix) {
        trials.push(trial("bad_vaults::in_use", in_use));
    }
    if cfg!(target_os = "linux") {
        trials.push(trial("bad_vaults::full_disk", full_disk));
    }
    trials
}

const NOTES: &[(&str, &[u8])] = &[
    ("mooring.txt", b"The mooring at the north quay costs forty pounds."),
    ("crane.txt", b"The crane lifts nine tonnes on a calm day."),
    ("tide.md", b"# Tide\n\nThe tide table hangs in the hall of the harbour office."),
];

fn no_vault() {
    let file = folder("no-vault").join("vault");
    fs::write(&file, "a file").unwrap();
    let name = file.to_str().unwrap();
    let inside = file.join("inside");
    for dir in [&file, &inside] {
        let vault = Vault::at(dir.clone());
        for verb in
            [&["documents", "list"][..], &["search", "x"], &["ingest", "/no/such/file"], &["ask", "x"]]
        {
            vault.run(verb).refused(&[name, "--vault"]);
        }
        let report = vault.run(&["doctor", "--json"]).ended(1).json();
        assert!(report.to_string().contains(name), "{report}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"a file");

    // A database of something else stays as it is.
    let other = folder("other-database");
    fs::write(other.join("catalog.sqlite"), "these are my own notes, keep them").unwrap();
    Vault::at(other.clone()).run(&["documents"]).refused(&["catalog.sqlite"]);
    assert_eq!(fs::read(other.join("catalog.sqlite")).unwrap(), b"these are my own notes, keep them");

    // In an empty vault nothing is found, and that is no fault.
    let empty = Vault::new();
    assert!(empty.run(&["search", "mooring"]).done().stdout.contains("Nothing found."));
    let answer = empty.json(&["ask", "What does the mooring cost?", "--json"]);
    assert_eq!((&answer["outcome"], &answer["reason"]), (&"not_found".into(), &"no_documents".into()));
    assert!(answer["passages"].as_array().unwrap().is_empty());
}

#[cfg(not(unix))]
fn in_use() {}

/// A process holds the vault for as long as its batch is open.
#[cfg(unix)]
fn in_use() {
    let (vault, corpus) = Vault::with(&NOTES[..1]);
    let lines = folder("in-use").join("lines");
    assert!(Command::new("mkfifo").arg(&lines).status().unwrap().success());
    let mut holder = vault
        .command(&["search".as_ref(), "--batch".as_ref(), lines.as_os_str()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // This waits until the holder opens the other end, which it does once it has the vault.
    let mut writer = fs::OpenOptions::new().write(true).open(&lines).unwrap();
    let name = vault.dir.to_str().unwrap();
    for verb in
        [&["documents", "list"][..], &["search", "x"], &["ask", "x"], &["ingest", corpus.to_str().unwrap()]]
    {
        vault.run(verb).refused(&[name, "in use by another process"]);
    }
    vault.run(&["doctor"]).ended(1);
    writeln!(writer, "{}", serde_json::json!({"id": "1", "query": "mooring"})).unwrap();
    drop(writer);
    let mut found = String::new();
    holder.stdout.take().unwrap().read_to_string(&mut found).unwrap();
    assert!(holder.wait().unwrap().success());
    assert!(found.contains("forty pounds"), "the holder goes on undisturbed: {found}");
    assert_eq!(vault.documents().len(), 1);
}

/// Changes bytes of a file from `at` on; a negative place counts from the end.
fn overwrite(file: &Path, at: i64, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(file).unwrap();
    file.seek(if at < 0 { SeekFrom::End(at) } else { SeekFrom::Start(at.unsigned_abs()) }).unwrap();
    file.write_all(bytes).unwrap();
}

fn from_a_newer_version() {
    let (vault, corpus) = Vault::with(&NOTES[..1]);
    let catalog = vault.dir.join("catalog.sqlite");
    // SQLite keeps `user_version`, our schema number, in bytes 60 to 63.
    overwrite(&catalog, 60, &99u32.to_be_bytes());
    let before = fs::read(&catalog).unwrap();
    for verb in [&["documents", "list"][..], &["search", "x"], &["ingest", corpus.to_str().unwrap()]] {
        vault.run(verb).refused(&["catalog.sqlite", "newer version", "schema 99"]);
    }
    let report = vault.run(&["doctor", "--json"]).ended(1).json();
    assert!(report.to_string().contains("newer version"), "{report}");
    assert_eq!(fs::read(&catalog).unwrap(), before, "what is not understood is not touched");
    overwrite(&catalog, 60, &2u32.to_be_bytes());
    assert_eq!(vault.documents().len(), 1);
}

fn damaged_catalog() {
    let (vault, _) = Vault::with(NOTES);
    let whole = vault.dir.clone();
    let length = fs::metadata(whole.join("catalog.sqlite")).unwrap().len();
    // Bytes of a text, where SQLite itself would notice nothing.
    let text_at = {
        let bytes = fs::read(whole.join("catalog.sqlite")).unwrap();
        bytes.windows(11).position(|w| w == b"nine tonnes").unwrap()
    };
    let check = |damage: &dyn Fn(&Path), refused: bool, words: &[&str]| {
        let dir = folder("damaged").join("vault");
        copy(&whole, &dir);
        damage(&dir.join("catalog.sqlite"));
        let before = fs::read(dir.join("catalog.sqlite")).unwrap();
        let vault = Vault::at(dir.clone());
        let report = vault.run(&["doctor", "--json"]).ended(1).json();
        let told = report["findings"].as_array().unwrap().iter().filter(|f| f["ok"] == false);
        let told: String = told.map(Value::to_string).collect();
        for word in words {
            assert!(told.contains(word), "{word}: {told}");
        }
        if refused {
            vault.run(&["documents", "list"]).refused(words);
            vault.run(&["search", "crane"]).refused(words);
            assert_eq!(fs::read(dir.join("catalog.sqlite")).unwrap(), before, "damage is not made worse");
        }
    };
    check(&|c| overwrite(c, 0, &[0x5a; 100]), true, &["catalog.sqlite"]);
    check(&|c| overwrite(c, 4096, &[0x5a; 16 << 10]), true, &["catalog.sqlite", "damaged", "backup"]);
    check(
        &|c| fs::OpenOptions::new().write(true).open(c).unwrap().set_len(length / 2).unwrap(),
        true,
        &["catalog.sqlite", "damaged", "backup"],
    );
    check(
        &|c| overwrite(c, i64::try_from(text_at).unwrap(), b"zero"),
        false,
        &["not what was stored", "backup"],
    );
}

/// An index that is gone, cut short or overwritten is filled again from the catalog.
fn damaged_index() {
    let (vault, _) = Vault::with(NOTES);
    let search = |vault: &Vault| {
        let mut found = vault.json(&["search", "What does the crane lift?", "--json"]);
        found.as_object_mut().unwrap().remove("timings_ms");
        found
    };
    let sound = search(&vault);
    assert_eq!(sound["passages"].as_array().unwrap().len(), 3);
    let index = vault.dir.join("index");
    let of = |dir: &Path, part: &str| {
        files_below(dir).into_iter().filter(|f| f.to_string_lossy().contains(part)).collect::<Vec<_>>()
    };
    let cut = |file: &Path| {
        let length = fs::metadata(file).unwrap().len();
        fs::OpenOptions::new().write(true).open(file).unwrap().set_len(length / 2).unwrap();
    };
    let check = |name: &str, damage: &dyn Fn(&Path)| {
        let dir = folder("index").join("vault");
        copy(&vault.dir, &dir);
        damage(&dir.join("index"));
        let damaged = Vault::at(dir);
        assert_eq!(search(&damaged), sound, "{name}");
        assert_eq!(search(&damaged), sound, "{name}, a second time");
        damaged.run(&["doctor"]).done();
    };
    assert!(index.is_dir());
    check("no index", &|dir| fs::remove_dir_all(dir).unwrap());
    check("no keywords", &|dir| fs::remove_dir_all(dir.join("keywords")).unwrap());
    check("no vectors", &|dir| fs::remove_dir_all(dir.join("vectors")).unwrap());
    check("keywords' table of contents overwritten", &|dir| {
        fs::write(dir.join("keywords/meta.json"), "{}").unwrap();
    });
    check("keywords cut", &|dir| of(dir, ".store").iter().chain(&of(dir, ".term")).for_each(|f| cut(f)));
    check("manifests cut", &|dir| of(dir, ".manifest").iter().for_each(|f| cut(f)));
    check("vectors cut", &|dir| of(dir, "/data/").iter().for_each(|f| cut(f)));
    // As if it had been restored from a backup of another day.
    let older = folder("older").join("index");
    copy(&index, &older);
    let (more, corpus) = (Vault::at(vault.dir.clone()), folder("more"));
    fs::write(corpus.join("ferry.txt"), "The ferry lifts its ramp at eight.").unwrap();
    more.run(&["ingest".as_ref(), corpus.as_os_str()]).done();
    let sound = search(&vault);
    let dir = folder("index").join("vault");
    copy(&vault.dir, &dir);
    fs::remove_dir_all(dir.join("index")).unwrap();
    copy(&older, &dir.join("index"));
    assert_eq!(search(&Vault::at(dir)), sound, "an older index");
}

/// A vault on a file system of its own that is too small: told, and nothing lost.
#[cfg(target_os = "linux")]
fn full_disk() {
    let out = folder("full");
    let (mount, corpus) = (out.join("mount"), out.join("corpus"));
    for dir in [&mount, &corpus] {
        fs::create_dir(dir).unwrap();
    }
    fs::write(corpus.join("first.txt"), "The mooring costs forty pounds.").unwrap();
    for n in 0..8 {
        fs::write(
            corpus.join(format!("more-{n}.txt")),
            format!("Ship {n} pays {n} pounds a day. ").repeat(400),
        )
        .unwrap();
    }
    // The file system lives as long as this shell. It is filled but for so many bytes; then there is room again.
    let script = r#"
        set -u
        mount -t tmpfs -o size=3m tmpfs "$MOUNT" || exit 77
        echo mounted
        "$CITADEL" ingest "$CORPUS/first.txt" >"$OUT/first" 2>&1; echo "first $?"
        for room in 0 50000 150000 400000; do
            cat /dev/zero >"$MOUNT/ballast" 2>/dev/null
            truncate -s "-$room" "$MOUNT/ballast"
            "$CITADEL" ingest "$CORPUS" >"$OUT/full" 2>>"$OUT/complaints"; echo "full $?"
            rm "$MOUNT/ballast"
            "$CITADEL" documents list --json >>"$OUT/lists" 2>&1; echo "list $?"
        done
        mount -o remount,size=200m "$MOUNT"
        "$CITADEL" doctor >"$OUT/doctor" 2>&1; echo "doctor $?"
        "$CITADEL" ingest --json "$CORPUS" >"$OUT/again" 2>&1; echo "again $?"
        "$CITADEL" documents list --json >>"$OUT/lists" 2>&1; echo "list $?"
    "#;
    let mut shell = Command::new("unshare");
    shell.args(["-rm", "sh", "-c", script]);
    for (name, value) in [
        ("CITADEL", program()),
        ("CITADEL_VAULT", mount.join("vault")),
        ("CITADEL_MODELS", models()),
        ("MOUNT", mount),
        ("CORPUS", corpus),
        ("OUT", out.clone()),
    ] {
        shell.env(name, value);
    }
    let run = match shell.output() {
        Ok(run) if String::from_utf8_lossy(&run.stdout).starts_with("mounted") => run,
        _ => {
            println!("skipped: a full disk, since this user may not mount one");
            return;
        }
    };
    let told = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let codes = String::from_utf8(run.stdout).unwrap();
    let rounds = "full 2\nlist 0\n".repeat(4);
    assert_eq!(
        codes,
        format!("mounted\nfirst 0\n{rounds}doctor 0\nagain 0\nlist 0\n"),
        "{}",
        ["first", "full", "complaints", "lists", "doctor", "again"].map(told).join("\n---\n")
    );
    let complaints = told("complaints");
    assert_eq!(complaints.lines().count(), 4, "{complaints}");
    for complaint in complaints.lines() {
        assert!(complaint.contains("full") && complaint.contains("vault"), "{complaint}");
    }
    let lists: Vec<Value> = told("lists").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for list in &lists {
        assert!(list.to_string().contains("first.txt"), "what was there is there: {list}");
    }
    assert_eq!(lists.last().unwrap().as_array().unwrap().len(), 9);
}

#[cfg(not(target_os = "linux"))]
fn full_disk() {}
