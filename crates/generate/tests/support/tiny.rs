//! A model of two layers with random weights and a byte-level vocabulary, written as a real GGUF file, so that
//! everything but the quality of its prose can be tested without the model pack.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{Value, write};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;

pub const SPECIAL: [&str; 4] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>"];
pub const MERGES: [&str; 3] = ["h e", "he l", "Ġ t"];
pub const TEMPLATE: &str = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
pub const CONTEXT: usize = 600;

const HIDDEN: usize = 64;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const FEED_FORWARD: usize = 96;
const LAYERS: usize = 2;

/// Everything that goes into the file, open to alteration.
pub struct Tiny {
    pub metadata: Vec<(String, Value)>,
    pub tensors: Vec<(String, Tensor)>,
    pub quantized: GgmlDType,
}

/// The spelling of every token, by id: the special ones, all bytes, the results of the merges.
pub fn tokens() -> Vec<String> {
    let mut letters: Vec<char> = ByteLevel::alphabet().into_iter().collect();
    letters.sort_unstable();
    let merged = MERGES.iter().map(|m| m.replace(' ', ""));
    SPECIAL.iter().map(|s| (*s).to_owned()).chain(letters.iter().map(char::to_string)).chain(merged).collect()
}

impl Tiny {
    pub fn new() -> Self {
        let tokens = tokens();
        let kinds =
            (0..tokens.len()).map(|id| Value::I32([3, 3, 3, 4].get(id).copied().unwrap_or(1))).collect();
        let strings = |items: &[String]| Value::Array(items.iter().cloned().map(Value::String).collect());
        let text = |s: &str| Value::String(s.to_owned());
        let number = |n: usize| Value::U32(n as u32);
        let metadata = vec![
            ("general.architecture", text("llama")),
            ("llama.block_count", number(LAYERS)),
            ("llama.context_length", number(CONTEXT)),
            ("llama.embedding_length", number(HIDDEN)),
            ("llama.feed_forward_length", number(FEED_FORWARD)),
            ("llama.attention.head_count", number(HEADS)),
            ("llama.attention.head_count_kv", number(KV_HEADS)),
            ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
            ("llama.rope.freq_base", Value::F32(10_000.0)),
            ("llama.rope.dimension_count", number(HIDDEN / HEADS)),
            ("tokenizer.ggml.model", text("gpt2")),
            ("tokenizer.ggml.pre", text("smollm")),
            ("tokenizer.ggml.tokens", strings(&tokens)),
            ("tokenizer.ggml.token_type", Value::Array(kinds)),
            ("tokenizer.ggml.merges", strings(&MERGES.map(str::to_owned))),
            ("tokenizer.ggml.add_bos_token", Value::Bool(false)),
            ("tokenizer.ggml.bos_token_id", number(1)),
            ("tokenizer.ggml.eos_token_id", number(2)),
            ("tokenizer.chat_template", text(TEMPLATE)),
        ];
        let mut random = Random(42);
        let mut tensors = vec![
            ("token_embd.weight".to_owned(), random.tensor(&[tokens.len(), HIDDEN], 1.0)),
            ("output_norm.weight".to_owned(), random.tensor(&[HIDDEN], 1.0)),
        ];
        // Only letters are ever written: the logits of everything else are 0, and some letter's is above.
        let output = random.tensor(&[tokens.len(), HIDDEN], 1.0);
        let is_letter = |t: &String| t.len() == 1 && t.as_bytes()[0].is_ascii_alphabetic();
        let letters: Vec<f32> = tokens.iter().map(|t| f32::from(u8::from(is_letter(t)))).collect();
        let letters = Tensor::from_vec(letters, (tokens.len(), 1), &Device::Cpu).unwrap();
        tensors.push(("output.weight".to_owned(), output.broadcast_mul(&letters).unwrap()));
        let kv = HIDDEN / HEADS * KV_HEADS;
        for layer in 0..LAYERS {
            let parts: [(&str, &[usize]); 9] = [
                ("attn_norm", &[HIDDEN]),
                ("ffn_norm", &[HIDDEN]),
                ("attn_q", &[HIDDEN, HIDDEN]),
                ("attn_k", &[kv, HIDDEN]),
                ("attn_v", &[kv, HIDDEN]),
                ("attn_output", &[HIDDEN, HIDDEN]),
                ("ffn_gate", &[FEED_FORWARD, HIDDEN]),
                ("ffn_up", &[FEED_FORWARD, HIDDEN]),
                ("ffn_down", &[HIDDEN, FEED_FORWARD]),
            ];
            for (name, shape) in parts {
                tensors.push((format!("blk.{layer}.{name}.weight"), random.tensor(shape, 0.3)));
            }
        }
        let metadata = metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Self { metadata, tensors, quantized: GgmlDType::Q8_0 }
    }

    /// Sets or replaces a metadata entry.
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.metadata.retain(|(k, _)| k != key);
        self.metadata.push((key.to_owned(), value));
        self
    }

    pub fn without(mut self, key: &str) -> Self {
        self.metadata.retain(|(k, _)| k != key);
        self.tensors.retain(|(k, _)| k != key);
        self
    }

    /// Replaces a tensor by one that is made from it.
    pub fn map(mut self, name: &str, f: impl Fn(&Tensor) -> Tensor) -> Self {
        for (_, tensor) in self.tensors.iter_mut().filter(|(n, _)| n == name) {
            *tensor = f(tensor);
        }
        self
    }

    /// Writes the file: matrices quantized, vectors as they are.
    pub fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join("tiny.gguf");
        let tensors: Vec<(&str, QTensor)> = self
            .tensors
            .iter()
            .map(|(name, tensor)| {
                let kind = if tensor.rank() == 1 { GgmlDType::F32 } else { self.quantized };
                (name.as_str(), QTensor::quantize(tensor, kind).unwrap())
            })
            .collect();
        let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
        let metadata: Vec<(&str, &Value)> = self.metadata.iter().map(|(k, v)| (k.as_str(), v)).collect();
        write(&mut BufWriter::new(File::create(&path).unwrap()), &metadata, &tensors).unwrap();
        path
    }
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Uniform numbers between `-scale` and `scale`.
    pub fn tensor(&mut self, shape: &[usize], scale: f32) -> Tensor {
        let count = shape.iter().product();
        let values: Vec<f32> =
            (0..count).map(|_| ((self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * scale).collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }
}
