use citadel_core::TextMap;
use proptest::prelude::*;

use super::*;
use crate::reader::Place;
use crate::text::{self, Decoded};
use crate::wikitext::Dialect;
use crate::{dokuwiki, html, markdown, rtf};

#[test]
fn each_kind_keeps_its_own_white_space() {
    let heading = BlockKind::Heading { level: 2 };
    for (kind, raw, clean) in [
        (BlockKind::Paragraph, " a  b \n\n\tc\u{a0}\u{3000}d \r\n", "a b\nc d"),
        (BlockKind::ListItem, "a\u{2028}b", "a\nb"),
        (heading, " a \n b ", "a b"),
        (BlockKind::Code, "\n\n  a  b \n\n\tc  \n\n", "  a  b\n\n\tc"),
        (BlockKind::Paragraph, "e\u{301} \u{7}x\u{ad}y\u{e0041}", "é xy"),
        (BlockKind::Paragraph, " \u{200b}\n", ""),
    ] {
        let mut builder = TextBuilder::default();
        builder.push(kind, raw);
        assert_eq!(builder.text, clean, "{raw:?}");
    }
}

#[test]
fn rows_and_items_stand_together() {
    let mut builder = TextBuilder::default();
    builder.push(BlockKind::Paragraph, "é");
    builder.push_row(&["a", " ", "b\nc"]);
    builder.push_row(&["", " "]);
    builder.push_row(&["d"]);
    builder.push(BlockKind::ListItem, "x");
    builder.push(BlockKind::ListItem, "y");
    builder.push(BlockKind::Paragraph, "z");
    assert_eq!(builder.text, "é\n\na | | b c\nd\n\nx\ny\n\nz");
}

#[test]
fn hidden_text_is_known_by_its_range() {
    for (raw, clean, ranges) in [
        (format!("é {} b", hidden(" not  shown ")), "é not shown b", &["not shown"][..]),
        (format!("{}{}", hidden("a"), hidden("b c")), "ab c", &["ab c"]),
        (format!("a{}\nb{}", hidden(" "), hidden("\u{200b}")), "a\nb", &[]),
        (format!("e{}", hidden("\u{301}x")), "éx", &["éx"]),
        ("\u{fdd0}never closed".into(), "never closed", &["never closed"]),
    ] {
        let mut builder = TextBuilder::default();
        builder.push(BlockKind::Paragraph, "before");
        builder.push(BlockKind::Paragraph, &raw);
        let document = builder.under(&["Space".into()]).finish(Format::Text, &[], "stem");
        assert_eq!(document.text, format!("Space\n\nbefore\n\n{clean}"));
        let map = TextMap::new(&document.text);
        let found: Vec<&str> = document.hidden.iter().filter_map(|range| map.slice(*range)).collect();
        assert_eq!(found, ranges, "{raw:?}");
    }
}

#[test]
fn what_lies_above_is_one_heading() {
    let mut builder = TextBuilder::default();
    builder.push(BlockKind::Heading { level: 1 }, "Title");
    builder.push(BlockKind::Heading { level: 6 }, "Deep");
    let document = builder.under(&["Space".into(), "Parent".into()]).finish(Format::Text, &[], "stem");
    assert_eq!(
        (document.title.as_str(), document.text.as_str()),
        ("Title", "Space > Parent\n\nTitle\n\nDeep")
    );
    let levels = document.blocks.iter().map(|block| block.kind);
    assert!(levels.eq([1, 2, 6].map(|level| BlockKind::Heading { level })));
    assert!(TextBuilder::default().under(&["Space".into()]).blocks.is_empty());
}

/// Blocks ascend, do not overlap, hold something, and only white space lies between.
fn assert_sound(document: &Document) {
    let map = TextMap::new(&document.text);
    let mut end = 0;
    for block in &document.blocks {
        let gap = map.slice(CharRange::new(end, block.range.start));
        assert!(block.range.start >= end && gap.is_some_and(|gap| gap.trim().is_empty()), "{document:?}");
        assert!(map.slice(block.range).is_some_and(|text| !text.trim().is_empty()), "{document:?}");
        end = block.range.end;
    }
    assert_eq!(end, map.chars(), "{document:?}");
    for hidden in &document.hidden {
        assert!(!hidden.is_empty() && map.slice(*hidden).is_some(), "{document:?}");
    }
    assert!(document.hidden.windows(2).all(|pair| pair[0].end <= pair[1].start), "{document:?}");
    assert!(document.text.nfc().eq(document.text.chars()), "{document:?}");
    assert!(!document.title.trim().is_empty(), "{document:?}");
}

