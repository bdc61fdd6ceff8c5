//! A decoder for the Llama family over quantized weights: one for all families, whose differences are data
//! ([`Shape`] and the tensors that the file has), and for all devices ([`Backend`]).

use citadel_core::StopFlag;

use crate::GenerateError;
use crate::backend::Backend;
use crate::family::{LayerKind, Shape};
use crate::gguf::Gguf;

struct Layer<B: Backend> {
    kind: LayerKind,
    attention_norm: B::Vector,
    /// Query, key and value.
    attention_input: B::Stack,
    /// Biases of its parts.
    biases: [Option<B::Vector>; 3],
    /// Norms of the heads of query and key.
    head_norms: [Option<B::Vector>; 2],
    attention_output: B::Stack,
    output_bias: Option<B::Vector>,
    after_attention: Option<B::Vector>,
    feed_forward_norm: B::Vector,
    /// Gate, and what it lets through.
    feed_forward_input: B::Stack,
    feed_forward_output: B::Stack,
    after_feed_forward: Option<B::Vector>,
}

/// The decoder with its weights and its cache.
pub(crate) struct Decoder<B: Backend> {
    pub(crate) shape: Shape,
    pub(crate) backend: B,
    embedding: B::Stack,
    layers: Vec<Layer<B>>,
    output_norm: B::Vector,
    /// None where the embedding serves.
    output: Option<B::Stack>,
    /// Tokens in the cache: the position of the next one.
    cached: usize,
}

impl<B: Backend> Decoder<B> {
    /// Reads all weights.
    pub(crate) fn load(gguf: &mut Gguf, shape: Shape, backend: B) -> Result<Self, GenerateError> {
        let Shape { hidden, feed_forward, vocabulary, heads, kv_heads, head_dim, .. } = shape;
        let (query, key) = (heads * head_dim, kv_heads * head_dim);
        let mut read = Reader { gguf, backend: &backend };
        let embedding = read.stack(&["token_embd.weight"], &[vocabulary], hidden)?;
        let output = match read.gguf.has_tensor("output.weight") {
            true => Some(read.stack(&["output.weight"], &[vocabulary], hidden)?),
            false => None,
        };
        let output_norm = read.vector("output_norm.weight", hidden)?;
        let mut layers = Vec::with_capacity(shape.layers.len());
        for (index, &kind) in shape.layers.iter().enumerate() {
            let name = |part: &str| format!("blk.{index}.{part}");
            let weight = |part: &str| format!("blk.{index}.{part}.weight");
            let fused = weight("attn_qkv");
            let attention_input = if read.gguf.has_tensor(&fused) {
                read.fused(&fused, &[query, key, key], hidden)?
            } else {
                let names = ["attn_q", "attn_k", "attn_v"].map(weight);
                read.stack(&names.each_ref().map(String::as_str), &[query, key, key], hidden)?
            };
            let gate = weight("ffn_gate");
            let feed_forward_input = if read.gguf.has_tensor(&gate) {
                read.stack(&[&gate, &weight("ffn_up")], &[feed_forward; 2], hidden)?
            } else {
                read.fused(&weight("ffn_up"), &[feed_forward; 2], hidden)?
            };
            let mut optional = |part: &str, length: usize| read.optional(&name(part), length);
            layers.push(Layer {
                kind,
                biases: [
                    optional("attn_q.bias", query)?,
                    optional("attn_k.bias", key)?,
                    optional("attn_v.bias", key)?,
                ],
                head_norms: [
                    optional("attn_q_norm.weight", head_dim)?,
                    optional("attn_k_norm.weight", head_dim)?,
                ],
                output_bias: optional("attn_output.bias", hidden)?,
                after_attention: optional("post_attention_norm.weight", hidden)?,
                after_feed_forward: optional("post_ffw_norm.weight", hidden)?,
                attention_norm: read.vector(&weight("attn_norm"), hidden)?,
                attention_input,
                attention_output: read.stack(&[&weight("attn_output")], &[hidden], query)?,
                feed_forward_norm: read.vector(&weight("ffn_norm"), hidden)?,
                feed_forward_input,
                feed_forward_output: read.stack(&[&weight("ffn_down")], &[hidden], feed_forward)?,
            });
        }
        if let Some(name) = gguf.unread() {
            return Err(gguf.unsupported(format!("the decoder does not know its tensor {name}")));
        }
        Ok(Self { shape, backend, embedding, layers, output_norm, output, cached: 0 })
    }

    /// Tokens in the cache: the position of the next one.
    pub(crate) fn cached(&self) -> usize {
        self.cached
    }

