//! Table rows whose cells reach over several rows.

/// A longer text is not repeated: it is no label of the rows beside it.
pub(crate) const MAX_REPEATED_CHARS: usize = 200;
/// HTML allows 65534 rows and 1000 columns.
const MAX_SPAN: usize = 1000;

/// A table cell as its format gives it.
#[derive(Debug)]
pub(crate) struct Cell {
    pub text: String,
    /// Rows it covers, itself included.
    pub rows: usize,
    /// Columns it covers.
    pub columns: usize,
}

/// Repeats a cell that covers several rows in each of them, so that every row can be read alone.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// What covers each column from above, and for how many more rows.
    above: Vec<(usize, String)>,
}

impl Rows {
    /// The texts of the next row.
    pub fn next(&mut self, cells: Vec<Cell>) -> Vec<String> {
        let mut row = Vec::new();
        let mut column = 0;
        for cell in cells {
            self.fill(&mut column, &mut row);
            let (rows, columns) = (cell.rows.clamp(1, MAX_SPAN), cell.columns.clamp(1, MAX_SPAN));
            if rows > 1 {
                self.above.resize(self.above.len().max(column + columns), (0, String::new()));
                let repeated = match cell.text.chars().count() {
                    ..=MAX_REPEATED_CHARS => cell.text.clone(),
                    _ => String::new(),
                };
                for (at, slot) in self.above.iter_mut().skip(column).take(columns).enumerate() {
                    *slot = (rows - 1, if at == 0 { repeated.clone() } else { String::new() });
                }
            }
            row.push(cell.text);
            column += columns;
        }
        self.fill(&mut column, &mut row);
        row
    }

    /// Puts down what covers the columns from `column` on, up to the first that is free.
    fn fill(&mut self, column: &mut usize, row: &mut Vec<String>) {
        while let Some((left, text)) = self.above.get_mut(*column).filter(|(left, _)| *left > 0) {
            *left -= 1;
            if !text.is_empty() {
                row.push(text.clone());
            }
            *column += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_repeated_in_the_rows_they_cover() {
        let mut rows = Rows::default();
        for (cells, texts) in [
            (vec![("year", 2, 1), ("art", 1, 2)], "year art"),
            (vec![("who", 1, 1), ("film", 1, 1)], "year who film"),
            (vec![("1928", 3, 1), ("Menzies", 2, 1), ("Dove", 1, 1)], "1928 Menzies Dove"),
            (vec![("Tempest", 1, 1)], "1928 Menzies Tempest"),
            (vec![("Oliver", 1, 1), ("Heaven", usize::MAX, 1)], "1928 Oliver Heaven"),
            (vec![("1929", 1, 1), ("Reed", 0, 0)], "1929 Reed Heaven"),
        ] {
            let cells =
                cells.into_iter().map(|(text, rows, columns)| Cell { text: text.into(), rows, columns });
            assert_eq!(rows.next(cells.collect()).join(" "), texts);
        }
    }
}
