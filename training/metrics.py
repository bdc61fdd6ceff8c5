"""Figures for yes-or-no scores: area under the curve, balanced accuracy, operating points, calibration, intervals."""

import math

import numpy as np

Array = np.ndarray


def auc(scores: Array, labels: Array) -> float:
    """Chance that a true example scores above a false one; ties count half."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    _, group = np.unique(scores, return_inverse=True)
    ranks = (np.bincount(group, ranks) / np.bincount(group))[group]
    positives = int(labels.sum())
    negatives = len(labels) - positives
    return float((ranks[labels].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def balanced_accuracy(scores: Array, labels: Array, threshold: float) -> float:
    passed = scores >= threshold
    return float((passed[labels].mean() + (~passed[~labels]).mean()) / 2)


def best_threshold(scores: Array, labels: Array) -> float:
    """The threshold with the highest balanced accuracy."""
    candidates = np.unique(np.quantile(scores, np.linspace(0.01, 0.99, 197)))
    return float(max(candidates, key=lambda t: balanced_accuracy(scores, labels, t)))


def refused_at(scores: Array, labels: Array, share: float) -> float:
    """Share of the false ones that fall below the threshold which lets `share` of the true ones pass."""
    threshold = np.quantile(scores[labels], 1 - share)
    return float((scores[~labels] < threshold).mean())


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share of `count`."""
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return middle - half, middle + half


def bootstrap(figure, *arrays: Array, rounds: int = 1000, seed: int = 7) -> tuple[float, float]:
    """95 % interval of a figure by drawing the examples again."""
    rng = np.random.default_rng(seed)
    count = len(arrays[0])
    values = []
    for _ in range(rounds):
        drawn = rng.integers(0, count, count)
        try:
            values.append(figure(*(a[drawn] for a in arrays)))
        except (ZeroDivisionError, IndexError):
            continue
    return float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(x, -50, 50)))


def fit_calibration(logits: Array, labels: Array, rounds: int = 50) -> tuple[float, float]:
    """Scale and bias that make sigmoid(scale * logit + bias) a probability; Newton's method on the log loss."""
    x = np.stack([logits, np.ones_like(logits)], axis=1)
    w = np.array([1.0, 0.0])
    for _ in range(rounds):
        p = sigmoid(x @ w)
        gradient = x.T @ (p - labels) / len(labels)
        hessian = (x * (p * (1 - p))[:, None]).T @ x / len(labels) + 1e-6 * np.eye(2)
        w -= np.linalg.solve(hessian, gradient)
    return float(w[0]), float(w[1])


def calibration_error(probabilities: Array, labels: Array, bins: int = 10) -> float:
    """Expected calibration error over bins of equal width."""
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(probabilities[places == b].mean() - labels[places == b].mean()) * (places == b).mean()
            for b in range(bins)
            if (places == b).any()
        )
    )
