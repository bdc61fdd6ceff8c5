//! Weights in the form that the kernels read: panels of 16 rows, in which the same four columns of all rows lie together.

use candle_core::Device;
use candle_core::quantized::{GgmlDType, QTensor};
use half::{bf16, f16};

use super::simd::LANES;

/// Columns that share a scale, as in the formats of GGML.
pub(crate) const BLOCK: usize = 32;

/// Bytes of one vector of weights.
const VECTOR: usize = 4 * LANES;

/// Weights of a panel's block: their vectors lie on cache lines of their own.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Vector(pub [u8; VECTOR]);

/// How a weight is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// 8 bits, as value + 128, times a scale: 8 vectors a block. Q8_0, Q5_0, and,
    /// rounded once more (by at most 1/254 of the largest of 32), everything else.
    Bytes,
    /// Single floats, for f32 alone: no scales.
    Floats,
    /// 4 bits without sign, times a scale, minus a minimum: 4 vectors a block, the second half of the columns in the upper
    /// halves of the bytes. Q4_0, Q4_1, Q4_K.
    Nibbles,
}

impl Form {
    fn of(kind: GgmlDType, columns: usize) -> Self {
        match kind {
            GgmlDType::F32 => Form::Floats,
            // Half floats of an odd width.
            _ if !columns.is_multiple_of(BLOCK) => Form::Floats,
            GgmlDType::Q4_0 | GgmlDType::Q4_1 | GgmlDType::Q4K => Form::Nibbles,
            _ => Form::Bytes,
        }
    }

    pub(crate) const fn vectors(self) -> usize {
        match self {
            Form::Floats => 0,
            Form::Bytes => BLOCK / 4,
            Form::Nibbles => BLOCK / 8,
        }
    }
}

/// A matrix of weights; its product with a token is one dot product per row.
pub(crate) struct Matrix {
    pub(crate) form: Form,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// Panel by panel, block by block, [`Form::vectors`] each.
    pub(crate) weights: Vec<Vector>,
    /// For [`Form::Floats`]: panel by panel, column by column, 16 rows each.
    pub(crate) floats: Vec<f32>,
    /// 16 for each block of a panel.
    pub(crate) scales: Vec<f16>,
    /// The same for [`Form::Nibbles`], empty otherwise.
    pub(crate) minima: Vec<f16>,
}

/// One row's block, taken from the file.
struct Row {
    weights: [u8; BLOCK],
    scale: f32,
    minimum: f32,
}

impl Matrix {
    /// Packs a matrix.
    ///
    /// # Errors
    /// Those of reading, and a type of weights that is not known here.
    pub(crate) fn pack(tensor: &QTensor) -> candle_core::Result<Matrix> {
        let (rows, columns) = tensor.shape().dims2()?;
        let kind = tensor.dtype();
        let form = Form::of(kind, columns);
        if form == Form::Floats {
            return Matrix::from_floats(tensor, rows, columns);
        }
        let blocks = columns / BLOCK;
        let panels = rows.div_ceil(LANES);
        let mut matrix = Matrix {
            form,
            rows,
            columns,
            weights: vec![Vector([0; VECTOR]); panels * blocks * form.vectors()],
            floats: Vec::new(),
            scales: vec![f16::ZERO; panels * blocks * LANES],
            minima: vec![f16::ZERO; if form == Form::Nibbles { panels * blocks * LANES } else { 0 }],
        };
        let data = tensor.data()?;
        let row_bytes = columns / kind.block_size() * kind.type_size();
        let mut floats = vec![0.0; columns];
        for (row, bytes) in data.chunks_exact(row_bytes).enumerate().take(rows) {
            let known = decode(kind, bytes, &mut floats);
            if !known {
                return Err(candle_core::Error::Msg(format!("weights of type {kind:?} are not supported")));
            }
            for block in 0..blocks {
                let values = &floats[block * BLOCK..][..BLOCK];
                matrix.put(row, block, &exact(kind, bytes, block).unwrap_or_else(|| rounded(values)));
            }
        }
        Ok(matrix)
    }

