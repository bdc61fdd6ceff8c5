//! Files and folders that cannot be read. Each is a line of the report that names it, says why and what to do; the rest
//! of the job is done.

use std::ffi::OsStr;
use std::path::Path;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::support::{Run, Vault, files, folder, run, trial};

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![
        trial("bad_files::each_is_told_and_the_rest_is_read", each_is_told_and_the_rest_is_read),
        trial("bad_files::too_large", too_large),
        trial(
            "bad_files::a_file_that_went_bad_keeps_what_was_read",
            a_file_that_went_bad_keeps_what_was_read,
        ),
    ];
    if cfg!(unix) {
        trials.push(trial("bad_files::folders", folders));
        trials.push(trial("bad_files::names", names));
    }
    trials
}

/// The failure of `name` in a report, with its code.
fn failure<'a>(report: &'a Value, name: &str) -> Option<&'a str> {
    let failed = report["failed"].as_array().unwrap();
    let failure = failed.iter().find(|f| f["path"].as_str().unwrap().ends_with(name))?;
    let reason = failure["reason"].as_str().unwrap();
    assert!(reason.contains("; "), "{name}: what is wrong, and what to do: {reason}");
    failure["code"].as_str()
}

fn ingest(vault: &Vault, path: &Path) -> Run {
    vault.run(&["ingest".as_ref(), path.as_os_str(), OsStr::new("--json")])
}

fn each_is_told_and_the_rest_is_read() {
    let word = files::docx(&["The tariff is in annex four."], 0);
    let manual = files::labelled_pdf(files::VALVE);
    let dump = files::wiki(&[("Kiln", &"The kiln is lit on Mondays. ".repeat(400))]);
    let packed = files::bzip2(&dump);
    let spaces = vec![b' '; 300 << 20];
    let mut noisy = word.clone();
    noisy[60..200].fill(0x5a);
    // Name, bytes, and the code of its failure; none where it is read.
    let cases: Vec<(&str, Vec<u8>, Option<&str>)> = vec![
        ("empty.txt", vec![], Some("empty")),
        ("spaces.txt", b" \r\n\t \n".to_vec(), Some("empty")),
        ("cut.pdf", manual[..40].to_vec(), Some("truncated")),
        ("cut.docx", word[..word.len() / 2].to_vec(), Some("truncated")),
        ("cut.xml", dump[..dump.len() / 2].to_vec(), Some("truncated")),
        ("cut.xml.bz2", packed[..packed.len() - 20].to_vec(), Some("truncated")),
        ("locked.pdf", files::locked_pdf(), Some("encrypted")),
        ("damaged.docx", noisy, Some("damaged")),
        ("no-pages.pdf", files::pdf(&[]), Some("damaged")),
        ("blank.pdf", files::pdf(&[""]), Some("empty")),
        ("bomb.docx", files::docx(&["Small."], 300 << 20), Some("bomb")),
        ("bomb.bz2", files::bzip2(&spaces), Some("bomb")),
        // What a name says does not count.
        ("manual.txt", manual, None),
        ("plain.pdf", b"Plain words under a wrong name: the tide table hangs in the hall.".to_vec(), None),
        ("word.md", word, None),
        // Text of other times and places.
        ("latin.txt", b"Caf\xe9 M\xfcller \xf6ffnet um acht Uhr, gr\xfc\xdft die Stra\xdfe.".to_vec(), None),
        (
            "wide.txt",
            "\u{feff}Der Kai ist gesperrt.".encode_utf16().flat_map(u16::to_le_bytes).collect(),
            None,
        ),
        ("good.md", b"# Tide\n\nThe tide table hangs in the hall.".to_vec(), None),
    ];
    let corpus = folder("bad");
    for (name, bytes, _) in &cases {
        std::fs::write(corpus.join(name), bytes).unwrap();
    }
    // A picture, an archive of another kind, half a workbook: left out of a folder without complaint, told when named.
    let foreign = [
        ("photo.jpg", b"\xff\xd8\xff\xe0 a picture".to_vec()),
        ("old.7z", b"7z\xbc\xaf\x27\x1c an archive".to_vec()),
        ("rows.xlsx", b"PK\x03\x04 not even that".to_vec()),
    ];
    for (name, bytes) in &foreign[..2] {
        std::fs::write(corpus.join(name), bytes).unwrap();
    }
    let vault = Vault::new();
    let run = ingest(&vault, &corpus).ended(1);
    let report = run.report();
    let good = cases.iter().filter(|(_, _, code)| code.is_none()).count();
    for (name, _, code) in &cases {
        assert_eq!(failure(&report, &format!("/{name}")), *code, "{name}: {report:#}");
    }
    assert_eq!(report["failed"].as_array().unwrap().len(), cases.len() - good, "{report:#}");
    assert_eq!(report["skipped"].as_array().unwrap().len(), 2, "{report:#}");
    let mut read: Vec<String> = vault.documents().into_iter().map(|(name, _)| name).collect();
    read.retain(|name| name != "cut.xml");
    let expected: Vec<&str> =
        cases.iter().filter(|(_, _, code)| code.is_none()).map(|(name, ..)| *name).collect();
    let mut sorted = expected.clone();
    sorted.sort();
    assert_eq!(read, sorted);
    for (name, words) in
        [("latin.txt", "Café Müller öffnet"), ("wide.txt", "Der Kai ist"), ("plain.pdf", "tide table")]
    {
        assert!(vault.text(&vault.id_of(name)).contains(words), "{name}");
    }

    // Told to people, on stderr; and told again the next time, while what was read stays as it is.
    let run = vault.run(&["ingest".as_ref(), corpus.as_os_str()]).ended(1);
    for (name, _, code) in &cases {
        let told = run.stderr.lines().any(|l| l.starts_with("failed: ") && l.contains(&format!("/{name}")));
        assert_eq!(told, code.is_some(), "{name}: {}", run.stderr);
    }
    assert!(run.stdout.contains(&format!("{good} unchanged")), "{}", run.stdout);

    // Named by hand, a foreign file is a failure.
    for (name, bytes) in &foreign {
        let file = folder("foreign").join(name);
        std::fs::write(&file, bytes).unwrap();
        let report = ingest(&vault, &file).ended(1).report();
        assert_eq!(
            failure(&report, name),
            Some(if *name == "rows.xlsx" { "truncated" } else { "unsupported" })
        );
    }
}

