#![allow(clippy::unwrap_used, reason = "tests")]

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use proptest::prelude::*;

use super::matrix::Form;
use super::product::Activations;
use super::*;
use crate::tiny::Random;

const KINDS: [GgmlDType; 12] = [
    GgmlDType::F32,
    GgmlDType::F16,
    GgmlDType::BF16,
    GgmlDType::Q8_0,
    GgmlDType::Q4_0,
    GgmlDType::Q4_1,
    GgmlDType::Q5_0,
    GgmlDType::Q5_1,
    GgmlDType::Q4K,
    GgmlDType::Q5K,
    GgmlDType::Q6K,
    GgmlDType::Q8_0,
];

fn quantized(kind: GgmlDType, rows: usize, columns: usize, seed: u64) -> QTensor {
    let weights = Random(seed).tensor(&[rows, columns], 1.0);
    QTensor::quantize(&weights, kind).unwrap()
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn random(count: usize, seed: u64) -> Vec<f32> {
    numbers(&Random(seed).tensor(&[count], 1.0))
}

#[track_caller]
fn close(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let spread = expected.iter().fold(1e-6f32, |m, x| m.max(x.abs()));
    for (at, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * spread, "{what}: {a} instead of {b} at {at}, spread {spread}");
    }
}

/// Packed weights are those of the file: exactly, but for the rounding of a scale, or rounded once more to 8 bits.
#[test]
fn packed_rows_are_the_rows_of_the_file() {
    for kind in KINDS {
        let tensor = quantized(kind, 37, 512, 5);
        let expected = numbers(&tensor.dequantize(&Device::Cpu).unwrap());
        let matrix = Matrix::pack(&tensor).unwrap();
        let mut found = vec![0.0; 37 * 512];
        found.chunks_exact_mut(512).enumerate().for_each(|(row, to)| matrix.row(row, to));
        let tolerance = match kind {
            GgmlDType::F32 | GgmlDType::Q8_0 | GgmlDType::Q4_0 | GgmlDType::Q4_1 | GgmlDType::Q5_0 => 1e-6,
            GgmlDType::Q4K => 2e-3,
            _ => 0.5 / 127.0 + 1e-3,
        };
        close(&found, &expected, tolerance, &format!("{kind:?}"));
    }
    let unknown = quantized(GgmlDType::Q2K, 2, 256, 1);
    assert!(Matrix::pack(&unknown).is_err_and(|e| e.to_string().contains("Q2K")));
}

fn product(set: InstructionSet, matrix: &Matrix, tokens: usize, values: &[f32]) -> Vec<f32> {
    let mut activations = Activations::new(tokens, matrix.columns);
    let pointers = activations.pointers();
    // One column more on each side, which must stay as it is.
    let width = matrix.rows + 2;
    let mut to = vec![7.0; tokens * width];
    // SAFETY: the set is there; sizes are those of the buffers.
    unsafe {
        for (token, values) in values.chunks_exact(matrix.columns).enumerate() {
            round_token(set, pointers, token, values);
        }
        let input = Input { rounded: pointers, floats: values.as_ptr() };
        let target = Target { to: to.as_mut_ptr(), width, column: 1 };
        multiply_panels(set, matrix, 0..matrix.panels(), input, target);
    }
    to.chunks_exact(width)
        .flat_map(|row| {
            assert_eq!((row[0], row[width - 1]), (7.0, 7.0), "written beside its place");
            row[1..width - 1].to_vec()
        })
        .collect()
}

/// Every instruction set against the plain one, and that against floats.
#[test]
fn products_are_those_of_the_floats() {
    for kind in KINDS {
        for (rows, columns, tokens) in [(16, 256, 1), (37, 512, 2), (5, 256, 3), (48, 768, 8), (33, 256, 29)]
        {
            let tensor = quantized(kind, rows, columns, 11);
            let matrix = Matrix::pack(&tensor).unwrap();
            let values = random(tokens * columns, 3);
            let weights = tensor.dequantize(&Device::Cpu).unwrap();
            let input = Tensor::from_slice(&values, (tokens, columns), &Device::Cpu).unwrap();
            let expected = numbers(&input.matmul(&weights.t().unwrap()).unwrap());
            let what = format!("{kind:?} {rows} × {columns}, {tokens} tokens");
            let plain = product(InstructionSet::Scalar, &matrix, tokens, &values);
            let rounding = if matrix.form == Form::Floats { 1e-5 } else { 1.5e-2 };
            close(&plain, &expected, rounding, &what);
            for set in InstructionSet::available() {
                let found = product(set, &matrix, tokens, &values);
                close(&found, &plain, 2e-5, &format!("{what}, {set:?}"));
                // Alone each token gives the same bits.
                for token in 0..tokens {
                    let alone = product(set, &matrix, 1, &values[token * columns..][..columns]);
                    assert_eq!(alone, found[token * rows..][..rows], "{what}, {set:?}, token {token}");
                }
            }
        }
    }
}

/// Weights and activations at the ends of their ranges: nothing overflows.
#[test]
fn the_largest_numbers_fit() {
    for kind in [GgmlDType::Q8_0, GgmlDType::Q4_0, GgmlDType::Q5_0] {
        for (weight, value) in [(-1.0f32, 1.0f32), (1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)] {
            let weights = Tensor::full(weight, (16, 4096), &Device::Cpu).unwrap();
            let matrix = Matrix::pack(&QTensor::quantize(&weights, kind).unwrap()).unwrap();
            for set in InstructionSet::available() {
                let found = product(set, &matrix, 3, &[value; 3 * 4096]);
                close(&found, &[4096.0 * weight * value; 48], 0.1, &format!("{kind:?} {set:?}"));
            }
        }
    }
}

