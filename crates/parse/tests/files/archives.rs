//! Archives of documents.

use std::io::{Cursor, Write};

use citadel_parse::{Limits, Options};
use encoding_rs::SHIFT_JIS;
use libtest_mimic::Trial;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

use crate::hostile::noise;
use crate::mails::message;
use crate::support::{
    check, check_fails, check_lines, docx, lines, lines_with, read, sandbox_with, trial, zip,
};
use crate::wiki::{bzip2, dump, gzip, page};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("archives::zip", zip_archives),
        trial("archives::tar", tar_archives),
        trial("archives::one_packed_file", one_packed_file),
        trial("archives::in_archives", in_archives),
        trial("archives::names", names),
        trial("archives::refused", refused),
        trial("archives::passwords", passwords),
        trial("archives::one_bad_file_costs_one_file", one_bad_file),
        trial("archives::bombs", bombs),
        trial("archives::many_files", many_files),
        trial("archives::cut_off", cut_off),
        trial("archives::damage_never_crashes", damage),
    ]
}

/// A ZIP archive that is not packed.
pub fn stored(parts: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(parts, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))
}

fn zip_with(parts: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tar(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in parts {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

/// An entry that is no file, or whose name the library would not write.
fn tar_entry(name: &str, kind: tar::EntryType, bytes: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    let mut entry = header.as_bytes().to_vec();
    entry.extend(bytes);
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

const PARTS: [(&str, &[u8]); 5] = [
    ("docs/a.txt", b"one"),
    ("docs/.DS_Store", b"\0\0\0\x01Bud1"),
    ("__MACOSX/docs/._a.txt", b"\0\x05\x16\x07"),
    ("docs/logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ("b.md", b"# Two\n\ntext"),
];
const READ: [&str; 3] =
    ["docs/a.txt | text: a | p one", "docs/logo.png ! unsupported", "b.md | markdown: Two | h1 Two | p text"];

fn zip_archives() {
    for (name, bytes) in [
        ("deflated", zip(&PARTS)),
        ("stored", stored(&PARTS)),
        ("zip64", zip_with(&PARTS, SimpleFileOptions::default().large_file(true))),
        (
            "bzip2",
            zip_with(&PARTS, SimpleFileOptions::default().compression_method(CompressionMethod::Bzip2)),
        ),
    ] {
        let (lines, end) = lines(name, &bytes);
        assert_eq!(lines, READ, "{name}: {end:?}");
        let end = end.unwrap();
        assert_eq!((end.format, end.documents, end.skipped), (citadel_core::Format::Archive, 2, 2));
    }
    let archive = ZipWriter::new(Cursor::new(Vec::new()));
    check_fails("empty.zip", archive.finish().unwrap().get_ref(), "empty");
    check_lines("empty", &zip(&[("a.txt", b""), ("b.txt", b" \n")]), &["a.txt ! empty", "b.txt ! empty"]);
    // A document and a wiki's export are what they are wherever they lie.
    let word = docx("<w:p><w:r><w:t>hello</w:t></w:r></w:p>", &[]);
    let wiki = dump(&(page("P", 0, "words") + &page("Q", 0, "more")));
    check_lines(
        "mixed.zip",
        &zip(&[
            ("x/word.docx", &word),
            ("wiki.xml", wiki.as_bytes()),
            ("m.eml", message("S", &[]).as_bytes()),
        ]),
        &[
            "x/word.docx | docx: word | p hello",
            "wiki.xml > P | wiki: P | p words",
            "wiki.xml > Q | wiki: Q | p more",
            "m.eml | email: S | p From: ann@x.org / Subject: S | p body",
        ],
    );
}

fn tar_archives() {
    let plain = tar(&PARTS);
    for (name, bytes) in
        [("a.tar", plain.clone()), ("a.tgz", gzip(&plain)), ("a.tar.bz2", bzip2(&plain)), ("a", plain)]
    {
        let (lines, end) = lines(name, &bytes);
        assert_eq!(lines, READ, "{name}: {end:?}");
        assert_eq!(end.unwrap().skipped, 2);
    }
    let long = "folder/".repeat(40) + "file.txt";
    check_lines("long.tar", &tar(&[(&long, b"words")]), &[&format!("{long} | text: file | p words")]);
    let pax = [
        tar_entry("pax", tar::EntryType::XHeader, "27 path=très/étrange.txt\n".as_bytes()),
        tar_entry("short", tar::EntryType::Regular, b"words"),
        vec![0; 1024],
    ];
    check_lines("pax.tar", &pax.concat(), &["très/étrange.txt | text: étrange | p words"]);
}

fn one_packed_file() {
    check("notes.txt.gz", &gzip(b"words"), "text: notes\np words");
    check("notes.md.bz2", &bzip2(b"words"), "markdown: notes\np words");
    check("twice.txt.gz", &[gzip(b"one "), gzip(b"two")].concat(), "text: twice\np one two");
    check("word.docx.gz", &gzip(&docx("<w:p><w:r><w:t>hello</w:t></w:r></w:p>", &[])), "docx: word\np hello");
    // One block of bzip2 is longer than what is looked at.
    let long = String::from_utf8_lossy(&noise(400_000, 5)).replace(|c: char| !c.is_ascii_alphabetic(), " ");
    let (documents, end) = read("long.txt.bz2", &bzip2(long.as_bytes()));
    assert_eq!(documents.len(), 1, "{end:?}");
    check_fails("cut.txt.gz", &gzip(b"words and words")[..20], "truncated");
    let mut bad = gzip(b"words");
    let sum = bad.len() - 8;
    bad[sum] ^= 1;
    check_fails("bad.txt.gz", &bad, "damaged");
}

fn in_archives() {
    let inner = zip(&[("c/deep.txt", b"deep"), (".hidden", b"x")]);
    let tape = gzip(&tar(&[("inner.zip", &inner), ("t.txt", b"tape")]));
    let (lines, end) = lines("outer.zip", &zip(&[("a/tape.tgz", &tape), ("n.txt.gz", &gzip(b"note"))]));
    assert_eq!(
        lines,
        [
            "a/tape.tgz > inner.zip > c/deep.txt | text: deep | p deep",
            "a/tape.tgz > t.txt | text: t | p tape",
            "n.txt.gz | text: n | p note",
        ]
    );
    assert_eq!(end.unwrap().skipped, 1);
}

fn names() {
    let mut raw = zip(&[("XXXXXXXX.txt", b"words")]);
    let name = SHIFT_JIS.encode("報告一覧").0.into_owned();
    while let Some(at) = raw.windows(8).position(|window| window == b"XXXXXXXX") {
        raw[at..at + 8].copy_from_slice(&name);
    }
    check_lines("sjis.zip", &raw, &["報告一覧.txt | text: 報告一覧 | p words"]);
    check_lines("back.zip", &zip(&[("a\\b.txt", b"words")]), &["a/b.txt | text: b | p words"]);
    let twice = tar(&[("a.txt", b"one"), ("./a.txt", b"two"), ("a.txt", b"three")]);
    check_lines(
        "twice.tar",
        &twice,
        &["a.txt | text: a | p one", "a.txt (2) | text: a | p two", "a.txt (3) | text: a | p three"],
    );
    let mut twice = zip(&[("a.txt", b"one"), ("b.txt", b"two")]);
    while let Some(at) = twice.windows(5).position(|window| window == b"b.txt") {
        twice[at] = b'a';
    }
    let (lines, end) = lines("twice.zip", &twice);
    assert_eq!(lines, ["a.txt | text: a | p two"]);
    assert_eq!(end.unwrap().warnings, ["files of the same name are in it, of which only the last was read"]);
}

fn refused() {
    let mut archive = ZipWriter::new(Cursor::new(zip(&[])));
    let plain = SimpleFileOptions::default();
    for name in ["../up.txt", "/etc/x", "C:\\x.txt", "a/../../b"] {
        archive.start_file(name, plain).unwrap();
        archive.write_all(b"words").unwrap();
    }
    archive.add_symlink("link.txt", "/etc/passwd", plain).unwrap();
    archive.start_file("good.txt", plain).unwrap();
    archive.write_all(b"good").unwrap();
    check_lines(
        "a.zip",
        archive.finish().unwrap().get_ref(),
        &[
            "../up.txt ! refused",
            "/etc/x ! refused",
            "C:\\x.txt ! refused",
            "a/../../b ! refused",
            "link.txt ! refused",
            "good.txt | text: good | p good",
        ],
    );
    use tar::EntryType;
    let entries = [
        tar_entry("../up.txt", EntryType::Regular, b"words"),
        tar_entry("/abs.txt", EntryType::Regular, b"words"),
        tar_entry("soft", EntryType::Symlink, b""),
        tar_entry("hard", EntryType::Link, b""),
        tar_entry("null", EntryType::Char, b""),
        tar_entry("sda", EntryType::Block, b""),
        tar_entry("pipe", EntryType::Fifo, b""),
        tar_entry("folder/", EntryType::Directory, b""),
        tar_entry("good.txt", EntryType::Regular, b"good"),
        vec![0; 1024],
    ];
    check_lines(
        "a.tar",
        &entries.concat(),
        &[
            "../up.txt ! refused",
            "/abs.txt ! refused",
            "soft ! refused",
            "hard ! refused",
            "null ! refused",
            "sda ! refused",
            "pipe ! refused",
            "good.txt | text: good | p good",
        ],
    );
}

fn passwords() {
    let words = b"words ".repeat(50);
    let aes = zip_with(
        &[("a.txt", &words)],
        SimpleFileOptions::default().with_aes_encryption(AesMode::Aes256, "open"),
    );
    use zip::unstable::write::FileOptionsExt;
    let old = zip_with(
        &[("a.txt", &words)],
        SimpleFileOptions::default().with_deprecated_encryption(b"open").unwrap(),
    );
    for (name, bytes) in [("aes.zip", aes), ("old.zip", old)] {
        check_lines(name, &bytes, &["a.txt ! encrypted"]);
        for (passwords, line) in
            [(vec!["no", "open"], "a.txt | text: a | p words"), (vec!["no"], "a.txt ! encrypted")]
        {
            let passwords = passwords.into_iter().map(str::to_owned).collect();
            let options = Options { passwords, ..Options::default() };
            let (lines, _) = lines_with(&sandbox_with("child", options, Limits::default()), name, &bytes);
            assert!(lines.len() == 1 && lines[0].starts_with(line), "{name}: {lines:?}");
        }
    }
}

fn one_bad_file() {
    let mut bytes = stored(&[("a.txt", b"one"), ("b.txt", b"these words break"), ("c.txt", b"three")]);
    let at = bytes.windows(5).position(|window| window == b"these").unwrap();
    bytes[at] = b'T';
    check_lines(
        "sum.zip",
        &bytes,
        &["a.txt | text: a | p one", "b.txt ! damaged", "c.txt | text: c | p three"],
    );
    let limits = Limits { max_file_bytes: 1 << 20, ..Limits::default() };
    let large = noise(2 << 20, 9);
    for bytes in [
        stored(&[("large", &large), ("b.txt", b"two")]),
        tar(&[("large", &large), ("b.txt", b"two")]),
        gzip(&tar(&[("large", &large), ("b.txt", b"two")])),
    ] {
        let sandbox = sandbox_with("child", Options::default(), limits.clone());
        let (lines, end) = lines_with(&sandbox, "archive", &bytes);
        assert_eq!(lines, ["large ! too_large", "b.txt | text: b | p two"], "{end:?}");
    }
}

fn bombs() {
    let zeros = vec![0; 100 << 20];
    check_lines("a.zip", &zip(&[("z", &zeros), ("b.txt", b"b")]), &["z ! bomb", "b.txt | text: b | p b"]);
    check_fails("z.bz2", &bzip2(&zeros), "bomb");
    // Each is small enough, all together are not, however deep they lie.
    let small = vec![0; 8 << 20];
    let names: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), small.as_slice())).collect();
    let inner = zip(&parts);
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), inner.as_slice())).collect();
    let (lines, end) = lines("many.zip", &stored(&parts));
    assert_eq!(end.err(), Some("bomb"));
    assert!((100..140).contains(&lines.len()), "{}", lines.len());
    let mut nested = b"words".to_vec();
    for _ in 0..12 {
        nested = zip(&[("x", &nested)]);
    }
    let (lines, end) = self::lines("nested.zip", &nested);
    assert_eq!(lines, ["x > x > x > x > x > x > x ! bomb"], "{end:?}");
    for _ in 0..12 {
        nested = gzip(&nested);
    }
    check_fails("nested.gz", &nested, "bomb");
    // A name that is longer than memory.
    let name =
        [tar_entry("long", tar::EntryType::GNULongName, &b"x".repeat(4 << 20)), vec![0; 1024]].concat();
    check_fails("name.tgz", &gzip(&name), "damaged");
}

