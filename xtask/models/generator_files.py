"""SmolLM2-135M-Instruct: the GGUF with the answer adapter merged in, re-quantised to Q8_0, and a tokenizer.json from
the GGUF's own vocabulary."""

import json
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, LlamaFileType, quants
from safetensors.numpy import load as load_safetensors

# llama.cpp's name of the pre-tokenizer whose tokenizer.json is written below. Any other is refused: a wrong
# pre-tokenizer gives wrong ids without an error.
PRE_TOKENIZER = "smollm"
CONTROL_TOKEN = 3


def requantise(source: Path, target: Path, adapter: bytes) -> None:
    """Writes `source` with every matrix as Q8_0, changed as `adapter` says. One-dimensional tensors (norms) stay f32;
    all metadata is kept."""
    reader = GGUFReader(source)
    changes, scale = load_safetensors(adapter), adapter_scale(adapter)
    writer = GGUFWriter(target, reader.get_field("general.architecture").contents())
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        value, kind = field.contents(), field.types[0]
        if field.name == "general.file_type":
            value = int(LlamaFileType.MOSTLY_Q8_0)
        writer.add_key_value(field.name, value, kind, field.types[-1] if kind == GGUFValueType.ARRAY else None)
    for tensor in reader.tensors:
        matrix = len(tensor.shape) > 1
        stem = tensor.name.removesuffix(".weight")
        changed = f"{stem}.up" in changes
        if not matrix or tensor.tensor_type == GGMLQuantizationType.Q8_0 and not changed:
            writer.add_tensor(tensor.name, np.array(tensor.data), raw_dtype=tensor.tensor_type)
            continue
        values = quants.dequantize(tensor.data, tensor.tensor_type)
        if changed:
            values = merged(values, changes.pop(f"{stem}.up"), changes.pop(f"{stem}.down"), scale)
        writer.add_tensor(
            tensor.name,
            quants.quantize(values, GGMLQuantizationType.Q8_0),
            raw_dtype=GGMLQuantizationType.Q8_0,
        )
    if changes:
        raise SystemExit(f"the adapter changes tensors that {source.name} lacks: {', '.join(sorted(changes))}")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def adapter_scale(adapter: bytes) -> float:
    """Alpha over rank, from the metadata that stands before the tensors."""
    length = int.from_bytes(adapter[:8], "little")
    notes = json.loads(adapter[8 : 8 + length])["__metadata__"]
    return float(notes["alpha"]) / float(notes["rank"])


def merged(values: np.ndarray, up: np.ndarray, down: np.ndarray, scale: float) -> np.ndarray:
    """`values` + scale * up @ down in f32. Column by column, in one order: a library's matrix product adds in the order
    that suits the processor, and the bytes would differ from machine to machine."""
    change = np.zeros_like(values, dtype=np.float32)
    for column, row in zip(up.astype(np.float32).T, down.astype(np.float32)):
        change += column[:, None] * row[None, :]
    return values + np.float32(scale) * change


def tokenizer_json(source: Path) -> bytes:
    """The tokenizer in Hugging Face's format: byte-level BPE that takes every digit alone."""
    reader = GGUFReader(source)

    def field(name):
        return reader.get_field(name).contents()

    if field("tokenizer.ggml.model") != "gpt2" or field("tokenizer.ggml.pre") != PRE_TOKENIZER:
        raise SystemExit(f"{source.name}: the tokenizer is not the one this script knows ({PRE_TOKENIZER})")
    tokens, kinds = field("tokenizer.ggml.tokens"), field("tokenizer.ggml.token_type")
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": i,
                "content": token,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for i, (token, kind) in enumerate(zip(tokens, kinds))
            if kind == CONTROL_TOKEN
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level],
        },
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: i for i, token in enumerate(tokens)},
            "merges": [merge.split(" ") for merge in field("tokenizer.ggml.merges")],
        },
    }
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")).encode()


def metadata(source: Path) -> dict:
    """What the manifest says about the model."""
    reader = GGUFReader(source)
    return {
        "architecture": reader.get_field("general.architecture").contents(),
        "context_length": int(reader.get_field("llama.context_length").contents()),
        "chat_template": reader.get_field("tokenizer.chat_template").contents(),
    }
