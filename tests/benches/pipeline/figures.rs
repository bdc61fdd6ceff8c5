//! Repeated measurements of one thing, and how they are shown.

/// Measurements of one thing, in the order they were taken.
#[derive(Clone, Default)]
pub(crate) struct Figures(pub(crate) Vec<f64>);

impl Figures {
    /// How many there are.
    pub(crate) fn n(&self) -> usize {
        self.0.len()
    }

    /// The smallest value that at least `share` of the values do not exceed.
    pub(crate) fn quantile(&self, share: f64) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied()
    }

    /// The middle value; of two, the lower.
    pub(crate) fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// `of(self) / of(other)`, run by run.
    pub(crate) fn over(&self, other: &Figures) -> Figures {
        Figures(self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect())
    }

    /// `12.3 (11.9 to 12.8)`: the median, the lowest and the highest.
    pub(crate) fn spread(&self, digits: usize) -> String {
        match (self.median(), self.quantile(0.0), self.quantile(1.0)) {
            (Some(median), Some(low), Some(high)) if self.n() > 1 => {
                format!("{median:.digits$} ({low:.digits$} to {high:.digits$})")
            }
            (Some(only), ..) => format!("{only:.digits$}"),
            _ => "–".to_owned(),
        }
    }
}

impl FromIterator<f64> for Figures {
    fn from_iter<T: IntoIterator<Item = f64>>(values: T) -> Self {
        Self(values.into_iter().collect())
    }
}

/// A value with this many digits after the point; a dash where there is none.
pub(crate) fn show(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"))
}
