//! Files that are broken or meant to break.

use std::path::Path;

use citadel_parse::{Limits, Options};
use libtest_mimic::Trial;

use crate::support::{
    assert_fails, check_fails, docx, outline, read, read_path, read_with, sandbox, sandbox_with, trial, zip,
};
use crate::wiki::{bzip2, dump, gzip, page};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("hostile::nothing_to_read", nothing_to_read),
        trial("hostile::foreign_formats", foreign_formats),
        trial("hostile::cut_off", cut_off),
        trial("hostile::bombs", bombs),
        trial("hostile::too_large", too_large),
        trial("hostile::out_of_memory", out_of_memory),
        trial("hostile::one_long_line", one_long_line),
        trial("hostile::deep_nesting", deep_nesting),
        trial("hostile::markup_without_end", markup_without_end),
        trial("hostile::rubbish_never_crashes", rubbish_never_crashes),
    ]
}

/// The time that the wiki library takes doubles with each of these; a page has five seconds, and the next is not touched.
fn markup_without_end() {
    let poem = format!("<poem>{}</poem>", "{{b|".repeat(40));
    let pages = page("Odd", 0, &format!("before {}", poem.repeat(20))) + &page("Next", 0, "words");
    let begun = std::time::Instant::now();
    let (documents, end) = read("wiki.xml", dump(&pages).as_bytes());
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    assert_eq!(end.map(|end| end.documents), Ok(2));
    assert!(documents[0].text.starts_with("before"), "{}", documents[0].text);
    assert_eq!(documents[0].warnings, ["not all of it was read: the markup took too long"]);
    assert_eq!((documents[1].text.as_str(), documents[1].warnings.len()), ("words", 0));
}

