//! A Llama-family decoder over quantized weights. Own code instead of candle's `quantized_llama`, which stops at 4096
//! positions, ignores Llama 3's RoPE factors, materialises every attention score, keeps every mask for ever and copies
//! the whole cache at each token. The cache here is allocated in steps and can be cut back to a common prefix.

use std::sync::Arc;

use candle_core::quantized::{QMatMul, QTensor};
use candle_core::{D, Device, Module, Tensor};
use candle_nn::attention::{AttnMask, flash_attn};
use candle_nn::ops::{rms_norm, softmax_last_dim};

use crate::GenerateError;
use crate::gguf::Gguf;

/// Longest context that is offered, whatever the file claims: the cache for more would not fit ordinary laptops.
const MAX_CONTEXT: usize = 8192;

/// The cache grows by this many tokens.
const CACHE_STEP: usize = 512;

/// The sizes of a model, as its metadata gives them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sizes {
    layers: usize,
    hidden: usize,
    feed_forward: usize,
    heads: usize,
    kv_heads: usize,
    head_dim: usize,
    pub(crate) vocabulary: usize,
    /// Tokens of prompt and answer together.
    pub(crate) context: usize,
    epsilon: f32,
    rope_base: f32,
    rope_scale: f32,
}

impl Sizes {
    /// Reads and checks the sizes, refusing every variant that the decoder below would get wrong.
    pub(crate) fn read(gguf: &Gguf) -> Result<Self, GenerateError> {
        match gguf.string("general.architecture") {
            Some("llama") => {}
            Some(other) => {
                return Err(
                    gguf.unsupported(format!("its architecture is {other:?}, only \"llama\" is supported"))
                );
            }
            None => return Err(gguf.damaged("its metadata names no architecture")),
        }
        let bounded = |key: &str, most: usize| {
            let key = format!("llama.{key}");
            match gguf.require(&key)? {
                n if (1..=most).contains(&n) => Ok(n),
                n => Err(gguf.damaged(format!("{key} is {n}, which is outside 1 to {most}"))),
            }
        };
        let hidden = bounded("embedding_length", 1 << 16)?;
        let heads = bounded("attention.head_count", 1 << 10)?;
        let kv_heads = match gguf.number("llama.attention.head_count_kv") {
            Some(_) => bounded("attention.head_count_kv", heads)?,
            None => heads,
        };
        if heads % kv_heads != 0 || hidden % heads != 0 {
            return Err(gguf.damaged(format!(
                "its {heads} attention heads fit neither its {kv_heads} key-value heads nor its width of {hidden}"
            )));
        }
        let head_dim = hidden / heads;
        for key in
            ["llama.attention.key_length", "llama.attention.value_length", "llama.rope.dimension_count"]
        {
            if let Some(n) = gguf.number(key)
                && n != head_dim
            {
                return Err(
                    gguf.unsupported(format!("{key} is {n}, only the head size {head_dim} is supported"))
                );
            }
        }
        if head_dim % 2 != 0 {
            return Err(gguf.damaged(format!("its head size {head_dim} is odd")));
        }
        if gguf.number("llama.expert_count").is_some_and(|n| n > 1) {
            return Err(gguf.unsupported("it is a mixture of experts"));
        }
        let rope_scale = match gguf.string("llama.rope.scaling.type") {
            None | Some("none") => 1.0,
            Some("linear") => gguf.float("llama.rope.scaling.factor").unwrap_or(1.0),
            Some(other) => return Err(gguf.unsupported(format!("its RoPE scaling is {other:?}"))),
        };
        let rope_base = gguf.float("llama.rope.freq_base").unwrap_or(10_000.0);
        let epsilon = gguf
            .float("llama.attention.layer_norm_rms_epsilon")
            .ok_or_else(|| gguf.damaged("its metadata lacks llama.attention.layer_norm_rms_epsilon"))?;
        for (name, value) in
            [("RoPE base", rope_base), ("RoPE factor", rope_scale), ("norm epsilon", epsilon)]
        {
            if !(value.is_finite() && value > 0.0) {
                return Err(gguf.damaged(format!("its {name} is {value}")));
            }
        }
        let vocabulary = match gguf.shape("token_embd.weight").as_deref() {
            Some([rows, _]) if (1..=1 << 22).contains(rows) => *rows,
            _ => return Err(gguf.damaged("it lacks the matrix token_embd.weight")),
        };
        Ok(Self {
            layers: bounded("block_count", 1 << 10)?,
            hidden,
            feed_forward: bounded("feed_forward_length", 1 << 20)?,
            heads,
            kv_heads,
            head_dim,
            vocabulary,
            context: bounded("context_length", 1 << 30)?.min(MAX_CONTEXT),
            epsilon,
            rope_base,
            rope_scale,
        })
    }

