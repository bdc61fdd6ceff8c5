//! A document as a reader shows it: its text by blocks, its pages, and where a stretch of it stands on them.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use citadel_catalog::SourceRecord;
use citadel_core::{
    BlockKind, CharRange, Document, DocumentId, Format, Page, PageStatus, StopFlag, TextMap, WordBox,
};
use serde::Serialize;

use crate::stamp::{stamp, state_of};
use crate::vault::lock;
use crate::{Engine, EngineError};

/// A document as a reader shows it. Offsets count Unicode scalar values of the document's text.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct DocumentView {
    /// The document.
    pub document_id: DocumentId,
    /// The version that is shown.
    pub version_id: i64,
    /// Whether it is the one that is searched.
    pub current: bool,
    /// Its title.
    pub title: String,
    /// The path as ingested.
    pub path: String,
    /// The part of the file, such as a wiki page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The collection.
    pub collection: String,
    /// What it was read as.
    pub format: Format,
    /// Its pages, ascending; empty where the format has none.
    pub pages: Vec<ViewPage>,
    /// Its text.
    pub blocks: Vec<ViewBlock>,
    /// Whether the file itself can be shown.
    pub original: Original,
}

/// A page of a shown document.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct ViewPage {
    /// 1-based physical number.
    pub page: u32,
    /// The label printed by a viewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Width in points; 0 where it is not known.
    pub width: f32,
    /// Height in points; 0 where it is not known.
    pub height: f32,
    /// Whether it could be read.
    pub status: PageStatus,
}

/// A structural unit of a shown document.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct ViewBlock {
    /// What it is.
    pub kind: BlockKind,
    /// First character.
    pub start: usize,
    /// First character after.
    pub end: usize,
    /// The page on which it starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Its text, to the letter.
    pub text: String,
}

/// Whether the file that a document was read from can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Original {
    /// It is a PDF, and its bytes are those that were read.
    Same,
    /// The format is shown as text.
    None,
    /// The file has changed since.
    Changed,
    /// The file is not there any more.
    Gone,
    /// It lies inside another file, such as an archive.
    Inside,
}

/// Where a stretch of a document stands on its pages.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Marks {
    /// Whether the places of nearly all its words are known. Where they are not, nothing is marked.
    pub certain: bool,
    /// The pages that it touches, ascending; empty where it is not certain.
    pub pages: Vec<PageMarks>,
}

/// What is marked on one page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PageMarks {
    /// 1-based physical number.
    pub page: u32,
    /// `[left, top, right, bottom]` in points, from the top left corner of the page as it is shown.
    pub rects: Vec<[f32; 4]>,
}

/// The share of a stretch's letters whose place must be known before anything is marked.
const KNOWN: f64 = 0.9;

impl Engine {
    /// A version of a document; the one that is searched where `version` is 0.
    pub fn view(&self, id: &str, version: i64) -> Result<DocumentView, EngineError> {
        let summary = self.find_document(id)?;
        let version_id = if version == 0 { summary.version_id } else { version };
        let current = version_id == summary.version_id && !summary.withdrawn;
        let (body, source) = {
            let catalog = self.catalog();
            (catalog.body(version_id)?, catalog.source(&summary.collection, &summary.key)?)
        };
        let original = match (body.format, &summary.part) {
            (Format::Pdf, Some(_)) => Original::Inside,
            (Format::Pdf, None) if !current => Original::Changed,
            (Format::Pdf, None) => self.original(source.as_ref()),
            _ => Original::None,
        };
        Ok(DocumentView {
            document_id: summary.document_id,
            version_id,
            current,
            title: body.title.clone(),
            path: summary.path,
            part: summary.part,
            collection: summary.collection,
            format: body.format,
            blocks: blocks(&body),
            pages: body.pages.into_iter().map(shown).collect(),
            original,
        })
    }

    /// Where the characters from `start` to `end` of a version stand on its pages.
    pub fn marks(&self, version_id: i64, range: CharRange) -> Result<Marks, EngineError> {
        let (pages, text) = {
            let catalog = self.catalog();
            (catalog.pages(version_id)?, catalog.slice(version_id, range)?.unwrap_or_default())
        };
        Ok(marks(&pages, &text, range))
    }

