//! From units to a document: one text, exact ranges, words mended that a line's end had parted.

use std::collections::HashSet;

use citadel_core::{Block, BlockKind, CharRange, Document, Format, Page, PageStatus, WordBox};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, compose};

use super::blocks::{Kind, Unit};
use super::glyph::{RawFacts, RawPage, SOFT_HYPHEN};
use super::layout::Row;
use super::words::is_unspaced;

/// The most pages that are read of one document; a warning tells where reading ended.
pub(super) const MAX_PAGES: usize = 100_000;

/// A page without its glyphs.
pub(super) struct PageFacts {
    pub size: [f32; 2],
    pub label: Option<String>,
    pub status: PageStatus,
    /// Values of forms and notes, see [`super::marks`].
    pub marks: Vec<Row>,
}

impl PageFacts {
    pub fn new(page: &RawPage, status: PageStatus, marks: Vec<Row>) -> Self {
        Self { size: page.size, label: page.label.clone(), status, marks }
    }
}

/// Puts the document together. Its title is empty where neither the file nor a large heading gives one.
pub(super) fn document(facts: &RawFacts, pages: Vec<PageFacts>, units: Vec<Vec<Unit>>) -> Document {
    let vocabulary = Vocabulary::of(&units);
    let title =
        facts.title.as_deref().and_then(sane_title).or_else(|| first_heading(&units)).unwrap_or_default();
    let mut out = Builder::default();
    let mut hidden_on = Vec::new();
    for ((number, facts), units) in (1u32..).zip(pages).zip(units) {
        let mut words = Vec::new();
        let mut start = None;
        let marks = facts.marks.into_iter().map(|row| Unit { kind: Kind::Mark, rows: vec![row] });
        (out.last_hidden, out.hidden_words) = (false, 0);
        for (i, unit) in units.into_iter().chain(marks).enumerate() {
            let from = out.unit(&unit, i == 0, &vocabulary, &mut words);
            start.get_or_insert(from);
        }
        if out.hidden_words > 0 {
            hidden_on.push((number, out.hidden_words));
        }
        let range = CharRange::new(start.unwrap_or(out.chars), out.chars);
        let [width, height] = facts.size;
        out.pages.push(Page {
            number,
            label: facts.label,
            range,
            width,
            height,
            status: facts.status,
            words,
        });
    }
    let mut metadata = std::collections::BTreeMap::new();
    if let Some(author) = facts.author.as_deref().map(one_line).filter(|a| !a.is_empty()) {
        metadata.insert("author".to_owned(), author);
    }
    Document {
        part: None,
        title,
        format: Format::Pdf,
        text: out.text,
        blocks: out.blocks,
        pages: out.pages,
        metadata,
        warnings: hidden_warnings(&hidden_on),
        hidden: out.hidden,
    }
}

/// Tells of hidden words, given the pages that have some, with how many.
fn hidden_warnings(pages: &[(u32, usize)]) -> Vec<String> {
    /// Pages that are named one by one.
    const NAMED: usize = 10;
    let words = |count: usize| match count {
        1 => "1 word".to_owned(),
        _ => format!("{count} words"),
    };
    let are = |count: usize| if count == 1 { "is" } else { "are" };
    let named = pages.iter().take(NAMED);
    let mut warnings: Vec<String> = named
        .map(|(page, count)| {
            format!("{} on page {page} {} not shown by a viewer", words(*count), are(*count))
        })
        .collect();
    let rest = pages.get(NAMED..).unwrap_or_default();
    if !rest.is_empty() {
        let count = rest.iter().map(|(_, count)| count).sum();
        warnings.push(format!("{} on {} more pages are not shown by a viewer", words(count), rest.len()));
    }
    warnings
}

#[derive(Default)]
struct Builder {
    text: String,
    chars: usize,
    blocks: Vec<Block>,
    pages: Vec<Page>,
    /// The size of the last unit's font, to tell whether a paragraph goes on.
    last_size: f32,
    /// How many letters it had: a page number is no paragraph that goes on.
    last_letters: usize,
    hidden: Vec<CharRange>,
    /// Whether the last word was hidden.
    last_hidden: bool,
    /// Hidden words on the page so far.
    hidden_words: usize,
}

