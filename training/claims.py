"""Examples for the reader: question and passage pairs (reading), claim and passage pairs (entailment).

Every function takes a seeded generator, so an epoch draws other windows and other swaps than the one before, and a
measuring set is the same every time. What a pair was made by is kept in `kind`, so that results can be told apart.
"""

import random
import re
from collections.abc import Iterator

from data import Pair, ParagraphSearch, Passage, Row, ScientificClaim, content_words, sentence_spans, window
from declarative import declarative
from swaps import items_of, kind_of, negate, pool_of, shortened, swap_item, swap_opposite

CONTEXT_SHARE = 0.85
WINDOW_SHARE = 0.5
ITEMS = ("name", "number", "year")
# Title verbs that make a paper's title a claim about its abstract.
ASSERTING_TITLE = re.compile(
    r"\b(?:inhibits?|promotes?|induces?|reduces?|increases?|decreases?|regulates?|prevents?|improves?|enhances?|mediates?|"
    r"controls?|drives?|protects?|suppress(?:es)?|activates?|impairs?|predicts?|requires?|is|are|causes?|reveals?|contributes?)\b"
)


class Sets:
    """The rows of one side of the split, with what the makers below look up per article."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.articles = sorted({row.article for row in rows}, key=lambda a: a.stem)
        self.searches = {a.stem: ParagraphSearch(a) for a in self.articles}
        self.pools = {a.stem: pool_of(list(a.paragraphs)) for a in self.articles}
        self._answers: dict[tuple[str, int], list[str]] = {}
        for row in rows:
            if row.answerable:
                self._answers.setdefault((row.article.stem, row.paragraph), []).append(row.answers[0])

    def other_answers(self, row: Row) -> list[str]:
        """Answers of the paragraph's other questions: phrases that are there and mean something else."""
        return self._answers.get((row.article.stem, row.paragraph), [])


def _context(title: str, rng: random.Random) -> str:
    return title if rng.random() < CONTEXT_SHARE else ""


def _part(text: str, keep: tuple[int, int], rng: random.Random, share: float = WINDOW_SHARE) -> tuple[int, int]:
    """The whole text or some sentences around `keep`."""
    return window(text, keep, rng) if rng.random() < share else (0, len(text))


def _nearest_sentence(query: str, text: str) -> tuple[int, int]:
    words = content_words(query)
    return max(sentence_spans(text), key=lambda s: len(words & content_words(text[s[0] : s[1]])))


def _holds(text: str, answers: tuple[str, ...]) -> bool:
    lower = text.lower()
    return any(answer.lower() in lower for answer in answers)


# Reading


def reading_positive(row: Row, rng: random.Random) -> Pair | None:
    span = row.answer_span()
    if span is None:
        return None
    a, b = _part(row.text, span, rng)
    passage = Passage(_context(row.article.title, rng), row.text[a:b])
    return Pair("reading", row.question, passage, True, (span[0] - a, span[1] - a), "answerable", row.key)


def reading_near(row: Row, rng: random.Random, window_share: float) -> Pair:
    """An unanswerable question with the paragraph it was written against."""
    a, b = _part(row.text, _nearest_sentence(row.question, row.text), rng, window_share)
    passage = Passage(_context(row.article.title, rng), row.text[a:b])
    return Pair("reading", row.question, passage, False, None, "near", row.key)


def _other_paragraph(sets: Sets, row: Row, query: str, rng: random.Random) -> str | None:
    article = row.article
    ranked = [
        i
        for i in sets.searches[article.stem].ranked(query)[:6]
        if i != row.paragraph and not _holds(article.paragraphs[i], row.answers)
    ]
    return article.paragraphs[rng.choice(ranked[:3])] if ranked else None


def _without_answer(row: Row, rng: random.Random) -> str | None:
    """Sentences of the gold paragraph before or after the one that answers."""
    span = row.answer_span()
    if span is None:
        return None
    spans = sentence_spans(row.text)
    at = next((i for i, (_, b) in enumerate(spans) if b > span[0]), len(spans) - 1)
    sides = [side for side in (spans[:at], spans[at + 1 :]) if len(side) >= 2]
    if not sides:
        return None
    side = rng.choice(sides)
    text = row.text[side[0][0] : side[-1][1]]
    return None if _holds(text, row.answers) else text


def reading_made(sets: Sets, row: Row, kind: str, rng: random.Random) -> Pair | None:
    """A negative made from an answerable question, by `kind`."""
    question, title = row.question, row.article.title
    span = row.answer_span() or (0, 1)
    a, b = _part(row.text, span, rng)
    text: str | None = row.text[a:b]
    if kind == "other paragraph":
        text = _other_paragraph(sets, row, question, rng)
    elif kind == "answer cut out":
        text = _without_answer(row, rng)
    elif kind == "other article":
        article = rng.choice([x for x in sets.articles if x.stem != row.article.stem])
        text, title = rng.choice(article.paragraphs), article.title
    else:
        swapped = swap_opposite(question, row.text, rng) if rng.random() < 0.5 else None
        swapped = swapped or swap_item(question, sets.pools[row.article.stem], row.text, rng, ITEMS)
        if swapped is None:
            return None
        question = swapped
    if text is None:
        return None
    return Pair("reading", question, Passage(_context(title, rng), text), False, None, kind, row.key)


