use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::CharRange;

/// Names one document of the vault; stays the same when the document gets a new version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentId(pub String);

impl std::fmt::Display for DocumentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a file was read as. Told by content, not by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Format {
    /// Portable Document Format.
    Pdf,
    /// A MediaWiki XML dump; each page of the wiki is one [`Document`].
    MediaWiki,
    /// A Confluence space export, XML or HTML, or a page of one; each page is one [`Document`].
    Confluence,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// Office Open XML text.
    Docx,
    /// Office Open XML presentation; each slide is a [`Page`].
    Pptx,
    /// Office Open XML workbook.
    Xlsx,
    /// Values separated by commas, semicolons, tabs or bars.
    Csv,
    /// Electronic publication, a book of HTML chapters.
    Epub,
    /// OpenDocument text.
    Odt,
    /// OpenDocument presentation; each slide is a [`Page`].
    Odp,
    /// OpenDocument workbook.
    Ods,
    /// Rich Text Format.
    Rtf,
    /// A mail message; a mailbox gives one [`Document`] for each.
    Email,
    /// A page of a DokuWiki.
    DokuWiki,
    /// An archive of files, each of which gives its own documents.
    Archive,
    /// Plain text in any encoding.
    Text,
}

/// One document as a parser gives it: the extracted text and what is known of its parts.
///
/// A file gives one document, or many where it is a container (a wiki dump gives one per page).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The part of the file that this document is, such as a wiki page's name or a path in an archive; `None` where
    /// the file is the document.
    pub part: Option<String>,
    /// A title for people; never empty.
    pub title: String,
    /// What the file was read as.
    pub format: Format,
    /// The extracted text. All ranges count in it.
    pub text: String,
    /// The structure of the text: ascending, not overlapping; only white space and page furniture lie between.
    pub blocks: Vec<Block>,
    /// The physical pages, ascending; empty where the format has none.
    pub pages: Vec<Page>,
    /// Facts from the source, such as `revision`, `author`, `timestamp`, `language`; `attached_to` is the title of the page or
    /// message that the document was attached to.
    pub metadata: BTreeMap<String, String>,
    /// What was lost or doubtful while reading, in words for people.
    pub warnings: Vec<String>,
    /// Text that a viewer of the source does not show, such as white letters on white: ascending, not overlapping.
    #[serde(default)]
    pub hidden: Vec<CharRange>,
}

/// A structural unit of a document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its characters.
    pub range: CharRange,
}

/// What a [`Block`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum BlockKind {
    /// A heading; level 1 is the highest, 6 the lowest.
    Heading {
        /// 1 to 6.
        level: u8,
    },
    /// Running text.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// One row of a table, its cells joined by ` | `. Never cut.
    TableRow,
    /// Preformatted text.
    Code,
}

/// A physical page, or a slide of a presentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// 1-based physical number.
    pub number: u32,
    /// The label printed by a viewer (`xii`, `A-3`), where the document defines one.
    pub label: Option<String>,
    /// The page's characters.
    pub range: CharRange,
    /// Width in points (1/72 inch); 0 where the file does not tell.
    pub width: f32,
    /// Height in points; 0 where the file does not tell.
    pub height: f32,
    /// Whether the page could be read.
    pub status: PageStatus,
    /// Where each word stands, for highlighting; in the order of the text.
    pub words: Vec<WordBox>,
}

/// Whether a page could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum PageStatus {
    /// Its text was read.
    Text,
    /// It is a picture of text, which was recognised.
    Ocr {
        /// How sure the recognition is of its letters, on average: 0 to 100.
        confidence: u8,
    },
    /// It shows something but carries no text, such as a scan.
    NoText,
    /// Nothing is on it.
    Blank,
    /// Reading failed, and why.
    Unreadable(String),
}

/// A word on a page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WordBox {
    /// The word's characters in the document's text.
    pub range: CharRange,
    /// `[left, top, right, bottom]` in points, from the top left corner of the page as it is shown.
    pub rect: [f32; 4],
}
