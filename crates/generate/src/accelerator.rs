//! The decoder's arithmetic on CUDA and Metal, by candle's tensors and quantized products.

use candle_core::quantized::{QMatMul, QTensor};
use candle_core::{D, DType, Device, Module, Tensor};
use candle_nn::ops::{rms_norm, softmax_last_dim};
use candle_nn::rotary_emb::{rope, rope_i};

use crate::GenerateError;
use crate::backend::{Backend, grown_capacity};
use crate::family::{Activation, LayerKind, Shape};
use crate::rope::Pairs;

type Result<T> = std::result::Result<T, GenerateError>;

/// A device of candle's.
pub(crate) struct Accelerator {
    device: Device,
    /// For each rope cosines and sines, context × turned numbers / 2.
    ropes: Vec<(Tensor, Tensor)>,
    /// For each layer keys and values, capacity × key heads × head size.
    caches: Vec<Option<(Tensor, Tensor)>>,
    capacity: usize,
}

/// Matrices that are multiplied with the same rows.
pub(crate) struct Stack {
    matrices: Vec<QMatMul>,
    /// The first matrix, to look rows up in; where there is one only.
    table: Option<std::sync::Arc<QTensor>>,
    parts: Vec<usize>,
    /// Numbers and bytes.
    size: [u64; 2],
}

impl Accelerator {
    pub(crate) fn new(device: Device, shape: &Shape) -> Result<Self> {
        let tables = shape.ropes.iter().map(|rope| {
            let (cosines, sines) = rope.table(shape.context);
            let size = (shape.context, rope.turned / 2);
            Ok((Tensor::from_vec(cosines, size, &device)?, Tensor::from_vec(sines, size, &device)?))
        });
        let ropes = tables.collect::<Result<_>>()?;
        Ok(Self { device, ropes, caches: vec![None; shape.layers.len()], capacity: 0 })
    }

    /// Turns rows of heads, tokens × heads × head size.
    fn turn(&self, shape: &Shape, table: usize, heads: Tensor, start: usize) -> candle_core::Result<Tensor> {
        let (count, many, dim) = heads.dims3()?;
        let rope_of = &shape.ropes[table];
        // Every token is its own batch entry, so that token-major data need not be transposed.
        let [cos, sin] = [&self.ropes[table].0, &self.ropes[table].1]
            .map(|t| t.narrow(0, start, count).and_then(|t| t.unsqueeze(1)));
        let (cos, sin) = (cos?, sin?);
        let turned = heads.narrow(2, 0, rope_of.turned)?.contiguous()?;
        let turned = turned.reshape((count, many, 1, rope_of.turned))?;
        let turned = match rope_of.pairs {
            Pairs::Neighbours => rope_i(&turned, &cos, &sin)?,
            Pairs::Halves => rope(&turned, &cos, &sin)?,
        };
        let turned = turned.reshape((count, many, rope_of.turned))?;
        if rope_of.turned == dim {
            return Ok(turned);
        }
        Tensor::cat(&[turned, heads.narrow(2, rope_of.turned, dim - rope_of.turned)?], 2)
    }
}

impl Backend for Accelerator {
    /// The parts, each tokens × width.
    type Array = Vec<Tensor>;
    type Stack = Stack;
    type Vector = Tensor;

    fn device(&self) -> &Device {
        &self.device
    }

    fn stack(&self, matrices: Vec<QTensor>, parts: &[usize]) -> Result<Stack> {
        let of = |size: fn(&QTensor) -> usize| matrices.iter().map(size).sum::<usize>() as u64;
        let size = [of(|m| m.shape().elem_count()), of(QTensor::storage_size_in_bytes)];
        let matrices: Vec<_> = matrices.into_iter().map(std::sync::Arc::new).collect();
        let table = matrices.first().filter(|_| matrices.len() == 1).cloned();
        let matrices = matrices.into_iter().map(QMatMul::from_arc).collect::<candle_core::Result<_>>()?;
        Ok(Stack { matrices, table, parts: parts.to_vec(), size })
    }

    fn vector(&self, tensor: &QTensor) -> Result<Tensor> {
        Ok(tensor.dequantize(&self.device)?)
    }

    fn size(stack: &Stack) -> [u64; 2] {
        stack.size
    }

    fn embed(&self, table: &Stack, tokens: &[u32], scale: f32) -> Result<Vec<Tensor>> {
        let table = table.table.as_ref();
        let table = table.ok_or(GenerateError::Compute { reason: "there is no table".to_owned() })?;
        let rows = table.embedding(&Tensor::new(tokens, &self.device)?)?;
        Ok(vec![if scale == 1.0 { rows } else { (rows * f64::from(scale))? }])
    }

    fn product(&self, stack: &Stack, rows: &Vec<Tensor>) -> Result<Vec<Tensor>> {
        let mut product = Vec::with_capacity(stack.parts.len());
        for matrix in &stack.matrices {
            product.push(matrix.forward(&rows[0])?);
        }
        if product.len() < stack.parts.len() {
            let whole = product.remove(0);
            let mut start = 0;
            for &width in &stack.parts {
                product.push(whole.narrow(1, start, width)?.contiguous()?);
                start += width;
            }
        }
        Ok(product)
    }

    fn bias(&self, rows: &mut Vec<Tensor>, part: usize, bias: &Tensor) -> Result<()> {
        rows[part] = rows[part].broadcast_add(bias)?;
        Ok(())
    }

