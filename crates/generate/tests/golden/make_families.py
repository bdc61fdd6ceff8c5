"""Writes families/NAME.gguf and families/NAME.json: for each model family a tiny model with random weights, named and
keyed as llama.cpp's converter does it, and the logits that llama.cpp computes on it.

    pip install gguf==0.19.0 numpy==2.4.6 llama-cpp-python==0.3.36
    python make_families.py [--quantised FOLDER]

With --quantised, a wider model goes into FOLDER instead, once per block format. Those files are too big to be kept.
"""

import argparse
import json
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import llama_cpp
import numpy as np
from gguf import GGUFReader, GGUFWriter, LlamaFileType, TokenType
from gguf.quants import dequantize

VOCABULARY = 64
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MERGES = ["a b", "c d", "ab cd"]
# The context that llama.cpp is given, which it rounds up to a multiple of 256. It picks long or short factors by it.
CONTEXT = 256
TOKENS = 40
POSITIONS = [1, 12, 25, TOKENS - 1]
# Greater than in any real model, so that a norm without it shows.
EPSILON = 0.01

Tensors = dict[str, np.ndarray]
Keys = dict[str, str | float | int]


@dataclass
class Family:
    """One shape of model. The defaults are those of the plain Llama."""

    name: str
    architecture: str = "llama"
    layers: int = 2
    hidden: int = 32
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 8
    feed_forward: int = 64
    context: int = CONTEXT
    freq_base: float = 10_000.0
    tied: bool = False
    biases: tuple[str, ...] = ()
    head_norms: bool = False
    post_norms: bool = False
    fused: bool = False
    factors: dict[str, list[float]] = field(default_factory=dict)  # tensors of frequency factors
    keys: Keys = field(default_factory=dict)  # further metadata, below the name of the architecture


def head_keys(size: int) -> Keys:
    """Written for a model whose configuration names the head size."""
    return {"attention.key_length": size, "attention.value_length": size}


def llama_keys(size: int = 8) -> Keys:
    """Written for all that derive from LlamaModel, SmolLM3 among them."""
    return {"vocab_size": VOCABULARY, "rope.dimension_count": size}


def gemma3(name: str, keys: Keys) -> Family:
    """Seven layers show the pattern of six and that it starts again; the rest is small to make up for it."""
    keys = head_keys(8) | {"attention.sliding_window": 12} | keys
    return Family(
        name, "gemma3", layers=7, heads=2, kv_heads=1, feed_forward=32, freq_base=1e6,
        tied=True, head_norms=True, post_norms=True, keys=keys,
    )  # fmt: skip


LINEAR: Keys = {"rope.scaling.type": "linear", "rope.scaling.factor": 4.0}
YARN: Keys = {"rope.scaling.type": "yarn", "rope.scaling.factor": 4.0, "rope.scaling.original_context_length": 1024}
# llama.cpp reads the sliding window of phi3 and ignores it; here it is wider than the sequence.
PHI3: Keys = {
    "rope.dimension_count": 8,
    "rope.scaling.original_context_length": CONTEXT,
    "attention.sliding_window": 2047,
}
FAMILIES = [
    Family("llama", keys=llama_keys()),
    Family("llama-tied", tied=True, keys=llama_keys()),
    Family("llama3-rope", freq_base=5e5, factors={"rope_freqs": [1.25, 2.5, 4.0, 8.0]}, keys=llama_keys()),
    Family("llama-linear", keys=llama_keys() | LINEAR),
    # The head is wide enough for a ramp over several frequencies, from 1 to 5 of 8.
    Family("llama-yarn", head_dim=16, feed_forward=48, context=4096, keys=llama_keys(16) | head_keys(16) | YARN),
    Family("llama-headdim", head_dim=16, keys=llama_keys(16) | head_keys(16)),
    Family("llama-bias", biases=("attn_q", "attn_k", "attn_v", "attn_output"), keys=llama_keys()),
    # The fourth layer has no rotation, the fifth has one again.
    Family("smollm3", "smollm3", layers=5, feed_forward=32, freq_base=2e6, tied=True, keys=llama_keys()),
    Family("qwen2", "qwen2", freq_base=1e6, biases=("attn_q", "attn_k", "attn_v")),
    Family("qwen3", "qwen3", head_dim=16, freq_base=1e6, head_norms=True, keys=head_keys(16)),
    Family("phi3", "phi3", fused=True, keys=PHI3),
    # A context beyond the original one takes the long factors.
    Family(
        "phi3-long", "phi3", fused=True,
        factors={"rope_factors_short": [1.05, 1.1, 1.3, 1.6], "rope_factors_long": [1.5, 3.0, 9.0, 30.0]},
        keys=PHI3 | {"rope.scaling.original_context_length": 32, "rope.scaling.attn_factor": 1.2649111},
    ),  # fmt: skip
    # A context not beyond it takes the short ones. The head is rotated in part, as in Phi-4-mini.
    Family(
        "phi3-short", "phi3", fused=True, tied=True,
        factors={"rope_factors_short": [1.3, 1.7, 2.5], "rope_factors_long": [1.5, 9.0, 30.0]},
        keys=PHI3 | {"rope.dimension_count": 6, "rope.scaling.attn_factor": 1.19},
    ),  # fmt: skip
    gemma3("gemma3", {}),
    # As from 4B on: the positions of the global layers are stretched. The base of the local ones is written out.
    gemma3("gemma3-linear", LINEAR | {"rope.freq_base_swa": 5000.0}),
]
WIDE = Family("llama", layers=1, hidden=256, head_dim=64, feed_forward=512, keys=llama_keys(64))
FORMATS = ["F16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K_S", "Q4_K_S", "Q5_K_S", "Q6_K"]


