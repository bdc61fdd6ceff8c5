"""Writes minilm.json: vectors of all-MiniLM-L6-v2 computed in float64 with numpy alone, straight from the published
safetensors file, by another route than the ONNX graph that the product runs.

    python reference.py FOLDER_WITH_MODEL_SAFETENSORS_AND_TOKENIZER_JSON
"""

import json
import sys
from math import erf
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

LAYERS, HEADS, MAX_TOKENS = 6, 12, 512
SENTENCES = [
    "Employees may claim the cost of a hotel up to 180 EUR per night when they travel on business.",
    "Receipts above 25 EUR have to be handed in within thirty days, together with the signed form.",
    "The stock market fell sharply after the central bank raised its rate by half a percentage point.",
    "Photosynthesis turns carbon dioxide and water into sugar and oxygen in the chloroplasts of a leaf.",
]
TEXTS = [
    "",
    " \n\t ",
    "a",
    "A man is eating food.",
    "What is the maximum hotel reimbursement per night?",
    "Grüße aus Zürich: naïve façade, Ærøskøbing, e\u0301te\u0301.",
    "机密文件不得离开本机。",
    "Договор вступает в силу 1 января 2025 года. 🙂👍🏽",
    "§ 12(3)(b) — part no. AX-4711/09, 1,234.56 EUR; see https://example.org/a?b=c#d",
    "zero\u200bwidth\u0000control \u00ad soft hyphen",
    " ".join(SENTENCES),
    " ".join(SENTENCES * 6),
    " ".join(SENTENCES * 12),
    "x" * 3000,
]


def embed(ids: list[int], w: dict[str, np.ndarray]) -> np.ndarray:
    def norm(x, name):
        centred = x - x.mean(-1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def dense(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    table = "embeddings.{}_embeddings.weight".format
    x = w[table("word")][ids] + w[table("position")][: len(ids)] + w[table("token_type")][0]
    x = norm(x, "embeddings.LayerNorm")
    size = x.shape[1] // HEADS
    for i in range(LAYERS):
        layer = f"encoder.layer.{i}"
        q, k, v = (dense(x, f"{layer}.attention.self.{part}") for part in ("query", "key", "value"))
        context = np.empty_like(x)
        for h in range(HEADS):
            part = slice(h * size, (h + 1) * size)
            scores = q[:, part] @ k[:, part].T / np.sqrt(size)
            shares = np.exp(scores - scores.max(-1, keepdims=True))
            context[:, part] = shares / shares.sum(-1, keepdims=True) @ v[:, part]
        x = norm(x + dense(context, f"{layer}.attention.output.dense"), f"{layer}.attention.output.LayerNorm")
        wide = dense(x, f"{layer}.intermediate.dense")
        wide = wide * 0.5 * (1 + np.vectorize(erf)(wide / np.sqrt(2)))
        x = norm(x + dense(wide, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def main() -> None:
    folder = Path(sys.argv[1])
    weights = {name: w.astype(np.float64) for name, w in load_file(folder / "model.safetensors").items() if w.ndim}
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    rows = []
    for text in TEXTS:
        ids = tokenizer.encode(text).ids
        vector = [round(float(x), 6) for x in embed(ids, weights)]
        rows.append({"text": text, "tokens": len(ids), "vector": vector})
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    Path(__file__).with_name("minilm.json").write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
