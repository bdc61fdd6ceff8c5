//! What styles and numberings make of a Word document's paragraphs.

use std::collections::HashMap;

use crate::Failure;
use crate::xml::{self, Event, Tag};

/// Styles based on each other.
const MAX_BASES: usize = 20;
/// Levels of a list, by the format's own limit.
const LEVELS: usize = 9;

/// Which numbering a paragraph takes part in, and at which level from 0 on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbered {
    pub list: Option<String>,
    pub level: Option<usize>,
}

impl Numbered {
    /// Takes what an element in a paragraph's properties says of it.
    pub fn take(&mut self, tag: &Tag<'_>) {
        match tag.name().as_str() {
            "numId" => self.list = tag.prefixed("val"),
            "ilvl" => self.level = tag.prefixed("val").and_then(|level| level.parse().ok()),
            _ => {}
        }
    }
}

#[derive(Debug, Default)]
struct Style {
    name: String,
    base: Option<String>,
    /// From 0 on; 9 is running text.
    outline: Option<u8>,
    numbered: Numbered,
    hidden: Option<bool>,
}

/// The styles of a document by their identities.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

impl Styles {
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Failure> {
        let mut styles = Self::default();
        let mut open: Option<(String, Style)> = None;
        xml::read(name, bytes, &mut |event| {
            match event {
                Event::Open(tag) if tag.name() == "style" => {
                    open = tag.prefixed("styleId").map(|id| (id, Style::default()));
                }
                Event::Open(tag) => {
                    if let Some((_, style)) = &mut open {
                        match tag.name().as_str() {
                            "name" => style.name = tag.prefixed("val").unwrap_or_default().to_lowercase(),
                            "basedOn" => style.base = tag.prefixed("val"),
                            "outlineLvl" => style.outline = tag.prefixed("val").and_then(|n| n.parse().ok()),
                            "vanish" => style.hidden = Some(is_on(&tag)),
                            _ => style.numbered.take(&tag),
                        }
                    }
                }
                Event::Close("style") => styles.0.extend(open.take()),
                _ => {}
            }
            Ok(())
        })?;
        Ok(styles)
    }

    /// The style and those it is based on.
    fn chain<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Style> {
        let base = |style: &&'a Style| self.0.get(style.base.as_deref()?);
        std::iter::successors(self.0.get(id), base).take(MAX_BASES)
    }

    /// The name in lower letters.
    pub fn name(&self, id: &str) -> String {
        // Some programs write a style without describing it.
        self.0.get(id).map_or_else(|| id.to_lowercase(), |style| style.name.clone())
    }

    /// The level of a heading.
    pub fn heading(&self, id: &str) -> Option<u8> {
        let level = self.chain(id).find_map(|style| {
            let named = style.name.strip_prefix("heading ").and_then(|level| level.trim().parse::<u8>().ok());
            named.or(style.outline.map(|outline| outline.saturating_add(1)))
        });
        level.filter(|level| (1..=9).contains(level)).map(|level| level.min(6))
    }

    pub fn is_hidden(&self, id: &str) -> bool {
        self.chain(id).find_map(|style| style.hidden).unwrap_or(false)
    }

    pub fn numbered(&self, id: &str) -> Numbered {
        let find = |field: fn(&Style) -> Option<String>| self.chain(id).find_map(field);
        Numbered {
            list: find(|style| style.numbered.list.clone()),
            level: self.chain(id).find_map(|style| style.numbered.level),
        }
    }
}

/// Whether a property that may be switched off is on.
pub(super) fn is_on(tag: &Tag<'_>) -> bool {
    !tag.prefixed("val").is_some_and(|value| matches!(value.as_str(), "0" | "false" | "off"))
}

#[derive(Clone, Debug)]
struct Level {
    format: String,
    /// Such as `%1.%2.`
    text: String,
    start: u64,
}

impl Default for Level {
    fn default() -> Self {
        Self { format: "decimal".into(), text: String::new(), start: 1 }
    }
}

/// The numberings of a document, and how far each has come.
#[derive(Debug, Default)]
pub(super) struct Numberings {
    /// Lists by their identities: what they are made like, and levels that start anew.
    lists: HashMap<String, (String, HashMap<usize, u64>)>,
    levels: HashMap<(String, usize), Level>,
    /// By what lists are made like: they go on with each other's numbers.
    counts: HashMap<String, [Option<u64>; LEVELS]>,
    begun: HashMap<String, [bool; LEVELS]>,
}