#[test]
fn what_is_no_number_stays_none() {
    let matrix = Matrix::pack(&quantized(GgmlDType::Q8_0, 16, 64, 1)).unwrap();
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut values = random(64, 2);
        values[40] = bad;
        for set in InstructionSet::available() {
            assert!(product(set, &matrix, 1, &values).iter().all(|x| x.is_nan()), "{set:?} {bad}");
            let mut to = [0.0; 40];
            let mut gate = [1.0; 40];
            gate[3] = f32::NAN;
            // SAFETY: the set is there.
            unsafe { gate_rows(set, &gate, &[1.0; 40], Activation::Silu, &mut to) };
            assert!(to[3].is_nan() && to[4].is_finite(), "{set:?}");
        }
    }
}

#[test]
fn rows_between_the_matrices() {
    let x: Vec<f32> = (-90..=90).map(|i| i as f32).chain(random(19, 4)).collect();
    let up = random(x.len(), 5);
    let silu: Vec<f32> = x.iter().zip(&up).map(|(x, u)| x / (1.0 + (-x).exp()) * u).collect();
    let gelu: Vec<f32> = x
        .iter()
        .zip(&up)
        .map(|(x, u)| {
            let z = (2.0 / std::f32::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
            0.5 * x * (1.0 + z.tanh()) * u
        })
        .collect();
    let weight = random(50, 6);
    let normed: Vec<f32> = x
        .chunks_exact(50)
        .flat_map(|row| {
            let scale = 1.0 / (row.iter().map(|x| x * x).sum::<f32>() / 50.0 + 1e-5).sqrt();
            row.iter().zip(&weight).map(|(x, w)| x * scale * w).collect::<Vec<_>>()
        })
        .collect();
    for set in InstructionSet::available() {
        for (activation, expected) in [(Activation::Silu, &silu), (Activation::Gelu, &gelu)] {
            let mut to = vec![0.0; x.len()];
            // SAFETY: the set is there.
            unsafe { gate_rows(set, &x, &up, activation, &mut to) };
            close(&to, expected, 1e-6, &format!("{set:?} {activation:?}"));
        }
        let mut to = vec![0.0; 200];
        // SAFETY: the set is there.
        unsafe { norm_rows(set, &x, &weight, 1e-5, &mut to) };
        close(&to, &normed, 1e-6, &format!("{set:?}"));
    }
}

/// Attention in double floats, key by key.
fn plain_attention(
    (heads, kv_heads, dim): (usize, usize, usize),
    keys: &[f32],
    values: &[f32],
    query: &[f32],
    tokens: usize,
    view: View,
) -> Vec<f32> {
    let mut result = Vec::new();
    for token in 0..tokens {
        let position = view.start + token;
        let first = view.window.map_or(0, |w| (position + 1).saturating_sub(w));
        for head in 0..heads {
            let kv = head / (heads / kv_heads);
            let of = |from: &[f32], at: usize| -> Vec<f64> {
                from[(at * kv_heads + kv) * dim..][..dim].iter().map(|&x| f64::from(x)).collect()
            };
            let q = &query[(token * heads + head) * dim..][..dim];
            let scores: Vec<f64> = (first..=position)
                .map(|at| {
                    let dot: f64 = of(keys, at).iter().zip(q).map(|(k, q)| k * f64::from(*q)).sum();
                    dot * f64::from(view.scale)
                })
                .collect();
            let largest = scores.iter().fold(f64::NEG_INFINITY, |m, &s| m.max(s));
            let weights: Vec<f64> = scores.iter().map(|s| (s - largest).exp()).collect();
            let total: f64 = weights.iter().sum();
            for at in 0..dim {
                let sum: f64 = weights.iter().zip(first..).map(|(w, p)| w * of(values, p)[at]).sum();
                result.push((sum / total) as f32);
            }
        }
    }
    result
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Any shape, any place, with a window and without.
    #[test]
    fn attention_is_the_plain_one(
        kv_heads in 1usize..3, group in 1usize..5, dim in prop::sample::select(vec![8usize, 16, 24, 64, 80, 128]),
        start in 0usize..400, tokens in 1usize..70, window in prop::option::of(1usize..300), seed in 0u64..1000
    ) {
        let (heads, length) = (kv_heads * group, start + tokens);
        let keys = random(length * kv_heads * dim, seed);
        let values = random(length * kv_heads * dim, seed + 1);
        let queries = random(tokens * heads * dim, seed + 2);
        let mut cache = Cache::new(kv_heads, dim);
        cache.grow(64, 0);
        for at in 0..length {
            if at == 64 {
                cache.grow(length.next_multiple_of(64), 64);
            }
            for head in 0..kv_heads {
                let of = |from: &[f32]| from[(at * kv_heads + head) * dim..][..dim].to_vec();
                cache.put(head, at, &of(&keys), &of(&values));
            }
        }
        let view = View { start, window, scale: 0.4 };
        let expected = plain_attention((heads, kv_heads, dim), &keys, &values, &queries, tokens, view);
        for set in InstructionSet::available() {
            let mut found = vec![f32::NAN; tokens * heads * dim];
            let mut scratch = Scratch::new(&cache);
            let together = attention::tokens_per_task(group);
            let from = Queries { from: queries.as_ptr(), width: heads * dim, column: 0, heads };
            for head in 0..kv_heads {
                for first in (0..tokens).step_by(together) {
                    let some = first..tokens.min(first + together);
                    // SAFETY: the set is there; the buffers are those of the shape.
                    unsafe { attend(set, &cache, from, view, head, some, found.as_mut_ptr(), &mut scratch) };
                }
            }
            // Keys and values are half floats in the cache.
            close(&found, &expected, 4e-3, &format!("{set:?}"));
        }
    }
}
