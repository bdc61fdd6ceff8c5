"""Measures the exported reader: reading and entailment on held-out articles and claims, calibration, speed.

    python training/measure_reader.py --data DATA --models MODELS --reader reader.onnx

The questions of questions.jsonl are for measuring only. Thresholds come from rows of train.jsonl of dev articles (which
no training saw) or, for the word-overlap baseline, from training claims; never from what they are measured on.
"""

import argparse
import collections
import random
import re
import string
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from claims import Sets, entailment_pairs, reading_near, science_window
from data import Pair, Passage, Row, ScientificClaim, articles, content_words, rows, scientific_claims, sentence_spans
from encoding import Encoded, encode, load_tokenizer, ordered_batches
from metrics import (
    auc,
    balanced_accuracy,
    best_threshold,
    bootstrap,
    calibration_error,
    fit_calibration,
    refused_at,
    sigmoid,
    wilson,
)

MOST_TOKENS = 384
LONGEST_ANSWER = 30
SEED = 7
OUTPUTS = ["start", "end", "answerable", "supported"]


@dataclass(frozen=True)
class Scored:
    """A set's examples with both logits and the best span (characters in the passage's text)."""

    items: list[Encoded]
    answerable: np.ndarray
    supported: np.ndarray
    spans: list[tuple[int, int]]

    @property
    def labels(self) -> np.ndarray:
        return np.array([e.pair.label for e in self.items])


def session(path: Path, threads: int = 2) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def best_span(start: np.ndarray, end: np.ndarray, item: Encoded) -> tuple[int, int]:
    """The characters of the span with the highest sum of logits."""
    low, high = item.text_from, item.text_from + len(item.offsets)
    sums = start[low:high, None] + end[None, low:high]
    sums = np.where(np.triu(np.ones_like(sums)) - np.triu(np.ones_like(sums), LONGEST_ANSWER) > 0, sums, -np.inf)
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    return item.offsets[first][0], item.offsets[last][1]


def score(model: onnxruntime.InferenceSession, items: list[Encoded]) -> Scored:
    answerable, supported = np.zeros(len(items)), np.zeros(len(items))
    spans: list[tuple[int, int]] = [(0, 0)] * len(items)
    # One at a time, as the engine asks: activations are quantised by batch, so company changes a score a little.
    for places, batch in ordered_batches(items, 1):
        feed = {"input_ids": batch.ids, "attention_mask": batch.attention, "token_type_ids": batch.types}
        start, end, answer, support = model.run(OUTPUTS, feed)
        answerable[places], supported[places] = answer, support
        spans[places[0]] = best_span(start[0], end[0], batch.items[0])
    return Scored(items, answerable, supported, spans)


# Sets


def reading_pairs_of(given: list[Row]) -> list[Pair]:
    """Every question with its whole paragraph and title."""
    rng = random.Random(SEED)
    found = []
    for row in given:
        if not row.answerable:
            found.append(reading_near(row, rng, 0.0))
        elif (span := row.answer_span()) is not None:
            found.append(
                Pair("reading", row.question, Passage(row.article.title, row.text), True, span, "answerable", row.key)
            )
    return found


def scientific_pairs_of(claims: list[ScientificClaim], whole_share: float = 1.0) -> list[Pair]:
    """Every claim with its abstract or, with a share of 0, with 3 to 6 sentences of it."""
    rng = random.Random(SEED)
    return [
        Pair(
            "entailment",
            c.claim,
            Passage(c.title, science_window(c, rng, whole_share)),
            c.label == "SUPPORT",
            None,
            c.label,
            c.key,
        )
        for c in claims
    ]


def made_pairs_of(given: list[Row]) -> list[Pair]:
    return entailment_pairs(Sets(given), [], random.Random(SEED), 0)[0]


# Figures


def normalised(text: str) -> list[str]:
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(?:a|an|the)\b", " ", text).split()


