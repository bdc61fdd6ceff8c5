"""Trains the reader on reading and entailment together.

    python training/train_reader.py --data DATA --models MODELS --wheels WHEELS --output FOLDER --steps 1700

Writes `checkpoint.safetensors` (all weights but the frozen word embeddings) at every half epoch, `log.jsonl`, and
`reader.safetensors` at the end, so that a run that is cut off still leaves a model.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from claims import Sets, entailment_pairs, reading_near, reading_pairs, reading_positive
from data import Pair, articles, rows, scientific_claims
from encoder import HEAD_PREFIX, Reader, load_base
from encoding import NO_TARGET, Batch, Encoded, encode, load_tokenizer, ordered_batches, shuffled_batches
from metrics import auc, balanced_accuracy, best_threshold, fit_calibration, refused_at

BATCH, MOST_TOKENS = 32, 320
WARM_UP = 0.06
HEAD_RATE = 4.0
SCIENCE_REPEATS = 6
FROZEN = "embeddings.word_embeddings.weight"
DEV_SAMPLE = 500
SCIENCE_JUDGED = ("science support", "science not enough", "science contradict")


def tensors(batch: Batch) -> tuple[torch.Tensor, ...]:
    return tuple(torch.from_numpy(a) for a in (batch.ids, batch.attention, batch.types))


def losses(reader: Reader, batch: Batch) -> dict[str, torch.Tensor]:
    """Mean loss of each head over the examples that have a target for it."""
    with torch.autocast("cpu", torch.bfloat16):
        start, end, answerable, supported = reader(*tensors(batch))
    outside = ~torch.from_numpy(batch.in_text)
    found = {}
    targets = torch.tensor([(e.start, e.end) for e in batch.items])
    if (targets[:, 0] != NO_TARGET).any():
        found["span"] = (
            sum(
                F.cross_entropy(logits.float().masked_fill(outside, -1e4), targets[:, i], ignore_index=NO_TARGET)
                for i, logits in enumerate((start, end))
            )
            / 2
        )
    labels = torch.tensor([float(e.pair.label) for e in batch.items])
    for task, name, logits in (("reading", "answerable", answerable), ("entailment", "supported", supported)):
        rows_of_task = torch.tensor([e.pair.task == task for e in batch.items])
        if rows_of_task.any():
            found[name] = F.binary_cross_entropy_with_logits(logits.float()[rows_of_task], labels[rows_of_task])
    return found


class Material:
    """What an epoch is drawn from, and the fixed dev examples."""

    def __init__(self, data: Path, models: Path, seed: int) -> None:
        self.tokenizer = load_tokenizer(models)
        everything = rows(data, "train.jsonl", articles(data))
        science = scientific_claims(data)
        self.train = Sets([r for r in everything if not r.article.dev])
        self.train_science = [c for c in science if not c.dev]
        dev = Sets([r for r in everything if r.article.dev])
        rng = random.Random(seed)
        reading = [reading_positive(r, rng) if r.answerable else reading_near(r, rng, 0.3) for r in dev.rows]
        made, scientific = entailment_pairs(dev, [c for c in science if c.dev], rng, 2)
        self.calibration = {"answerable": self._encode([p for p in reading if p]), "supported": self._encode(made)}
        self.dev = {
            "reading": rng.sample(self.calibration["answerable"], DEV_SAMPLE),
            "made claims": rng.sample(self.calibration["supported"], DEV_SAMPLE),
            "scientific claims": self._encode([p for p in scientific if p.kind in SCIENCE_JUDGED]),
        }
        self.seed = seed

    def _encode(self, pairs: list[Pair]) -> list[Encoded]:
        return encode(self.tokenizer, pairs, MOST_TOKENS)

    def epoch(self, number: int) -> list[Encoded]:
        rng = random.Random(self.seed * 1000 + number)
        reading = list(reading_pairs(self.train, rng))
        made, scientific = entailment_pairs(self.train, self.train_science, rng, SCIENCE_REPEATS)
        return self._encode(reading + made + scientific)

    def batches(self) -> Iterator[Batch]:
        number = 0
        while True:
            examples = self.epoch(number)
            print(f"epoch {number}: {len(examples)} examples", flush=True)
            yield from shuffled_batches(examples, BATCH, random.Random(self.seed * 1000 + number))
            number += 1


@torch.no_grad()
def scores_of(reader: Reader, items: list[Encoded]) -> tuple[np.ndarray, np.ndarray, list[bool]]:
    """Answerable and supported logits, and for examples with an answer whether its first token was found."""
    answers, supports, hits = np.zeros(len(items)), np.zeros(len(items)), []
    for places, batch in ordered_batches(items, 64):
        with torch.autocast("cpu", torch.bfloat16):
            start, _, answerable, supported = reader(*tensors(batch))
        answers[places], supports[places] = answerable.float().numpy(), supported.float().numpy()
        first = start.float().masked_fill(~torch.from_numpy(batch.in_text), -1e4).argmax(1)
        hits += [abs(int(first[i]) - e.start) <= 1 for i, e in enumerate(batch.items) if e.start != NO_TARGET]
    return answers, supports, hits


def measure(reader: Reader, sets: dict[str, list[Encoded]]) -> dict[str, float]:
    reader.eval()
    found = {}
    for name, items in sets.items():
        answers, supports, hits = scores_of(reader, items)
        scores = answers if name == "reading" else supports
        labels = np.array([e.pair.label for e in items])
        found[f"{name}: auc"] = auc(scores, labels)
        if name == "reading":
            found[f"{name}: refused at 90"] = refused_at(scores, labels, 0.9)
            found[f"{name}: starts"] = float(np.mean(hits))
        else:
            found[f"{name}: balanced"] = balanced_accuracy(scores, labels, 0.0)
            found[f"{name}: balanced, best"] = balanced_accuracy(scores, labels, best_threshold(scores, labels))
    reader.train()
    return {name: round(value, 4) for name, value in found.items()}


def save(reader: Reader, path: Path) -> None:
    """Writes beside and renames: a reader of the file never sees half of it."""
    fresh = path.with_suffix(".fresh")
    save_file({n: t.contiguous() for n, t in reader.state_dict().items() if n != FROZEN}, fresh)
    os.replace(fresh, path)


def train(reader: Reader, material: Material, steps: int, rate: float, output: Path) -> None:
    heads = [p for n, p in reader.named_parameters() if n.startswith(HEAD_PREFIX)]
    body = [p for n, p in reader.named_parameters() if not n.startswith(HEAD_PREFIX) and p.requires_grad]
    groups = [{"params": body, "lr": rate}, {"params": heads, "lr": rate * HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    warm = max(1, int(steps * WARM_UP))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: (s + 1) / warm if s < warm else max(0.0, (steps - s) / (steps - warm))
    )
    sums: dict[str, list[float]] = {}
    began = time.monotonic()
    reader.train()
    with (output / "log.jsonl").open("a", encoding="utf-8") as log:
        for step, batch in zip(range(1, steps + 1), material.batches()):
            parts = losses(reader, batch)
            sum(parts.values()).backward()
            torch.nn.utils.clip_grad_norm_(body + heads, 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            for name, value in parts.items():
                sums.setdefault(name, []).append(value.item())
            if step % 50 == 0 or step == steps:
                line = {"step": step, "seconds": round(time.monotonic() - began)}
                line |= {name: round(float(np.mean(values)), 4) for name, values in sums.items()}
                sums.clear()
                if step % 400 == 0 or step == steps:
                    save(reader, output / "checkpoint.safetensors")
                    line |= measure(reader, material.dev)
                print(json.dumps(line), flush=True)
                log.write(json.dumps(line) + "\n")
                log.flush()


def calibrate(reader: Reader, calibration: dict[str, list[Encoded]]) -> None:
    """Scales the last layer of both verdicts so that the sigmoid of a logit is a probability on dev articles."""
    reader.eval()
    for place, (head, items) in enumerate(calibration.items()):
        scale, bias = fit_calibration(scores_of(reader, items)[place], np.array([e.pair.label for e in items]))
        print(f"{head}: scale {scale:.3f}, bias {bias:.3f}, n {len(items)}", flush=True)
        with torch.no_grad():
            reader.heads[head].weight.mul_(scale)
            reader.heads[head].bias.mul_(scale).add_(bias)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True, help="folder of squad-even and scifact-train")
    arguments.add_argument("--models", type=Path, required=True, help="the model pack, for the tokenizer")
    arguments.add_argument("--wheels", type=Path, required=True, help="folder with the base model's wheel")
    arguments.add_argument("--output", type=Path, required=True)
    arguments.add_argument("--steps", type=int, default=1700)
    arguments.add_argument("--rate", type=float, default=2e-4)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--threads", type=int, default=2)
    options = arguments.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    material = Material(options.data, options.models, options.seed)
    reader = load_base(options.wheels)
    train(reader, material, options.steps, options.rate, options.output)
    calibrate(reader, material.calibration)
    save(reader, options.output / "reader.safetensors")


if __name__ == "__main__":
    main()
