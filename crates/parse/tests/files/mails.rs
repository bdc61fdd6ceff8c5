//! Mail messages and mailboxes.

use citadel_parse::{Limits, Options};
use encoding_rs::KOI8_R;
use libtest_mimic::Trial;

use crate::hostile::noise;
use crate::support::{check, check_fails, check_lines, lines, lines_with, read, sandbox_with, trial, zip};
use crate::wiki::gzip;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("mails::plain", plain),
        trial("mails::bodies", bodies),
        trial("mails::encodings", encodings),
        trial("mails::facts", facts),
        trial("mails::attachments", attachments),
        trial("mails::encrypted", encrypted),
        trial("mails::mailboxes", mailboxes),
        trial("mails::told_by_content", told_by_content),
        trial("mails::hostile", hostile),
    ]
}

/// A message with a short text and these attachments.
pub fn message(subject: &str, attachments: &[(&str, &str)]) -> String {
    let attached = attachments.iter().map(|(name, text)| {
        format!("--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"{name}\"\n\n{text}\n")
    });
    format!(
        "From: ann@x.org\nSubject: {subject}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nbody\n{}--b--\n",
        attached.collect::<String>()
    )
}

const HEADERS: &str =
    "From: Ann <ann@x.org>\nDate: Mon, 2 Mar 2026 10:00:00 +0100\nSubject: S\nMIME-Version: 1.0\n";
const SHOWN: &str = "email: S\np From: Ann <ann@x.org> / Date: Mon, 2 Mar 2026 10:00:00 +0100 / Subject: S";

fn plain() {
    check(
        "a.eml",
        b"Received: from x\r\n by y\r\nFrom: \"Smith, Ann\" <ann@x.org>\r\nTo: bob@x.org,\r\n Carl <carl@x.org>\r\nCc: dan@x.org\r\n\
          Subject: Leave\r\n in May\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100 (CET)\r\nMessage-ID: <1@x.org>\r\n\r\n\
          Hello,\r\n\r\nyes. See\r\nbelow.\r\n\r\n> may I?\r\n>> sure\r\n\r\n-- \r\nAnn\r\n",
        "email: Leave in May\np From: Smith, Ann <ann@x.org> / To: bob@x.org, Carl <carl@x.org> / Cc: dan@x.org / Date: Mon, 2 Mar 2026 10:00:00 +0100 (CET) / Subject: Leave in May\n\
         p Hello,\np yes. See / below.\np > may I? / >> sure\np -- / Ann",
    );
    check(
        "untitled.eml",
        b"From: a@x.org\nMessage-ID: <1@x>\n\nwords",
        "email: untitled\np From: a@x.org\np words",
    );
}

fn bodies() {
    let alternative = |plain: &str| {
        format!(
            "{HEADERS}Content-Type: multipart/alternative; boundary=\"=_b\"\n\npreamble\n--=_b\nContent-Type: text/plain\n\n{plain}\n--=_b\n\
             Content-Type: text/html\n\n<h1>Head</h1><p>rich<table><tr><th>k</th><td>v</td></tr></table>\n--=_b--\nepilogue"
        )
    };
    check("plain.eml", alternative("plain").as_bytes(), &format!("{SHOWN}\np plain"));
    check("blank.eml", alternative(" ").as_bytes(), &format!("{SHOWN}\nh1 Head\np rich\ntr k | v"));
    let html = format!("{HEADERS}Content-Type: text/html; charset=utf-8\n\n<ul><li>é</ul>");
    check("html.eml", html.as_bytes(), &format!("{SHOWN}\nli é"));
    let two = format!(
        "{HEADERS}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\none\n--b\nContent-Type: text/plain\n\ntwo\n--b--"
    );
    check("two.eml", two.as_bytes(), &format!("{SHOWN}\np one\np two"));
    check("none.eml", format!("{HEADERS}\n").as_bytes(), SHOWN);
}

