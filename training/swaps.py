"""Small changes that make a true sentence false: another name, number, year or opposite word, a negation in or out.

The rules are meant for making training examples: they give None where they are unsure, and a little noise is accepted.
"""

import random
import re
from dataclasses import dataclass

YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})(?:s\b|\b)(?![,.]\d)")
NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty hundred thousand"
).split()
NUMBER = re.compile(rf"\b(?:\d[\d,]*(?:\.\d+)?|(?:{'|'.join(NUMBER_WORDS)}))\b", re.IGNORECASE)
NAME = re.compile(r"\b[A-Z][\w'’-]+(?:\s+(?:(?:of|the|de|von|van)\s+){0,2}[A-Z][\w'’-]+)*")
NOT_NAMES = frozenset(
    "The A An In On At It Its He She They This That These Those There When Where What Which Who How Why After Before "
    "During By For From With As If While Although However Also Many Some Most Other Because Since I We Our His Her "
    "Their".split()
)

_PAIRS = """
first/last largest/smallest larger/smaller biggest/smallest highest/lowest higher/lower high/low more/less
most/least before/after north/south northern/southern east/west eastern/western early/late earlier/later
earliest/latest increase/decrease increases/decreases increased/decreased increasing/decreasing longer/shorter
longest/shortest long/short strong/weak stronger/weaker positive/negative positively/negatively inhibits/promotes
inhibit/promote inhibited/promoted reduces/raises reduce/raise reduced/raised activates/blocks activate/block
activation/inhibition activated/blocked improves/worsens improve/worsen improved/worsened upregulated/downregulated
upregulates/downregulates upregulation/downregulation rich/poor best/worst better/worse public/private
maximum/minimum internal/external majority/minority major/minor old/new older/younger allowed/forbidden win/lose
won/lost begin/end began/ended enhances/impairs enhance/impair enhanced/impaired susceptible/resistant
sensitivity/resistance presence/absence gain/loss fewer/more faster/slower rise/fall accelerates/delays
accelerate/delay induces/prevents induce/prevent protects/harms upper/lower above/below common/rare
associated/unassociated effective/ineffective beneficial/harmful acute/chronic primary/secondary male/female
men/women
""".split()
OPPOSITES: dict[str, str] = {}
for _pair in _PAIRS:
    _left, _right = _pair.split("/")
    OPPOSITES.setdefault(_left, _right)
    OPPOSITES.setdefault(_right, _left)
OPPOSITE = re.compile(rf"\b(?:{'|'.join(sorted(OPPOSITES, key=len, reverse=True))})\b")

# Verbs of claims whose negation is regular: third person singular to "does not" and the base form.
CLAIM_VERBS = (
    "inhibit promote induce reduce increase decrease affect cause prevent improve enhance regulate require lead "
    "contribute play activate protect suppress mediate predict correlate impair trigger drive bind control block modulate "
    "result stimulate support exhibit express show produce involve provide influence alter facilitate accelerate delay limit "
    "include contain use help make need allow remain represent depend belong live work lower raise interact differ"
).split()
CLAIM_VERB = re.compile(rf"\b(?:{'|'.join(CLAIM_VERBS)})s\b")
AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|can|could|will|would|should|must|did|do|does|(?:has|have|had)(?= (?:been|\w+ed|\w+en)\b))"
    r"(?! not| no )\b"
)
NEGATION_OUT = re.compile(r"\b(is|are|was|were|can|could|will|would|should|must|has|have|had) not\b ?")
DOES_NOT = re.compile(rf"\bdoes not ({'|'.join(CLAIM_VERBS)})\b")


@dataclass(frozen=True)
class Pool:
    """What may be put in the place of a name, number or year."""

    items: dict[str, tuple[str, ...]]

    def pick(self, kind: str, instead_of: str, avoid: str, rng: random.Random) -> str | None:
        """One of the kind that shares no word with `instead_of` and does not occur in `avoid`."""
        old, avoid = set(instead_of.lower().split()), avoid.lower()
        fitting = [
            item
            for item in self.items.get(kind, ())
            if not old & set(item.lower().split()) and item.lower() not in avoid
        ]
        if not fitting and kind in ("number", "year"):
            return _other_number(kind, instead_of, rng)
        return rng.choice(fitting) if fitting else None