    /// Bytes of the key-value cache at full context.
    pub(crate) fn cache_bytes(&self) -> u64 {
        let floats =
            2 * self.layers as u64 * self.kv_heads as u64 * self.head_dim as u64 * self.context as u64;
        floats * size_of::<f32>() as u64
    }
}

struct Layer {
    attention_norm: Tensor,
    query: QMatMul,
    key: QMatMul,
    value: QMatMul,
    attention_output: QMatMul,
    feed_forward_norm: Tensor,
    gate: QMatMul,
    up: QMatMul,
    down: QMatMul,
    /// Keys and values of the tokens so far, each 1 × capacity × key-value heads × head size.
    cache: Option<(Tensor, Tensor)>,
}

/// Which attention kernel to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attention {
    /// candle's fused CPU kernel, which never holds the score matrix.
    Flash,
    /// Plain matrix products, for accelerators.
    Portable,
}

/// The decoder with its weights and its cache.
pub(crate) struct Llama {
    pub(crate) sizes: Sizes,
    device: Device,
    attention: Attention,
    embedding: Arc<QTensor>,
    layers: Vec<Layer>,
    output_norm: Tensor,
    output: QMatMul,
    /// Cosines and sines of the rotary embedding, each context × head size / 2.
    rope: (Tensor, Tensor),
    /// Tokens in the cache, and tokens that it has room for.
    cached: usize,
    capacity: usize,
}

impl Llama {
    /// Reads all weights.
    pub(crate) fn load(gguf: &mut Gguf, sizes: Sizes, device: &Device) -> Result<Self, GenerateError> {
        let Sizes { hidden, feed_forward, vocabulary, .. } = sizes;
        let (query_rows, kv_rows) = (sizes.heads * sizes.head_dim, sizes.kv_heads * sizes.head_dim);
        let embedding = Arc::new(gguf.tensor("token_embd.weight", &[vocabulary, hidden], device)?);
        let output = if gguf.has_tensor("output.weight") {
            QMatMul::from_qtensor(gguf.tensor("output.weight", &[vocabulary, hidden], device)?)?
        } else {
            QMatMul::from_arc(embedding.clone())?
        };
        let output_norm = gguf.floats("output_norm.weight", &[hidden], device)?;
        let rope = rope_table(gguf, &sizes, device)?;
        let mut layers = Vec::new();
        for index in 0..sizes.layers {
            let name = |part: &str| format!("blk.{index}.{part}.weight");
            let mut matrix = |part: &str, rows: usize, columns: usize| -> Result<QMatMul, GenerateError> {
                Ok(QMatMul::from_qtensor(gguf.tensor(&name(part), &[rows, columns], device)?)?)
            };
            layers.push(Layer {
                query: matrix("attn_q", query_rows, hidden)?,
                key: matrix("attn_k", kv_rows, hidden)?,
                value: matrix("attn_v", kv_rows, hidden)?,
                attention_output: matrix("attn_output", hidden, query_rows)?,
                gate: matrix("ffn_gate", feed_forward, hidden)?,
                up: matrix("ffn_up", feed_forward, hidden)?,
                down: matrix("ffn_down", hidden, feed_forward)?,
                attention_norm: gguf.floats(&name("attn_norm"), &[hidden], device)?,
                feed_forward_norm: gguf.floats(&name("ffn_norm"), &[hidden], device)?,
                cache: None,
            });
        }
        if let Some(name) = gguf.unread() {
            return Err(gguf.unsupported(format!("the decoder does not know its tensor {name}")));
        }
        let attention = if device.is_cpu() { Attention::Flash } else { Attention::Portable };
        Ok(Self {
            sizes,
            device: device.clone(),
            attention,
            embedding,
            layers,
            output_norm,
            output,
            rope,
            cached: 0,
            capacity: 0,
        })
    }

