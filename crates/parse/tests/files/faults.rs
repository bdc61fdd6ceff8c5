//! Children that break, each in its own way, and what the parent makes of it.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use citadel_core::StopFlag;
use citadel_parse::{Limits, Options, Sandbox, Source};
use libtest_mimic::Trial;

use crate::archives::stored;
use crate::mails::message;
use crate::support::{lines_with, read_with, sandbox_with, trial};

const STARTED: &str = r#"{"started":{"format":"mediawiki","whole":false}}"#;
const DOCUMENT: &str = r#"{"document":{"part":"P","title":"T","format":"mediawiki","text":"words","blocks":[{"kind":"paragraph","range":{"start":0,"end":5}}],"pages":[],"metadata":{},"warnings":[]}}"#;

/// What a broken child does.
pub fn break_as(fault: &str) -> ExitCode {
    match fault {
        "child-hangs" => hang(),
        "child-hangs-after-a-document" => {
            say(STARTED);
            say(DOCUMENT);
            hang()
        }
        "child-panics" => panic!("secret words of the file"),
        "child-aborts" => std::process::abort(),
        "child-overflows" => println!("{}", deepen(1)),
        "child-allocates" => {
            let mut all: Vec<Vec<u8>> = Vec::new();
            loop {
                all.push(vec![1; 8 << 20]);
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        "child-says-nothing" => {}
        "child-says-rubbish" => say("rubbish"),
        "child-lies-about-length" => std::io::stdout().write_all(&[0xff; 64]).unwrap(),
        "child-stops-in-a-frame" => std::io::stdout().write_all(&[9, 0, 0, 0, b'{']).unwrap(),
        "child-complains-for-ever" => loop {
            eprintln!("secret words of the file");
        },
        "child-is-done-too-soon" => say(r#"{"done":{"redirects":0,"skipped":0,"warnings":[]}}"#),
        "child-is-done-but-stays" => {
            say(STARTED);
            say(DOCUMENT);
            say(r#"{"done":{"redirects":0,"skipped":2,"warnings":[]}}"#);
            hang()
        }
        "child-breaks-on-a-page" => {
            say(STARTED);
            if job().contains(r#""broken_pages":[]"#) {
                say(r#"{"page":{"number":7,"of":9}}"#);
                std::process::abort();
            }
            assert!(job().contains(r#""broken_pages":[{"number":7,"failure":{"crashed":"#), "{}", job());
            say(DOCUMENT);
            say(r#"{"done":{"redirects":0,"skipped":0,"warnings":[]}}"#);
        }
        "child-breaks-on-every-page" => {
            say(STARTED);
            say(r#"{"page":{"number":7,"of":9}}"#);
            std::process::abort();
        }
        "child-breaks-behind-a-page" => {
            say(STARTED);
            say(r#"{"page":{"number":7,"of":9}}"#);
            say(r#""alive""#);
            std::process::abort();
        }
        "child-breaks-at-a-member" => break_at_a_member(),
        "child-breaks-behind-a-member" => {
            say(STARTED);
            say(r#"{"member":{"name":"a","bytes":1,"position":[1]}}"#);
            say(DOCUMENT);
            say(r#"{"member_end":{"redirects":0,"skipped":0,"warnings":[]}}"#);
            std::process::abort()
        }
        "child-breaks-at-every-member" => {
            let at = resumed().first().map_or(1, |last| last + 1);
            say(STARTED);
            say(&format!(r#"{{"member":{{"name":"{at}","bytes":1,"position":[{at}]}}}}"#));
            std::process::abort()
        }
        other => panic!("{other}"),
    }
    ExitCode::FAILURE
}

/// What the parent asked for.
fn job() -> String {
    std::env::var("CITADEL_PARSE_JOB").unwrap()
}

/// Where the parent asks to go on.
fn resumed() -> Vec<u64> {
    let job = std::env::var("CITADEL_PARSE_JOB").unwrap();
    let job: serde_json::Value = serde_json::from_str(&job).unwrap();
    job["resume_after"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect()
}

/// A member `a`, and in a member `b` another that breaks the child.
fn break_at_a_member() {
    const END: &str = r#"{"member_end":{"redirects":0,"skipped":1,"warnings":["w"]}}"#;
    say(STARTED);
    if resumed().is_empty() {
        say(r#"{"member":{"name":"a","bytes":1,"position":[1]}}"#);
        say(DOCUMENT);
        say(END);
        say(r#"{"member":{"name":"b","bytes":1,"position":[2]}}"#);
        say(r#"{"member":{"name":"b > x","bytes":1,"position":[2,1]}}"#);
        std::process::abort();
    }
    assert_eq!(resumed(), [2, 1]);
    say(r#"{"member":{"name":"b","bytes":1,"position":[2]}}"#);
    say(DOCUMENT);
    say(END);
    say(r#"{"done":{"redirects":0,"skipped":5,"warnings":[]}}"#);
}

fn hang() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn deepen(n: u64) -> u64 {
    if n == u64::MAX {
        return 0;
    }
    let kept = std::hint::black_box([n; 512]);
    deepen(n + 1) + kept[(n % 512) as usize]
}

fn say(json: &str) {
    let mut out = std::io::stdout();
    out.write_all(&u32::try_from(json.len()).unwrap().to_le_bytes()).unwrap();
    out.write_all(json.as_bytes()).unwrap();
    out.flush().unwrap();
}

/// Little memory, and no more time than a fault needs that is ended by time alone.
fn broken(fault: &str) -> Sandbox {
    let endless = ["child-hangs", "child-hangs-after-a-document", "child-complains-for-ever"];
    let wall = Duration::from_secs(if endless.contains(&fault) { 2 } else { 120 });
    let limits = Limits { memory_bytes: 512 << 20, wall, ..Limits::default() };
    sandbox_with(fault, Options::default(), limits)
}

/// A child with this fault gives so many documents and then this code.
fn check(fault: &str, documents: usize, code: &str) {
    let (given, end) = read_with(&broken(fault), "a.txt", b"secret words of the file");
    assert_eq!(end.err(), Some(code), "{fault}");
    assert_eq!(given.len(), documents, "{fault}");
}

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = [
        ("child-hangs", 0, "timeout"),
        ("child-hangs-after-a-document", 1, "timeout"),
        ("child-panics", 0, "crashed"),
        ("child-aborts", 0, "crashed"),
        ("child-overflows", 0, "crashed"),
        ("child-allocates", 0, "memory"),
        ("child-says-nothing", 0, "crashed"),
        ("child-says-rubbish", 0, "crashed"),
        ("child-lies-about-length", 0, "crashed"),
        ("child-stops-in-a-frame", 0, "crashed"),
        ("child-complains-for-ever", 0, "timeout"),
        ("child-is-done-too-soon", 0, "crashed"),
        ("child-breaks-on-every-page", 0, "crashed"),
        ("child-breaks-behind-a-page", 0, "crashed"),
        ("child-breaks-behind-a-member", 1, "crashed"),
    ]
    .into_iter()
    .map(|(fault, documents, code)| trial(&format!("faults::{fault}"), move || check(fault, documents, code)))
    .collect();
    trials.extend([
        trial("faults::a_page_that_breaks_the_child_is_passed_over", a_page_that_breaks),
        trial("faults::a_child_that_stays_is_ended", a_child_that_stays),
        trial("faults::a_member_that_breaks_the_child_is_passed_over", a_member_that_breaks),
        trial("faults::too_many_members_that_break_the_child", too_many_members_that_break),
        trial("faults::members_too_large_for_memory", members_too_large_for_memory),
        trial("faults::stopping_ends_the_child", stopping_ends_the_child),
        trial("faults::a_sink_that_has_enough_ends_the_child", a_sink_that_has_enough),
        trial("faults::a_missing_program_is_named", a_missing_program),
        trial("faults::errors_do_not_quote_the_file", errors_do_not_quote),
    ]);
    trials
}

fn file() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "secret words of the file").unwrap();
    file
}

/// With an hour's patience, so that only the flag can have ended it.
fn patient(fault: &str) -> Sandbox {
    sandbox_with(fault, Options::default(), Limits { wall: Duration::from_secs(3600), ..Limits::default() })
}

fn a_page_that_breaks() {
    let (given, end) = read_with(&broken("child-breaks-on-a-page"), "a.txt", b"secret words of the file");
    assert_eq!((given.len(), end.map(|summary| summary.documents)), (1, Ok(1)));
}

fn a_child_that_stays() {
    let end = patient("child-is-done-but-stays")
        .parse(Source::file(file().path()), &StopFlag::new(), &mut |_| true)
        .unwrap();
    assert_eq!((end.documents, end.skipped), (1, 2));
}

fn a_member_that_breaks() {
    let (lines, end) = lines_with(&broken("child-breaks-at-a-member"), "a.zip", b"x");
    assert_eq!(lines, ["P | wiki: T | p words", "b > x ! crashed", "P | wiki: T | p words"]);
    let end = end.unwrap();
    assert_eq!((end.documents, end.skipped), (2, 7));
    assert_eq!(end.warnings, ["a: w", "b: w"]);
}

fn too_many_members_that_break() {
    let (lines, end) = lines_with(&broken("child-breaks-at-every-member"), "a.zip", b"x");
    assert_eq!((lines.len(), lines[19].as_str(), end.err()), (20, "20 ! crashed", Some("crashed")));
}

/// Real members, one of them deep inside, that end the child: the others are read once each.
fn members_too_large_for_memory() {
    let large = "word ".repeat(12 << 20);
    let mail = message("Plans", &[("a.txt", "first"), ("large.txt", &large), ("b.txt", "second")]);
    let bytes = stored(&[
        ("one.txt", b"one"),
        ("mail.eml", mail.as_bytes()),
        ("large.txt", large.as_bytes()),
        ("two.txt", b"two"),
    ]);
    let limits = Limits { memory_bytes: 620 << 20, ..Limits::default() };
    let (lines, end) = lines_with(&sandbox_with("child", Options::default(), limits), "a.zip", &bytes);
    assert_eq!(
        lines,
        [
            "one.txt | text: one | p one",
            "mail.eml | email: Plans | p From: ann@x.org / Subject: Plans | p body",
            "mail.eml > a.txt | to Plans | text: a | p first",
            "mail.eml > large.txt ! memory",
            "mail.eml > b.txt | to Plans | text: b | p second",
            "large.txt ! memory",
            "two.txt | text: two | p two",
        ]
    );
    assert_eq!(end.unwrap().documents, 5);
}

fn stopping_ends_the_child() {
    let stop = StopFlag::new();
    let raised = stop.clone();
    let end = patient("child-hangs-after-a-document").parse(Source::file(file().path()), &stop, &mut |_| {
        raised.stop();
        true
    });
    assert_eq!(end.unwrap_err().code(), "stopped");
}

fn a_sink_that_has_enough() {
    let end = patient("child-hangs-after-a-document").parse(
        Source::file(file().path()),
        &StopFlag::new(),
        &mut |_| false,
    );
    assert_eq!(end.unwrap_err().code(), "stopped");
}

fn a_missing_program() {
    let sandbox = Sandbox::new("/no/such/program".into(), Vec::new(), Options::default(), Limits::default());
    let end = sandbox.parse(Source::file(file().path()), &StopFlag::new(), &mut |_| true);
    assert_eq!(end.unwrap_err().code(), "no_reader");
}

fn errors_do_not_quote() {
    for fault in ["child-panics", "child-complains-for-ever", "child-says-rubbish"] {
        let error =
            broken(fault).parse(Source::file(file().path()), &StopFlag::new(), &mut |_| true).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