def _other_number(kind: str, value: str, rng: random.Random) -> str | None:
    if value.lower() in NUMBER_WORDS:
        return rng.choice([w for w in NUMBER_WORDS if w != value.lower()])
    try:
        number = float(value.replace(",", ""))
    except ValueError:
        return None
    if kind == "year":
        return str(int(number) + rng.choice([-40, -21, -12, -7, -3, -1, 1, 2, 5, 9, 18, 33]))
    changed = number * rng.choice([0.1, 0.25, 0.5, 0.8, 1.25, 1.5, 2, 3, 10])
    if "." in value and changed != number:
        return f"{changed:.{len(value.split('.')[1])}f}"
    return f"{max(1, round(changed)) + (round(changed) == number):,}"


def items_of(text: str) -> list[tuple[str, int, int]]:
    """Years, numbers and names of a text as (kind, start, end); names at its beginning are left out."""
    found, taken = [], []
    for kind, pattern in (("year", YEAR), ("number", NUMBER), ("name", NAME)):
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(a < end and start < b for a, b in taken):
                continue
            if kind == "name" and (text[:start].rstrip()[-1:] in ("", ".", "?", "!") or match.group() in NOT_NAMES):
                continue
            taken.append((start, end))
            found.append((kind, start, end))
    return found


def pool_of(texts: list[str]) -> Pool:
    items: dict[str, dict[str, None]] = {}
    for text in texts:
        for kind, start, end in items_of(text):
            items.setdefault(kind, {})[text[start:end]] = None
    return Pool({kind: tuple(values) for kind, values in items.items()})


def kind_of(answer: str) -> str:
    """What an answer is: a year, a number, a name or another phrase."""
    if YEAR.fullmatch(answer):
        return "year"
    if NUMBER.fullmatch(answer):
        return "number"
    words = answer.removeprefix("the ").removeprefix("The ").split()
    if words and all(w[0].isupper() or w in ("of", "the", "and", "de") for w in words):
        return "name"
    return "phrase"


def swap_item(text: str, pool: Pool, avoid: str, rng: random.Random, kinds: tuple[str, ...]) -> str | None:
    """`text` with one of its items exchanged for another of the same kind that is not in `avoid`."""
    candidates = [item for item in items_of(text) if item[0] in kinds]
    rng.shuffle(candidates)
    for kind, start, end in candidates:
        other = pool.pick(kind, text[start:end], avoid, rng)
        if other is not None and other != text[start:end]:
            return text[:start] + other + text[end:]
    return None


def swap_opposite(text: str, avoid: str, rng: random.Random) -> str | None:
    """`text` with a word turned into its opposite, where `avoid` does not hold that opposite."""
    candidates = [
        m for m in OPPOSITE.finditer(text) if not re.search(rf"\b{OPPOSITES[m.group()]}\b", avoid, re.IGNORECASE)
    ]
    if not candidates:
        return None
    match = rng.choice(candidates)
    return text[: match.start()] + OPPOSITES[match.group()] + text[match.end() :]


def negate(text: str) -> str | None:
    """A negation taken out where there is one, else put in."""
    if match := DOES_NOT.search(text):
        return text[: match.start()] + match.group(1) + "s" + text[match.end() :]
    if match := NEGATION_OUT.search(text):
        return text[: match.start()] + match.group(1) + " " + text[match.end() :]
    if re.search(r"\b(?:not|no|never|neither|nor|without|none)\b", text, re.IGNORECASE):
        return None
    if match := AUXILIARY.search(text):
        return text[: match.end()] + " not" + text[match.end() :]
    if match := CLAIM_VERB.search(text):
        return text[: match.start()] + "does not " + match.group()[:-1] + text[match.end() :]
    return None


def shortened(sentence: str, rng: random.Random) -> str | None:
    """A sentence without a bracket, an aside or a last clause: still true wherever the whole was."""
    options = [re.sub(r"\s*\([^()]*\)", "", sentence)]
    if match := re.search(r",\s[^,]{10,80},\s", sentence[20:]):
        inside = match.group()
        if inside.lstrip(", ").split()[0] in (
            "which",
            "who",
            "where",
            "including",
            "such",
            "a",
            "an",
            "the",
            "known",
            "also",
        ):
            options.append(sentence.replace(inside, " "))
    if match := re.search(
        r"(?:, (?:although|while|which|where|with|because|including|and)|;) [^,;]{15,}[.!]$", sentence
    ):
        if match.start() > 40:
            options.append(sentence[: match.start()] + ".")
    options = [o for o in options if o != sentence and len(o.split()) >= 5]
    return rng.choice(options) if options else None