    /// Bytes of a PDF in the vault whose file is what was read: from `begin`, at most up to `end`, and how long the
    /// file is.
    pub fn pdf_bytes(&self, id: &str, begin: u64, end: u64) -> Result<(Vec<u8>, u64), EngineError> {
        let summary = self.find_document(id)?;
        let source = self.catalog().source(&summary.collection, &summary.key)?;
        let path = PathBuf::from(&summary.key);
        let hint = "ingest the file again";
        let io = |source| EngineError::Io { path: path.clone(), source, hint };
        if summary.format != Format::Pdf
            || summary.part.is_some()
            || self.original(source.as_ref()) != Original::Same
        {
            return Err(io(std::io::Error::other("the file is not the one that was read")));
        }
        let mut file = std::fs::File::open(&path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let end = end.min(length);
        let begin = begin.min(end);
        file.seek(SeekFrom::Start(begin)).map_err(io)?;
        let mut bytes = Vec::new();
        file.take(end - begin).read_to_end(&mut bytes).map_err(io)?;
        Ok((bytes, length))
    }

    /// Whether a source's file is the one that was read: of the same size and time, or with the same bytes.
    fn original(&self, source: Option<&SourceRecord>) -> Original {
        let Some(source) = source else { return Original::Gone };
        let path = Path::new(&source.key);
        let Ok(meta) = std::fs::metadata(path) else { return Original::Gone };
        let now = state_of(&meta);
        if now == (source.size, source.modified_ns) {
            return Original::Same;
        }
        let same_bytes = |known: &mut Option<(PathBuf, (u64, i64))>| {
            let checked = (path.to_owned(), now);
            if known.as_ref() == Some(&checked) {
                return true;
            }
            let same = stamp(path, &StopFlag::new()).is_ok_and(|s| Some(s.sha256) == source.sha256);
            if same {
                *known = Some(checked);
            }
            same
        };
        if now.0 == source.size && same_bytes(&mut lock(&self.hashed)) {
            Original::Same
        } else {
            Original::Changed
        }
    }
}

fn shown(page: Page) -> ViewPage {
    ViewPage {
        page: page.number,
        label: page.label,
        width: page.width,
        height: page.height,
        status: page.status,
    }
}

fn blocks(body: &Document) -> Vec<ViewBlock> {
    let text = TextMap::new(&body.text);
    let page_of = |at: usize| {
        let after = body.pages.partition_point(|page| page.range.start <= at);
        after.checked_sub(1).map(|last| body.pages[last].number)
    };
    let shown = |block: &citadel_core::Block| ViewBlock {
        kind: block.kind,
        start: block.range.start,
        end: block.range.end,
        page: page_of(block.range.start),
        text: text.slice(block.range).unwrap_or_default().to_owned(),
    };
    body.blocks.iter().map(shown).collect()
}

/// The boxes of the words that `range` touches, joined along lines. `text` is what stands there.
fn marks(pages: &[Page], text: &str, range: CharRange) -> Marks {
    let letters = text.chars().filter(|c| !c.is_whitespace()).count();
    let mut known = 0;
    let mut marked = Vec::new();
    for page in pages.iter().filter(|page| page.range.overlaps(range)) {
        let touched: Vec<&WordBox> = page.words.iter().filter(|word| word.range.overlaps(range)).collect();
        known += touched.iter().map(|word| overlap(word.range, range)).sum::<usize>();
        if !touched.is_empty() {
            marked.push(PageMarks { page: page.number, rects: lines(&touched) });
        }
    }
    let certain = letters > 0 && known as f64 >= KNOWN * letters as f64;
    Marks { certain, pages: if certain { marked } else { Vec::new() } }
}

fn overlap(a: CharRange, b: CharRange) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

/// Words that follow one another on a line become one rectangle.
fn lines(words: &[&WordBox]) -> Vec<[f32; 4]> {
    let mut lines: Vec<[f32; 4]> = Vec::new();
    for word in words {
        let [left, top, right, bottom] = word.rect;
        match lines.last_mut() {
            Some(line) if continues(line, word.rect) => {
                *line = [line[0].min(left), line[1].min(top), line[2].max(right), line[3].max(bottom)];
            }
            _ => lines.push(word.rect),
        }
    }
    lines
}

/// Whether a word stands on the line and near its end: shared height of at least half of the lower one, and no wider
/// gap than two of its heights.
fn continues(line: &[f32; 4], word: [f32; 4]) -> bool {
    let shared = line[3].min(word[3]) - line[1].max(word[1]);
    let height = (line[3] - line[1]).min(word[3] - word[1]);
    shared >= height / 2.0 && word[0] >= line[0] && word[0] - line[2] <= 2.0 * height
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u32, range: (usize, usize), words: &[(usize, usize, [f32; 4])]) -> Page {
        Page {
            number,
            label: None,
            range: CharRange::new(range.0, range.1),
            width: 600.0,
            height: 800.0,
            status: PageStatus::Text,
            words: words
                .iter()
                .map(|&(start, end, rect)| WordBox { range: CharRange::new(start, end), rect })
                .collect(),
        }
    }

    #[test]
    fn words_are_marked_line_by_line_and_nothing_where_they_are_not_known() {
        // "one two" on a line, "three" on the next, "four" on the next page.
        let pages = [
            page(
                1,
                (0, 13),
                &[
                    (0, 3, [10.0, 10.0, 30.0, 20.0]),
                    (4, 7, [34.0, 10.0, 54.0, 20.0]),
                    (8, 13, [10.0, 24.0, 40.0, 34.0]),
                ],
            ),
            page(2, (14, 18), &[(14, 18, [10.0, 10.0, 30.0, 20.0])]),
        ];
        let text = "one two three four";
        let check = |start: usize, end: usize, expected: &[(u32, &[[f32; 4]])]| {
            let range = CharRange::new(start, end);
            let part: String = text.chars().skip(start).take(range.len()).collect();
            let found = marks(&pages, &part, range);
            let expected: Vec<PageMarks> =
                expected.iter().map(|&(page, rects)| PageMarks { page, rects: rects.to_vec() }).collect();
            assert_eq!(found.certain, !expected.is_empty(), "{start}..{end}");
            assert_eq!(found.pages, expected, "{start}..{end}");
        };
        let first = [10.0, 10.0, 54.0, 20.0];
        check(0, 7, &[(1, &[first])]);
        check(4, 7, &[(1, &[[34.0, 10.0, 54.0, 20.0]])]);
        check(0, 18, &[(1, &[first, [10.0, 24.0, 40.0, 34.0]]), (2, &[[10.0, 10.0, 30.0, 20.0]])]);
        check(3, 4, &[]);
        // The first word's place is not known: more than a tenth of the letters.
        let mut holes = pages.clone();
        holes[0].words.remove(0);
        assert!(!marks(&holes, text, CharRange::new(0, 18)).certain);
        assert!(marks(&holes, "two", CharRange::new(4, 7)).certain);
    }
}