    fn norm(&self, rows: &Vec<Tensor>, weight: &Tensor, epsilon: f32) -> Result<Vec<Tensor>> {
        Ok(vec![rms_norm(&rows[0], weight, epsilon)?])
    }

    fn norm_heads(&self, rows: &mut Vec<Tensor>, part: usize, weight: &Tensor, epsilon: f32) -> Result<()> {
        let (count, width) = rows[part].dims2()?;
        let dim = weight.elem_count();
        let heads = rows[part].reshape((count, width / dim, dim))?;
        rows[part] = rms_norm(&heads, weight, epsilon)?.reshape((count, width))?;
        Ok(())
    }

    fn attend(
        &mut self,
        shape: &Shape,
        layer: usize,
        kind: LayerKind,
        qkv: Vec<Tensor>,
        start: usize,
    ) -> Result<Vec<Tensor>> {
        let (heads, kv_heads, dim) = (shape.heads, shape.kv_heads, shape.head_dim);
        let count = qkv[0].dim(0)?;
        let split = |part: usize, heads: usize| qkv[part].reshape((count, heads, dim));
        let (mut query, mut key) = (split(0, heads)?, split(1, kv_heads)?);
        if let Some(table) = kind.rope {
            query = self.turn(shape, table, query, start)?;
            key = self.turn(shape, table, key, start)?;
        }
        let failed = || GenerateError::Compute { reason: "a layer has no cache".to_owned() };
        let (keys, values) = self.caches[layer].as_ref().ok_or_else(failed)?;
        let half = keys.dtype();
        keys.slice_set(&key.to_dtype(half)?, 0, start)?;
        values.slice_set(&split(2, kv_heads)?.to_dtype(half)?, 0, start)?;
        let first = kind.window.map_or(0, |w| (start + 1).saturating_sub(w));
        let length = start + count - first;
        // All query heads of one key head are rows of one product, so that keys are never repeated.
        let rows = heads / kv_heads * count;
        let query = (query * f64::from(shape.attention_scale))?.to_dtype(half)?;
        let query = query.transpose(0, 1)?.contiguous()?.reshape((kv_heads, rows, dim))?;
        let seen = |t: &Tensor| t.narrow(0, first, length)?.transpose(0, 1)?.contiguous();
        let scores = query.matmul(&seen(keys)?.transpose(D::Minus2, D::Minus1)?)?.to_dtype(DType::F32)?;
        let scores = if count == 1 {
            scores
        } else {
            let mask = mask(start, count, first, kind.window, &self.device)?;
            let scores = scores.reshape((heads, count, length))?.broadcast_add(&mask)?;
            scores.reshape((kv_heads, rows, length))?
        };
        let attended = softmax_last_dim(&scores)?.to_dtype(half)?.matmul(&seen(values)?)?;
        let attended = attended.to_dtype(DType::F32)?.reshape((heads, count, dim))?;
        Ok(vec![attended.transpose(0, 1)?.reshape((count, heads * dim))?])
    }

    fn gate(&self, rows: &Vec<Tensor>, activation: Activation) -> Result<Vec<Tensor>> {
        let bent = match activation {
            Activation::Silu => rows[0].silu()?,
            Activation::Gelu => rows[0].gelu()?,
        };
        Ok(vec![(bent * &rows[1])?])
    }

    fn add(&self, rows: &mut Vec<Tensor>, more: &Vec<Tensor>) -> Result<()> {
        rows[0] = (&rows[0] + &more[0])?;
        Ok(())
    }

    fn last(&self, rows: &Vec<Tensor>, count: usize) -> Result<Vec<Tensor>> {
        Ok(vec![rows[0].narrow(0, rows[0].dim(0)? - count, count)?.contiguous()?])
    }

    fn numbers(&self, rows: Vec<Tensor>) -> Result<Vec<f32>> {
        Ok(rows[0].flatten_all()?.to_vec1()?)
    }

    fn make_room(&mut self, shape: &Shape, length: usize, used: usize) -> Result<()> {
        if length <= self.capacity {
            return Ok(());
        }
        let capacity = grown_capacity(self.capacity, length, shape.context);
        // The processor multiplies no half floats worth the name; there this backend only runs in tests.
        let half = if self.device.is_cpu() { DType::F32 } else { DType::F16 };
        for cache in &mut self.caches {
            let grown = |old: Option<&Tensor>| -> candle_core::Result<Tensor> {
                let new = Tensor::zeros((capacity, shape.kv_heads, shape.head_dim), half, &self.device)?;
                if let Some(old) = old
                    && used > 0
                {
                    new.slice_set(&old.narrow(0, 0, used)?, 0, 0)?;
                }
                Ok(new)
            };
            let (keys, values) = cache.as_ref().map(|(k, v)| (k, v)).unzip();
            *cache = Some((grown(keys)?, grown(values)?));
        }
        self.capacity = capacity;
        Ok(())
    }
}

/// 0 where a token may look, minus infinity elsewhere; count × (start + count - first).
fn mask(
    start: usize,
    count: usize,
    first: usize,
    window: Option<usize>,
    device: &Device,
) -> candle_core::Result<Tensor> {
    let length = start + count - first;
    let sees = |row: usize, key: usize| {
        let (token, key) = (start + row, first + key);
        key <= token && window.is_none_or(|w| token - key < w)
    };
    let mask: Vec<f32> = (0..count)
        .flat_map(|row| (0..length).map(move |key| if sees(row, key) { 0.0 } else { f32::NEG_INFINITY }))
        .collect();
    Tensor::from_vec(mask, (count, length), device)
}
