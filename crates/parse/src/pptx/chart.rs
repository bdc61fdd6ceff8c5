//! The numbers behind a chart: one row for each category, one column for each series.

use std::collections::BTreeMap;

use crate::Failure;
use crate::archive::Parts;
use crate::xml::{self, Event};

/// More than a chart can show.
const MAX_POINTS: usize = 10_000;

/// What a value in a series is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Axis {
    Name,
    Category,
    Value,
}

#[derive(Default)]
struct Series {
    name: String,
    values: BTreeMap<usize, String>,
}

#[derive(Default)]
struct Chart {
    categories: BTreeMap<usize, String>,
    series: Vec<Series>,
    axis: Option<Axis>,
    point: usize,
    in_value: bool,
}

/// The rows of a chart, the first with the names of its series; a chart without numbers has none.
pub(super) fn read(part: &str, parts: &mut Parts<'_>) -> Result<Vec<Vec<String>>, Failure> {
    let mut chart = Chart::default();
    xml::read(part, &parts.require(part)?, &mut |event| {
        match event {
            Event::Open(tag) => match tag.name().as_str() {
                "ser" => chart.series.push(Series::default()),
                "tx" => chart.axis = Some(Axis::Name),
                "cat" | "xVal" => chart.axis = Some(Axis::Category),
                "val" | "yVal" => chart.axis = Some(Axis::Value),
                "pt" => chart.point = tag.attribute("idx").and_then(|n| n.parse().ok()).unwrap_or(0),
                "v" => chart.in_value = true,
                _ => {}
            },
            Event::Text(text) => chart.take(text),
            Event::Close("v") => chart.in_value = false,
            Event::Close("tx" | "cat" | "xVal" | "val" | "yVal") => chart.axis = None,
            Event::Close(_) => {}
        }
        Ok(())
    })?;
    Ok(chart.rows())
}

impl Chart {
    fn take(&mut self, text: &str) {
        let (Some(axis), Some(series), true) = (self.axis, self.series.last_mut(), self.in_value) else {
            return;
        };
        let place = match axis {
            Axis::Name => &mut series.name,
            _ if self.point >= MAX_POINTS => return,
            Axis::Value => series.values.entry(self.point).or_default(),
            // Every series repeats the categories.
            Axis::Category if self.series.len() > 1 => return,
            Axis::Category => self.categories.entry(self.point).or_default(),
        };
        place.push_str(text);
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let points = self.series.iter().filter_map(|series| series.values.last_key_value());
        let Some(last) = points.map(|(point, _)| *point).max() else { return Vec::new() };
        let row = |first: Option<&String>, cell: &dyn Fn(&Series) -> Option<&String>| {
            let cells = std::iter::once(first).chain(self.series.iter().map(cell));
            cells.map(|text| text.cloned().unwrap_or_default()).collect()
        };
        let head = row(None, &|series| Some(&series.name));
        let points =
            (0..=last).map(|point| row(self.categories.get(&point), &|series| series.values.get(&point)));
        std::iter::once(head).chain(points).collect()
    }
}