    /// Tokens in the cache: the position of the next one.
    pub(crate) fn cached(&self) -> usize {
        self.cached
    }

    /// Forgets all cached tokens from `length` on.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.cached = self.cached.min(length);
    }

    /// Reads `tokens` after those in the cache and gives the logits of what follows the last of them, one per token
    /// of the vocabulary.
    pub(crate) fn forward(&mut self, tokens: &[u32]) -> Result<Tensor, GenerateError> {
        let (start, count) = (self.cached, tokens.len());
        let Sizes { heads, kv_heads, head_dim, epsilon, .. } = self.sizes;
        if count == 0 || start + count > self.sizes.context {
            return Err(GenerateError::TooLong { tokens: start + count, limit: self.sizes.context });
        }
        self.make_room(start + count)?;
        let rope = |x: Tensor, heads: usize| -> candle_core::Result<Tensor> {
            // Every token is its own batch entry, so that token-major data need not be transposed.
            let cos = self.rope.0.narrow(0, start, count)?.unsqueeze(1)?;
            let sin = self.rope.1.narrow(0, start, count)?.unsqueeze(1)?;
            let x = x.reshape((count, heads, 1, head_dim))?;
            candle_nn::rotary_emb::rope_i(&x, &cos, &sin)?.reshape((1, count, heads, head_dim))
        };
        let mask = match self.attention {
            Attention::Portable if count > 1 => Some(causal_mask(start, count, &self.device)?),
            _ => None,
        };
        let ids = Tensor::new(tokens, &self.device)?;
        let mut x = self.embedding.embedding(&ids)?;
        for layer in &self.layers {
            let normed = rms_norm(&x, &layer.attention_norm, epsilon)?;
            let query = rope(layer.query.forward(&normed)?, heads)?;
            let key = rope(layer.key.forward(&normed)?, kv_heads)?;
            let value = layer.value.forward(&normed)?.reshape((1, count, kv_heads, head_dim))?;
            let Some((keys, values)) = &layer.cache else {
                return Err(GenerateError::Compute { reason: "a layer has no cache".to_owned() });
            };
            keys.slice_set(&key, 1, start)?;
            values.slice_set(&value, 1, start)?;
            let keys = keys.narrow(1, 0, start + count)?;
            let values = values.narrow(1, 0, start + count)?;
            let scale = 1.0 / (head_dim as f32).sqrt();
            let attended = match self.attention {
                Attention::Flash => {
                    let mask = AttnMask::causal_with_offset(start);
                    flash_attn::<f32>(&query, &keys, &values, scale, mask, None, None)?
                }
                Attention::Portable => portable_attention(&query, &keys, &values, scale, mask.as_ref())?,
            };
            let attended = attended.transpose(1, 2)?.reshape((count, heads * head_dim))?;
            x = (x + layer.attention_output.forward(&attended)?)?;
            let normed = rms_norm(&x, &layer.feed_forward_norm, epsilon)?;
            let gated = (layer.gate.forward(&normed)?.silu()? * layer.up.forward(&normed)?)?;
            x = (x + layer.down.forward(&gated)?)?;
        }
        self.cached = start + count;
        let last = rms_norm(&x.narrow(0, count - 1, 1)?.contiguous()?, &self.output_norm, epsilon)?;
        Ok(self.output.forward(&last)?.squeeze(0)?)
    }

    /// Grows the cache, if need be, to hold `length` tokens.
    fn make_room(&mut self, length: usize) -> Result<(), GenerateError> {
        if length <= self.capacity {
            return Ok(());
        }
        let capacity = length.next_multiple_of(CACHE_STEP).min(self.sizes.context);
        let shape = (1, capacity, self.sizes.kv_heads, self.sizes.head_dim);
        for layer in &mut self.layers {
            let grown = |old: Option<&Tensor>| -> candle_core::Result<Tensor> {
                let new = Tensor::zeros(shape, candle_core::DType::F32, &self.device)?;
                if let Some(old) = old
                    && self.cached > 0
                {
                    new.slice_set(&old.narrow(1, 0, self.cached)?, 1, 0)?;
                }
                Ok(new)
            };
            let (keys, values) = layer.cache.as_ref().map(|(k, v)| (k, v)).unzip();
            layer.cache = Some((grown(keys)?, grown(values)?));
        }
        self.capacity = capacity;
        Ok(())
    }
}