def make_tensors(f: Family, rng: np.random.Generator) -> Tensors:
    """Weights of a size at which attention is neither even nor on one token, and the logits are of order 1 to 10."""

    def matrix(rows: int, columns: int, gain: float) -> np.ndarray:
        return rng.standard_normal((rows, columns)) * gain / np.sqrt(columns)

    def norm(size: int) -> np.ndarray:
        # Far from 1, so that a norm without its weight shows.
        return rng.uniform(0.4, 1.8, size)

    def parts() -> Iterator[tuple[str, np.ndarray]]:
        query, kv = f.heads * f.head_dim, f.kv_heads * f.head_dim
        # Gemma multiplies its embeddings by the square root of the width.
        embedding = 0.3 if f.architecture == "gemma3" else 0.6 if f.tied else 1.0
        yield "token_embd.weight", rng.standard_normal((VOCABULARY, f.hidden)) * embedding
        yield "output_norm.weight", norm(f.hidden)
        if not f.tied:
            yield "output.weight", matrix(VOCABULARY, f.hidden, 3.0)
        for name, factors in f.factors.items():
            yield f"{name}.weight", np.array(factors)
        inputs = {"attn_q": query, "attn_k": kv, "attn_v": kv, "ffn_gate": f.feed_forward, "ffn_up": f.feed_forward}
        if f.fused:
            inputs = {"attn_qkv": query + 2 * kv, "ffn_up": 2 * f.feed_forward}
        for layer in (f"blk.{i}." for i in range(f.layers)):
            norms = {"attn_norm": f.hidden, "ffn_norm": f.hidden}
            if f.head_norms:
                norms |= {"attn_q_norm": f.head_dim, "attn_k_norm": f.head_dim}
            if f.post_norms:
                norms |= {"post_attention_norm": f.hidden, "post_ffw_norm": f.hidden}
            for name, size in norms.items():
                yield layer + f"{name}.weight", norm(size)
            for name, rows in inputs.items():
                yield layer + f"{name}.weight", matrix(rows, f.hidden, 1.5)
            yield layer + "attn_output.weight", matrix(f.hidden, query, 1.5)
            yield layer + "ffn_down.weight", matrix(f.hidden, f.feed_forward, 1.0)
            for name in f.biases:
                yield layer + f"{name}.bias", rng.standard_normal(inputs.get(name, f.hidden)) * 0.5

    return {name: tensor.astype(np.float32) for name, tensor in parts()}


