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

/// That the evidence answers the question: fitted on 700 questions, half of them written to mislead. Calibration error .045 and
/// area under the curve .673 on the half that was not fitted on.
pub(crate) const GATE: Regression = Regression {
    bias: -1.892,
    weights: &[("answerable", 0.456), ("span", 0.234), ("cosine", 2.299), ("names", 0.958)],
};
/// Below this probability nothing is answered: some 85 % of the questions that can be answered pass.
pub(crate) const GATE_THRESHOLD: f64 = 0.42;

/// That a source carries a sentence: fitted on 598 claims made from questions and 111 scientific ones.
pub(crate) const SUPPORT: Regression =
    Regression { bias: -0.421, weights: &[("entailment", 1.066), ("cosine", 0.494)] };
/// At and above this probability a sentence passes, if its facts hold.
pub(crate) const SUPPORT_THRESHOLD: f64 = 0.5;

/// That an answer is right.
pub(crate) const CONFIDENCE: Regression = Regression { bias: 0.0, weights: &[("gate", 1.0)] };
/// Below this probability an answer that the model had a part in is withheld.
pub(crate) const CONFIDENCE_THRESHOLD: f64 = 0.0;
