"""The sets that training reads, the split by article, and passages as the engine would show them.

Nothing of an article of the dev split is ever trained on: a row belongs to the article of its gold or near paragraph.
SciFact is split by claim and by document.
"""

import hashlib
import json
import math
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

# A fifth would take 9 of the 23 articles; a fourth takes 5.
DEV_MODULUS = 4
SCIFACT_DEV_MODULUS = 5

SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])")
ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|No|c|ca|cf|Fig|al|e\.g|i\.e|etc|approx|Gen|Col|Prof|Rev)\.)$"
)
WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
STOP_WORDS = frozenset(
    "a an the of in on at to for by with from and or as is are was were be been being it its this that these those did "
    "do does has have had what which who whom whose when where why how many much his her their there than then not into "
    "about after before during would could can will may".split()
)


@dataclass(frozen=True)
class Passage:
    """A stretch of a document: `context` names where it stands, `text` is what is read."""

    context: str
    text: str


@dataclass(frozen=True)
class Pair:
    """One training or measuring example. `task` is "reading" or "entailment"; `span` are characters in `text`."""

    task: str
    query: str
    passage: Passage
    label: bool
    span: tuple[int, int] | None
    kind: str
    key: str


@dataclass(frozen=True)
class Article:
    stem: str
    title: str
    paragraphs: tuple[str, ...]
    dev: bool


@dataclass(frozen=True)
class Row:
    """A question with its paragraph: the gold one, or for an unanswerable question the one it was written against."""

    key: str
    question: str
    answers: tuple[str, ...]
    quote: str | None
    article: Article
    paragraph: int

    @property
    def answerable(self) -> bool:
        return bool(self.answers)

    @property
    def text(self) -> str:
        return self.article.paragraphs[self.paragraph]

    def answer_span(self) -> tuple[int, int] | None:
        """The longest answer's place in the paragraph, in the quoted sentence where it occurs there."""
        at = self.text.find(self.quote) if self.quote else -1
        low, high = (at, at + len(self.quote)) if at >= 0 else (0, len(self.text))
        for answer in sorted(set(self.answers), key=lambda a: (-self.answers.count(a), len(a), a)):
            found = self.text.find(answer, low, high)
            if found >= 0:
                return found, found + len(answer)
        return None


@dataclass(frozen=True)
class ScientificClaim:
    """A claim with one cited abstract; `rationales` are sets of sentence numbers that carry the label."""

    key: str
    claim: str
    path: str
    label: str
    title: str
    sentences: tuple[str, ...]
    rationales: tuple[tuple[int, ...], ...]
    dev: bool


def _hashed(key: str, modulus: int) -> bool:
    return int(hashlib.sha256(f"dev:{key}".encode()).hexdigest(), 16) % modulus == 0


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Ranges of the sentences; a plain rule, as good as training needs."""
    spans, start = [], 0
    for match in SENTENCE_END.finditer(text):
        if not ABBREVIATION.search(text[start : match.start()]):
            spans.append((start, match.start() + len(match.group().rstrip())))
            start = match.end()
    spans.append((start, len(text)))
    return spans


def sentences_of(text: str) -> list[str]:
    return [text[a:b] for a, b in sentence_spans(text)]


def articles(data: Path) -> dict[str, Article]:
    """All articles by "folder/stem". Only those of corpus/ can be dev: questions.jsonl asks about no others."""
    found = {}
    for folder in ("corpus", "train_corpus"):
        for path in sorted((data / "squad-even" / folder).glob("*.md")):
            blocks = [b.strip() for b in path.read_text("utf-8").split("\n\n") if b.strip()]
            title = blocks[0].removeprefix("# ")
            dev = folder == "corpus" and _hashed(path.stem, DEV_MODULUS)
            found[f"{folder}/{path.stem}"] = Article(path.stem, title, tuple(blocks[1:]), dev)
    return found


def rows(data: Path, file: str, known: dict[str, Article]) -> list[Row]:
    """The questions of train.jsonl or questions.jsonl with their paragraphs."""
    found = []
    for line in read_lines(data / "squad-even" / file):
        place = line["gold"][0] if line["gold"] else line["near"]
        folder = "train_corpus" if line.get("source") == "squad1.1" else "corpus"
        article = known[f"{folder}/{Path(place['path']).stem}"]
        if place.get("para") is None:
            continue
        found.append(
            Row(
                line["id"],
                line["question"].strip(),
                tuple(line["answers"]),
                place.get("quote"),
                article,
                place["para"] - 1,
            )
        )
    return found


def scientific_claims(data: Path) -> list[ScientificClaim]:
    """Claim and abstract pairs. Training pairs whose abstract a dev claim cites are left out."""
    abstracts = {line["path"]: line for line in read_lines(data / "scifact-train" / "corpus.jsonl")}
    found = []
    for line in read_lines(data / "scifact-train" / "queries.jsonl"):
        for path, label in line["labels"].items():
            sentences = sentences_of(abstracts[path]["text"])
            rationales = tuple(
                tuple(i for i, s in enumerate(sentences) if any(r in s or s in r for r in rationale))
                for rationale in line["rationales"].get(path, [])
            )
            found.append(
                ScientificClaim(
                    line["id"],
                    line["query"],
                    path,
                    label,
                    abstracts[path]["title"].rstrip("."),
                    tuple(sentences),
                    tuple(r for r in rationales if r),
                    _hashed(line["id"], SCIFACT_DEV_MODULUS),
                )
            )
    held = {claim.path for claim in found if claim.dev}
    return [claim for claim in found if claim.dev or claim.path not in held]


def content_words(text: str) -> set[str]:
    return {w for w in (m.group().lower() for m in WORD.finditer(text)) if w not in STOP_WORDS}


def window(text: str, keep: tuple[int, int], rng: random.Random, least: int = 2, most: int = 6) -> tuple[int, int]:
    """A range of whole sentences around the characters `keep`."""
    spans = sentence_spans(text)
    first = next((i for i, (_, b) in enumerate(spans) if b > keep[0]), len(spans) - 1)
    last = max(first, next((i for i, (_, b) in enumerate(spans) if b >= keep[1]), len(spans) - 1))
    size = max(last - first + 1, min(rng.randint(least, most), len(spans)))
    low = rng.randint(max(0, last - size + 1), min(first, len(spans) - size))
    return spans[low][0], spans[low + size - 1][1]


class ParagraphSearch:
    """BM25 over the paragraphs of one article: finds the paragraph most like a question, a hard negative."""

    def __init__(self, article: Article) -> None:
        self._counts = [Counter(m.group().lower() for m in WORD.finditer(p)) for p in article.paragraphs]
        frequency = Counter(word for count in self._counts for word in count)
        total = len(self._counts)
        self._weight = {w: math.log(1 + (total - n + 0.5) / (n + 0.5)) for w, n in frequency.items()}
        self._lengths = [sum(count.values()) for count in self._counts]
        self._mean = sum(self._lengths) / max(1, total)

    def ranked(self, query: str) -> list[int]:
        def score(i: int) -> float:
            norm = 1.2 * (0.25 + 0.75 * self._lengths[i] / self._mean)
            count = self._counts[i]
            return sum(self._weight[w] * count[w] * 2.2 / (count[w] + norm) for w in words if w in count)

        words = content_words(query)
        return sorted(range(len(self._counts)), key=lambda i: (-score(i), i))
