"""Fits the regressions of crates/engine/src/calibration.rs on what the program itself says, and prints them as Rust.

    calibrate.py gate       --program citadel --vault DIR --data DIR   that the evidence answers the question
    calibrate.py support    --program citadel --data DIR               that a source carries a sentence
    calibrate.py confidence --program citadel --vault DIR --data DIR   that an answer is right

The vault holds squad-even/corpus. Only rows of train.jsonl about articles of the dev split are asked, and claims made of
them, which no model was trained on, so that the models are as sure of them as of a stranger's documents. Half of each
pool, by article or claim, is fitted on and half measured.
"""

import argparse
import json
import random
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from claims import Sets, entailment_pairs
from data import articles, read_lines, rows, scientific_claims
from metrics import auc, balanced_accuracy, best_threshold, calibration_error, refused_at, sigmoid

SEED = 11
RIDGE = 1.0
GATE = ("answerable", "cosine", "names")
SUPPORT = ("entailment", "cosine")
CONFIDENCE = ("gate",)


def batch(program: Path, arguments: list[str], lines: list[dict]) -> list[dict]:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
        file.flush()
        done = subprocess.run([program, *arguments, "--batch", file.name], stdout=subprocess.PIPE, check=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def fitted(x: np.ndarray, y: np.ndarray, rounds: int = 50) -> np.ndarray:
    """Weights and, last, the bias of a logistic regression with a small ridge on standardised features; Newton's method."""
    mean, scale = x.mean(0), x.std(0) + 1e-9
    z = np.concatenate([(x - mean) / scale, np.ones((len(x), 1))], 1)
    w = np.zeros(z.shape[1])
    ridge = np.full(len(w), RIDGE)
    ridge[-1] = 0.0
    for _ in range(rounds):
        p = sigmoid(z @ w)
        hessian = (z * (p * (1 - p))[:, None]).T @ z + np.diag(ridge + 1e-9)
        w -= np.linalg.solve(hessian, z.T @ (p - y) + ridge * w)
    return np.append(w[:-1] / scale, w[-1] - (w[:-1] / scale) @ mean)


def report(name: str, features: tuple[str, ...], found: list[dict], labels: list[bool], fold: list[bool]) -> None:
    """Fits on one half, measures on the other; what is printed as Rust is fitted on both."""
    x = np.array([[f.get(k, 0.0) for k in features] for f in found])
    y, half = np.array(labels), np.array(fold)
    w = fitted(x[half], y[half].astype(float))
    tested, truth = x[~half] @ w[:-1] + w[-1], y[~half]
    print(f"{name}: fitted on {half.sum()}, measured on {(~half).sum()}, true {y.mean():.3f}")
    print(f"  AUC {auc(tested, truth):.3f}, calibration error {calibration_error(sigmoid(tested), truth):.3f}")
    fitted_on = x[half] @ w[:-1] + w[-1]
    threshold = best_threshold(fitted_on, y[half])
    print(f"  balanced accuracy {balanced_accuracy(tested, truth, threshold):.3f} at {sigmoid(np.array(threshold)):.3f}")
    for share in (0.95, 0.9, 0.85, 0.8):
        at = np.quantile(tested[truth], 1 - share)
        print(f"  {share:.2f} of the true pass at {sigmoid(at):.3f}: {refused_at(tested, truth, share):.3f} of the false fail")
    for i, feature in enumerate(features):
        print(f"  {feature} alone: AUC {auc(x[:, i] * np.sign(w[i] or 1), y):.3f}")
    w = fitted(x, y.astype(float))
    table = ", ".join(f'("{k}", {v:.3f})' for k, v in zip(features, w))
    print(f"Regression {{ bias: {w[-1]:.3f}, weights: &[{table}] }}")


def asked(options: argparse.Namespace, arguments: list[str]) -> tuple[list, list[dict]]:
    """The rows of the dev articles with their answers."""
    known = articles(options.data)
    chosen = [r for r in rows(options.data, "train.jsonl", known) if r.article.dev]
    random.Random(SEED).shuffle(chosen)
    chosen = chosen[: options.most]
    lines = [{"id": r.key, "question": r.question} for r in chosen]
    kept = options.answers
    if kept is None or not kept.exists():
        answers = batch(options.program, ["--vault", str(options.vault), "ask", *arguments], lines)
        if kept is None:
            return chosen, answers
        kept.write_text("".join(json.dumps(a) + "\n" for a in answers))
    answers = read_lines(kept)
    return chosen[: len(answers)], answers


def holds(text: str, answers: tuple[str, ...]) -> bool:
    flat = lambda t: " " + " ".join("".join(c if c.isalnum() else " " for c in t.lower()).split()) + " "
    return any(flat(a) in flat(text) for a in answers)


def gate(options: argparse.Namespace) -> None:
    chosen, answers = asked(options, ["--mode", "quote", "--without", "gate"])
    found = [a["parts"][0]["sufficiency"]["features"] for a in answers]
    # Where no passage holds the answer, there is nothing to let through.
    there = [any(holds(p["text"], r.answers) for p in a["passages"]) for r, a in zip(chosen, answers)]
    fold = [hash_half(r.key) for r in chosen]
    report("gate", GATE, found, [r.answerable and t for r, t in zip(chosen, there)], fold)
    right = [holds(a["text"], r.answers) for r, a in zip(chosen, answers) if r.answerable]
    print(f"  without a gate, right of answerable: {np.mean(right):.3f} of {len(right)}")


def confidence(options: argparse.Namespace) -> None:
    chosen, answers = asked(options, ["--mode", options.mode])
    given = [(r, a) for r, a in zip(chosen, answers) if a["outcome"] == "answered"]
    sure = np.clip([a["parts"][0]["sufficiency"]["probability"] for _, a in given], 1e-4, 1 - 1e-4)
    found = [{"gate": odds} for odds in np.log(sure / (1 - sure))]
    labels = [r.answerable and holds(a["text"], r.answers) for r, a in given]
    report("confidence", CONFIDENCE, found, labels, [hash_half(r.key) for r, _ in given])


def support(options: argparse.Namespace) -> None:
    """Claims made of the dev articles, and scientific claims that were held out with their whole abstracts."""
    known = articles(options.data)
    dev = [r for r in rows(options.data, "train.jsonl", known) if r.article.dev]
    made = entailment_pairs(Sets(dev), [], random.Random(SEED), 0)[0][: options.most]
    abstracts = {line["path"]: line["text"] for line in read_lines(options.data / "scifact-train" / "corpus.jsonl")}
    science = [c for c in scientific_claims(options.data) if c.dev]
    pairs = [(f"made-{i}", p.query, f"{p.passage.text}", p.label) for i, p in enumerate(made)]
    pairs += [(f"science-{c.key}-{c.path}", c.claim, abstracts[c.path], c.label == "SUPPORT") for c in science]
    lines = [{"id": key, "question": "", "answer": claim, "passages": [text]} for key, claim, text, _ in pairs]
    results = batch(options.program, ["check"], lines)
    found, labels, fold = [], [], []
    for (key, _, _, label), result in zip(pairs, results):
        if len(result["sentences"]) == 1 and "features" in result["sentences"][0]["checks"]:
            found.append(result["sentences"][0]["checks"]["features"])
            labels.append(label)
            fold.append(hash_half(key))
    report("support", SUPPORT, found, labels, fold)
    for kind in ("made", "science"):
        told = [(r["supported"], r["score"], label) for (key, _, _, label), r in zip(pairs, results) if key.startswith(kind)]
        passed, scores, truth = (np.array(column) for column in zip(*told))
        print(
            f"  as it is, {kind}: balanced accuracy {(passed[truth].mean() + (~passed[~truth]).mean()) / 2:.3f}, "
            f"AUC {auc(scores, truth):.3f}, n {len(truth)}"
        )


def hash_half(key: str) -> bool:
    return random.Random(f"{SEED}:{key}").random() < 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("gate", "support", "confidence"))
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--vault", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--mode", default="generate")
    parser.add_argument("--answers", type=Path, help="keeps what the program said, and uses it where it is there")
    parser.add_argument("--most", type=int, default=2000)
    options = parser.parse_args()
    {"gate": gate, "support": support, "confidence": confidence}[options.what](options)


if __name__ == "__main__":
    main()
