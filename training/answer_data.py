"""Examples for the answer adapter: a question, numbered evidence as the engine would choose it, and what to write.

Three of five are answerable; the others must be declined: half of them were written to be unanswerable, from half the
sentences that hold the answer are left out. All is drawn from one seeded generator.
"""

import random
import re
from dataclasses import dataclass

from data import ParagraphSearch, Row, content_words, sentence_spans, sentences_of
from declarative import declarative
from english_words import AUXILIARIES, is_finite
from prompt import NOT_FOUND, Evidence

ANSWERABLE_SHARE = 0.6
CORRECTION_SHARE = 0.1
# How often the evidence stands in order of relevance, as in the engine; else the order is random.
BEST_FIRST_SHARE = 0.6
HEADING_SHARE = 0.15
# How often one to five pieces are shown.
PIECE_WEIGHTS = (2, 3, 4, 4, 3)
MAX_PIECES = len(PIECE_WEIGHTS)
MAX_WORDS = 130
MAX_SENTENCE_WORDS = 30
MAX_REPEATED_WORDS = 45
# Such as "[citation needed]": a note on the text, which would be taken for a citation.
_EDITORS_NOTE = re.compile(r"\[[a-z ]+\??\]")
_BACKWARD = frozenset("it they this these those he she such its their his her that".split())


@dataclass(frozen=True)
class Example:
    """`gold` is the number of the piece that answers, none where nothing does."""

    row: Row
    evidence: tuple[Evidence, ...]
    correcting: bool
    target: str
    gold: int | None


class ExampleMaker:
    """Builds examples from rows; keeps what it has read of an article."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._search: dict[str, ParagraphSearch] = {}

    def make(self, row: Row, withhold: bool, correcting: bool = False) -> Example | None:
        """An example of `row`; with `withhold` the answer is left out. None where there is none to be made."""
        gold = _gold_piece(row) if row.answerable else None
        shown = self.evidence(row, withhold, correcting)
        if not shown or row.answerable and gold is None:
            return None
        target, number = NOT_FOUND, None
        if gold and not withhold:
            number = shown.index(gold) + 1
            text = _repeated(row) if correcting else statement(row)
            if text is None:
                return None
            target = cited(text, number)
        context = self._context(row)
        return Example(row, tuple(Evidence(context, piece) for piece in shown), correcting, target, number)

    def evidence(self, row: Row, withhold: bool, correcting: bool) -> list[str]:
        """The pieces to show, in their order; none where the gold sentence cannot be told."""
        gold = _gold_piece(row) if row.answerable else None
        if row.answerable and gold is None:
            return []
        pieces = self._distractors(row, gold, withhold)
        if gold and not withhold:
            return [gold] if correcting else self._ordered(row, [gold, *pieces[: self._count() - 1]])
        return pieces[:1] if correcting else self._ordered(row, pieces[: self._count()])

    def _context(self, row: Row) -> str:
        """The title; sometimes with an innermost heading. The articles have lost theirs: a word of them stands in."""
        if self._rng.random() >= HEADING_SHARE:
            return row.article.title
        names = [w for w in re.findall(r"[A-Z][a-z]{3,}", row.text) if w not in row.article.title]
        return f"{row.article.title}, {self._rng.choice(names)}" if names else row.article.title

    def _distractors(self, row: Row, gold: str | None, withhold: bool) -> list[str]:
        """Pieces that bear on the question but hold none of its answers, most relevant first, within the budget."""
        key = row.article.stem
        if key not in self._search:
            self._search[key] = ParagraphSearch(row.article)
        near = [row.paragraph, *(p for p in self._search[key].ranked(row.question)[:4] if p != row.paragraph)]
        answers = [answer.lower() for answer in row.answers]
        pieces = []
        for paragraph in near:
            sentences = sentences_of(row.article.paragraphs[paragraph])
            for at in range(len(sentences)):
                piece = _piece(sentences, at)
                overlapping = gold is not None and (sentences[at] in gold or gold in piece)
                if overlapping or any(answer in piece.lower() for answer in answers) or len(piece.split()) > 60:
                    continue
                if len(piece.split()) >= 4:
                    pieces.append(piece)
        pieces = self._ranked(row.question, list(dict.fromkeys(pieces)))
        # Now and then the hardest is missing, so that evidence is not always a near miss.
        while len(pieces) > MAX_PIECES and self._rng.random() < 0.25:
            pieces.pop(0)
        left = MAX_WORDS - (len(gold.split()) if gold and not withhold else 0)
        kept: list[str] = []
        for piece in pieces:
            left -= len(piece.split())
            if left < 0 or len(kept) == MAX_PIECES:
                break
            if not any(piece in other or other in piece for other in kept):
                kept.append(piece)
        return kept

    def _count(self) -> int:
        return self._rng.choices(range(1, MAX_PIECES + 1), PIECE_WEIGHTS)[0]

    def _ordered(self, row: Row, pieces: list[str]) -> list[str]:
        if self._rng.random() < BEST_FIRST_SHARE:
            return self._ranked(row.question, pieces)
        return self._rng.sample(pieces, len(pieces))

    @staticmethod
    def _ranked(question: str, pieces: list[str]) -> list[str]:
        """By the share of the question's content words, rare ones counting more."""
        words = content_words(question)
        held = [words & content_words(piece) for piece in pieces]
        weight = {word: 1 / (1 + sum(word in h for h in held)) for word in words}
        order = sorted(range(len(pieces)), key=lambda i: (-sum(weight[w] for w in sorted(held[i])), i))
        return [pieces[i] for i in order]


