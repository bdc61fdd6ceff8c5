//! Excel workbooks: each sheet is a heading, its rows are [records](crate::records).

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};
use citadel_core::{Document, Format};

use crate::Failure;
use crate::archive::Parts;
use crate::builder::TextBuilder;
use crate::facts::Facts;
use crate::ooxml;
use crate::records::Records;
use crate::rows::MAX_REPEATED_CHARS;

/// No sheet for people is wider; a single cell at the far right would fill its row with nothing.
const MAX_COLUMNS: usize = 1_000;
/// From here on a number is written with an exponent.
const LARGE: f64 = 1e21;

/// An XLSX file, whose archive has been looked at.
pub(crate) fn parse(bytes: &[u8], max_text_chars: usize, stem: &str) -> Result<Document, Failure> {
    let mut parts = Parts::open(bytes)?;
    let facts = Facts::read(ooxml::CORE_FACTS, parts.read(ooxml::CORE_FACTS)?)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut builder = TextBuilder::default();
    let mut warnings = Vec::new();
    let sheets: Vec<String> = (workbook.sheets_metadata().iter())
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    for name in sheets {
        let records = Records::new(&mut builder, Some(&name), max_text_chars);
        if push_sheet(&name, &mut workbook, records)? {
            warnings.push(format!("sheet “{name}”: what stands right of column {MAX_COLUMNS} was left out"));
        }
    }
    // The name of the first sheet says less than that of the file.
    let mut document = builder.finish(Format::Xlsx, &[facts.title(), Some(stem)], stem);
    document.warnings = warnings;
    facts.describe(&mut document);
    Ok(document)
}

/// Writes a sheet; gives whether columns were left out.
fn push_sheet(
    name: &str,
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    mut records: Records<'_>,
) -> Result<bool, Failure> {
    let merged = workbook.merge_cells_by_sheet_name(name).map_err(broken)?;
    let last_rows: HashMap<(u32, u32), u32> = (merged.into_iter())
        .filter(|cells| cells.start.0 < cells.end.0)
        .map(|cells| (cells.start, cells.end.0))
        .collect();
    // What covers a column from above, and up to which row.
    let mut above: HashMap<usize, (u32, String)> = HashMap::new();
    let mut cells = workbook.worksheet_cells_reader(name).map_err(broken)?;
    let first_column = cells.dimensions().start.1;
    let (mut row, mut row_number, mut cut) = (Vec::new(), 0, false);
    let mut last_row = 0;
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(broken)? {
        let (number, column) = cell.get_position();
        if number != row_number {
            if !row.is_empty() {
                if row_number > last_row + 1 {
                    records.push::<&str>(&[])?;
                }
                last_row = row_number;
            }
            push_row(&mut row, row_number, &mut above, &mut records)?;
            row_number = number;
        }
        let format = cells.styles().get(style).and_then(|style| style.number_format.as_ref());
        let text = text_of(cell.get_value(), format.map_or("", |format| &format.format_code));
        let at = column.saturating_sub(first_column) as usize;
        if text.is_empty() || at >= MAX_COLUMNS {
            cut |= !text.is_empty();
            continue;
        }
        if let Some(last) = last_rows.get(&(number, column)).filter(|_| text.len() <= MAX_REPEATED_CHARS) {
            above.insert(at, (*last, text.clone()));
        }
        if row.len() <= at {
            row.resize(at + 1, String::new());
        }
        if let Some(place) = row.get_mut(at) {
            *place = text;
        }
    }
    if row_number > last_row + 1 {
        records.push::<&str>(&[])?;
    }
    push_row(&mut row, row_number, &mut above, &mut records)?;
    records.finish();
    Ok(cut)
}

/// Writes a row that has cells of its own, with the texts that cover it from above.
fn push_row(
    row: &mut Vec<String>,
    number: u32,
    above: &mut HashMap<usize, (u32, String)>,
    records: &mut Records<'_>,
) -> Result<(), Failure> {
    if row.is_empty() {
        return Ok(());
    }
    above.retain(|_, (last, _)| *last >= number);
    for (at, (_, text)) in above.iter() {
        if row.len() <= *at {
            row.resize(at + 1, String::new());
        }
        if let Some(place) = row.get_mut(*at).filter(|place| place.is_empty()) {
            place.clone_from(text);
        }
    }
    records.push(row)?;
    row.clear();
    Ok(())
}