impl Builder {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.chars += text.chars().count();
    }

    /// Composes the last character of the text with the first of a word that follows without a space, such as a letter
    /// with an accent that is drawn by itself; gives what is left of the word.
    fn compose<'w>(&mut self, word: &'w str) -> &'w str {
        let mut rest = word;
        while let (Some(last), Some(first)) = (self.text.chars().next_back(), rest.chars().next()) {
            match compose(last, first) {
                Some(composed) => {
                    self.text.pop();
                    self.text.push(composed);
                    rest = rest.get(first.len_utf8()..).unwrap_or_default();
                }
                None => {
                    // Marks that stand in another order than the canonical one belong to nothing.
                    let class = canonical_combining_class(first);
                    if class != 0 && canonical_combining_class(last) > class {
                        self.push(" ");
                    }
                    break;
                }
            }
        }
        rest
    }

    /// Marks a word, where it is hidden, and what lies between it and a hidden word before it.
    fn hide(&mut self, word: CharRange, hidden: bool) {
        if hidden {
            self.hidden_words += 1;
            match self.hidden.last_mut().filter(|_| self.last_hidden) {
                Some(last) => last.end = word.end,
                None => self.hidden.push(word),
            }
        }
        self.last_hidden = hidden;
    }

    /// Appends a unit and tells where it starts.
    fn unit(
        &mut self,
        unit: &Unit,
        first_on_page: bool,
        vocabulary: &Vocabulary,
        words: &mut Vec<WordBox>,
    ) -> usize {
        let kind = match unit.kind {
            Kind::Paragraph | Kind::Mark => BlockKind::Paragraph,
            Kind::ListItem => BlockKind::ListItem,
            Kind::TableRow => BlockKind::TableRow,
            Kind::Heading(level) => BlockKind::Heading { level },
        };
        let goes_on = self.goes_on(unit, first_on_page);
        let together = matches!(kind, BlockKind::TableRow | BlockKind::ListItem)
            && !first_on_page
            && self.blocks.last().is_some_and(|last| last.kind == kind);
        match (self.chars > 0, goes_on, together) {
            (false, ..) => {}
            (true, true, _) => {
                if !self.mend(unit, vocabulary, words) {
                    self.push("\n");
                }
            }
            (true, _, true) => self.push("\n"),
            (true, false, false) => self.push("\n\n"),
        }
        let start = self.chars;
        for (i, row) in unit.rows.iter().enumerate() {
            let next = unit.rows.get(i + 1);
            self.row(row, next, unit.kind == Kind::TableRow, vocabulary, words);
        }
        let range = CharRange::new(start, self.chars);
        match self.blocks.last_mut().filter(|_| goes_on) {
            Some(last) => last.range = CharRange::new(last.range.start, range.end),
            None => self.blocks.push(Block { kind, range }),
        }
        self.last_size = unit.size();
        self.last_letters = match unit.kind {
            Kind::Mark => 0,
            _ => unit.text().chars().filter(|c| c.is_alphabetic()).count(),
        };
        start
    }

    /// Puts the halves of a word together that the end of a column or page had parted, where the rest of the document
    /// knows it. Whether there were such halves.
    fn mend(&mut self, next: &Unit, vocabulary: &Vocabulary, words: &mut [WordBox]) -> bool {
        // A soft hyphen at the end is gone by now, and such halves stay apart.
        let at = self.text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let half = self.text.get(at..).unwrap_or_default();
        let rest = next.rows.first().and_then(|row| row.words.first()).map_or("", |word| word.text);
        let join = vocabulary.known(half, rest);
        if join == Some(Join::DropHyphen) {
            self.text.pop();
            self.chars -= 1;
            let end = self.chars;
            let shorten = |word: &mut WordBox| word.range.end = word.range.end.min(end);
            match words.last_mut() {
                Some(word) => shorten(word),
                None => {
                    // On the last page that has some.
                    for page in self.pages.iter_mut().rev() {
                        page.range = CharRange::new(page.range.start.min(end), page.range.end.min(end));
                        if let Some(word) = page.words.last_mut() {
                            shorten(word);
                            break;
                        }
                    }
                }
            }
            self.hidden.last_mut().into_iter().for_each(|range| range.end = range.end.min(end));
        }
        join.is_some()
    }

    /// Whether a paragraph that the end of a column or page had parted goes on with this unit.
    fn goes_on(&self, unit: &Unit, first_on_page: bool) -> bool {
        let open = self.blocks.last().is_some_and(|last| last.kind == BlockKind::Paragraph)
            && !self.text.ends_with(['.', '!', '?', ':', ';', '”', '"', ')', '。', '！', '？']);
        let continues = unit.kind == Kind::Paragraph
            && (unit.size() - self.last_size).abs() <= 0.05 * self.last_size
            && unit
                .rows
                .first()
                .and_then(|row| row.words.first())
                .is_some_and(|w| w.text.starts_with(char::is_lowercase));
        // A column ends after more than a word; a single line in the middle of a page is a caption or the like.
        open && continues && (first_on_page || unit.rows.len() > 1) && self.last_letters >= 20
    }

    fn row(
        &mut self,
        row: &Row,
        next: Option<&Row>,
        table: bool,
        vocabulary: &Vocabulary,
        words: &mut Vec<WordBox>,
    ) {
        for (i, word) in row.words.iter().enumerate() {
            if i > 0 && row.cells.contains(&i) && table {
                self.push(" | ");
            } else if i > 0 && (word.spaced || row.cells.contains(&i)) {
                self.push(" ");
            }
            let after = next.filter(|_| i + 1 == row.words.len()).and_then(|next| next.words.first());
            let join = after.map_or(Join::Space, |after| vocabulary.join(word.text, after.text));
            let text: String = match join {
                Join::DropHyphen => word.text.strip_suffix(HYPHENS).unwrap_or(word.text).nfc().collect(),
                Join::Space | Join::Nothing => word.text.trim_end_matches(SOFT_HYPHEN).nfc().collect(),
            };
            let text = self.compose(&text);
            let start = self.chars;
            self.push(text);
            if !text.is_empty() {
                self.hide(CharRange::new(start, self.chars), word.hidden);
                words.push(WordBox { range: CharRange::new(start, self.chars), rect: word.shown });
            }
            if after.is_some() && matches!(join, Join::Space) {
                self.push(" ");
            }
        }
    }
}

