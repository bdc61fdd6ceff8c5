//! What people put on a page: values of form fields and notes. They stand at the end of their page's text, since where
//! they belong in it nobody says.

use pdfium_render::prelude::{
    PdfFormField, PdfFormFieldCommon, PdfPage, PdfPageAnnotation, PdfPageAnnotationCommon,
    PdfPageAnnotationType,
};

use super::glyph::{Frame, SOFT_HYPHEN, resolve};
use super::layout::Row;
use super::pdfium;
use super::words::{Word, clamped};

/// More than this on one page are not read.
const MAX_MARKS: usize = 10_000;

/// A value or a note.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    /// Whose or what it is: the name of a field, the author of a note.
    pub label: Option<String>,
    pub text: String,
    /// `[left, top, right, bottom]` on the page as shown, in points.
    pub rect: [f32; 4],
    /// Whether viewers are told not to show it.
    pub hidden: bool,
}

/// Those of a page, in the order of the file.
pub(super) fn read(page: &PdfPage<'_>, frame: &Frame) -> Vec<Mark> {
    let annotations = page.annotations();
    let mark = |at: usize| {
        let annotation = annotations.get(at).ok()?;
        let (label, text) = match annotation.as_form_field() {
            Some(field) => value(field)?,
            None => note(&annotation)?,
        };
        let rect = frame.rect(pdfium::corners(annotation.bounds().ok()?));
        Some(Mark { label, text, rect, hidden: annotation.is_hidden() })
    };
    (0..annotations.len().min(MAX_MARKS)).filter_map(mark).collect()
}

/// A field's name and what was filled in. A box that is not ticked has a value too, `Off` (ISO 32000-1, 12.7.4.2.3); of a
/// group of buttons only the chosen one counts.
fn value(field: &PdfFormField<'_>) -> Option<(Option<String>, String)> {
    let (name, value) = match field {
        PdfFormField::Text(text) if text.is_password() => return None,
        PdfFormField::Text(text) => (text.name(), text.value()),
        PdfFormField::ComboBox(list) => (list.name(), list.value()),
        PdfFormField::ListBox(list) => {
            let options = list.options();
            let chosen = (0..options.len().min(MAX_MARKS)).filter_map(|at| options.get(at).ok());
            let labels: Vec<String> =
                chosen.filter(|option| option.is_set()).filter_map(|o| o.label().cloned()).collect();
            (list.name(), if labels.is_empty() { list.value() } else { Some(labels.join(", ")) })
        }
        PdfFormField::Checkbox(tick) => {
            (tick.name(), tick.appearance_stream().or_else(|| tick.group_value()))
        }
        PdfFormField::RadioButton(button) => {
            (button.name(), button.appearance_stream().filter(|state| state != "Off"))
        }
        PdfFormField::PushButton(_) | PdfFormField::Signature(_) | PdfFormField::Unknown(_) => return None,
    };
    Some((name.as_deref().and_then(last_name), value.filter(|value| !value.trim().is_empty())?))
}

/// The last part of a field's name, without its number: `form1[0].page1[0].given_name[0]` is `given_name`.
fn last_name(full: &str) -> Option<String> {
    let last = full.rsplit('.').find(|part| !part.is_empty())?;
    let bare = last.split_once('[').map_or(last, |(bare, _)| bare);
    Some(if bare.is_empty() { last } else { bare }.to_owned())
}

/// A note's author and what it says.
fn note(annotation: &PdfPageAnnotation<'_>) -> Option<(Option<String>, String)> {
    use PdfPageAnnotationType as Kind;
    match annotation.annotation_type() {
        // A popup says again what its note says, and the words of a link stand on the page.
        Kind::Popup | Kind::Link | Kind::Widget | Kind::XfaWidget => return None,
        _ => {}
    }
    let text = annotation.contents().filter(|text| !text.trim().is_empty())?;
    Some((annotation.creator().filter(|author| !author.trim().is_empty()), text))
}

/// One row for each, from top to bottom. A field that stands several times on the page counts once.
pub(super) fn rows(mut marks: Vec<Mark>, page: [f32; 2]) -> Vec<Row> {
    marks.sort_by(|a, b| a.rect[1].total_cmp(&b.rect[1]).then(a.rect[0].total_cmp(&b.rect[0])));
    let mut seen = std::collections::HashSet::new();
    marks.retain(|mark| seen.insert((mark.label.clone(), mark.text.clone(), mark.hidden)));
    marks.into_iter().filter_map(|mark| row(&mark, page)).collect()
}

fn row(mark: &Mark, page: [f32; 2]) -> Option<Row> {
    let mut text = String::new();
    if let Some(label) = &mark.label {
        label.chars().for_each(|char| resolve(char, |char| text.push(char)));
        text.push_str(": ");
    }
    mark.text.chars().for_each(|char| resolve(char, |char| text.push(char)));
    text.retain(|c| c != SOFT_HYPHEN);
    let is_sound = mark.rect.iter().all(|v| v.is_finite());
    let rect = if is_sound { clamped(mark.rect, page) } else { [0.0, 0.0, page[0], page[1]] };
    let words = text.split_whitespace().map(|text| Word {
        text: text.to_owned(),
        shown: rect,
        rect,
        baseline: rect[3],
        size: 0.0,
        bold: false,
        spaced: true,
        hidden: mark.hidden,
    });
    let words: super::words::Words = words.collect();
    let cells = Box::new([0]);
    (words.len() > 0).then_some(Row {
        words,
        cells,
        rect,
        baseline: rect[3],
        size: 0.0,
        bold: false,
        aside: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fields_lose_their_path_and_number() {
        for (full, expected) in [
            ("Given name", Some("Given name")),
            ("form1[0].page1[0].given_name[0]", Some("given_name")),
            ("a.b.", Some("b")),
            ("[0]", Some("[0]")),
            ("", None),
        ] {
            assert_eq!(last_name(full).as_deref(), expected, "{full}");
        }
    }

    #[test]
    fn rows_stand_in_order_and_once() {
        let mark = |label: Option<&str>, text: &str, left: f32, top: f32| Mark {
            label: label.map(str::to_owned),
            text: text.into(),
            rect: [left, top, left + 50.0, top + 10.0],
            hidden: false,
        };
        let marks = vec![
            mark(Some("Eve"), "second\r\nline", 0.0, 20.0),
            mark(None, "first\u{ad}", f32::NAN, 0.0),
            mark(Some("Eve"), "second\r\nline", 9.0, 90.0),
            mark(Some("Adam"), "beside", 80.0, 20.0),
        ];
        let texts: Vec<String> = rows(marks, [600.0, 800.0]).iter().map(Row::text).collect();
        assert_eq!(texts, ["first", "Eve: second line", "Adam: beside"]);
    }
}