def overlap_f1(found: list[str], wanted: list[str]) -> float:
    common = sum((collections.Counter(found) & collections.Counter(wanted)).values())
    return 2 * common / (len(found) + len(wanted)) if common else 0.0


def interval(share: float, count: int) -> str:
    low, high = wilson(share, count)
    return f"{share:.3f} [{low:.3f}, {high:.3f}] n={count}"


def drawn(figure, *arrays: np.ndarray) -> str:
    low, high = bootstrap(figure, *arrays)
    return f"{figure(*arrays):.3f} [{low:.3f}, {high:.3f}] n={len(arrays[0])}"


def word_overlap(items: list[Encoded]) -> np.ndarray:
    """The share of the claim's words that the evidence holds: the baseline."""
    found = []
    for e in items:
        claim = content_words(e.pair.query)
        evidence = content_words(f"{e.pair.passage.context} {e.pair.passage.text}")
        found.append(len(claim & evidence) / max(1, len(claim)))
    return np.array(found)


def report_reading(name: str, scored: Scored, answers: dict[str, tuple[str, ...]], threshold: float | None) -> None:
    print(f"\n## Reading: {name}")
    exact, f1, sentences = [], [], []
    for e, (a, b) in zip(scored.items, scored.spans):
        if not e.pair.label:
            continue
        found = normalised(e.pair.passage.text[a:b])
        exact.append(max(found == normalised(answer) for answer in answers[e.pair.key]))
        f1.append(max(overlap_f1(found, normalised(answer)) for answer in answers[e.pair.key]))
        gold = next(s for s in sentence_spans(e.pair.passage.text) if s[1] > e.pair.span[0])
        sentences.append(gold[0] <= a < gold[1])
    print("sentence of the best span is the gold one:", interval(float(np.mean(sentences)), len(sentences)))
    print("exact match:", interval(float(np.mean(exact)), len(exact)))
    print("F1:", drawn(np.mean, np.array(f1)))
    labels = scored.labels
    print("answerable, AUC:", drawn(auc, scored.answerable, labels))
    for share in (0.70, 0.80, 0.85, 0.90, 0.95):
        print(
            f"refused of the unanswerable where {share:.0%} of the answerable pass:",
            drawn(partial(refused_at, share=share), scored.answerable, labels),
        )
    if threshold is not None:
        passed, refused = scored.answerable[labels] >= threshold, scored.answerable[~labels] < threshold
        print(
            f"at the threshold {threshold:.3f} from train rows: pass",
            interval(float(passed.mean()), len(passed)),
            "refused",
            interval(float(refused.mean()), len(refused)),
        )
    error = calibration_error(sigmoid(scored.answerable), labels)
    print(f"calibration error: {error:.3f}, at a base rate of {labels.mean():.2f}")


def report_claims(name: str, scored: Scored, threshold: float, overlap_threshold: float) -> None:
    labels = scored.labels
    baseline = word_overlap(scored.items)
    print(f"\n## Claims: {name} ({labels.mean():.0%} supported)")
    print(
        f"balanced accuracy at {threshold:.3f}:",
        drawn(partial(balanced_accuracy, threshold=threshold), scored.supported, labels),
    )
    print("balanced accuracy at 0:", drawn(partial(balanced_accuracy, threshold=0.0), scored.supported, labels))
    print(
        f"word overlap, balanced accuracy at {overlap_threshold:.3f}:",
        drawn(partial(balanced_accuracy, threshold=overlap_threshold), baseline, labels),
    )
    print("AUC:", drawn(auc, scored.supported, labels), "| word overlap:", drawn(auc, baseline, labels))
    print(f"calibration error: {calibration_error(sigmoid(scored.supported), labels):.3f}")
    by_kind = collections.Counter(e.pair.kind for e in scored.items)
    for kind, count in by_kind.most_common():
        of = np.array([e.pair.kind == kind for e in scored.items])
        right = (scored.supported[of] >= threshold) == labels[of]
        print(f"  right, {kind}:", interval(float(right.mean()), count))