/// Attention by plain matrix products. Inputs are 1 × tokens × heads × head size; the result is heads-major.
fn portable_attention(
    query: &Tensor,
    keys: &Tensor,
    values: &Tensor,
    scale: f32,
    mask: Option<&Tensor>,
) -> candle_core::Result<Tensor> {
    let (_, count, heads, head_dim) = query.dims4()?;
    let (_, length, kv_heads, _) = keys.dims4()?;
    // All query heads of one key-value head are rows of one product, so that keys are never repeated.
    let rows = heads / kv_heads * count;
    let query = query.squeeze(0)?.transpose(0, 1)?.contiguous()?.reshape((kv_heads, rows, head_dim))?;
    let keys = keys.squeeze(0)?.transpose(0, 1)?.contiguous()?;
    let values = values.squeeze(0)?.transpose(0, 1)?.contiguous()?;
    let scores = (query.matmul(&keys.transpose(D::Minus2, D::Minus1)?)? * f64::from(scale))?;
    let scores = match mask {
        None => scores,
        Some(mask) => {
            scores.reshape((heads, count, length))?.broadcast_add(mask)?.reshape((kv_heads, rows, length))?
        }
    };
    softmax_last_dim(&scores)?.matmul(&values)?.reshape((1, heads, count, head_dim))
}

/// 0 where the token `start + row` may look, minus infinity after it.
fn causal_mask(start: usize, count: usize, device: &Device) -> candle_core::Result<Tensor> {
    let length = start + count;
    let mask: Vec<f32> = (0..count)
        .flat_map(|row| {
            (0..length).map(move |column| if column <= start + row { 0.0 } else { f32::NEG_INFINITY })
        })
        .collect();
    Tensor::from_vec(mask, (count, length), device)
}

/// Cosines and sines of `position · base^(-2i/d)`, with the factors of Llama 3 where the file has them
/// (Su et al. 2021, RoFormer; the factors divide the frequencies).
fn rope_table(gguf: &mut Gguf, sizes: &Sizes, device: &Device) -> Result<(Tensor, Tensor), GenerateError> {
    let half = sizes.head_dim / 2;
    let factors = if gguf.has_tensor("rope_freqs.weight") {
        gguf.floats("rope_freqs.weight", &[half], &Device::Cpu)?.to_vec1::<f32>()?
    } else {
        vec![1.0; half]
    };
    let frequencies: Vec<f64> = factors
        .iter()
        .enumerate()
        .map(|(i, &factor)| {
            let exponent = -2.0 * i as f64 / sizes.head_dim as f64;
            f64::from(sizes.rope_base).powf(exponent) / f64::from(factor) / f64::from(sizes.rope_scale)
        })
        .collect();
    let table = |f: fn(f64) -> f64| {
        let angles = (0..sizes.context).flat_map(|p| frequencies.iter().map(move |w| p as f64 * w));
        let values: Vec<f32> = angles.map(|angle| f(angle) as f32).collect();
        Tensor::from_vec(values, (sizes.context, half), device)
    };
    Ok((table(f64::cos)?, table(f64::sin)?))
}

#[cfg(test)]
mod tests;