MADE_SHARES = {"other paragraph": 0.20, "swapped question": 0.25, "answer cut out": 0.12, "other article": 0.06}


def reading_pairs(sets: Sets, rng: random.Random) -> Iterator[Pair]:
    """One epoch of reading: every row once, the near negatives twice, and made negatives."""
    for row in sets.rows:
        if not row.answerable:
            yield reading_near(row, rng, 0.0)
            yield reading_near(row, rng, 0.7)
            continue
        if (positive := reading_positive(row, rng)) is not None:
            yield positive
        for kind, share in MADE_SHARES.items():
            if rng.random() < share and (made := reading_made(sets, row, kind, rng)) is not None:
                yield made


# Entailment


def _claim(
    text: str | None, row: Row, keep: tuple[int, int], label: bool, kind: str, rng: random.Random
) -> Pair | None:
    if text is None:
        return None
    a, b = _part(row.text, keep, rng, 0.6)
    return Pair(
        "entailment", text, Passage(_context(row.article.title, rng), row.text[a:b]), label, None, kind, row.key
    )


def _other_answer(sets: Sets, row: Row, answer: str, rng: random.Random) -> str | None:
    """Another answer of the same kind, from the paragraph where it can be, that shares no word with the right ones."""
    kind = kind_of(answer)
    right = content_words(" ".join(row.answers))
    here = [row.text[a:b] for k, a, b in items_of(row.text) if k == kind]
    here += [other for other in sets.other_answers(row) if kind_of(other) == kind]
    here = [item for item in here if not right & content_words(item) and content_words(item)]
    if here and rng.random() < 0.75:
        return rng.choice(here)
    return sets.pools[row.article.stem].pick(kind, answer, "", rng)


def claims_of_row(sets: Sets, row: Row, rng: random.Random) -> Iterator[Pair | None]:
    """Claims made from an answerable question: the true one and false relatives of it."""
    span = row.answer_span()
    if span is None:
        return
    a, b = next((s for s in sentence_spans(row.text) if s[1] > span[0]), (0, len(row.text)))
    sentence, answer = row.text[a:b], row.text[span[0] : span[1]]
    pool = sets.pools[row.article.stem]
    true = declarative(row.question, answer, sentence)
    if true is not None:
        yield _claim(true, row, (a, b), True, "declarative", rng)
        other = _other_answer(sets, row, answer, rng)
        false = declarative(row.question, other, sentence) if other else None
        if false is not None and rng.random() < 0.55:
            yield _claim(false, row, (a, b), False, "other answer", rng)
        if false is not None and rng.random() < 0.10:
            yield _claim(negate(false), row, (a, b), True, "false claim denied", rng)
        if rng.random() < 0.25:
            yield _claim(swap_item(true, pool, sentence, rng, ITEMS), row, (a, b), False, "item swapped", rng)
        if rng.random() < 0.4:
            yield _claim(swap_opposite(true, sentence, rng), row, (a, b), False, "opposite", rng)
        if rng.random() < 0.18:
            yield _claim(negate(true), row, (a, b), False, "denied", rng)
        if rng.random() < 0.25 and (text := _other_paragraph(sets, row, true, rng)) is not None:
            passage = Passage(_context(row.article.title, rng), text)
            yield Pair("entailment", true, passage, False, None, "other paragraph", row.key)
    if rng.random() < 0.15:
        yield _claim(shortened(sentence, rng), row, (a, b), True, "sentence shortened", rng)
    if rng.random() < 0.05:
        yield _claim(sentence, row, (a, b), True, "sentence", rng)
    if rng.random() < 0.08:
        yield _claim(swap_item(sentence, pool, sentence, rng, ITEMS), row, (a, b), False, "sentence, item swapped", rng)


def claim_of_unanswerable(row: Row, rng: random.Random) -> Pair | None:
    """An unanswerable question with something plausible of its paragraph for an answer."""
    a, b = _nearest_sentence(row.question, row.text)
    sentence = row.text[a:b]
    asked = row.question.lower()
    wanted = ("number",) if asked.startswith("how many") else ("year",) if asked.startswith("when") else ("name",)
    items = [
        sentence[x:y] for kind, x, y in items_of(sentence) if kind in wanted and sentence[x:y].lower() not in asked
    ]
    if not items:
        return None
    return _claim(declarative(row.question, rng.choice(items), sentence), row, (a, b), False, "unanswerable", rng)


