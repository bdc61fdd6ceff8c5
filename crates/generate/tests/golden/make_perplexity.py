"""The perplexity of the pack's language model over a text of the samples, by llama.cpp.

    python make_perplexity.py MODEL.gguf

Needs llama-cpp-python. Writes perplexity.json beside this file."""

import json
import sys
from pathlib import Path

import llama_cpp
import numpy as np

TEXT = "assets/samples/corpus/handbook.md"
CHARACTERS = 6000


def main() -> None:
    folder = Path(__file__).parent
    text = (folder / "../../../.." / TEXT).read_text(encoding="utf-8")[:CHARACTERS]
    model = llama_cpp.Llama(sys.argv[1], n_ctx=4096, logits_all=True, verbose=False)
    tokens = model.tokenize(text.encode(), add_bos=False, special=False)
    model.eval(tokens)
    logits = np.array(model.scores[: len(tokens)], dtype=np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    likelihoods = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    mean = float(np.mean([likelihoods[at, token] for at, token in enumerate(tokens[1:])]))
    golden = {
        "reference": "llama.cpp through llama-cpp-python " + llama_cpp.__version__,
        "text": TEXT,
        "characters": CHARACTERS,
        "tokens": len(tokens),
        "mean_log_likelihood": round(mean, 6),
    }
    (folder / "perplexity.json").write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


main()