fn many_files() {
    let names: Vec<String> = (0..5_000).map(|n| format!("{}/{n}.txt", n % 7)).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), name.as_bytes())).collect();
    for bytes in [zip(&parts), tar(&parts), gzip(&tar(&parts))] {
        let (lines, end) = lines("many", &bytes);
        assert_eq!(end.unwrap().documents, 5_000);
        assert_eq!(lines[4_999], format!("{} | text: 4999 | p {}", names[4_999], names[4_999]));
    }
}

fn cut_off() {
    let texts: Vec<Vec<u8>> = (0..20).map(|seed| noise(5_000, seed + 1)).collect();
    let parts: Vec<(&str, &[u8])> = texts.iter().map(|text| ("a.bin", text.as_slice())).collect();
    let tar = tar(&parts);
    let packed = gzip(&tar);
    for (name, bytes) in
        [("a.tar", &tar[..tar.len() / 2]), ("b.tar", &tar[..5 * 512]), ("a.tgz", &packed[..packed.len() / 2])]
    {
        let (lines, end) = lines(name, bytes);
        assert_eq!(end.err(), Some("truncated"), "{name}: {lines:?}");
        assert_eq!(lines.last().map(|line| line.ends_with("! truncated")), Some(true), "{name}: {lines:?}");
    }
    let zip = stored(&[("a.txt", b"words"), ("b.txt", b"words")]);
    check_fails("a.zip", &zip[..zip.len() - 30], "truncated");
}

fn damage() {
    let inner = zip(&[("x/a.txt", b"some words to read"), ("b.md", b"# More\n\nwords")]);
    let tar = tar(&[("inner.zip", &inner), ("c.txt", b"words")]);
    for whole in [inner, gzip(&tar), tar] {
        for seed in 1..40 {
            let mut bytes = whole.clone();
            for pair in noise(6, seed).chunks(2) {
                let at = (usize::from(pair[0]) * 251 + usize::from(pair[1])) % bytes.len();
                bytes[at] ^= pair[1] | 1;
            }
            let (_, end) = lines("damaged", &bytes);
            assert!(!matches!(end, Err("crashed" | "timeout" | "memory" | "no_reader")), "{seed}: {end:?}");
        }
    }
}