    /// Numbers that each token of a prompt is multiplied with, and bytes of weights that are read for each token written.
    pub(crate) fn work(&self) -> [u64; 2] {
        let layers = self.layers.iter().flat_map(|l| {
            [&l.attention_input, &l.attention_output, &l.feed_forward_input, &l.feed_forward_output]
                .map(B::size)
        });
        let [numbers, bytes] = layers.fold([0, 0], |[n, b], [more, size]| [n + more, b + size]);
        [numbers, bytes + B::size(self.output.as_ref().unwrap_or(&self.embedding))[1]]
    }

    /// Forgets all cached tokens from `length` on.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.cached = self.cached.min(length);
    }

    /// Reads `tokens` after those in the cache and gives the logits of what follows each of the last `wanted`, one
    /// per token of the vocabulary. `None` when stopped; the cache then stays as it was. The flag is looked at
    /// before each layer.
    pub(crate) fn forward(
        &mut self,
        tokens: &[u32],
        wanted: usize,
        stop: &StopFlag,
    ) -> Result<Option<Vec<f32>>, GenerateError> {
        let (start, count) = (self.cached, tokens.len());
        if count == 0 || start + count > self.shape.context {
            return Err(GenerateError::TooLong { tokens: start + count, limit: self.shape.context });
        }
        let (shape, backend) = (&self.shape, &mut self.backend);
        backend.make_room(shape, start + count, start)?;
        let mut x = backend.embed(&self.embedding, tokens, shape.embedding_scale)?;
        for (index, layer) in self.layers.iter().enumerate() {
            if stop.is_stopped() {
                return Ok(None);
            }
            let normed = backend.norm(&x, &layer.attention_norm, shape.epsilon)?;
            let mut qkv = backend.product(&layer.attention_input, &normed)?;
            for (part, bias) in layer.biases.iter().enumerate() {
                if let Some(bias) = bias {
                    backend.bias(&mut qkv, part, bias)?;
                }
            }
            for (part, norm) in layer.head_norms.iter().enumerate() {
                if let Some(norm) = norm {
                    backend.norm_heads(&mut qkv, part, norm, shape.epsilon)?;
                }
            }
            let attended = backend.attend(shape, index, layer.kind, qkv, start)?;
            let mut attended = backend.product(&layer.attention_output, &attended)?;
            if let Some(bias) = &layer.output_bias {
                backend.bias(&mut attended, 0, bias)?;
            }
            if let Some(norm) = &layer.after_attention {
                attended = backend.norm(&attended, norm, shape.epsilon)?;
            }
            backend.add(&mut x, &attended)?;
            let normed = backend.norm(&x, &layer.feed_forward_norm, shape.epsilon)?;
            let gated = backend.product(&layer.feed_forward_input, &normed)?;
            let gated = backend.gate(&gated, shape.activation)?;
            let mut fed = backend.product(&layer.feed_forward_output, &gated)?;
            if let Some(norm) = &layer.after_feed_forward {
                fed = backend.norm(&fed, norm, shape.epsilon)?;
            }
            backend.add(&mut x, &fed)?;
        }
        let last = backend.last(&x, wanted.clamp(1, count))?;
        let last = backend.norm(&last, &self.output_norm, shape.epsilon)?;
        let logits = backend.product(self.output.as_ref().unwrap_or(&self.embedding), &last)?;
        let logits = backend.numbers(logits)?;
        self.cached = start + count;
        Ok(Some(logits))
    }
}

/// Takes tensors out of the file and into the backend.
struct Reader<'a, B> {
    gguf: &'a mut Gguf,
    backend: &'a B,
}

impl<B: Backend> Reader<'_, B> {
    fn stack(&mut self, names: &[&str], rows: &[usize], columns: usize) -> Result<B::Stack, GenerateError> {
        let mut matrices = Vec::with_capacity(names.len());
        for (name, &rows) in names.iter().zip(rows) {
            matrices.push(self.gguf.tensor(name, &[rows, columns], self.backend.device())?);
        }
        self.backend.stack(matrices, rows)
    }

    /// One matrix that holds several parts.
    fn fused(&mut self, name: &str, parts: &[usize], columns: usize) -> Result<B::Stack, GenerateError> {
        let rows = parts.iter().sum();
        let matrix = self.gguf.tensor(name, &[rows, columns], self.backend.device())?;
        self.backend.stack(vec![matrix], parts)
    }

    fn vector(&mut self, name: &str, length: usize) -> Result<B::Vector, GenerateError> {
        let tensor = self.gguf.tensor(name, &[length], self.backend.device())?;
        self.backend.vector(&tensor)
    }

    fn optional(&mut self, name: &str, length: usize) -> Result<Option<B::Vector>, GenerateError> {
        if self.gguf.has_tensor(name) { self.vector(name, length).map(Some) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests;