impl Numberings {
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Failure> {
        let mut numberings = Self::default();
        let (mut list, mut model, mut level) = (None, String::new(), 0);
        xml::read(name, bytes, &mut |event| {
            let Event::Open(tag) = event else {
                if matches!(event, Event::Close("num")) {
                    list = None;
                }
                return Ok(());
            };
            let value = tag.prefixed("val").unwrap_or_default();
            let at = tag.prefixed("ilvl").and_then(|level| level.parse().ok()).unwrap_or(0);
            let mut change = |change: &dyn Fn(&mut Level)| {
                change(numberings.levels.entry((model.clone(), level)).or_default());
            };
            match tag.name().as_str() {
                "abstractNum" => model = tag.prefixed("abstractNumId").unwrap_or_default(),
                "lvl" if list.is_none() => {
                    level = at;
                    numberings.levels.entry((model.clone(), level)).or_default();
                }
                "numFmt" if list.is_none() => change(&|level| level.format.clone_from(&value)),
                "lvlText" if list.is_none() => change(&|level| level.text.clone_from(&value)),
                "start" if list.is_none() => change(&|level| level.start = value.parse().unwrap_or(1)),
                "num" => list = tag.prefixed("numId"),
                "abstractNumId" => {
                    let list = list.clone().unwrap_or_default();
                    numberings.lists.insert(list, (value, HashMap::new()));
                }
                "lvlOverride" => level = at,
                "startOverride" => {
                    let known = list.as_ref().and_then(|list| numberings.lists.get_mut(list));
                    known.into_iter().for_each(|(_, starts)| {
                        starts.insert(level, value.parse().unwrap_or(1));
                    });
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(numberings)
    }

    /// The number that the next paragraph of a list shows, empty for a bullet; `None` where the list is not known.
    pub fn next(&mut self, numbered: &Numbered) -> Option<String> {
        let list = numbered.list.as_ref()?;
        let (model, starts) = self.lists.get(list)?;
        let at = numbered.level.unwrap_or(0).min(LEVELS - 1);
        let level = |at: usize| self.levels.get(&(model.clone(), at)).cloned().unwrap_or_default();
        let counts = self.counts.entry(model.clone()).or_default();
        let begun = self.begun.entry(list.clone()).or_default();
        let anew = starts.get(&at).filter(|_| !begun.get(at).is_some_and(|begun| *begun));
        if let Some(count) = counts.get_mut(at) {
            *count = match (anew, *count) {
                (Some(start), _) => Some(*start),
                (None, Some(count)) => Some(count.saturating_add(1)),
                (None, None) => Some(level(at).start),
            };
        }
        begun.iter_mut().skip(at).take(1).for_each(|begun| *begun = true);
        counts.iter_mut().skip(at + 1).for_each(|deeper| *deeper = None);
        let own = level(at);
        if matches!(own.format.as_str(), "bullet" | "none") {
            return Some(String::new());
        }
        let number = |at: usize| {
            let level = level(at);
            let count = counts.get(at).copied().flatten().unwrap_or(level.start);
            written(count, &level.format)
        };
        if own.text.is_empty() {
            return Some(format!("{}.", number(at)));
        }
        let mut parts = own.text.split('%');
        let mut shown = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digit = part.chars().next().and_then(|digit| digit.to_digit(10)).filter(|digit| *digit > 0);
            match digit {
                Some(digit) => {
                    shown.push_str(&number(digit as usize - 1));
                    shown.push_str(part.get(1..).unwrap_or_default());
                }
                None => shown.push_str(part),
            }
        }
        Some(shown)
    }
}

/// A number in the way of a list; ways of other scripts are written as digits.
fn written(number: u64, format: &str) -> String {
    match format {
        "lowerLetter" => letters(number),
        "upperLetter" => letters(number).to_uppercase(),
        "lowerRoman" => roman(number),
        "upperRoman" => roman(number).to_uppercase(),
        "decimalZero" => format!("{number:02}"),
        _ => number.to_string(),
    }
}

/// `a` to `z`, then `aa`, `bb` and so on.
fn letters(number: u64) -> String {
    let Some(at) = number.checked_sub(1).filter(|at| *at < 26 * 10) else { return number.to_string() };
    let letter = char::from(b'a' + (at % 26) as u8);
    letter.to_string().repeat((at / 26 + 1) as usize)
}

fn roman(number: u64) -> String {
    const SIGNS: [(u64, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if number > 3_999 {
        return number.to_string();
    }
    let mut left = number;
    let mut text = String::new();
    for (value, sign) in SIGNS {
        while left >= value {
            text.push_str(sign);
            left -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_word_does() {
        for (number, format, text) in [
            (3, "decimal", "3"),
            (3, "decimalZero", "03"),
            (27, "lowerLetter", "aa"),
            (26, "upperLetter", "Z"),
            (0, "lowerLetter", "0"),
            (1_994, "upperRoman", "MCMXCIV"),
            (u64::MAX, "lowerRoman", "18446744073709551615"),
            (4, "japaneseCounting", "4"),
        ] {
            assert_eq!(written(number, format), text, "{number} {format}");
        }
    }
}
