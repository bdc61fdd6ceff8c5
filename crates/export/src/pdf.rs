//! Answers as PDF, laid out by typst: tagged, with footnotes and page numbers.
//!
//! The template is ours and fixed; the text of others reaches it as JSON and is never read as markup. Fonts are those
//! bundled, no file is read, and there is no clock: the same sheet gives the same bytes.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Dict, Duration, Smart, Str, Value};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::sheet::Sheet;

const TEMPLATE: &str = include_str!("pdf/template.typ");

/// The bundled fonts; where the first has no glyph, the next ones are asked.
static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let files: [&'static [u8]; 6] = [
        include_bytes!("../../../assets/fonts/LibertinusSerif-Regular.otf"),
        include_bytes!("../../../assets/fonts/LibertinusSerif-Italic.otf"),
        include_bytes!("../../../assets/fonts/LibertinusSerif-Semibold.otf"),
        include_bytes!("../../../assets/fonts/DejaVuSans.ttf"),
        include_bytes!("../../../assets/fonts/DejaVuSansMono.ttf"),
        include_bytes!("../../../assets/fonts/DroidSansFallbackFull.ttf"),
    ];
    files.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect()
});

static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// Shown for a character that no bundled font has.
const BOX: char = '□';

/// Letters of one word after which a line may break, so that none runs off the page; wide ones count twice.
const LONG_WORD: usize = 36;

/// The sheet as PDF/A-2a and PDF/UA-1; where a text keeps it from being that, as a tagged PDF.
pub(crate) fn write(mut sheet: Sheet) -> Result<Vec<u8>, String> {
    fit(&mut sheet);
    let created = sheet.answers.first().and_then(|a| date(&a.created_at));
    // With nothing to tell them apart, two files would have one identifier.
    let ident: Vec<&str> = sheet.answers.iter().map(|a| a.id.as_str()).collect();
    let ident = ident.join(" ");
    let room = Room::new(&sheet)?;
    let written = lay_out(&room, &ident, created);
    // What was laid out is other people's text: it does not stay in the library's cache.
    typst::comemo::evict(0);
    written
}

fn lay_out(room: &Room, ident: &str, created: Option<Datetime>) -> Result<Vec<u8>, String> {
    let document = typst::compile(room).output.map_err(told)?;
    let options = |standards| PdfOptions {
        ident: Smart::Custom(ident.to_owned()),
        creator: Smart::Custom(Some("Citadel".to_owned())),
        timestamp: created.map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    let archival = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]);
    let strict = archival.ok().and_then(|standards| typst_pdf::pdf(&document, &options(standards)).ok());
    match strict {
        Some(pdf) => Ok(pdf),
        None => typst_pdf::pdf(&document, &options(PdfStandards::default())).map_err(told),
    }
}

/// Makes the text fit for the page: a box for what no font has, a place to break in words that are too long.
fn fit(sheet: &mut Sheet) {
    let mut missing = 0;
    sheet.each_text(&mut |text| {
        let mut out = String::with_capacity(text.len());
        for word in text.split_inclusive(char::is_whitespace) {
            missing += fit_word(word, &mut out);
        }
        *text = out;
    });
    if missing > 0 {
        sheet.missing = Some(format!(
            "{missing} {BOX} in this file {} for characters that its fonts do not have. The same answer exported to DOCX, \
             HTML or Markdown has them.",
            if missing == 1 { "stands" } else { "stand" }
        ));
    }
}

/// Adds the word, and says how many of its characters no font has.
fn fit_word(word: &str, out: &mut String) -> usize {
    // A hash fits its line, and is copied from there.
    let hash = word.len() <= 64 && word.chars().all(|c| c.is_ascii_hexdigit());
    let (mut run, mut missing) = (0, 0);
    for c in word.chars() {
        let known = shown(c);
        missing += usize::from(!known);
        out.push(if known { c } else { BOX });
        let wide = c.is_uppercase() || matches!(c, 'm' | 'w' | '@' | '%');
        // East Asian text breaks anywhere.
        run = if c >= '\u{2e80}' { 0 } else { run + 1 + usize::from(wide) };
        if !hash && (run >= LONG_WORD || (run >= 8 && matches!(c, '/' | '\\' | '_'))) {
            out.push('\u{200b}');
            run = 0;
        }
    }
    missing
}

/// Whether a font has the character, or it is one that shows nothing by itself.
fn shown(c: char) -> bool {
    let invisible =
        matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}');
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
    invisible || (!private && FONTS.iter().any(|font| font.info().coverage.contains(c.into())))
}

/// `2026-03-04T09:12:00Z`
fn date(text: &str) -> Option<Datetime> {
    let part = |range| text.get(range).and_then(|digits: &str| digits.parse::<u8>().ok());
    let year = text.get(..4)?.parse().ok()?;
    Datetime::from_ymd_hms(year, part(5..7)?, part(8..10)?, part(11..13)?, part(14..16)?, part(17..19)?)
}

fn told(errors: impl IntoIterator<Item = SourceDiagnostic>) -> String {
    errors.into_iter().map(|e| e.message.to_string()).collect::<Vec<_>>().join("; ")
}

/// All that the layout can see: the template, the sheet and the fonts.
struct Room {
    library: LazyHash<Library>,
    template: Source,
}

impl Room {
    fn new(sheet: &Sheet) -> Result<Self, String> {
        let sheet = serde_json::to_string(sheet).map_err(|e| e.to_string())?;
        let mut inputs = Dict::new();
        inputs.insert(Str::from("sheet"), Value::Str(Str::from(sheet)));
        let library = Library::builder().with_inputs(inputs).build();
        Ok(Self { library: LazyHash::new(library), template: Source::detached(TEMPLATE) })
    }
}

impl World for Room {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
