//! Rich Text Format: headings by style or outline level, lists, tables, footnotes; no headers, footers and pictures.
//! Struck words are left out, and hidden ones are marked as hidden.

mod charset;
mod tokens;

use std::collections::HashMap;

use citadel_core::{BlockKind, Document, Format};
use encoding_rs::{Encoding, WINDOWS_1252};

use crate::Failure;
use crate::builder::{self, TextBuilder};
use tokens::{Token, Tokens};

/// Groups inside each other; no program that writes documents comes near.
const MAX_DEPTH: usize = 1_000;
/// Words that begin what is not part of the running text.
const LEFT_OUT: [&str; 34] = [
    "colortbl",
    "pict",
    "object",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "fldinst",
    "filetbl",
    "revtbl",
    "rsidtbl",
    "listtable",
    "listoverridetable",
    "generator",
    "xe",
    "tc",
    "ftnsep",
    "ftnsepc",
    "aftnsep",
    "aftnsepc",
    "bkmkstart",
    "bkmkend",
    "datafield",
    "template",
    "nonshppict",
    "sp",
    "pn",
    "atnid",
    "atnauthor",
    "nonesttables",
];

/// An RTF file.
pub(crate) fn parse(bytes: &[u8], max_text_chars: usize, stem: &str) -> Result<Document, Failure> {
    let mut reader = Reader::new();
    let mut tokens = Tokens::new(bytes);
    while let Some(token) = tokens.next() {
        match token {
            Token::Open => reader.open()?,
            Token::Close => reader.close(),
            Token::Word("bin", count) => tokens.pass_over(usize::try_from(count.unwrap_or(0)).unwrap_or(0)),
            Token::Word(name, number) => reader.word(name, number),
            Token::Symbol(symbol) => reader.symbol(symbol),
            Token::Byte(byte) => reader.byte(byte),
        }
        if reader.builder.chars() > max_text_chars || reader.text.len() / 4 > max_text_chars {
            return Err(Failure::too_long(max_text_chars));
        }
    }
    let is_cut = !reader.groups.is_empty();
    while !reader.groups.is_empty() {
        reader.close();
    }
    reader.end_paragraph();
    if reader.lossy {
        reader.warnings.push("some characters could not be read in their code page".into());
    }
    let Reader { builder, facts, warnings, .. } = reader;
    let mut document = builder.finish(Format::Rtf, &[facts.get("title").map(String::as_str)], stem);
    document.warnings = warnings;
    if is_cut {
        document.warnings.push("the file ends in the middle: what was there was read".into());
    }
    document.metadata.extend(facts.into_iter().filter(|(key, value)| key != "title" && !value.is_empty()));
    Ok(document)
}

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Destination {
    Body,
    /// The mark of an item.
    Mark,
    Footnote,
    Fonts,
    Styles,
    Fact(&'static str),
    Nowhere,
}

/// What holds up to the end of a group.
#[derive(Clone, Debug)]
struct Group {
    destination: Destination,
    hidden: bool,
    deleted: bool,
    /// How many characters stand in for one of Unicode.
    substitutes: usize,
    /// `None` for that of the document.
    encoding: Option<&'static Encoding>,
}

/// What holds up to the end of a paragraph.
#[derive(Clone, Copy, Debug, Default)]
struct Paragraph {
    in_table: bool,
    in_list: bool,
    style: i32,
    outline: Option<u8>,
}

struct Reader {
    builder: TextBuilder,
    groups: Vec<Group>,
    current: Group,
    paragraph: Paragraph,
    text: String,
    /// The mark of the item that is open.
    mark: String,
    /// The paragraph around a footnote.
    outside: Option<(String, Paragraph)>,
    /// Footnotes of the paragraph.
    notes: Vec<String>,
    cells: Vec<String>,
    /// Bytes of the code page and units of UTF-16 that are not yet text.
    bytes: Vec<u8>,
    units: Vec<u16>,
    /// Characters that stand in for one that was read.
    to_skip: usize,
    /// After `\*`: a word that is not known begins something that is left out.
    is_optional: bool,
    encoding: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    font: i32,
    default_font: i32,
    /// Levels of headings by their styles, and the style that is being read.
    styles: HashMap<i32, u8>,
    style: i32,
    facts: HashMap<String, String>,
    /// Whether some bytes were no characters.
    lossy: bool,
    warnings: Vec<String>,
}

impl Reader {
    fn new() -> Self {
        let current = Group {
            destination: Destination::Body,
            hidden: false,
            deleted: false,
            substitutes: 1,
            encoding: None,
        };
        Self {
            builder: TextBuilder::default(),
            groups: Vec::new(),
            current,
            paragraph: Paragraph::default(),
            text: String::new(),
            mark: String::new(),
            outside: None,
            notes: Vec::new(),
            cells: Vec::new(),
            bytes: Vec::new(),
            units: Vec::new(),
            to_skip: 0,
            is_optional: false,
            encoding: WINDOWS_1252,
            fonts: HashMap::new(),
            font: 0,
            default_font: 0,
            styles: HashMap::new(),
            style: 0,
            facts: HashMap::new(),
            lossy: false,
            warnings: Vec::new(),
        }
    }

    fn open(&mut self) -> Result<(), Failure> {
        self.decode();
        if self.groups.len() >= MAX_DEPTH {
            return Err(Failure::Damaged(format!("groups are nested more than {MAX_DEPTH} deep")));
        }
        self.groups.push(self.current.clone());
        self.is_optional = false;
        self.to_skip = 0;
        Ok(())
    }

    fn close(&mut self) {
        self.decode();
        self.to_skip = 0;
        let Some(outer) = self.groups.pop() else { return };
        let ended = std::mem::replace(&mut self.current, outer).destination;
        if ended == Destination::Footnote && self.current.destination != ended {
            let (body, paragraph) = self.outside.take().unwrap_or_default();
            self.notes.push(std::mem::replace(&mut self.text, body));
            self.paragraph = paragraph;
        }
    }

    fn word(&mut self, name: &str, number: Option<i32>) {
        if name == "u" {
            return self.unit(number.unwrap_or(0));
        }
        if self.to_skip > 0 {
            self.to_skip -= 1;
            return;
        }
        self.decode();
        let is_optional = std::mem::take(&mut self.is_optional);
        let is_on = number != Some(0);
        match name {
            _ if LEFT_OUT.contains(&name) => self.current.destination = Destination::Nowhere,
            "fonttbl" => self.current.destination = Destination::Fonts,
            "stylesheet" => self.current.destination = Destination::Styles,
            "title" | "author" if self.current.destination == Destination::Nowhere => {
                self.current.destination =
                    Destination::Fact(if name == "title" { "title" } else { "author" });
            }
            "info" => self.current.destination = Destination::Nowhere,
            "listtext" | "pntext" if self.current.destination == Destination::Body => {
                self.paragraph.in_list = true;
                self.current.destination = Destination::Mark;
            }
            "footnote" if self.current.destination == Destination::Body => {
                self.outside = Some((std::mem::take(&mut self.text), self.paragraph));
                self.current.destination = Destination::Footnote;
            }
            // Boxes of text and formulas stand in what else is left out.
            "shpinst" | "shptxt" | "moMath" | "moMathPara" => {}
            _ if is_optional => self.current.destination = Destination::Nowhere,
            "ansicpg" => self.set_page(number.unwrap_or(1252)),
            "mac" => self.set_page(10000),
            "pc" => self.set_page(437),
            "pca" => self.set_page(850),
            "deff" => self.default_font = number.unwrap_or(0),
            "f" => self.set_font(number.unwrap_or(0)),
            "fcharset" if self.current.destination == Destination::Fonts => {
                self.fonts
                    .extend(charset::of_font(number.unwrap_or(0)).map(|encoding| (self.font, encoding)));
            }
            "s" => (self.style, self.paragraph.style) = (number.unwrap_or(0), number.unwrap_or(0)),
            "outlinelevel" => self.set_level(number.unwrap_or(9)),
            "uc" => self.current.substitutes = usize::try_from(number.unwrap_or(1)).unwrap_or(0).min(100),
            "v" => self.current.hidden = is_on,
            "deleted" => self.current.deleted = is_on,
            "plain" => {
                self.current.hidden = false;
                self.set_font(self.default_font);
            }
            // The mark of an item is written like a paragraph of its own.
            "pard" if self.current.destination == Destination::Mark => {}
            "pard" => self.paragraph = Paragraph::default(),
            "intbl" => self.paragraph.in_table = true,
            "ls" | "pnlvlblt" | "pnlvlbody" => self.paragraph.in_list = true,
            "par" | "sect" | "page" => self.end_line(),
            "cell" | "nestcell" => self.end_cell(name == "nestcell"),
            "row" => self.end_row(),
            "trowd" => self.paragraph.in_table = true,
            "line" | "softline" => self.put("\n"),
            _ => self.put(character(name)),
        }
    }

    fn symbol(&mut self, symbol: u8) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
            return;
        }
        self.decode();
        match symbol {
            b'*' => self.is_optional = true,
            b'~' => self.put("\u{a0}"),
            b'_' => self.put("\u{2011}"),
            b'{' | b'}' | b'\\' => self.put(char::from(symbol).encode_utf8(&mut [0; 4])),
            b'\n' | b'\r' => self.end_line(),
            b'\t' => self.put("\t"),
            _ => {}
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
            return;
        }
        self.decode_units();
        self.bytes.push(byte);
    }

    /// A unit of UTF-16; text in the code page stands in for it.
    fn unit(&mut self, number: i32) {
        self.decode_bytes();
        // Negative where it is over 32767.
        let unit = u16::try_from(number).or_else(|_| i16::try_from(number).map(|unit| unit as u16));
        self.units.push(unit.unwrap_or(0xfffd));
        self.to_skip = self.current.substitutes;
    }

    fn set_page(&mut self, number: i32) {
        match charset::of_page(number) {
            Some(encoding) => self.encoding = encoding,
            None => self.warnings.push(format!("code page {number} was read as Windows-1252")),
        }
    }

    fn set_font(&mut self, font: i32) {
        self.font = font;
        if self.current.destination != Destination::Fonts {
            self.current.encoding = self.fonts.get(&font).copied();
        }
    }

    fn set_level(&mut self, number: i32) {
        let level = u8::try_from(number).ok().filter(|level| *level < 6).map(|level| level + 1);
        if self.current.destination == Destination::Styles {
            self.styles.extend(level.map(|level| (self.style, level)));
        } else {
            self.paragraph.outline = level;
        }
    }

    fn decode(&mut self) {
        self.decode_bytes();
        self.decode_units();
    }

    fn decode_bytes(&mut self) {
        if !self.bytes.is_empty() {
            let bytes = std::mem::take(&mut self.bytes);
            let encoding = self.current.encoding.unwrap_or(self.encoding);
            let (text, lossy) = encoding.decode_without_bom_handling(&bytes);
            let is_text = matches!(self.current.destination, Destination::Body | Destination::Footnote);
            self.lossy |= lossy && is_text;
            self.put(&text);
        }
    }

    fn decode_units(&mut self) {
        if !self.units.is_empty() {
            let text = String::from_utf16_lossy(&std::mem::take(&mut self.units));
            self.put(&text);
        }
    }

    fn put(&mut self, text: &str) {
        if self.current.deleted || text.is_empty() {
            return;
        }
        match self.current.destination {
            Destination::Body | Destination::Footnote if self.current.hidden => {
                self.text.push_str(&builder::hidden(text));
            }
            Destination::Body | Destination::Footnote => self.text.push_str(text),
            Destination::Mark => self.mark.push_str(text),
            Destination::Styles => {
                let name = text.trim_end_matches(';').trim().to_ascii_lowercase();
                let level = name.strip_prefix("heading ").and_then(|level| level.parse().ok());
                self.styles
                    .extend(level.filter(|level| (1..=6).contains(level)).map(|level| (self.style, level)));
            }
            Destination::Fact(key) => self.facts.entry(key.to_owned()).or_default().push_str(text),
            Destination::Fonts | Destination::Nowhere => {}
        }
    }

    /// The end of a paragraph; inside a table, note or cell only that of a line.
    fn end_line(&mut self) {
        match self.current.destination {
            Destination::Body if !self.paragraph.in_table => self.end_paragraph(),
            Destination::Body | Destination::Footnote => self.text.push('\n'),
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        self.decode();
        self.end_row();
        let text = std::mem::take(&mut self.text);
        let mark = std::mem::take(&mut self.mark);
        let level = self.paragraph.outline.or_else(|| self.styles.get(&self.paragraph.style).copied());
        match level {
            Some(level) => self.builder.push(BlockKind::Heading { level }, &text),
            None if self.paragraph.in_list => {
                // A bullet says nothing; a number is part of what is read.
                let number = mark.trim();
                let shown = number.chars().any(char::is_alphanumeric) && number.chars().count() <= 12;
                let number = if shown { number } else { "" };
                if !text.trim().is_empty() {
                    self.builder.push(BlockKind::ListItem, &format!("{number} {text}"));
                }
            }
            None => self.builder.push(BlockKind::Paragraph, &text),
        }
        self.push_notes();
    }

    fn push_notes(&mut self) {
        for note in std::mem::take(&mut self.notes) {
            self.builder.push(BlockKind::Paragraph, &note);
        }
    }

    fn end_cell(&mut self, is_nested: bool) {
        if self.current.destination != Destination::Body {
            return;
        }
        self.mark.clear();
        match is_nested {
            true => self.text.push('\n'),
            false => self.cells.push(std::mem::take(&mut self.text)),
        }
    }

    fn end_row(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        self.builder.push_row(&cells);
        if !cells.is_empty() {
            self.push_notes();
        }
    }
}

/// What a control word shows; nothing for most.
fn character(name: &str) -> &'static str {
    match name {
        "tab" => "\t",
        "emdash" => "—",
        "endash" => "–",
        "lquote" => "‘",
        "rquote" => "’",
        "ldblquote" => "“",
        "rdblquote" => "”",
        "bullet" => "•",
        "emspace" | "enspace" | "qmspace" => " ",
        _ => "",
    }
}