def _piece(sentences: list[str], at: int) -> str:
    """A sentence, with the one before where it leans on that, as the engine shows it."""
    first = re.match(r"[A-Za-z]+", sentences[at])
    if at and first and first.group().lower() in _BACKWARD:
        return f"{sentences[at - 1]} {sentences[at]}"
    return sentences[at]


def gold_sentence(row: Row) -> str | None:
    """The sentence of the paragraph that holds the answer."""
    span = row.answer_span()
    if span is None:
        return None
    return next((row.text[a:b] for a, b in sentence_spans(row.text) if a <= span[0] and span[1] <= b), None)


def _gold_piece(row: Row) -> str | None:
    sentence = gold_sentence(row)
    if sentence is None or len(sentence.split()) > 70:
        return None
    sentences = sentences_of(row.text)
    return _piece(sentences, sentences.index(sentence))


def statement(row: Row) -> str | None:
    """What answers: made from the question, else taken from the evidence."""
    sentence = gold_sentence(row)
    span = row.answer_span()
    if sentence is None or span is None:
        return None
    answer = row.text[span[0] : span[1]]
    made = declarative(row.question, answer, sentence)
    if made is not None:
        return made
    return sentence if len(sentence.split()) <= MAX_SENTENCE_WORDS else _clause(sentence, answer)


def _repeated(row: Row) -> str | None:
    sentence = gold_sentence(row)
    return sentence if sentence and len(sentence.split()) <= MAX_REPEATED_WORDS else None


def _clause(sentence: str, answer: str) -> str | None:
    """The part between commas or semicolons that holds the answer, if it can stand alone: it begins the sentence or
    follows a semicolon or "and", has a verb, and some words besides the answer."""
    parts = re.split(r"(?<=[,;]) ", sentence)
    for low in range(len(parts)):
        starts = low == 0 or parts[low - 1].endswith(";") or re.match(r"(and|but) (the|he|she|it|they)\b", parts[low])
        for high in range(low + 1, len(parts) + 1):
            clause = " ".join(parts[low:high]).rstrip(",; ")
            words = clause.split()
            verb = any(word in AUXILIARIES or is_finite(word) for word in words)
            whole = starts and verb and clause.count("(") == clause.count(")")
            if whole and answer in clause and len(answer.split()) + 4 <= len(words) <= MAX_SENTENCE_WORDS:
                return re.sub(r"^(?:and|but) ", "", clause)
    return None


def cited(text: str, number: int) -> str:
    """The text with its source before the full stop."""
    text = " ".join(_EDITORS_NOTE.sub("", text).split())
    text = text[0].upper() + text[1:] if text.split()[0].isalpha() and text.split()[0].islower() else text
    end = text[-1] if text[-1] in ".!?" else ""
    body = text[:-1] if end else text
    # A line's last mark may stand inside closing quotes; the citation then follows it.
    return f"{body.rstrip()} [{number}]{end or '.'}"


def examples(rows: list[Row], count: int, seed: int) -> list[Example]:
    """`count` examples in the shares above. Rows are used in a random order, again from the start when they run out."""
    rng = random.Random(seed)
    maker = ExampleMaker(rng)
    pools = {kind: [row for row in rows if row.answerable is kind] for kind in (True, False)}
    for pool in pools.values():
        rng.shuffle(pool)
    at = {True: 0, False: 0}
    made: list[Example] = []
    while len(made) < count:
        draw = rng.random()
        answer = draw < ANSWERABLE_SHARE
        written = not answer and draw < (1 + ANSWERABLE_SHARE) / 2
        kind = not written
        row = pools[kind][at[kind] % len(pools[kind])]
        at[kind] += 1
        example = maker.make(row, withhold=not answer, correcting=rng.random() < CORRECTION_SHARE)
        if example is not None:
            made.append(example)
    return made
