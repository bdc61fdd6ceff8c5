use citadel_core::TextMap;
use proptest::prelude::*;

use super::*;
use crate::text::{self, Decoded};
use crate::wikitext::Dialect;
use crate::{html, markdown};

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
    assert!(document.text.nfc().eq(document.text.chars()), "{document:?}");
    assert!(!document.title.trim().is_empty(), "{document:?}");
}

/// Pieces of markup and awkward characters in any order.
fn soup() -> impl Strategy<Value = String> {
    const PIECES: [&str; 64] = [
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
        assert_sound(&markdown::parse(decoded(&soup), "stem"));
        assert_sound(&html::parse(decoded(&soup), "stem"));
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
