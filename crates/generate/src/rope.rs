//! Rotary position embedding (Su et al. 2021, RoFormer) with the ways in which models stretch it.

use std::f64::consts::PI;

use candle_core::Device;

use crate::GenerateError;
use crate::gguf::Gguf;

/// Which two numbers of a head are turned together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pairs {
    /// The first with the second, the third with the fourth.
    Neighbours,
    /// Each of the first half with its like in the second.
    Halves,
}

/// How queries and keys are turned: number pair `i` of a token at position `p` by `p · frequencies[i]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rope {
    pub(crate) pairs: Pairs,
    /// Numbers of a head that are turned; those after them stay.
    pub(crate) turned: usize,
    frequencies: Vec<f64>,
    /// What turned numbers are multiplied by.
    magnitude: f64,
}

impl Rope {
    /// `base^(-2i/d)` (Su et al. 2021).
    pub(crate) fn plain(pairs: Pairs, turned: usize, base: f32) -> Self {
        let frequency = |i: usize| f64::from(base).powf(-2.0 * i as f64 / turned as f64);
        Self { pairs, turned, frequencies: (0..turned / 2).map(frequency).collect(), magnitude: 1.0 }
    }

    /// Reads the scaling that the metadata names. Factors of Llama 3 and Phi 3 stand in tensors of their own.
    pub(crate) fn read(
        gguf: &mut Gguf,
        architecture: &str,
        pairs: Pairs,
        head_dim: usize,
        base: f32,
        context: usize,
    ) -> Result<Self, GenerateError> {
        let key = |name: &str| format!("{architecture}.rope.{name}");
        let turned = gguf.number(&key("dimension_count")).unwrap_or(head_dim);
        if turned == 0 || !turned.is_multiple_of(2) || turned > head_dim {
            return Err(gguf.damaged(format!("{} is {turned}", key("dimension_count"))));
        }
        let mut rope = Self::plain(pairs, turned, base);
        let factor = gguf.float(&key("scaling.factor")).filter(|&f| f != 0.0).unwrap_or(1.0);
        if !(factor.is_finite() && factor > 0.0) {
            return Err(gguf.damaged(format!("{} is {factor}", key("scaling.factor"))));
        }
        let original = gguf.number(&key("scaling.original_context_length"));
        match gguf.string(&key("scaling.type")) {
            Some("none") => {}
            // A factor without a type is one of these.
            None | Some("linear") => rope.frequencies.iter_mut().for_each(|f| *f /= f64::from(factor)),
            Some("yarn") => {
                let original =
                    original.ok_or_else(|| gguf.damaged("its YaRN scaling names no original context"))?;
                rope.yarn(f64::from(base), f64::from(factor), original);
            }
            // The factors say it all.
            Some("longrope") => {}
            Some(other) => return Err(gguf.unsupported(format!("its RoPE scaling is {other:?}"))),
        }
        let attention = gguf.float(&key("scaling.attn_factor")).unwrap_or(1.0);
        if !(attention.is_finite() && attention > 0.0) {
            return Err(gguf.damaged(format!("{} is {attention}", key("scaling.attn_factor"))));
        }
        rope.magnitude *= f64::from(attention);
        let (short, long) = ("rope_factors_short.weight", "rope_factors_long.weight");
        let (used, unused) = match original {
            Some(original) if context > original => (long, short),
            _ => (short, long),
        };
        for (name, counts) in [("rope_freqs.weight", true), (used, true), (unused, false)] {
            if !gguf.has_tensor(name) {
                continue;
            }
            let factors = gguf.floats(name, &[turned / 2], &Device::Cpu)?.to_vec1::<f32>()?;
            if factors.iter().any(|f| !(f.is_finite() && *f > 0.0)) {
                return Err(gguf.damaged(format!("{name} holds a factor that is not above 0")));
            }
            if counts {
                rope.frequencies.iter_mut().zip(factors).for_each(|(w, f)| *w /= f64::from(f));
            }
        }
        Ok(rope)
    }

    /// YaRN (Peng et al. 2023, sections 3.2 and 3.4; constants as there): fast turns stay, slow ones are interpolated, with
    /// a ramp between.
    fn yarn(&mut self, base: f64, factor: f64, original: usize) {
        const FAST: f64 = 32.0;
        const SLOW: f64 = 1.0;
        let pair_that_turns =
            |times: f64| self.turned as f64 * (original as f64 / (times * 2.0 * PI)).ln() / (2.0 * base.ln());
        let low = pair_that_turns(FAST).floor().max(0.0);
        let high = pair_that_turns(SLOW).ceil().min(self.turned as f64 - 1.0);
        for (i, frequency) in self.frequencies.iter_mut().enumerate() {
            let kept = 1.0 - ((i as f64 - low) / (high - low).max(0.001)).clamp(0.0, 1.0);
            *frequency *= kept + (1.0 - kept) / factor;
        }
        self.magnitude = 1.0 + 0.1 * factor.ln();
    }

    /// Cosines and sines for `positions`, position by position, `turned / 2` each.
    pub(crate) fn table(&self, positions: usize) -> (Vec<f32>, Vec<f32>) {
        let table = |f: fn(f64) -> f64| -> Vec<f32> {
            let angles = (0..positions).flat_map(|p| self.frequencies.iter().map(move |w| p as f64 * w));
            angles.map(|angle| (self.magnitude * f(angle)) as f32).collect()
        };
        (table(f64::cos), table(f64::sin))
    }
}
