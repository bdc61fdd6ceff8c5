//! Separated values, written as [records](crate::records).

use citadel_core::{Document, Format};
use csv::{Reader, ReaderBuilder, StringRecord};

use crate::builder::TextBuilder;
use crate::reader::Place;
use crate::records::Records;
use crate::text::Decoded;
use crate::{Failure, notion};

/// In the order of preference where two fit equally well.
const SEPARATORS: [u8; 4] = [b'\t', b';', b',', b'|'];
/// Enough rows to tell the separator.
const TOLD_BY_ROWS: usize = 50;

/// A file whose values are parted by `separator`.
pub(crate) fn parse(
    decoded: Decoded,
    separator: u8,
    max_text_chars: usize,
    place: &Place,
) -> Result<Document, Failure> {
    let exported = notion::is_page(place);
    let Decoded { text, mut warnings } = decoded;
    let mut builder = TextBuilder::default();
    let mut records = Records::new(&mut builder, None, max_text_chars);
    let mut reader = reader(&text, separator);
    let mut row = StringRecord::new();
    let mut first = true;
    loop {
        match reader.read_record(&mut row) {
            Ok(false) => break,
            // Excel's own first line names the separator.
            Ok(true)
                if std::mem::take(&mut first) && row.get(0).is_some_and(|cell| cell.starts_with("sep=")) => {}
            Ok(true) if exported => records.push(&row.iter().map(notion::cell).collect::<Vec<_>>())?,
            Ok(true) => records.push(&row.iter().collect::<Vec<_>>())?,
            Err(e) => {
                warnings.push(format!("what follows could not be read: {e}"));
                break;
            }
        }
    }
    records.finish();
    let mut document = match exported {
        true => builder.under(&notion::path(place)).finish(Format::Csv, &[], notion::title(place.stem())),
        false => builder.finish(Format::Csv, &[], place.stem()),
    };
    document.warnings = warnings;
    Ok(document)
}

/// What parts the values in a file that starts with `head`: the separator that gives most of the first rows the same
/// number of at least two values, or `None` where none does. `cut` says that the file goes on after the head.
pub(crate) fn separator(head: &str, cut: bool) -> Option<u8> {
    let agreeing = |separator: u8| {
        let rows = reader(head, separator).into_records().take(TOLD_BY_ROWS).map_while(Result::ok);
        let mut widths: Vec<usize> = rows.map(|row| row.len()).collect();
        if cut && widths.len() < TOLD_BY_ROWS {
            widths.pop();
        }
        widths.sort_unstable();
        let usual = widths.chunk_by(|a, b| a == b).max_by_key(|same| same.len())?;
        let width = *usual.first()?;
        (width > 1 && usual.len() * 3 > widths.len() * 2).then_some((usual.len(), width))
    };
    let fitting =
        SEPARATORS.into_iter().rev().filter_map(|separator| Some((agreeing(separator)?, separator)));
    fitting.max_by_key(|(fit, _)| *fit).map(|(_, separator)| separator)
}

fn reader(text: &str, separator: u8) -> Reader<&[u8]> {
    ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_gives_rows_of_one_width() {
        for (head, cut, found) in [
            ("a,b\n1,2\n", false, Some(b',')),
            ("a;b\n1,5;2,5\n2,5;3\n", false, Some(b';')),
            ("a\tb, c\n1\t2\n", false, Some(b'\t')),
            ("a|b\n1|2\n", false, Some(b'|')),
            ("a,b\n\"x\ny, z\",2\n3,4\n", false, Some(b',')),
            ("a,b\n1,2\n3,4\n5", true, Some(b',')),
            ("a,b\n1,2\n3,4\ncomment\n", false, Some(b',')),
            ("words, and more\nwords\nno, two, three\n", false, None),
            ("one\ntwo\n", false, None),
            ("", false, None),
        ] {
            assert_eq!(separator(head, cut), found, "{head}");
        }
    }
}
