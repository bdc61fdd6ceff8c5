//! MediaWiki dumps.

use std::io::Write;

use libtest_mimic::Trial;

use crate::support::{outline, read, trial};

/// A page with this wikitext reads as these blocks.
fn check(wikitext: &str, expected: &str) {
    let (documents, end) = read("dump.xml", dump(&page("T", 0, wikitext)).as_bytes());
    let outlines: Vec<String> = documents.iter().map(outline).collect();
    let blocks = outlines.concat();
    assert_eq!(blocks.strip_prefix("wiki: T\n"), Some(expected), "{wikitext}: {end:?}");
}

pub fn dump(pages: &str) -> String {
    format!(
        "<mediawiki xmlns=\"http://www.mediawiki.org/xml/export-0.10/\" xml:lang=\"en\"><siteinfo><sitename>Firm</sitename><namespaces>\
         <namespace key=\"0\" /><namespace key=\"6\">Datei</namespace><namespace key=\"14\">Kategorie</namespace></namespaces></siteinfo>{pages}</mediawiki>"
    )
}

pub fn page(title: &str, namespace: i32, wikitext: &str) -> String {
    let escaped = wikitext.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<page><title>{title}</title><ns>{namespace}</ns><id>1</id><revision><id>7</id><timestamp>2026-01-02T03:04:05Z</timestamp>\
         <contributor><username>Ann</username><id>3</id></contributor><model>wikitext</model><text xml:space=\"preserve\">{escaped}</text></revision></page>"
    )
}

pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

pub fn trials() -> Vec<Trial> {
    vec![
        trial("wiki::markup", markup),
        trial("wiki::tables", tables),
        trial("wiki::templates", templates),
        trial("wiki::pages", pages),
        trial("wiki::packed_and_encoded", packed_and_encoded),
        trial("wiki::entities_do_not_expand", entities_do_not_expand),
        trial("wiki::one_bad_page_costs_one_page", one_bad_page_costs_one_page),
    ]
}

fn markup() {
    check(
        "'''Ann''' works\nin [[Berlin|the capital]], see [http://x.y the site].<ref>gone</ref><!-- gone -->\n\nNext &ndash; one.",
        "p Ann works in the capital, see the site.\np Next – one.",
    );
    check("== Head ==\n=== Sub ===<!-- c -->\ntext<br>more", "h2 Head\nh3 Sub\np text / more");
    check(
        "* one\n** inner\n# first\n# second\n; term\n: meaning",
        "li one\nli inner\nli 1. first\nli 2. second\nli term\nli meaning",
    );
    check("a [[Datei:x.png|thumb|caption]][[Kategorie:K]][[de:T]] [[Image:y.jpg]] b", "p a b");
    check("<pre>a\n  b</pre>\n<nowiki>[[x]]</nowiki> <big>c</big> __NOTOC__", "code a /   b\np [[x]] c");
    check(" indented\n  more", "code indented /  more");
    check("<poem>\nroses ''are''\nred<ref>x</ref>\n</poem>", "p roses are / red");
    check("<h2>H</h2><p>x</p><ul><li>y</li></ul>", "h2 H\np x\nli y");
}

fn tables() {
    check(
        "{| class=\"wikitable\"\n|+ Cap\n! Grade !! Days\n|-\n| rowspan=\"2\" | A || 28\n|-\n| 30<br>more\n|-\n| [[x|link]] || \n|}",
        "p Cap\ntr Grade | Days\ntr A | 28\ntr A | 30 more\ntr link |",
    );
    check("{|\n| a\n{|\n| in || side\n|}\n| b\n|}", "tr a | b\ntr in | side");
    check("<table><tr><th>k</th><td>v</td></tr></table>", "tr k | v");
}

fn templates() {
    check(
        "{{Infobox person\n| name = Ann\n| image = x.png\n| born = {{birth date|1950|1|2}}\n}}\nText.",
        "tr name | Ann\ntr born | 1950-1-2\np Text.",
    );
    check("It is {{convert|5|km|mi}} long ({{lang-de|Weg}}; {{unknown|x}}).", "p It is 5 km long (Weg; ).");
    check("Ann ({{IPA|x}}, born 1950) and ({{IPA|x}}) f() {{unknown}}.", "p Ann (born 1950) and f() .");
}