fn encodings() {
    let body =
        |headers: &str, bytes: &[u8]| [HEADERS.as_bytes(), headers.as_bytes(), b"\n\n", bytes].concat();
    let russian = "Отпуск сотрудника составляет двадцать восемь календарных дней в году.";
    for (headers, bytes) in [
        ("Content-Type: text/plain; charset=koi8-r", KOI8_R.encode(russian).0.into_owned()),
        // Nothing or a lie about the encoding.
        ("Content-Type: text/plain", KOI8_R.encode(russian).0.into_owned()),
        ("Content-Type: text/plain; charset=utf-8", KOI8_R.encode(russian).0.into_owned()),
        (
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit",
            russian.as_bytes().to_vec(),
        ),
    ] {
        check("a.eml", &body(headers, &bytes), &format!("{SHOWN}\np {russian}"));
    }
    check(
        "qp.eml",
        &body(
            "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable",
            b"caf=E9 so=\nft 1=3D1",
        ),
        &format!("{SHOWN}\np café soft 1=1"),
    );
    check(
        "base64.eml",
        &body("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", b"w6kgw6g="),
        &format!("{SHOWN}\np é è"),
    );
    check(
        "words.eml",
        b"From: =?iso-8859-1?Q?Andr=E9?= <a@x.org>\nMIME-Version: 1.0\nSubject: =?utf-8?B?w4lOw4k=?=\n =?utf-8?Q?_2026?=\n\nwords",
        "email: ÉNÉ 2026\np From: André <a@x.org> / Subject: ÉNÉ 2026\np words",
    );
}

fn facts() {
    let (documents, _) = read("a.eml", format!("{HEADERS}Message-ID: <7@x.org>\n\nwords").as_bytes());
    let facts: Vec<(&str, &str)> =
        documents[0].metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(
        facts,
        [
            ("author", "Ann <ann@x.org>"),
            ("message_id", "7@x.org"),
            ("timestamp", "2026-03-02T10:00:00+01:00")
        ]
    );
    assert_eq!(documents[0].part, None);
}

fn attachments() {
    let part = |headers: &str, body: &str| format!("--b\n{headers}\n\n{body}\n");
    let archive: String = base64(&zip(&[("in/notes.txt", b"zipped")]));
    let parts = [
        part("Content-Type: text/plain", "body"),
        part("Content-Type: text/plain; name=notes.txt\nContent-Disposition: attachment", "notes"),
        part("Content-Type: text/plain\nContent-Disposition: attachment; filename=notes.txt", "other notes"),
        part(
            "Content-Type: text/csv\nContent-Disposition: attachment;\n filename*0*=utf-8''%e2%82%ac%20;\n filename*1=rates.csv",
            "a,b\n1,2\n",
        ),
        part(
            "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"=?utf-8?Q?r=C3=A9sum=C3=A9?=.pdf\"",
            "no PDF",
        ),
        part(
            "Content-Type: image/png\nContent-ID: <logo>\nContent-Transfer-Encoding: base64",
            "iVBORw0KGgo=",
        ),
        part(
            "Content-Type: image/png; name=scan.png\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64",
            "iVBORw0KGgo=",
        ),
        part("Content-Type: application/zip; name=../a.zip\nContent-Transfer-Encoding: base64", &archive),
        part(
            "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64",
            "eJ8+IgEA",
        ),
        part(
            "Content-Type: message/rfc822",
            &message("Inner", &[("deep.txt", "deep")]).replace("--b", "--c").replace("=b\n", "=c\n"),
        ),
        part("Content-Type: application/pgp-signature; name=s.asc", "-----BEGIN PGP SIGNATURE-----"),
    ];
    let mail = format!("{HEADERS}Content-Type: multipart/mixed; boundary=b\n\n{}--b--\n", parts.concat());
    let (lines, end) = lines("a.eml", mail.as_bytes());
    assert_eq!(
        lines,
        [
            &*format!(" | {} | p body", SHOWN.replace('\n', " | ")),
            "notes.txt | to S | text: notes | p notes",
            "notes.txt (2) | to S | text: notes | p other notes",
            "€ rates.csv | to S | csv: € rates | tr a | b | tr a: 1 | b: 2",
            "résumé.pdf | to S | text: résumé | p no PDF",
            "scan.png ! unsupported",
            "../a.zip > in/notes.txt | to S | text: notes | p zipped",
            "winmail.dat ! unsupported",
            "Inner.eml | to S | email: Inner | p From: ann@x.org / Subject: Inner | p body",
            "Inner.eml > deep.txt | to Inner | text: deep | p deep",
        ]
    );
    let end = end.unwrap();
    assert_eq!((end.documents, end.skipped), (8, 2));
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * at) & 63) as usize];
            text.push(if at > group.len() { '=' } else { letter.into() });
        }
    }
    text
}

fn encrypted() {
    for (headers, body) in [
        (
            "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b",
            "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--",
        ),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "MIIB"),
        ("Content-Type: application/x-pkcs7-mime; name=smime.p7m", "MIIB"),
        ("Content-Type: text/plain", "-----BEGIN PGP MESSAGE-----\n\nhQE=\n-----END PGP MESSAGE-----"),
    ] {
        check_fails("a.eml", format!("{HEADERS}{headers}\n\n{body}").as_bytes(), "encrypted");
    }
    let signed = format!("{HEADERS}Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nMIIB");
    check_fails("a.eml", signed.as_bytes(), "unsupported");
}

