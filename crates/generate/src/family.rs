//! What tells the families of models apart, read from the metadata: data for one decoder.

use crate::GenerateError;
use crate::gguf::Gguf;
use crate::rope::{Pairs, Rope};

/// Longest context that is offered, whatever the file claims: the cache for more would not fit ordinary laptops.
const MAX_CONTEXT: usize = 8192;

/// What a feed-forward layer does to its gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    /// x · sigmoid(x).
    Silu,
    /// The tangent approximation of GELU (Hendrycks and Gimpel 2016).
    Gelu,
}

/// What differs from layer to layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LayerKind {
    /// Which of [`Shape::ropes`] turns queries and keys; none where positions are left out.
    pub(crate) rope: Option<usize>,
    /// Tokens that a token sees, itself among them; all before it where `None`.
    pub(crate) window: Option<usize>,
}

/// The sizes and choices of a model, as its metadata gives them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shape {
    pub(crate) hidden: usize,
    pub(crate) feed_forward: usize,
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_dim: usize,
    pub(crate) vocabulary: usize,
    /// Tokens of prompt and answer together.
    pub(crate) context: usize,
    pub(crate) epsilon: f32,
    /// What token embeddings are multiplied by.
    pub(crate) embedding_scale: f32,
    /// What products of queries and keys are multiplied by.
    pub(crate) attention_scale: f32,
    pub(crate) activation: Activation,
    pub(crate) ropes: Vec<Rope>,
    pub(crate) layers: Vec<LayerKind>,
}

/// How an architecture of GGUF is run.
struct Architecture {
    name: &'static str,
    pairs: Pairs,
    activation: Activation,
    /// Every how many layers one has no positions.
    without_positions: Option<usize>,
    /// Gemma's: embeddings times the root of the width; a window, but for every sixth layer, and a base of their own for
    /// the layers that have it. Windows in other metadata are left alone, as llama.cpp leaves them.
    gemma: bool,
}

const PLAIN: Architecture = Architecture {
    name: "llama",
    pairs: Pairs::Neighbours,
    activation: Activation::Silu,
    without_positions: None,
    gemma: false,
};

/// The architectures that the decoder runs, each checked against llama.cpp on a small model (tests/golden/families).
const ARCHITECTURES: [Architecture; 6] = [
    PLAIN,
    Architecture { name: "smollm3", without_positions: Some(4), ..PLAIN },
    Architecture { name: "qwen2", pairs: Pairs::Halves, ..PLAIN },
    Architecture { name: "qwen3", pairs: Pairs::Halves, ..PLAIN },
    Architecture { name: "phi3", pairs: Pairs::Halves, ..PLAIN },
    Architecture { name: "gemma3", pairs: Pairs::Halves, activation: Activation::Gelu, gemma: true, ..PLAIN },
];

/// Of Gemma 3's layers every sixth sees everything.
const GEMMA_PATTERN: usize = 6;
/// The base of the others, where the metadata names none.
const GEMMA_WINDOW_BASE: f32 = 10_000.0;
/// The one Gemma 3 whose scores are scaled by the width of the model instead of the head: 27B, told by its layers.
const GEMMA_27B_LAYERS: usize = 62;

