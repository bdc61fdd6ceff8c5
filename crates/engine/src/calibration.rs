//! What was fitted: the weights of the gate, of the self-check and of an answer's confidence. `training/calibrate.py` fits
//! them on what the program itself said about questions and claims that the reader was not trained on, and prints these
//! tables; docs/evaluation.md has the figures.

/// A logistic regression over named features.
pub(crate) struct Regression {
    pub bias: f64,
    pub weights: &'static [(&'static str, f64)],
}

impl Regression {
    /// The logarithm of the odds. A feature without a weight counts for nothing.
    pub(crate) fn log_odds(&self, features: &[(&str, f64)]) -> f64 {
        let weight = |name: &str| self.weights.iter().find(|w| w.0 == name).map_or(0.0, |w| w.1);
        self.bias + features.iter().map(|(name, value)| weight(name) * value).sum::<f64>()
    }

    /// The probability, 0 to 1.
    pub(crate) fn probability(&self, features: &[(&str, f64)]) -> f64 {
        logistic(self.log_odds(features))
    }
}

/// The logistic function.
pub(crate) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The inverse of [`logistic`], within what can be told from certainty.
pub(crate) fn log_odds(probability: f64) -> f64 {
    let p = probability.clamp(1e-4, 1.0 - 1e-4);
    (p / (1.0 - p)).ln()
}

/// That the evidence answers the question: fitted on 700 questions, half of them written to mislead. Calibration error .045 and
/// area under the curve .673 on the half that was not fitted on.
pub(crate) const GATE: Regression = Regression {
    bias: -1.892,
    weights: &[("answerable", 0.456), ("span", 0.234), ("cosine", 2.299), ("names", 0.958)],
};
/// Below this probability the language model is not asked. On 420 such questions 53 % of those with an answer were then answered
/// rightly and 5 % wrongly, and 69 % of the others refused; at .42 it was 67, 12 and 36 %.
pub(crate) const GATE_THRESHOLD: f64 = 0.54;
/// The same for quotations, which say nothing that does not stand there.
pub(crate) const QUOTE_GATE_THRESHOLD: f64 = 0.42;

/// That a source carries a sentence: fitted on 598 claims made from questions and 111 scientific ones.
pub(crate) const SUPPORT: Regression =
    Regression { bias: -0.421, weights: &[("entailment", 1.066), ("cosine", 0.494)] };
/// At and above this probability a sentence passes, if its facts hold.
pub(crate) const SUPPORT_THRESHOLD: f64 = 0.5;

/// That an answer is right, from the gate's log-odds: fitted on 303 answers to such questions. Whether the model declined, wrote what the
/// reader found, or was quoted instead told nothing more.
pub(crate) const CONFIDENCE: Regression = Regression { bias: -0.736, weights: &[("gate", 2.06)] };