    fn from_floats(tensor: &QTensor, rows: usize, columns: usize) -> candle_core::Result<Matrix> {
        let values = tensor.dequantize(&Device::Cpu)?.flatten_all()?.to_vec1::<f32>()?;
        let mut floats = vec![0.0; rows.next_multiple_of(LANES) * columns];
        for (row, values) in values.chunks_exact(columns).enumerate() {
            for (column, &value) in values.iter().enumerate() {
                floats[(row / LANES * columns + column) * LANES + row % LANES] = value;
            }
        }
        let (weights, scales, minima) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Matrix { form: Form::Floats, rows, columns, weights, floats, scales, minima })
    }

    /// The form of a packed matrix, and its bytes.
    pub(crate) fn packed_bytes(kind: GgmlDType, rows: usize, columns: usize) -> (Form, u64) {
        let form = Form::of(kind, columns);
        let numbers = (rows.next_multiple_of(LANES) as u64).saturating_mul(columns as u64);
        let half = size_of::<f16>() as u64;
        let bytes = match form {
            Form::Floats => numbers.saturating_mul(size_of::<f32>() as u64),
            Form::Bytes => numbers + numbers / BLOCK as u64 * half,
            Form::Nibbles => numbers / 2 + numbers / BLOCK as u64 * 2 * half,
        };
        (form, bytes)
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> u64 {
        let halves = self.scales.len() + self.minima.len();
        let bytes = size_of_val(self.weights.as_slice()) + size_of_val(self.floats.as_slice());
        (bytes + halves * size_of::<f16>()) as u64
    }

    pub(crate) fn panels(&self) -> usize {
        self.rows.div_ceil(LANES)
    }

    fn put(&mut self, row: usize, block: usize, values: &Row) {
        let (panel, lane) = (row / LANES, row % LANES);
        let at = panel * (self.columns / BLOCK) + block;
        self.scales[at * LANES + lane] = f16::from_f32(values.scale);
        if self.form == Form::Nibbles {
            self.minima[at * LANES + lane] = f16::from_f32(values.minimum);
        }
        let vectors = &mut self.weights[at * self.form.vectors()..][..self.form.vectors()];
        for (column, &weight) in values.weights.iter().enumerate() {
            let (vector, byte) = (column / 4, lane * 4 + column % 4);
            match self.form {
                Form::Bytes => vectors[vector].0[byte] = weight,
                Form::Nibbles if vector < vectors.len() => vectors[vector].0[byte] |= weight,
                Form::Nibbles => vectors[vector - vectors.len()].0[byte] |= weight << 4,
                Form::Floats => {}
            }
        }
    }

    /// One row as floats.
    pub(crate) fn row(&self, row: usize, to: &mut [f32]) {
        let (panel, lane) = (row / LANES, row % LANES);
        if self.form == Form::Floats {
            for (column, to) in to.iter_mut().enumerate() {
                *to = self.floats[(panel * self.columns + column) * LANES + lane];
            }
            return;
        }
        for (block, to) in to.chunks_exact_mut(BLOCK).enumerate() {
            let at = panel * (self.columns / BLOCK) + block;
            let vectors = &self.weights[at * self.form.vectors()..][..self.form.vectors()];
            let scale = self.scales[at * LANES + lane].to_f32();
            for (column, to) in to.iter_mut().enumerate() {
                let (vector, byte) = (column / 4, lane * 4 + column % 4);
                let stored = vectors[vector % vectors.len()].0[byte];
                *to = if self.form == Form::Bytes {
                    scale * (f32::from(stored) - 128.0)
                } else {
                    let weight = if vector >= vectors.len() { stored >> 4 } else { stored & 15 };
                    scale * f32::from(weight) - self.minima[at * LANES + lane].to_f32()
                };
            }
        }
    }
}