fn mailboxes() {
    const BORDER: &str = "From ann@x.org Mon Mar  2 10:00:00 2026\n";
    let one =
        |subject: &str, body: &str| format!("{BORDER}From: ann@x.org\nSubject: {subject}\n\n{body}\n\n");
    let mailbox = [
        one("Plan", "first\n\n>From here on\n>>From there\nFrom time to time 10:00 it rains."),
        one("Plan", "second"),
        one("", "nameless"),
        format!("{BORDER}{}\n", message("Files", &[("a.txt", "attached")])),
        format!("{BORDER}no headers at all\n\n"),
        one("Plan (2)", "last"),
    ]
    .concat();
    let expected = [
        "Plan | email: Plan | p From: ann@x.org / Subject: Plan | p first | p From here on / >From there / From time to time 10:00 it rains.",
        "Plan (2) | email: Plan | p From: ann@x.org / Subject: Plan | p second",
        "message | email: message | p From: ann@x.org | p nameless",
        "Files | email: Files | p From: ann@x.org / Subject: Files | p body",
        "Files > a.txt | to Files | text: a | p attached",
        "message (2) ! damaged",
        "Plan (2) (2) | email: Plan (2) | p From: ann@x.org / Subject: Plan (2) | p last",
    ];
    check_lines("box.mbox", mailbox.as_bytes(), &expected);
    check_lines("box", mailbox.replace('\n', "\r\n").as_bytes(), &expected);
    check_lines("2026-March.txt.gz", &gzip(mailbox.as_bytes()), &expected);
    // One in memory at a time, and only what fits.
    let large = one("Large", &"word ".repeat(300_000));
    let limits = Limits { max_file_bytes: 1 << 20, ..Limits::default() };
    let sandbox = sandbox_with("child", Options::default(), limits);
    let (lines, end) = lines_with(&sandbox, "box", (one("A", "a") + &large + &one("B", "b")).as_bytes());
    assert_eq!(lines.len(), 3, "{end:?}");
    assert_eq!(lines[1], "Large ! too_large");
}

fn told_by_content() {
    check("notes.txt", b"From: a memo\n\nabout nothing", "text: notes\np From: a memo\np about nothing");
    check("key.txt", b"Subject: x\nnot a header", "text: key\np Subject: x / not a header");
    let (documents, _) = read("letter.txt", format!("{HEADERS}\nwords").as_bytes());
    assert_eq!(documents[0].format, citadel_core::Format::Email);
    check(
        "story.txt",
        b"From Mon to Fri it rained at 10:00.\n\nFrom: x",
        "text: story\np From Mon to Fri it rained at 10:00.\np From: x",
    );
}

fn hostile() {
    let nested = |depth: usize| "Content-Type: message/rfc822\n\n".repeat(depth) + "Subject: x\n\nwords";
    let boundary = |n: usize| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
    for bytes in [
        format!("{HEADERS}{}", nested(1_000)),
        format!("{HEADERS}{}", nested(50_000)),
        format!("{HEADERS}{}", (0..5_000).map(boundary).collect::<String>()),
        format!("{HEADERS}Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\n".repeat(50_000)),
        format!("{HEADERS}{}\n\nwords", "X: y\n".repeat(100_000)),
        format!("{HEADERS}To: {}\n\nwords", "a@x.org, ".repeat(50_000)),
        format!("{HEADERS}To: {}\n\nwords", "(".repeat(100_000)),
        format!("{HEADERS}Content-Type: text/html\n\n{}", "<div>".repeat(100_000)),
        format!("{HEADERS}Content-Type: multipart/mixed\n\nwords"),
        format!("{HEADERS}Content-Transfer-Encoding: base64\n\n!!!!"),
    ] {
        let (_, end) = lines("a.eml", bytes.as_bytes());
        assert!(!matches!(end, Err("crashed" | "timeout" | "memory")), "{:?}…: {end:?}", &bytes[90..160]);
    }
    let whole = message("S", &[("a.txt", "words"), ("b.zip", "PK\x03\x04")]);
    for seed in 1..60 {
        let mut bytes = whole.clone().into_bytes();
        for pair in noise(12, seed).chunks(2) {
            let at = usize::from(pair[0]) * usize::from(pair[1]) % bytes.len();
            bytes[at] = b"\n:;=\"-\0\xff"[usize::from(pair[1] % 8)];
        }
        let (_, end) = lines("a.eml", &bytes);
        assert!(!matches!(end, Err("crashed" | "timeout" | "memory")), "{seed}: {end:?}");
    }
}
