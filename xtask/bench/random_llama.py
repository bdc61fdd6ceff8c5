"""A Llama of the 1.1 billion parameters' shape with random weights, quantized as Q4_K_M, for timing alone.

    python random_llama.py SMALL.gguf OUT.gguf

The tokenizer comes from SMALL. Needs gguf, numpy and llama-cpp-python; writes about 2.2 GB beside OUT on the way."""

import ctypes
import sys
from pathlib import Path

import gguf
import llama_cpp
import numpy as np

LAYERS, HIDDEN, HEADS, KV_HEADS, FEED_FORWARD, VOCABULARY = 22, 2048, 32, 4, 5632, 32_000


def main() -> None:
    small, out = map(Path, sys.argv[1:])
    if out.exists():
        return
    random = np.random.default_rng(1)
    kv = HIDDEN // HEADS * KV_HEADS
    parts = {
        "attn_q": (HIDDEN, HIDDEN), "attn_k": (kv, HIDDEN), "attn_v": (kv, HIDDEN), "attn_output": (HIDDEN, HIDDEN),
        "ffn_gate": (FEED_FORWARD, HIDDEN), "ffn_up": (FEED_FORWARD, HIDDEN), "ffn_down": (HIDDEN, FEED_FORWARD),
    }  # fmt: skip
    floats = out.with_suffix(".f16.gguf")
    writer = gguf.GGUFWriter(floats, "llama")
    writer.add_block_count(LAYERS)
    writer.add_context_length(4096)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    # The first tokens of the small model's vocabulary, with the merges that they allow.
    fields = gguf.GGUFReader(small).fields
    read = lambda name: fields[f"tokenizer.{name}"].contents()
    tokens = read("ggml.tokens")[:VOCABULARY]
    known = set(tokens)
    merges = [m for m in read("ggml.merges") if "".join(m.split(" ")) in known]
    writer.add_tokenizer_model(read("ggml.model"))
    writer.add_tokenizer_pre(read("ggml.pre"))
    writer.add_token_list(tokens)
    writer.add_token_types(read("ggml.token_type")[:VOCABULARY])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(read("ggml.bos_token_id"))
    writer.add_eos_token_id(read("ggml.eos_token_id"))
    writer.add_chat_template(read("chat_template"))

    def matrix(rows: int, columns: int) -> np.ndarray:
        return (random.standard_normal((rows, columns), dtype=np.float32) / np.sqrt(columns)).astype(np.float16)

    ones = np.ones(HIDDEN, dtype=np.float32)
    writer.add_tensor("token_embd.weight", matrix(VOCABULARY, HIDDEN))
    writer.add_tensor("output.weight", matrix(VOCABULARY, HIDDEN))
    writer.add_tensor("output_norm.weight", ones)
    for layer in range(LAYERS):
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", ones)
        writer.add_tensor(f"blk.{layer}.ffn_norm.weight", ones)
        for name, shape in parts.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", matrix(*shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M
    params.nthread = 2
    partial = out.with_suffix(".partial")
    if llama_cpp.llama_model_quantize(str(floats).encode(), str(partial).encode(), ctypes.byref(params)) != 0:
        raise RuntimeError("llama.cpp cannot quantize the model")
    partial.rename(out)
    floats.unlink()


main()