fn half_at(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

/// Weights of a block whose numbers can be kept as they are.
fn exact(kind: GgmlDType, row: &[u8], block: usize) -> Option<Row> {
    let size = kind.type_size();
    let nibbles =
        |packed: &[u8]| std::array::from_fn(|i| if i < 16 { packed[i] & 15 } else { packed[i - 16] >> 4 });
    match kind {
        GgmlDType::Q8_0 => {
            let b = &row[block * size..][..size];
            let weights = std::array::from_fn(|i| b[2 + i] ^ 0x80);
            Some(Row { weights, scale: half_at(b, 0), minimum: 0.0 })
        }
        GgmlDType::Q4_0 => {
            let b = &row[block * size..][..size];
            let scale = half_at(b, 0);
            Some(Row { weights: nibbles(&b[2..]), scale, minimum: 8.0 * scale })
        }
        GgmlDType::Q4_1 => {
            let b = &row[block * size..][..size];
            Some(Row { weights: nibbles(&b[4..]), scale: half_at(b, 0), minimum: -half_at(b, 2) })
        }
        GgmlDType::Q5_0 => {
            let b = &row[block * size..][..size];
            let low: [u8; BLOCK] = nibbles(&b[6..]);
            let high = u32::from_le_bytes([b[2], b[3], b[4], b[5]]);
            let weights = std::array::from_fn(|i| low[i] + 16 * (high >> i & 1) as u8 + 128 - 16);
            Some(Row { weights, scale: half_at(b, 0), minimum: 0.0 })
        }
        GgmlDType::Q4K => {
            // Eight blocks of 32 share two half floats; each has a scale and a minimum of 6 bits.
            let b = &row[block / 8 * size..][..size];
            let (scale, minimum) = six_bits(&b[4..16], block % 8);
            let pair = &b[16 + block % 8 / 2 * BLOCK..][..BLOCK];
            let upper = block % 2 == 1;
            Some(Row {
                weights: std::array::from_fn(|i| if upper { pair[i] >> 4 } else { pair[i] & 15 }),
                scale: half_at(b, 0) * f32::from(scale),
                minimum: half_at(b, 2) * f32::from(minimum),
            })
        }
        _ => None,
    }
}

/// Weights of a block, rounded to 8 bits.
fn rounded(values: &[f32]) -> Row {
    let largest = values.iter().fold(0f32, |m, v| m.max(v.abs()));
    let scale = f16::from_f32(largest / 127.0).to_f32();
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    let weights = std::array::from_fn(|i| {
        let whole = (values[i] * inverse).round_ties_even().clamp(-127.0, 127.0);
        (whole as i32 + 128) as u8
    });
    // What is no number stays none: it must be seen, not computed with.
    let scale = if values.iter().all(|v| v.is_finite()) { scale } else { f32::NAN };
    Row { weights, scale, minimum: 0.0 }
}

/// Scale and minimum of one of the eight blocks of a super-block (GGML, `get_scale_min_k4`).
fn six_bits(packed: &[u8], block: usize) -> (u8, u8) {
    if block < 4 {
        return (packed[block] & 63, packed[block + 4] & 63);
    }
    let low = packed[block + 4];
    ((low & 15) | (packed[block - 4] >> 6) << 4, low >> 4 | (packed[block] >> 6) << 4)
}

/// A row as floats, where [`exact`] does not take it; says whether the type is known.
fn decode(kind: GgmlDType, row: &[u8], to: &mut [f32]) -> bool {
    let size = kind.type_size();
    let blocks = row.chunks_exact(size).zip(to.chunks_exact_mut(kind.block_size()));
    match kind {
        GgmlDType::Q8_0 | GgmlDType::Q4_0 | GgmlDType::Q4_1 | GgmlDType::Q5_0 | GgmlDType::Q4K => {}
        GgmlDType::F16 => blocks.for_each(|(b, to)| to[0] = half_at(b, 0)),
        GgmlDType::BF16 => blocks.for_each(|(b, to)| to[0] = bf16::from_le_bytes([b[0], b[1]]).to_f32()),
        GgmlDType::Q5_1 => {
            for (b, to) in blocks {
                let (scale, minimum) = (half_at(b, 0), half_at(b, 2));
                let high = u32::from_le_bytes([b[4], b[5], b[6], b[7]]);
                for (i, to) in to.iter_mut().enumerate() {
                    let low = if i < 16 { b[8 + i] & 15 } else { b[8 + i - 16] >> 4 };
                    *to = scale * (f32::from(low) + 16.0 * (high >> i & 1) as f32) + minimum;
                }
            }
        }
        GgmlDType::Q5K => {
            for (b, to) in blocks {
                for (block, to) in to.chunks_exact_mut(BLOCK).enumerate() {
                    let (scale, minimum) = six_bits(&b[4..16], block);
                    let (scale, minimum) =
                        (half_at(b, 0) * f32::from(scale), half_at(b, 2) * f32::from(minimum));
                    for (i, to) in to.iter_mut().enumerate() {
                        let pair = b[48 + block / 2 * BLOCK + i];
                        let low = if block % 2 == 1 { pair >> 4 } else { pair & 15 };
                        *to = scale * f32::from(low + 16 * (b[16 + i] >> block & 1)) - minimum;
                    }
                }
            }
        }
        GgmlDType::Q6K => {
            for (b, to) in blocks {
                let (low, high, scales) = (&b[..128], &b[128..192], &b[192..208]);
                let scale = half_at(b, 208);
                for (i, to) in to.iter_mut().enumerate() {
                    // Two halves of 128; in each, four runs of 32 share bytes.
                    let (half, run, at) = (i / 128, i % 128 / 32, i % 32);
                    let nibble = low[half * 64 + run % 2 * 32 + at] >> (run / 2 * 4) & 15;
                    let bits = high[half * 32 + at] >> (run * 2) & 3;
                    let weight = i32::from(nibble | bits << 4) - 32;
                    *to = scale * f32::from(scales[i / 16] as i8) * weight as f32;
                }
            }
        }
        _ => return false,
    }
    true
}