/// Pieces of markup and awkward characters in any order.
fn soup() -> impl Strategy<Value = String> {
    const PIECES: [&str; 96] = [
        "a",
        "word ",
        "é",
        "e\u{301}",
        "\u{301}",
        "𝕏",
        "\u{200b}",
        "\0",
        "\u{202e}",
        "\u{a0}",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "    ",
        "# ",
        "## ",
        "* ",
        "1. ",
        "> ",
        "```\n",
        "`",
        "**",
        "_",
        "[",
        "](x)",
        "![",
        "|",
        "|-|-|\n",
        "---\n",
        "title: x\n",
        "[^1]",
        "[^1]: ",
        "<p>",
        "</p>",
        "<table><tr><td>",
        "</td>",
        "<td rowspan=3>",
        "</table>",
        "<ul><li>",
        "</ul>",
        "<pre>",
        "</pre>",
        "<h2>",
        "</h2>",
        "<br>",
        "<!--",
        "-->",
        "<",
        "&amp;",
        "&",
        "{{",
        "}}",
        "[[",
        "]]",
        "{|\n",
        "|-\n",
        "|}",
        "==",
        "'''",
        "<ref>",
        "</ref>",
        "<nowiki>",
        "{% x \"y z\" %}",
        "!!! note\n",
        ":::note T\n",
        "> [!tip] T\n",
        "%%",
        "==x==",
        "{: .x}",
        " ^a1b2\n",
        "---\n---\n",
        "====== H ======\n",
        "  * ",
        "  - ",
        "  ",
        "^ h ^",
        "| c | ::: |",
        "((",
        "))",
        "//",
        "{{:x.txt|",
        "<code>",
        "</code>",
        "~~NOTOC~~",
        "\\\\ ",
        "{\\rtf1 ",
        "{\\footnote ",
        "{",
        "}",
        "\\par ",
        "\\v ",
        "\\u233?",
        "\\cell ",
        "\\row ",
        "\\'e9",
    ];
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..60).prop_map(|pieces| pieces.concat())
}

fn decoded(text: &str) -> Decoded {
    Decoded { text: text.to_owned(), warnings: Vec::new() }
}

proptest! {
    #[test]
    fn whatever_is_read_is_sound(soup in soup()) {
        assert_sound(&text::parse(decoded(&soup), "stem"));
        let folders = vec!["data".to_owned(), "pages".to_owned(), "name space".to_owned()];
        let place = Place { file_name: "stem 152bb52ee2b580f1bc1bd5ac36d7f9e3.md".to_owned(), folders };
        assert_sound(&markdown::parse(decoded(&soup), &place));
        assert_sound(&markdown::parse(decoded(&soup), &Place::default()));
        assert_sound(&html::parse(decoded(&soup), &place));
        assert_sound(&dokuwiki::parse(decoded(&soup), &place));
        let read = rtf::parse(soup.as_bytes(), usize::MAX, "stem");
        prop_assert!(read.is_ok());
        read.iter().for_each(assert_sound);
        let mut builder = TextBuilder::default();
        // The library itself may panic; the dump's reader takes that as one bad page.
        let read = std::panic::AssertUnwindSafe(|| Dialect::default().read(&soup, &mut builder));
        if std::panic::catch_unwind(read).is_ok() {
            assert_sound(&builder.finish(Format::MediaWiki, &[], "stem"));
        }
    }

    #[test]
    fn plain_text_keeps_every_word(
        words in proptest::collection::vec("[a-zé\u{4e00}-\u{4e20}]{1,8}", 1..40),
        gaps in proptest::collection::vec("[ \n\t]{1,3}", 40),
    ) {
        let raw: String = words.iter().zip(&gaps).flat_map(|(word, gap)| [word.as_str(), gap]).collect();
        let document = text::parse(decoded(&raw), "stem");
        prop_assert!(document.text.split_whitespace().eq(words.iter().map(String::as_str)));
    }
}
