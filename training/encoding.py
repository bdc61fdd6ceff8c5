"""Pairs as token ids: [CLS] question or claim [SEP] "context | text" [SEP]; only the evidence is cut, at the right."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from data import Pair

CLS, SEP, PAD = 101, 102, 0
SEPARATOR = " | "
NO_TARGET = -100
# Few different lengths: kernels are compiled, and memory kept, for every one.
LENGTH_STEP = 32


@dataclass(frozen=True)
class Encoded:
    """`text_from` is the first token of the passage's text; `offsets` are the characters of text tokens in it."""

    pair: Pair
    ids: list[int]
    second_from: int
    text_from: int
    offsets: list[tuple[int, int]]
    start: int
    end: int


@dataclass(frozen=True)
class Batch:
    items: list[Encoded]
    ids: np.ndarray
    attention: np.ndarray
    types: np.ndarray
    in_text: np.ndarray


def load_tokenizer(models: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(models / "embedder.tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(tokenizer: Tokenizer, pairs: list[Pair], most: int) -> list[Encoded]:
    """Tokens of every pair; a reading pair whose answer is cut off is left out."""
    first = tokenizer.encode_batch([p.query for p in pairs], add_special_tokens=False)
    heads = [p.passage.context + SEPARATOR if p.passage.context else "" for p in pairs]
    second = tokenizer.encode_batch([h + p.passage.text for h, p in zip(heads, pairs)], add_special_tokens=False)
    found = []
    for pair, head, a, b in zip(pairs, heads, first, second):
        second_from = len(a.ids) + 2
        evidence = b.ids[: most - second_from - 1]
        offsets = [(x - len(head), y - len(head)) for x, y in b.offsets[: len(evidence)] if x >= len(head)]
        text_from = second_from + len(evidence) - len(offsets)
        start = end = NO_TARGET
        if pair.span is not None:
            inside = [i for i, (x, y) in enumerate(offsets) if x < pair.span[1] and pair.span[0] < y]
            if not inside or offsets[-1][1] < pair.span[1]:
                continue
            start, end = text_from + inside[0], text_from + inside[-1]
        found.append(Encoded(pair, [CLS, *a.ids, SEP, *evidence, SEP], second_from, text_from, offsets, start, end))
    return found


def collate(items: list[Encoded], multiple: int = 1) -> Batch:
    """Arrays of one length, the longest's rounded up to a multiple."""
    longest = -(-max(len(e.ids) for e in items) // multiple) * multiple
    ids = np.full((len(items), longest), PAD, dtype=np.int64)
    attention, types = np.zeros_like(ids), np.zeros_like(ids)
    in_text = np.zeros(ids.shape, dtype=bool)
    for i, e in enumerate(items):
        ids[i, : len(e.ids)] = e.ids
        attention[i, : len(e.ids)] = 1
        types[i, e.second_from : len(e.ids)] = 1
        in_text[i, e.text_from : e.text_from + len(e.offsets)] = True
    return Batch(items, ids, attention, types, in_text)


def shuffled_batches(items: list[Encoded], size: int, rng: random.Random) -> Iterator[Batch]:
    """Batches of about equal lengths: sorted within stretches of fifty batches, then mixed."""
    items = items[:]
    rng.shuffle(items)
    batches = []
    for low in range(0, len(items), size * 50):
        stretch = sorted(items[low : low + size * 50], key=lambda e: len(e.ids))
        batches += [stretch[i : i + size] for i in range(0, len(stretch), size)]
    rng.shuffle(batches)
    return (collate(batch, LENGTH_STEP) for batch in batches)


def ordered_batches(items: Iterable[Encoded], size: int) -> Iterator[tuple[list[int], Batch]]:
    """Batches by length, each with the places of its items, for measuring."""
    items = list(items)
    order = sorted(range(len(items)), key=lambda i: len(items[i].ids))
    for low in range(0, len(order), size):
        places = order[low : low + size]
        yield places, collate([items[i] for i in places])
