//! The names of files in archives.

use std::collections::HashMap;

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, IBM866, SHIFT_JIS};

use crate::builder::one_line;
use crate::{Failure, text};

/// No system knows longer ways.
const MAX_BYTES: usize = 4096;
/// What is shown of a name that is refused.
const SHOWN_CHARS: usize = 200;
/// Encodings that can be told from the first IBM character set, which is what an archive's names are in unless it says
/// that they are UTF-8.
const KNOWN: [&Encoding; 8] = [SHIFT_JIS, EUC_JP, GBK, GB18030, BIG5, EUC_KR, IBM866, encoding_rs::UTF_8];
/// The upper half of that character set.
const IBM437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// A name as text. Archives seldom say which encoding it is in.
pub(crate) fn decode(raw: &[u8]) -> String {
    if let Ok(name) = std::str::from_utf8(raw) {
        return name.to_owned();
    }
    let guessed = text::guess(raw);
    if KNOWN.contains(&guessed) {
        let (name, lossy) = guessed.decode_without_bom_handling(raw);
        // A single accent may look like a Chinese letter; a word of them does not.
        let is_foreign = |c: &char| !c.is_ascii() && c.is_alphabetic();
        let letters: Vec<char> = name.chars().collect();
        if !lossy && letters.windows(2).any(|pair| pair.iter().all(is_foreign)) {
            return name.into_owned();
        }
    }
    let upper: Vec<char> = IBM437.chars().collect();
    let letter = |byte: u8| match byte.checked_sub(128) {
        Some(at) => upper.get(usize::from(at)).copied().unwrap_or('\u{fffd}'),
        None => char::from(byte),
    };
    raw.iter().map(|byte| letter(*byte)).collect()
}

/// The way of a file in an archive, with `/` between folders. One that leads out of the archive is refused, though
/// nothing is written: who makes it means harm, and as a name it would lie.
pub(crate) fn way(name: &str) -> Result<String, Failure> {
    let refused = |why: &str| Err(Failure::Refused(why.into()));
    if name.len() > MAX_BYTES {
        return refused("its name is too long");
    }
    if name.contains(char::is_control) {
        return refused("its name holds control characters");
    }
    if name.starts_with(['/', '\\']) {
        return refused("its name leads to a place outside the archive");
    }
    let mut steps = Vec::new();
    for step in name.split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." => return refused("its name leads out of the archive"),
            step => steps.push(step),
        }
    }
    match steps.first().map(|step| step.as_bytes()) {
        None => refused("it has no name"),
        Some([drive, b':', ..]) if drive.is_ascii_alphabetic() => refused("its name leads to a drive"),
        Some(_) => Ok(steps.join("/")),
    }
}

/// Whether a file is none of the user's: what systems and programs leave behind, such as `.DS_Store`.
pub(crate) fn is_hidden(way: &str) -> bool {
    way.split('/').any(|step| {
        step.starts_with('.')
            || matches!(
                step,
                "__MACOSX" | "Thumbs.db" | "desktop.ini" | "$RECYCLE.BIN" | "System Volume Information"
            )
    })
}

/// What a name is shown as that may be anything.
pub(crate) fn shown(name: &str) -> String {
    let name: String = one_line(name).chars().take(SHOWN_CHARS).collect();
    if name.is_empty() { "unnamed".into() } else { name }
}

/// Names that have been given, and the last number that was tried for each.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, u32>);

impl Names {
    /// The name, or the first of `name (2)`, `name (3)` and so on that has not been given.
    pub fn unique(&mut self, name: String) -> String {
        let Some(mut count) = self.0.get(&name).copied() else {
            self.0.insert(name.clone(), 1);
            return name;
        };
        let unique = loop {
            count += 1;
            let unique = format!("{name} ({count})");
            if !self.0.contains_key(&unique) {
                break unique;
            }
        };
        self.0.insert(name, count);
        self.0.insert(unique.clone(), 1);
        unique
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::reader::Place;

    #[test]
    fn ways_that_lead_out_are_refused() {
        for (name, expected) in [
            ("a/b.txt", Some("a/b.txt")),
            ("./a//b.txt", Some("a/b.txt")),
            ("a\\b.txt", Some("a/b.txt")),
            ("a/..b/c..", Some("a/..b/c..")),
            ("a:b", None),
            ("ab:c", Some("ab:c")),
            ("../a", None),
            ("a/../../b", None),
            ("a\\..\\b", None),
            ("/etc/passwd", None),
            ("\\\\server\\x", None),
            ("C:\\x", None),
            ("a\0b", None),
            ("", None),
            ("./", None),
        ] {
            assert_eq!(way(name).ok().as_deref(), expected, "{name:?}");
        }
        assert_eq!(way(&"a/".repeat(3000)).unwrap_err().code(), "refused");
    }

    #[test]
    fn hidden_files() {
        for (name, hidden) in [
            (".DS_Store", true),
            ("a/.git/x", true),
            ("__MACOSX/a.txt", true),
            ("a/Thumbs.db", true),
            ("a.b/c", false),
        ] {
            assert_eq!(is_hidden(name), hidden, "{name}");
        }
    }

    #[test]
    fn names_in_old_encodings() {
        for (raw, name) in [
            (&b"\x81bersicht.txt"[..], "übersicht.txt"),
            (b"Gr\x94\xe1e sch\x94n.txt", "Größe schön.txt"),
            ("données.txt".as_bytes(), "données.txt"),
            (&SHIFT_JIS.encode("報告書の一覧.txt").0, "報告書の一覧.txt"),
            (&IBM866.encode("Отчет за год.txt").0, "Отчет за год.txt"),
        ] {
            assert_eq!(decode(raw), name);
        }
        assert_eq!(IBM437.chars().count(), 128);
    }

    #[test]
    fn names_are_given_once() {
        let mut names = Names::default();
        let given = ["a", "a", "a (2)", "a"].map(|name| names.unique(name.into()));
        assert_eq!(given, ["a", "a (2)", "a (2) (2)", "a (3)"]);
    }

    proptest! {
        #[test]
        fn a_way_stays_in_the_archive(name in "([a-c.]{0,3}[/\\\\:]?){0,8}") {
            if let Ok(way) = way(&name) {
                let place = Place::of_member(&way);
                prop_assert!(!place.file_name.is_empty());
                let steps = place.folders.iter().chain([&place.file_name]);
                for step in steps.clone() {
                    prop_assert!(!matches!(step.as_str(), "" | "." | ".."));
                    prop_assert!(!step.contains(['/', '\\']));
                }
                // Nothing is lost, and a way is its own way.
                prop_assert_eq!(steps.cloned().collect::<Vec<_>>().join("/"), way.clone());
                prop_assert_eq!(super::way(&way).unwrap(), way);
            }
        }
    }
}