const HYPHENS: [char; 3] = ['-', '\u{2010}', SOFT_HYPHEN];

/// What stands between the last word of a line and the first of the next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Join {
    Space,
    Nothing,
    DropHyphen,
}

/// The words of the document that stand within lines: they tell which hyphens at line ends are real.
struct Vocabulary {
    words: HashSet<String>,
    /// Whether a word that is nowhere else loses its hyphen, as most do in text that is hyphenated at all.
    drop_unknown: bool,
}

impl Vocabulary {
    /// More different words than this teach nothing new.
    const MOST: usize = 300_000;

    fn of(pages: &[Vec<Unit>]) -> Self {
        let mut words = HashSet::new();
        let rows = || pages.iter().flatten().flat_map(|unit| unit.rows.iter());
        for word in rows().flat_map(|row| row.words.iter().take(row.words.len().saturating_sub(1))) {
            if words.len() >= Self::MOST {
                break;
            }
            words.insert(bare(word.text));
        }
        let mut vocabulary = Self { words, drop_unknown: true };
        let (mut parted, mut real) = (0, 0);
        for unit in pages.iter().flatten().filter(|unit| unit.kind != Kind::TableRow) {
            for (row, next) in unit.rows.iter().zip(unit.rows.iter().skip(1)) {
                let (Some(a), Some(b)) = (row.words.last(), next.words.first()) else { continue };
                match vocabulary.known(a.text, b.text) {
                    Some(Join::DropHyphen) => parted += 1,
                    Some(Join::Nothing) => real += 1,
                    _ => {}
                }
            }
        }
        vocabulary.drop_unknown = parted >= real;
        vocabulary
    }

    fn join(&self, a: &str, b: &str) -> Join {
        if a.ends_with(is_unspaced) && b.starts_with(is_unspaced) {
            return Join::Nothing;
        }
        match self.known(a, b) {
            Some(join) => join,
            None if is_parted(a, b) && self.drop_unknown => Join::DropHyphen,
            None if is_parted(a, b) => Join::Nothing,
            None => Join::Space,
        }
    }

    /// What the rest of the document says about a hyphen; `None` where it says nothing.
    fn known(&self, a: &str, b: &str) -> Option<Join> {
        if !is_parted(a, b) {
            return None;
        }
        let stem = a.strip_suffix(HYPHENS).unwrap_or(a);
        if a.ends_with(SOFT_HYPHEN) {
            return Some(Join::DropHyphen);
        }
        if self.words.contains(&bare(&format!("{stem}{b}"))) {
            Some(Join::DropHyphen)
        } else if self.words.contains(&bare(&format!("{stem}-{b}"))) {
            Some(Join::Nothing)
        } else {
            None
        }
    }
}

/// Whether `a` ends in a hyphen after letters, and `b` could be its second half.
fn is_parted(a: &str, b: &str) -> bool {
    let stem = a.strip_suffix(HYPHENS);
    stem.is_some_and(|stem| {
        stem.chars().rev().take(2).filter(|c| c.is_alphabetic()).count() == 2
            && b.starts_with(char::is_lowercase)
    })
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A title that a person gave, and not what a program left behind.
fn sane_title(raw: &str) -> Option<String> {
    let title = one_line(raw);
    let lower = title.to_lowercase();
    let letters = title.chars().filter(|c| c.is_alphabetic()).count();
    let is_file = [
        ".doc", ".docx", ".pdf", ".indd", ".xls", ".xlsx", ".ppt", ".pptx", ".tex", ".dvi", ".qxd", ".htm",
        ".html", ".txt",
    ]
    .iter()
    .any(|end| lower.ends_with(end));
    let is_left_behind =
        ["untitled", "microsoft word -", "powerpoint presentation", "title", "document", "unknown"]
            .iter()
            .any(|mark| {
                if mark.ends_with('-') {
                    lower.starts_with(mark)
                } else {
                    lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ') == *mark
                }
            });
    let sane = letters >= 3
        && title.chars().count() <= 200
        && !is_file
        && !is_left_behind
        && !title.contains('\u{fffd}');
    sane.then_some(title)
}

/// The largest heading of the first two pages, the first of them where several are as large.
fn first_heading(pages: &[Vec<Unit>]) -> Option<String> {
    let headings = pages.iter().take(2).flatten().filter(|unit| matches!(unit.kind, Kind::Heading(_)));
    let mut best: Option<&Unit> = None;
    for unit in headings {
        if best.is_none_or(|best| unit.size() > best.size() * 1.02) {
            best = Some(unit);
        }
    }
    best.map(|unit| one_line(&unit.text())).filter(|title| title.chars().count() <= 200)
}