fn broken(e: XlsxError) -> Failure {
    match e {
        XlsxError::Password => Failure::Encrypted,
        e => Failure::Damaged(e.to_string()),
    }
}

/// A value as the cell shows it, whose number format has this code.
fn text_of(value: &DataRef<'_>, format: &str) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number_text(*number as f64, format),
        DataRef::Float(number) => number_text(*number, format),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(time) => time_text(time),
        DataRef::Error(error) => error.to_string(),
    }
}

/// With 15 digits, as Excel shows it: a sum of 0.1 and 0.2 is 0.3. As a percentage and with the zeros at its end where
/// the format says so, but never with fewer digits than it has.
fn number_text(number: f64, format: &str) -> String {
    // The part for positive numbers, without what it quotes.
    let format: String = format.split('"').step_by(2).collect();
    let format = format.split(';').next().unwrap_or_default();
    let percent = format.contains('%');
    let number = if percent { number * 100.0 } else { number };
    let rounded = format!("{number:.14e}").parse().unwrap_or(number);
    if rounded.is_nan() || rounded.abs() >= LARGE {
        return format!("{rounded:e}");
    }
    let mut text = rounded.to_string();
    let decimals =
        format.split_once('.').map_or(0, |(_, after)| after.bytes().take_while(|b| *b == b'0').count());
    let present = text.split_once('.').map_or(0, |(_, after)| after.len());
    if decimals > 0 && present == 0 {
        text.push('.');
    }
    text.extend(std::iter::repeat_n('0', decimals.saturating_sub(present)));
    if percent {
        text.push('%');
    }
    text
}

/// A date, a time of day or both in ISO 8601; a duration in hours, minutes and seconds.
fn time_text(time: &ExcelDateTime) -> String {
    if time.is_duration() {
        let seconds = (time.as_f64() * 86_400.0).round() as i64;
        let sign = if seconds < 0 { "-" } else { "" };
        let seconds = seconds.unsigned_abs();
        return format!("{sign}{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hours, minutes, seconds, _) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let clock = format!("{hours:02}:{minutes:02}:{seconds:02}");
    match time.as_f64() {
        value if (0.0..1.0).contains(&value) => clock,
        value if value.fract() == 0.0 => date,
        _ => format!("{date}T{clock}"),
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn values_are_written_as_people_read_them() {
        for (value, format, text) in [
            (DataRef::Float(0.1 + 0.2), "General", "0.3"),
            (DataRef::Float(12.5), "", "12.5"),
            (DataRef::Float(12.5), "#,##0.00 \"a.000%\";[Red]-0", "12.50"),
            (DataRef::Int(12), "0.00", "12.00"),
            (DataRef::Float(12.345), "0.0", "12.345"),
            (DataRef::Float(0.05), "0%", "5%"),
            (DataRef::Float(0.125), "0.00%", "12.50%"),
            (DataRef::Float(-1234567.0), "", "-1234567"),
            (DataRef::Float(1e300), "0.00", "1e300"),
            (DataRef::Float(f64::NAN), "0.00", "NaN"),
            (DataRef::DateTime(ExcelDateTime::new(45_306.0, DateTime, false)), "", "2024-01-15"),
            (DataRef::DateTime(ExcelDateTime::new(43_844.0, DateTime, true)), "", "2024-01-15"),
            (DataRef::DateTime(ExcelDateTime::new(45_306.5, DateTime, false)), "", "2024-01-15T12:00:00"),
            (DataRef::DateTime(ExcelDateTime::new(0.25, DateTime, false)), "", "06:00:00"),
            (DataRef::DateTime(ExcelDateTime::new(1.5, TimeDelta, false)), "", "36:00:00"),
            (DataRef::DateTime(ExcelDateTime::new(f64::NAN, TimeDelta, false)), "", "0:00:00"),
        ] {
            assert_eq!(text_of(&value, format), text, "{value:?}");
        }
    }
}