/// Beyond the size that is read whole: refused before it is read. The file has a hole and takes no space.
fn too_large() {
    let corpus = folder("large");
    let large = corpus.join("large.txt");
    std::fs::write(&large, "The tide table hangs in the hall. ".repeat(4000)).unwrap();
    std::fs::OpenOptions::new().write(true).open(&large).unwrap().set_len((512 << 20) + 1).unwrap();
    std::fs::write(corpus.join("small.txt"), "The tide table hangs in the hall.").unwrap();
    let vault = Vault::new();
    let report = ingest(&vault, &corpus).ended(1).report();
    assert_eq!(failure(&report, "large.txt"), Some("too_large"), "{report:#}");
    assert_eq!(report["added"], 1);
}

/// A file that was read before and cannot be read now: its document stays as it was.
fn a_file_that_went_bad_keeps_what_was_read() {
    let (vault, corpus) =
        Vault::with(&[("note.txt", b"The mooring costs forty."), ("other.txt", b"Nothing.")]);
    for (bytes, code) in [(&b""[..], "empty"), (b"\xff\xd8\xff\xe0", "unsupported")] {
        std::fs::write(corpus.join("note.txt"), bytes).unwrap();
        let note = corpus.join("note.txt");
        let report = ingest(&vault, &note).ended(1).report();
        assert_eq!(failure(&report, "note.txt"), Some(code), "{report:#}");
        assert_eq!(vault.text(&vault.id_of("note.txt")), "The mooring costs forty.");
    }
    std::fs::write(corpus.join("note.txt"), "The mooring costs fifty.").unwrap();
    assert_eq!(ingest(&vault, &corpus).done().report()["updated"], 1);
    assert_eq!(vault.text(&vault.id_of("note.txt")), "The mooring costs fifty.");
}

#[cfg(not(unix))]
fn folders() {}

#[cfg(not(unix))]
fn names() {}

