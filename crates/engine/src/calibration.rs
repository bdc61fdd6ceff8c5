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

/// That the evidence answers the question: fitted on 1,714 questions, half of them written to mislead; area under the curve .70
/// on the half of them that was left out of a fit.
pub(crate) const GATE: Regression =
    Regression { bias: -3.176, weights: &[("answerable", 0.976), ("cosine", 2.558), ("names", 1.740)] };
/// Below this probability the language model is not asked. Of those questions 63 % of the ones with an answer would then be quoted
/// rightly and 7 % wrongly, and 59 % of the others refused; at .40 it would be 70, 10 and 47 %.
pub(crate) const GATE_THRESHOLD: f64 = 0.47;
/// The same for quotations, which say nothing that does not stand there.
pub(crate) const QUOTE_GATE_THRESHOLD: f64 = 0.40;

/// That a source carries a sentence: fitted on 598 claims made from questions and 111 scientific ones.
pub(crate) const SUPPORT: Regression =
    Regression { bias: -0.421, weights: &[("entailment", 1.066), ("cosine", 0.494)] };
/// At and above this probability a sentence passes, if its facts hold.
pub(crate) const SUPPORT_THRESHOLD: f64 = 0.5;

/// That an answer is right, from the gate's log-odds: fitted on 296 quotations for such questions, calibration error .058 on
/// them. With other weights, whether the model declined, wrote what the reader found, or was quoted instead told nothing more. Fitted
/// with the gate before this one; a fit on 519 answers given with this one (bias -.547, weight 1.538) was no better on others:
/// calibration error .137 for .119 on squad-even, .24 for .26 and .28 for .31 on the reports.
pub(crate) const CONFIDENCE: Regression = Regression { bias: -0.287, weights: &[("gate", 1.166)] };