def write_gguf(path: Path, f: Family, tensors: Tensors) -> None:
    writer = GGUFWriter(path, f.architecture)
    writer.add_file_type(LlamaFileType.ALL_F32)
    writer.add_block_count(f.layers)
    writer.add_context_length(f.context)
    writer.add_embedding_length(f.hidden)
    writer.add_feed_forward_length(f.feed_forward)
    writer.add_head_count(f.heads)
    writer.add_head_count_kv(f.kv_heads)
    writer.add_rope_freq_base(f.freq_base)
    writer.add_layer_norm_rms_eps(EPSILON)
    for key, value in f.keys.items():
        add = {str: writer.add_string, float: writer.add_float32, int: writer.add_uint32}[type(value)]
        add(f"{f.architecture}.{key}", value)
    # Token ids are fed directly; this vocabulary is there because llama.cpp loads no model without one.
    merged = [merge.replace(" ", "") for merge in MERGES]
    tokens = SPECIAL + merged + [chr(ord("A") + i) for i in range(VOCABULARY - len(SPECIAL + merged))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if token in SPECIAL else TokenType.NORMAL for token in tokens])
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def compute_logits(path: Path, tokens: list[int]) -> list[list[float]]:
    """What llama.cpp says at POSITIONS, with a cache of 32-bit floats and attention step by step."""
    model = llama_cpp.Llama(
        str(path), n_ctx=CONTEXT, n_threads=1, n_threads_batch=1, n_gpu_layers=0, logits_all=True, flash_attn=False,
        type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32, verbose=False,
    )  # fmt: skip
    model.eval(tokens)
    logits = [[float(f"{x:.6g}") for x in model.scores[position]] for position in POSITIONS]
    model.close()
    return logits


def write_golden(path: Path, tokens: list[int], **logits: list[list[float]]) -> None:
    reference = f"llama.cpp through llama-cpp-python {llama_cpp.__version__}"
    golden = {"reference": reference, "context": CONTEXT, "tokens": tokens, "positions": POSITIONS} | logits
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in golden.items()]
    text = "{\n" + ",\n".join(lines).replace("], [", "],\n  [") + "\n}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def make_model(f: Family, seed: str) -> tuple[Tensors, list[int]]:
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    return make_tensors(f, rng), rng.integers(len(SPECIAL), VOCABULARY, TOKENS).tolist()


def make_families(folder: Path) -> None:
    for f in FAMILIES:
        path = folder / f"{f.name}.gguf"
        tensors, tokens = make_model(f, f.name)
        write_gguf(path, f, tensors)
        write_golden(path.with_suffix(".json"), tokens, logits=compute_logits(path, tokens))
        print(f"{path.name}: {path.stat().st_size} bytes")


def make_quantised(folder: Path) -> None:
    """One file per block format, every matrix in that format. "logits" come from llama.cpp's own products, which round
    the activations to 8 bits too; "dequantised" from the same weights as 32-bit floats, which round nothing."""
    tensors, tokens = make_model(WIDE, "quantised")
    with tempfile.TemporaryDirectory() as temporary:
        source, floats = Path(temporary, "source.gguf"), Path(temporary, "floats.gguf")
        write_gguf(source, WIDE, tensors)
        for name in FORMATS:
            path = folder / f"{WIDE.name}-{name}.gguf"
            params = llama_cpp.llama_model_quantize_default_params()
            params.ftype, params.pure, params.nthread = LlamaFileType[f"MOSTLY_{name}"], True, 1
            if llama_cpp.llama_model_quantize(bytes(source), bytes(path), params) != 0:
                raise RuntimeError(f"llama.cpp cannot quantise to {name}")
            exact = {t.name: dequantize(t.data, t.tensor_type) for t in GGUFReader(path).tensors}
            write_gguf(floats, WIDE, exact)
            logits = {"logits": compute_logits(path, tokens), "dequantised": compute_logits(floats, tokens)}
            write_golden(path.with_suffix(".json"), tokens, **logits)
            print(f"{path.name}: {path.stat().st_size} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quantised", type=Path, metavar="FOLDER")
    quantised: Path | None = parser.parse_args().quantised
    folder = quantised or Path(__file__).parent / "families"
    folder.mkdir(parents=True, exist_ok=True)
    (make_quantised if quantised else make_families)(folder)


if __name__ == "__main__":
    main()