fn pages() {
    let text = [
        page("Main", 0, "main"),
        page("Talk:Main", 1, "talk"),
        page("Policy:P", 3000, "policy"),
        page("Template:X", 10, "template"),
        page("Old", 0, "#REDIRECT [[Main]]"),
        page("New", 0, "x").replace("<id>1</id>", "<redirect title=\"Main\" />"),
        page("Empty", 0, "{{only}}"),
        page("Script", 0, "x").replace("wikitext", "Scribunto"),
        page("Twice", 0, "newer").replace(
            "<revision>",
            "<revision><timestamp>2025-01-01T00:00:00Z</timestamp><text>older</text></revision><revision>",
        ),
    ];
    let (documents, end) = read("dump.xml", dump(&text.concat()).as_bytes());
    let outlines: Vec<String> = documents.iter().map(outline).collect();
    assert_eq!(outlines, ["wiki: Main\np main", "wiki: Policy:P\np policy", "wiki: Twice\np newer"]);
    let end = end.unwrap();
    assert_eq!((end.documents, end.redirects, end.skipped), (3, 2, 4));
    let facts: Vec<(&str, &str)> =
        documents[0].metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        facts,
        [
            ("author", "Ann"),
            ("language", "en"),
            ("revision", "7"),
            ("site", "Firm"),
            ("timestamp", "2026-01-02T03:04:05Z")
        ]
    );
    assert_eq!(documents[1].part.as_deref(), Some("Policy:P"));
}

fn packed_and_encoded() {
    let plain = dump(&(page("Ä", 0, "größer") + &page("B", 0, "x\r\n== H ==\r\ny")));
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let (first, second) = plain.split_at(plain.find("<page>").unwrap());
    let multistream = [bzip2(first.as_bytes()), bzip2(second.as_bytes())].concat();
    for (name, bytes) in [
        ("plain", plain.clone().into_bytes()),
        ("declared", format!("<?xml version=\"1.0\"?>\n<!-- c -->\n{plain}").into_bytes()),
        ("wide", wide.clone()),
        ("wide.bz2", bzip2(&wide)),
        ("multistream.bz2", multistream),
        ("wide.gz", gzip(&wide)),
        ("multistream.gz", [gzip(first.as_bytes()), gzip(second.as_bytes())].concat()),
    ] {
        let (documents, end) = read(name, &bytes);
        let outlines: Vec<String> = documents.iter().map(outline).collect();
        assert_eq!(outlines, ["wiki: Ä\np größer", "wiki: B\np x\nh2 H\np y"], "{name}: {end:?}");
    }
}

fn entities_do_not_expand() {
    let mut definitions = "<!ENTITY a \"aaaaaaaaaa\">".to_owned();
    for (next, last) in ('b'..='j').zip('a'..='i') {
        definitions.push_str(&format!("<!ENTITY {next} \"{}\">", format!("&{last};").repeat(10)));
    }
    let pages = page("T", 0, "one BOMB two &eacute;").replace("BOMB", "&j;");
    let (documents, end) =
        read("bomb.xml", format!("<!DOCTYPE x [{definitions}]>{}", dump(&pages)).as_bytes());
    assert_eq!(documents.iter().map(outline).collect::<Vec<_>>(), ["wiki: T\np one two é"], "{end:?}");
}

fn one_bad_page_costs_one_page() {
    for bad in [
        "{{".repeat(100_000),
        "[[a|".repeat(100_000),
        "{|\n|\n".repeat(20_000),
        "*".repeat(100_000),
        "<div>".repeat(100_000),
    ] {
        let text = page("Before", 0, "before") + &page("Bad", 0, &bad) + &page("After", 0, "after");
        let (documents, end) = read("dump.xml", dump(&text).as_bytes());
        let titles: Vec<&str> = documents.iter().map(|d| d.title.as_str()).collect();
        assert!(
            titles.starts_with(&["Before"]) && titles.ends_with(&["After"]),
            "{:?}…: {titles:?} {end:?}",
            &bad[..10]
        );
    }
}