def _science(
    claim: str | None, of: ScientificClaim, text: str, label: bool, kind: str, rng: random.Random
) -> Pair | None:
    if claim is None:
        return None
    return Pair("entailment", claim, Passage(_context(of.title, rng), text), label, None, kind, f"{of.key}:{of.path}")


def science_window(of: ScientificClaim, rng: random.Random, whole_share: float) -> str:
    """The abstract, or 3 to 6 of its sentences: around a rationale where there is one."""
    count = len(of.sentences)
    if rng.random() < whole_share or count <= 3:
        return " ".join(of.sentences)
    keep = rng.choice(of.rationales) if of.rationales else (rng.randrange(count),)
    size = max(keep[-1] - keep[0] + 1, min(rng.randint(3, 6), count))
    low = rng.randint(max(0, keep[-1] - size + 1), min(keep[0], count - size))
    return " ".join(of.sentences[low : low + size])


def scientific_pairs(claims: list[ScientificClaim], repeats: int, rng: random.Random) -> Iterator[Pair | None]:
    """Each claim with several windows, and its false relatives."""
    for claim in claims:
        supported = claim.label == "SUPPORT"
        kind = f"science {claim.label.lower().replace('_', ' ')}"
        for _ in range(repeats):
            yield _science(claim.claim, claim, science_window(claim, rng, 0.35), supported, kind, rng)
        pool = pool_of(list(claim.sentences))
        for _ in range(repeats // 2):
            if supported:
                text = science_window(claim, rng, 0.35)
                flip = swap_opposite(claim.claim, "", rng) or negate(claim.claim)
                yield _science(flip, claim, text, False, "science flipped", rng)
                if rng.random() < 0.5:
                    yield _science(negate(claim.claim), claim, text, False, "science flipped", rng)
                yield _science(
                    swap_item(claim.claim, pool, claim.claim, rng, ("number", "year")),
                    claim,
                    text,
                    False,
                    "science flipped",
                    rng,
                )
            elif claim.label == "CONTRADICT":
                text = science_window(claim, rng, 0.35)
                yield _science(negate(claim.claim), claim, text, True, "science contradiction denied", rng)


def abstract_pairs(claims: list[ScientificClaim], rng: random.Random) -> Iterator[Pair | None]:
    """Sentences and titles of the cited abstracts as claims, true and changed."""
    for claim in {c.path: c for c in claims}.values():
        pool = pool_of(list(claim.sentences))
        text = " ".join(claim.sentences)
        if ASSERTING_TITLE.search(claim.title) and "?" not in claim.title:
            title = f"{claim.title}."
            bare = ScientificClaim(claim.key, title, claim.path, "", "", claim.sentences, (), claim.dev)
            yield _science(title, bare, text, True, "science title", rng)
            yield _science(
                swap_opposite(title, "", rng) or negate(title), bare, text, False, "science title flipped", rng
            )
        spans = list(range(len(claim.sentences)))
        for i in rng.sample(spans, min(2, len(spans))):
            sentence = claim.sentences[i]
            low = max(0, i - rng.randint(0, 3))
            around = " ".join(claim.sentences[low : i + rng.randint(1, 3)])
            yield _science(shortened(sentence, rng) or sentence, claim, around, True, "science sentence", rng)
            changed = swap_opposite(sentence, sentence, rng) if rng.random() < 0.5 else negate(sentence)
            yield _science(changed, claim, around, False, "science sentence changed", rng)
            if rng.random() < 0.5:
                changed = swap_item(sentence, pool, sentence, rng, ("number", "year"))
                yield _science(changed, claim, around, False, "science sentence changed", rng)
            rest = claim.sentences[:i] if i >= 3 else claim.sentences[i + 1 :]
            if len(rest) >= 3 and rng.random() < 0.4:
                yield _science(sentence, claim, " ".join(rest[-6:]), False, "science sentence missing", rng)


def entailment_pairs(
    sets: Sets, science: list[ScientificClaim], rng: random.Random, repeats: int
) -> tuple[list[Pair], list[Pair]]:
    """Claims from questions, claims from science; each half and half by leaving out what is too much of one label."""
    made = [pair for row in sets.rows if row.answerable for pair in claims_of_row(sets, row, rng)]
    made += [claim_of_unanswerable(row, rng) for row in sets.rows if not row.answerable]
    scientific = list(scientific_pairs(science, repeats, rng)) + list(abstract_pairs(science, rng))
    return balanced([p for p in made if p], rng), balanced([p for p in scientific if p], rng)


def balanced(pairs: list[Pair], rng: random.Random) -> list[Pair]:
    sides = [[p for p in pairs if p.label is label] for label in (True, False)]
    size = min(len(side) for side in sides)
    kept = [pair for side in sides for pair in rng.sample(side, size)]
    rng.shuffle(kept)
    return kept