def report_speed(model: onnxruntime.InferenceSession) -> None:
    rng = np.random.default_rng(SEED)
    for batch in (1, 8):
        ids = rng.integers(1000, 20000, (batch, 170))
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        times = []
        for _ in range(30):
            began = time.perf_counter()
            model.run(OUTPUTS, feed)
            times.append((time.perf_counter() - began) * 1000 / batch)
        print(f"{np.median(times):.2f} ms a pair of 170 tokens in batches of {batch} (least {min(times):.2f})")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--models", type=Path, required=True, help="the model pack, for the tokenizer")
    arguments.add_argument("--reader", type=Path, required=True, help="the ONNX model to measure")
    arguments.add_argument(
        "--brief", action="store_true", help="only the held-out sets and fewer examples, to compare exports"
    )
    options = arguments.parse_args()
    tokenizer: Tokenizer = load_tokenizer(options.models)
    model = session(options.reader)
    known = articles(options.data)
    train, questions = rows(options.data, "train.jsonl", known), rows(options.data, "questions.jsonl", known)
    science = scientific_claims(options.data)
    tuning = [r for r in train if r.article.dev]
    answers = {row.key: row.answers for row in train + questions}

    def scored(pairs: list[Pair], most: int | None = None) -> Scored:
        kept = pairs if most is None or len(pairs) <= most else random.Random(SEED).sample(pairs, most)
        return score(model, encode(tokenizer, kept, MOST_TOKENS))

    few = 600 if options.brief else None
    tuned = scored(reading_pairs_of(tuning), few)
    threshold = float(np.quantile(tuned.answerable[tuned.labels], 0.1))
    report_reading("rows of train.jsonl of dev articles (tuning)", tuned, answers, None)
    print("scale and bias that would calibrate:", fit_calibration(tuned.answerable, tuned.labels))
    report_reading(
        "questions.jsonl, dev articles",
        scored(reading_pairs_of([r for r in questions if r.article.dev])),
        answers,
        threshold,
    )
    if not options.brief:
        report_reading(
            "questions.jsonl, all (most articles were seen in training)",
            scored(reading_pairs_of(questions)),
            answers,
            threshold,
        )

    tuned_claims = scored(made_pairs_of(tuning), few)
    threshold = best_threshold(tuned_claims.supported, tuned_claims.labels)
    trained_on = encode(tokenizer, made_pairs_of([r for r in train if not r.article.dev]), MOST_TOKENS)
    overlap = best_threshold(word_overlap(trained_on), np.array([e.pair.label for e in trained_on]))
    report_claims("made from train.jsonl, dev articles (tuning)", tuned_claims, threshold, overlap)
    print("scale and bias that would calibrate:", fit_calibration(tuned_claims.supported, tuned_claims.labels))
    report_claims(
        "made from questions.jsonl, dev articles",
        scored(made_pairs_of([r for r in questions if r.article.dev])),
        threshold,
        overlap,
    )
    seen = encode(tokenizer, scientific_pairs_of([c for c in science if not c.dev]), MOST_TOKENS)
    overlap = best_threshold(word_overlap(seen), np.array([e.pair.label for e in seen]))
    held = [c for c in science if c.dev]
    report_claims("scientific, held out, whole abstracts", scored(scientific_pairs_of(held)), threshold, overlap)
    report_claims("scientific, held out, 3 to 6 sentences", scored(scientific_pairs_of(held, 0.0)), threshold, overlap)
    judged = [c for c in held if c.label != "NOT_ENOUGH"]
    report_claims(
        "scientific, held out, support against contradiction", scored(scientific_pairs_of(judged)), threshold, overlap
    )
    print("\n## Speed")
    report_speed(model)


if __name__ == "__main__":
    main()
