//! Choosing the next token from the logits.

use candle_core::{Device, Tensor};
use candle_transformers::generation::{LogitsProcessor, Sampling as CandleSampling};
use citadel_core::Sampling;

use crate::GenerateError;

/// Below this the distribution is a single token anyhow, and dividing by it would overflow.
const MIN_TEMPERATURE: f64 = 1e-3;

/// Chooses tokens, one after the other.
pub(crate) enum Sampler {
    Greedy,
    Drawn(Box<LogitsProcessor>),
}

impl Sampler {
    pub(crate) fn new(sampling: Sampling) -> Result<Self, GenerateError> {
        let Sampling::TopP { temperature, top_p, seed } = sampling else { return Ok(Self::Greedy) };
        if !(temperature.is_finite() && temperature > 0.0) {
            let range = "above 0 and finite";
            return Err(GenerateError::Sampling { name: "temperature", value: temperature, range });
        }
        if !(top_p > 0.0 && top_p <= 1.0) {
            let range = "above 0 and at most 1";
            return Err(GenerateError::Sampling { name: "top_p", value: top_p, range });
        }
        let temperature = temperature.max(MIN_TEMPERATURE);
        let drawn = LogitsProcessor::from_sampling(seed, CandleSampling::TopP { p: top_p, temperature });
        Ok(Self::Drawn(Box::new(drawn)))
    }

    /// The next token. `position` is how many tokens came before, for the error.
    pub(crate) fn choose(&mut self, logits: &[f32], position: usize) -> Result<u32, GenerateError> {
        if logits.iter().any(|x| !x.is_finite()) {
            return Err(GenerateError::NotFinite { position });
        }
        match self {
            Self::Greedy => likeliest(logits).ok_or(GenerateError::NotFinite { position }),
            Self::Drawn(drawn) => Ok(drawn.sample(&Tensor::new(logits, &Device::Cpu)?)?),
        }
    }
}

/// The index of the greatest number, the first of equals; `None` for no numbers.
fn likeliest(logits: &[f32]) -> Option<u32> {
    let mut best: Option<(usize, f32)> = None;
    for (index, &x) in logits.iter().enumerate() {
        if best.is_none_or(|(_, y)| x > y) {
            best = Some((index, x));
        }
    }
    best.and_then(|(index, _)| u32::try_from(index).ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn top_p(temperature: f64, top_p: f64, seed: u64) -> Sampling {
        Sampling::TopP { temperature, top_p, seed }
    }

    fn draw(sampling: Sampling, logits: &[f32]) -> Vec<u32> {
        let mut sampler = Sampler::new(sampling).unwrap();
        (0..200).map(|i| sampler.choose(logits, i).unwrap()).collect()
    }

    #[test]
    fn greedy_takes_the_first_of_the_greatest() {
        assert_eq!(draw(Sampling::Greedy, &[1.0, 3.0, 3.0, -4.0])[..2], [1, 1]);
    }

    #[test]
    fn drawing_is_seeded_and_stays_inside_the_nucleus() {
        // Probabilities 0.64, 0.24, 0.09, 0.03: the first two reach 0.8.
        let logits = [3.0, 2.0, 1.0, 0.0];
        let drawn = draw(top_p(1.0, 0.8, 7), &logits);
        assert_eq!(drawn, draw(top_p(1.0, 0.8, 7), &logits));
        assert_ne!(drawn, draw(top_p(1.0, 0.8, 8), &logits));
        assert!(drawn.iter().all(|&id| id < 2) && drawn.contains(&0) && drawn.contains(&1), "{drawn:?}");
        assert!(draw(top_p(1.0, 1.0, 7), &logits).iter().any(|&id| id >= 2));
        assert!(draw(top_p(1e-300, 1.0, 7), &logits).iter().all(|&id| id == 0));
    }

    #[test]
    fn what_cannot_be_sampled_is_an_error() {
        let bad = [
            (0.0, 0.5),
            (-1.0, 0.5),
            (f64::NAN, 0.5),
            (f64::INFINITY, 0.5),
            (1.0, 0.0),
            (1.0, 1.1),
            (1.0, f64::NAN),
        ];
        for (temperature, p) in bad {
            assert_eq!(
                Sampler::new(top_p(temperature, p, 1)).err().unwrap().code(),
                "bad-sampling",
                "{temperature} {p}"
            );
        }
        for sampling in [Sampling::Greedy, top_p(1.0, 0.9, 1)] {
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let error = Sampler::new(sampling).unwrap().choose(&[0.0, bad, 1.0], 3).unwrap_err();
                assert_eq!(error.code(), "model-not-finite");
            }
        }
    }
}