impl Shape {
    /// Reads and checks the metadata, refusing every variant that the decoder would get wrong.
    pub(crate) fn read(gguf: &mut Gguf) -> Result<Self, GenerateError> {
        let architecture = match gguf.string("general.architecture") {
            None => return Err(gguf.damaged("its metadata names no architecture")),
            Some(name) => ARCHITECTURES.iter().find(|a| a.name == name).ok_or_else(|| {
                let known: Vec<&str> = ARCHITECTURES.iter().map(|a| a.name).collect();
                gguf.unsupported(format!(
                    "its architecture is {name:?}, only {} are supported",
                    known.join(", ")
                ))
            })?,
        };
        let key = |name: &str| format!("{}.{name}", architecture.name);
        let bounded = |name: &str, most: usize| match gguf.require(&key(name))? {
            n if (1..=most).contains(&n) => Ok(n),
            n => Err(gguf.damaged(format!("{} is {n}, which is outside 1 to {most}", key(name)))),
        };
        let positive = |name: &str, otherwise: Option<f32>| {
            let value = gguf.float(&key(name)).or(otherwise);
            let value = value.ok_or_else(|| gguf.damaged(format!("its metadata lacks {}", key(name))))?;
            if value.is_finite() && value > 0.0 {
                Ok(value)
            } else {
                Err(gguf.damaged(format!("{} is {value}", key(name))))
            }
        };
        let hidden = bounded("embedding_length", 1 << 16)?;
        let heads = bounded("attention.head_count", 1 << 10)?;
        let kv_heads = match gguf.number(&key("attention.head_count_kv")) {
            Some(_) => bounded("attention.head_count_kv", heads)?,
            None => heads,
        };
        let head_dim = match gguf.number(&key("attention.key_length")) {
            Some(_) => bounded("attention.key_length", 1 << 10)?,
            None => hidden / heads,
        };
        if heads % kv_heads != 0 || head_dim == 0 || (head_dim == hidden / heads && hidden % heads != 0) {
            return Err(gguf.damaged(format!(
                "its {heads} attention heads fit neither its {kv_heads} key-value heads nor its width of {hidden}"
            )));
        }
        if heads / kv_heads > crate::cpu::attention::QUERIES {
            return Err(gguf.unsupported(format!("{} heads share a key", heads / kv_heads)));
        }
        if gguf.number(&key("attention.value_length")).is_some_and(|n| n != head_dim) {
            return Err(gguf.unsupported("its values are not as long as its keys"));
        }
        if gguf.number(&key("expert_count")).is_some_and(|n| n > 1) {
            return Err(gguf.unsupported("it is a mixture of experts"));
        }
        for name in ["attn_logit_softcapping", "final_logit_softcapping", "logit_scale", "residual_scale"] {
            if gguf.float(&key(name)).is_some_and(|x| x != 0.0 && x != 1.0) {
                return Err(gguf.unsupported(format!("{} is not supported", key(name))));
            }
        }
        let vocabulary = match gguf.shape("token_embd.weight").as_deref() {
            Some([rows, _]) if (1..=1 << 22).contains(rows) => *rows,
            _ => return Err(gguf.damaged("it lacks the matrix token_embd.weight")),
        };
        let count = bounded("block_count", 1 << 10)?;
        let context = bounded("context_length", 1 << 30)?.min(MAX_CONTEXT);
        let epsilon = positive("attention.layer_norm_rms_epsilon", None)?;
        let base = positive("rope.freq_base", Some(10_000.0))?;
        let window_base = positive("rope.freq_base_swa", Some(GEMMA_WINDOW_BASE))?;
        let gemma = architecture.gemma;
        let window = gguf.number(&key("attention.sliding_window")).filter(|&n| gemma && n > 0);
        if gguf.number(&key("attention.sliding_window_pattern")).is_some_and(|n| gemma && n != GEMMA_PATTERN)
        {
            return Err(gguf.unsupported("its layers with a window follow another pattern"));
        }
        let feed_forward = bounded("feed_forward_length", 1 << 20)?;
        let mut ropes =
            vec![Rope::read(gguf, architecture.name, architecture.pairs, head_dim, base, context)?];
        if window.is_some() {
            ropes.push(Rope::plain(architecture.pairs, head_dim, window_base));
        }
        let every = |n: Option<usize>, layer: usize| n.is_some_and(|n| (layer + 1).is_multiple_of(n));
        let layers = (0..count)
            .map(|layer| {
                let window = window.filter(|_| !every(Some(GEMMA_PATTERN), layer));
                let rope = usize::from(window.is_some());
                let rope = Some(rope).filter(|_| !every(architecture.without_positions, layer));
                LayerKind { rope, window }
            })
            .collect();
        let scaled_by = if gemma && count == GEMMA_27B_LAYERS { hidden / heads } else { head_dim };
        Ok(Self {
            hidden,
            feed_forward,
            heads,
            kv_heads,
            head_dim,
            vocabulary,
            context,
            epsilon,
            embedding_scale: if gemma { (hidden as f32).sqrt() } else { 1.0 },
            attention_scale: 1.0 / (scaled_by as f32).sqrt(),
            activation: architecture.activation,
            ropes,
            layers,
        })
    }

    /// Bytes of the key-value cache at full context, in half floats.
    pub(crate) fn cache_bytes(&self) -> u64 {
        let numbers =
            2 * self.layers.len() * self.kv_heads * self.head_dim.next_multiple_of(16) * self.context;
        2 * numbers as u64
    }
}