fn nothing_to_read() {
    check_fails("empty.txt", b"", "empty");
    check_fails("spaces.txt", b" \r\n\t \n", "empty");
    check_fails("facts.md", b"---\ntitle: x\n---\n", "empty");
    check_fails("tags.html", b"<html><body><p> </p></body></html>", "empty");
    check_fails("empty.docx", &docx("<w:p/>", &[]), "empty");
    // A level that no heading has.
    let (documents, end) = read(
        "level.docx",
        &docx("<w:p><w:pPr><w:outlineLvl w:val=\"255\"/></w:pPr><w:r><w:t>words</w:t></w:r></w:p>", &[]),
    );
    assert!(end.is_ok() && documents[0].text == "words", "{end:?}");
    assert_fails("missing", read_path(&sandbox(), Path::new("/no/such/file.txt")), "not_found");
    let folder = tempfile::tempdir().unwrap();
    assert_fails("folder", read_path(&sandbox(), folder.path()), "unsupported");
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (pipe, secret, ring) =
            (folder.path().join("pipe"), folder.path().join("secret"), folder.path().join("ring"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_fails("pipe", read_path(&sandbox(), &pipe), "unsupported");
        symlink(&ring, &ring).unwrap();
        assert_fails("ring", read_path(&sandbox(), &ring), "unreadable");
        std::fs::write(&secret, "text").unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
        // The system's own administrator may read everything.
        if std::fs::File::open(&secret).is_err() {
            assert_fails("secret", read_path(&sandbox(), &secret), "unreadable");
        }
    }
}

fn foreign_formats() {
    check_fails("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "unsupported");
    check_fails("random.txt", &noise(4096, 7), "unsupported");
    check_fails("zeros", &[0; 4096], "unsupported");
    check_fails("a.gz", &gzip(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "unsupported");
    check_fails("winmail.dat", b"\x78\x9f\x3e\x22\x01\0", "unsupported");
    check_fails("a.docx", &zip(&[("xl/workbook.bin", b"x")]), "unsupported");
    check_fails("a.xps", &zip(&[("[Content_Types].xml", b"x")]), "unsupported");
    check_fails("a.jar", &zip(&[("META-INF/MANIFEST.MF", b"x")]), "unsupported");
    check_fails("a.pages", &zip(&[("Index/Document.iwa", b"x")]), "unsupported");
    check_fails("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "unsupported");
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_fails(
        "locked.docx",
        &[&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0; 600], &name, &[0; 600]].concat(),
        "encrypted",
    );
}

fn cut_off() {
    let word = docx(&"<w:p><w:r><w:t>words</w:t></w:r></w:p>".repeat(100), &[]);
    check_fails("cut.docx", &word[..word.len() / 2], "truncated");
    check_fails("bad.docx", &docx("<w:p><w:r><w:t>words</w:p>", &[]), "damaged");
    let noise_in = [&word[..60], &noise(200, 3), &word[260..]].concat();
    check_fails("noisy.docx", &noise_in, "damaged");
    let pages: String =
        (0..2000).map(|n| page(&format!("P{n}"), 0, &format!("text {n} {}", n * 7919 % 1000))).collect();
    let whole = dump(&pages);
    let packed = bzip2(whole.as_bytes());
    let gzipped = gzip(whole.as_bytes());
    for (name, bytes) in [
        ("dump.xml", &whole.as_bytes()[..whole.len() / 2]),
        ("dump.bz2", &packed[..packed.len() - 20]),
        ("dump.gz", &gzipped[..gzipped.len() - 20]),
    ] {
        let (documents, end) = read(name, bytes);
        assert_eq!(end.err(), Some("truncated"), "{name}");
        // Whole pages before the cut were given.
        assert!(name != "dump.xml" || (900..1100).contains(&documents.len()), "{name}: {}", documents.len());
    }
}

fn bombs() {
    let zeros = vec![b' '; 300 << 20];
    check_fails("bomb.docx", &docx("<w:p/>", &[("word/media/image1.png", &zeros)]), "bomb");
    let many: Vec<String> = (0..20_001).map(|n| format!("word/{n}.xml")).collect();
    let parts: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    check_fails("parts.docx", &docx("<w:p/>", &parts), "bomb");
}

fn too_large() {
    let limits = Limits { max_file_bytes: 1 << 20, ..Limits::default() };
    let text = "word ".repeat(1 << 18);
    assert_fails(
        "file",
        read_with(&sandbox_with("child", Options::default(), limits), "a.txt", text.as_bytes()),
        "too_large",
    );
    let options = Options { max_text_chars: 100_000, ..Options::default() };
    for (name, bytes) in [
        ("a.txt", text.clone()),
        ("b.txt", "word ".repeat(30_000)),
        ("c.html", format!("<html><p>{text}")),
        // The names of the columns are repeated in every row.
        ("d.csv", format!("{},b\n", "a".repeat(90)) + &"1,2\n".repeat(2_000)),
    ] {
        assert_fails(
            name,
            read_with(&sandbox_with("child", options.clone(), Limits::default()), name, bytes.as_bytes()),
            "too_large",
        );
    }
}

fn out_of_memory() {
    let limits = Limits { memory_bytes: 450 << 20, ..Limits::default() };
    let text = "word ".repeat(12 << 20);
    assert_fails(
        "file",
        read_with(&sandbox_with("child", Options::default(), limits), "a.txt", text.as_bytes()),
        "memory",
    );
}

fn one_long_line() {
    let text = "word ".repeat(10 << 20);
    let (documents, end) = read("long.txt", text.as_bytes());
    assert_eq!(end.unwrap().documents, 1);
    assert_eq!(documents[0].blocks.len(), 1);
    assert_eq!(documents[0].text.len(), text.len() - 1);
}

fn deep_nesting() {
    const N: usize = 100_000;
    for (name, start) in [
        ("div.html", "<div>"),
        ("span.html", "<span>"),
        ("list.html", "<ul><li>"),
        ("table.html", "<table><tr><td>"),
    ] {
        let (documents, end) = read(name, format!("<html><body>{}deep words", start.repeat(N)).as_bytes());
        assert!(end.is_ok(), "{name}: {end:?}");
        assert!(documents[0].text.contains("deep words"), "{name}");
    }
    for (name, start) in
        [("quote.md", "> "), ("list.md", "- "), ("link.md", "["), ("image.md", "!["), ("bold.md", "*a **")]
    {
        let (documents, end) = read(name, format!("{}deep words", start.repeat(N)).as_bytes());
        assert!(end.is_ok(), "{name}: {end:?}");
        assert!(documents[0].text.contains("deep words"), "{name}");
    }
}

fn rubbish_never_crashes() {
    let starts: [&[u8]; 6] = [b"PK\x03\x04", b"BZh9", b"<html>", b"<mediawiki>", b"---\n", b"\xff\xfe"];
    for (seed, start) in (1..).zip(starts.iter().cycle().take(60)) {
        let bytes = [start, noise(300, seed).as_slice()].concat();
        let (documents, end) = read("rubbish", &bytes);
        let shown = documents.iter().map(outline).collect::<Vec<_>>();
        assert!(
            !matches!(end, Err("crashed" | "timeout" | "memory" | "no_reader")),
            "{seed}: {end:?} {shown:?}"
        );
    }
}

/// Bytes of a linear congruential generator: the same in every run.
pub fn noise(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as u8
    };
    (0..count).map(|_| next()).collect()
}