#[cfg(unix)]
fn folders() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let corpus = folder("folders");
    let write = |path: &str| {
        std::fs::create_dir_all(corpus.join(path).parent().unwrap()).unwrap();
        std::fs::write(corpus.join(path), format!("Words of {path}.")).unwrap();
    };
    for path in ["a/one.txt", "b/two.txt", "shut/three.txt", "secret.txt"] {
        write(path);
    }
    symlink("..", corpus.join("a/up")).unwrap();
    symlink("ring", corpus.join("ring")).unwrap();
    symlink("nowhere", corpus.join("dangling")).unwrap();
    symlink("../b/two.txt", corpus.join("a/again.txt")).unwrap();
    let vault = Vault::new();
    let missing = corpus.join("missing.txt");
    let arguments = ["ingest".as_ref(), corpus.as_os_str(), missing.as_os_str(), OsStr::new("--json")];
    let report = vault.run(&arguments).ended(1).report();
    for (name, code) in [
        ("a/up", "symlink_loop"),
        ("/ring", "symlink_loop"),
        ("/dangling", "not_found"),
        ("/missing.txt", "not_found"),
    ] {
        assert_eq!(failure(&report, name), Some(code), "{name}: {report:#}");
    }
    assert_eq!(
        (&report["added"], report["failed"].as_array().unwrap().len()),
        (&Value::from(4), 4),
        "{report:#}"
    );

    // No rights: the administrator has them all, and must first give them up.
    let shut = |mode: u32| {
        for path in ["shut", "secret.txt"] {
            std::fs::set_permissions(corpus.join(path), std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    shut(0o000);
    let mut ingest = vault.command(&[
        "ingest".as_ref(),
        corpus.join("shut").as_os_str(),
        corpus.as_os_str(),
        OsStr::new("--json"),
    ]);
    if std::fs::read_dir(corpus.join("shut")).is_ok() {
        let mut lesser = std::process::Command::new("setpriv");
        lesser.arg("--bounding-set=-dac_override,-dac_read_search").arg("--").arg(ingest.get_program());
        lesser.args(ingest.get_args());
        lesser.envs(ingest.get_envs().filter_map(|(k, v)| Some((k, v?))));
        ingest = lesser;
        let works = std::process::Command::new("setpriv")
            .args(["--bounding-set=-dac_override,-dac_read_search", "--", "ls"])
            .arg(corpus.join("shut"))
            .output();
        // It has to run, and to be refused.
        if !works.is_ok_and(|out| String::from_utf8_lossy(&out.stderr).contains("Permission denied")) {
            println!("skipped: unreadable folders, since this user may read everything");
            shut(0o700);
            return;
        }
    }
    let report = run(&mut ingest);
    shut(0o700);
    let report = report.ended(1).report();
    for name in ["/shut", "/secret.txt"] {
        assert_eq!(failure(&report, name), Some("unreadable"), "{name}: {report:#}");
    }
    let names: Vec<String> = vault.documents().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["again.txt", "one.txt", "secret.txt", "three.txt"], "what was read before stays");
}

/// Names that are no text, or would be an option, a pattern, a control sequence.
#[cfg(unix)]
fn names() {
    use std::os::unix::ffi::OsStrExt;

    let corpus = folder("names");
    let names: [&[u8]; 6] = [
        b"no\xffutf8.txt",
        b"--json",
        b"a b*?[x]'\".txt",
        b"line\nbreak.txt",
        b"esc\x1b[31mred.txt",
        "naïve – 休暇.txt".as_bytes(),
    ];
    for (n, name) in names.iter().enumerate() {
        let text = format!("The berth of ship number {n} is free.");
        std::fs::write(corpus.join(OsStr::from_bytes(name)), text).unwrap();
    }
    let vault = Vault::new();
    let report = ingest(&vault, &corpus).done().report();
    assert_eq!(report["added"], names.len(), "{report:#}");
    assert_eq!(ingest(&vault, &corpus).done().report()["unchanged"], names.len());
    let found = vault.json(&["search", "ship number 0", "--json", "--limit", "6"]);
    assert!(
        found["passages"]
            .as_array()
            .unwrap()
            .iter()
            .any(|p| p["text"].as_str().unwrap().contains("number 0"))
    );
    for verb in [&["documents", "list"][..], &["search", "berth"]] {
        let told = vault.run(verb).done();
        assert!(told.stdout.contains("utf8.txt") && !told.stdout.contains('\u{1b}'), "{}", told.stdout);
    }
}
