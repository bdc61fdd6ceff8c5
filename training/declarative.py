"""A question and its answer as one declarative sentence, by rules.

"When did the siege begin?" and "1431" become "The siege began in 1431." The sentences are targets of the answer
adapter and claims for the entailment check. A wrong sentence would teach a wrong thing, so every rule that is not sure
gives None, and the caller falls back on the sentence of the passage.
"""

import re

from english_verbs import BASE_VERBS, FINITE_FORMS, NOUN_LIKE_VERBS, PARTICIPLES, PLAIN_VERBS, past, third_person
from english_words import (
    ADVERBS, APPROXIMATE, AUXILIARIES, BE, CLAUSE_STARTS, CLAUSE_WORDS, DETERMINERS, DO, HAVE, KIND_NOUNS, MODAL,
    MONTHS, NAMED, NAMING_BASES, NAMING_NOUNS, NUMBER_WORDS, PLACE_PREPOSITIONS, PREPOSITIONS,
    QUESTION_PREPOSITIONS, SHARE_NOUNS, TIME_NOUNS, TIME_PREPOSITIONS, VERBS_OF_CLAUSES, is_finite,
)

Words = list[str]

_LEAD = re.compile(
    r"^((?:In|During|After|Before|By|At|On|Under|According to|Since|As of) [^,?]{2,70}), "
    r"(?=(?:who|what|when|where|how|which|why)\b)",
    re.IGNORECASE,
)


def declarative(question: str, answer: str, sentence: str) -> str | None:
    """The statement that `answer` makes of `question`, or None. `sentence` is the one that holds the answer; small
    words before the answer (an article, a preposition, "because of") are taken from it."""
    sentence = " ".join(sentence.split())
    answer = _plain_answer(answer)
    text = " ".join(question.split()).rstrip("?").strip()
    beyond_rules = re.search(r"[?;:\"“”()]|n't\b|\bnot\b|\bexcept\b|--", text)
    if answer is None or not 3 <= len(text.split()) <= 28 or beyond_rules:
        return None
    lead = _LEAD.match(text)
    if lead:
        text = text[lead.end():]
    if "," in text:
        return None
    statement = _statement(text.split(), answer, sentence)
    if statement is None:
        return None
    if lead:
        statement = f"{lead.group(1)}, {statement}"
    statement = re.sub(r"\s+", " ", statement).strip().rstrip(".")
    # A first letter is raised only in an ordinary word: "pH" and "iron-II" style names keep their spelling.
    if statement[:1].islower() and statement.split()[0][1:].islower() or statement.split()[0] == "a":
        statement = statement[0].upper() + statement[1:]
    return statement + "." if not re.search(r"\b(\w+) \1\b", statement) else None


def _plain_answer(answer: str) -> str | None:
    answer = " ".join(answer.split())
    if not re.search(r"(?:\b[A-Z]|\.[a-z])\.$", answer):
        answer = answer.rstrip(".,;")
    balanced = answer.count("(") == answer.count(")") and answer.count('"') % 2 == 0 and "[" not in answer
    if not answer or not balanced or len(answer.split()) > 18 or "?" in answer:
        return None
    # A clause or the rest of one is not a noun that could stand as subject or object.
    first = answer.split()[0].lower()
    adverb = first.rstrip(",").endswith("ly") and answer[0].islower()
    clause = adverb or first in CLAUSE_STARTS or first in PLAIN_VERBS - NOUN_LIKE_VERBS
    return None if clause else answer


def _statement(words: Words, answer: str, sentence: str) -> str | None:
    first, rest = words[0].lower(), words[1:]
    if first in QUESTION_PREPOSITIONS and len(rest) > 2 and rest[0].lower() in ("what", "which", "whom", "whose"):
        return _with_preposition(first, rest, answer, sentence)
    if first == "who":
        return _who(rest, _with_article(answer, sentence))
    if first == "when":
        return _placed(rest, _adverbial(answer, sentence, TIME_PREPOSITIONS, _date_preposition(answer)))
    if first == "where":
        return _placed(rest, _adverbial(answer, sentence, PLACE_PREPOSITIONS, None))
    if first == "why":
        return _placed(rest, _reason(answer, sentence)) if rest[0] not in BE or _split(rest) else None
    if first == "how" and rest[0] in ("many", "much"):
        return _how_many(rest[1:], answer, money=rest[0] == "much")
    if first == "how" and rest[0] == "long" and re.search(r"\d|year|month|week|day|hour|minute", answer):
        return _placed(rest[1:], _adverbial(answer, sentence, frozenset(("for", "over")), None))
    if first in ("what", "which"):
        return _what(rest, answer, sentence)
    return None


def _who(rest: Words, answer: str) -> str | None:
    head = rest[0]
    if re.match(r"(he|she|it|they|his|her|its|their)\b", answer, re.IGNORECASE):
        return None
    if head in BE:
        if _starts_predicate(rest[1:]):
            return f"{answer} {' '.join(rest)}"
        if len(rest) > 3 and rest[1].lower() in ("the", "a", "an") and not _verbs_inside(rest[1:]):
            return f"{answer} {' '.join(rest)}" if answer[:1].isupper() or answer.startswith(("the ", "a ")) else None
        return _asked_object(rest, answer) if rest[-1] in PREPOSITIONS else None
    if head in AUXILIARIES and head not in HAVE:
        return _asked_object(rest, answer)
    return _subject(rest, answer)


def _what(rest: Words, answer: str, sentence: str) -> str | None:
    """What and which, alone or with a noun."""
    position = next((i for i, word in enumerate(rest) if word in AUXILIARIES), None)
    finite = next((i for i, word in enumerate(rest) if is_finite(word)), None)
    if position is None or (finite is not None and 0 <= finite < position):
        if finite is None or any(word in CLAUSE_WORDS | KIND_NOUNS for word in rest[:finite]):
            return None
        if finite and (rest[finite - 1].endswith("ly") or rest[finite - 1] in ADVERBS):
            finite -= 1
        return _subject(rest[finite:], _with_article(answer, sentence)) if _is_noun_phrase(rest[:finite]) else None
    noun, tail = rest[:position], rest[position:]
    if any(word in CLAUSE_WORDS | KIND_NOUNS for word in noun):
        return None
    if noun and noun[0].lower() in SHARE_NOUNS:
        if not re.search(r"%|percent|half|third|quarter|most", answer) or len(noun) < 3:
            return None
        answer, noun = f"{answer} {' '.join(noun[1:])}" if noun[1] == "of" else answer, []
    if len(noun) == 1 and noun[0] in TIME_NOUNS:
        return _placed(tail, _adverbial(answer, sentence, TIME_PREPOSITIONS, _date_preposition(answer)))
    if noun and not _is_noun_phrase(noun):
        return None
    answer = _with_article(answer, sentence)
    if tail[0] in BE:
        if _starts_predicate(tail[1:]):
            return f"{answer} {' '.join(tail)}"
        return _copular(tail, answer) if not noun else _asked_object(tail, answer)
    if len(tail) > 1 and tail[0] in MODAL and (tail[1] == "be" or tail[1] in BASE_VERBS and not noun):
        return f"{answer} {' '.join(tail)}"
    if len(tail) > 1 and tail[0] in HAVE and tail[1] == "been":
        return f"{answer} {' '.join(tail)}"
    return _asked_object(tail, answer)


def _copular(tail: Words, answer: str) -> str | None:
    """"is the title of the book": the rest is the subject, if no verb in it says otherwise."""
    be, subject = tail[0], tail[1:]
    if not subject or subject[-1] in PREPOSITIONS or any(word in NAMED for word in subject):
        return _asked_object(tail, answer)
    owned = subject[0].endswith(("'s", "s'", "’s"))
    if len(subject) < 2 or not (owned or subject[0].lower() in DETERMINERS | {"one"}):
        return None
    if "there" in subject or "like" in subject or AUXILIARIES & set(subject) or subject[-1] in ("do", "doing"):
        return None
    naming = any(word in NAMING_NOUNS for word in subject[:4])
    if _verbs_inside(subject) and not naming:
        return None
    return f"{' '.join(subject)} {be} {answer}"


def _how_many(rest: Words, answer: str, money: bool) -> str | None:
    start = answer.split()[0].lower()
    if not (re.match(r"[$€£]?\d", start) or start in NUMBER_WORDS or start in APPROXIMATE or "$" in start):
        return None
    position = next((i for i, word in enumerate(rest) if word in AUXILIARIES), None)
    finite = next((i for i, word in enumerate(rest) if is_finite(word)), None)
    split = finite if position is None or (finite is not None and finite < position) else position
    if split is None:
        return None
    noun, tail = rest[:split], rest[split:]
    if not noun and not money or any(word in CLAUSE_WORDS for word in noun):
        return None
    if noun and (noun[-1].lower() in answer.lower() or not _is_noun_phrase(noun)):
        quantity = answer if noun[-1].lower() in answer.lower() and len(noun) == 1 else None
    else:
        of = ["of"] if money and noun and len(answer.split()) > 1 else []
        quantity = answer if noun == ["money"] else " ".join([answer, *of, *noun])
    if quantity is None or (noun and len(answer.split()) > 3):
        return None
    if tail[0] in BE and len(tail) > 1 and tail[1] == "there":
        return f"there {tail[0]} {quantity} {' '.join(tail[2:])}"
    if tail[0] in MODAL and len(tail) > 2 and tail[1] in BASE_VERBS | {"be"} and noun:
        return f"{quantity} {' '.join(tail)}"
    if split == finite or tail[0] in BE and _starts_predicate(tail[1:]):
        return f"{quantity} {' '.join(tail)}" if noun else None
    return None if tail[0] in BE else _asked_object(tail, quantity)


def _with_preposition(preposition: str, rest: Words, answer: str, sentence: str) -> str | None:
    """"In what year was it built": the preposition goes before the answer."""
    position = next((i for i, word in enumerate(rest) if word in AUXILIARIES), None)
    if position is None or position > 4 or any(word in KIND_NOUNS | SHARE_NOUNS for word in rest[:position]):
        return None
    noun = rest[position - 1].lower()
    if answer.split()[0].lower() in PREPOSITIONS:
        adverbial = answer
    elif noun in ("century", "season", "decade") and noun not in answer.lower():
        found = re.search(rf"(the )?{re.escape(answer)}[ -]{noun}", sentence, re.IGNORECASE)
        adverbial = f"{preposition} the {answer} {noun}" if found else None
    elif noun in TIME_NOUNS and preposition == "in":
        adverbial = _adverbial(answer, sentence, frozenset(("in", "during", "around")), _date_preposition(answer))
    else:
        adverbial = f"{preposition} {_with_article(answer, sentence)}"
    return _placed(rest[position:], adverbial)


def _with_article(answer: str, sentence: str) -> str:
    """The answer with the article that stands before it in the sentence."""
    found = re.search(rf"\b(the|a|an) {re.escape(answer)}(?!\w)", sentence, re.IGNORECASE)
    return f"{found.group(1).lower()} {answer}" if found else answer


def _date_preposition(answer: str) -> str | None:
    if re.fullmatch(r"(?:the )?(?:late |early )?\d{3,4}s?|(?:%s),? \d{4}" % "|".join(MONTHS), answer):
        return "in"
    if re.match(r"(?:\d{1,2} )?(?:%s) ?\d{0,2}\b" % "|".join(MONTHS), answer) and re.search(r"\b\d{1,2}\b", answer):
        return "on"
    return None


def _adverbial(answer: str, sentence: str, allowed: frozenset[str], otherwise: str | None) -> str | None:
    """The answer with the preposition that stands before it in the sentence, if that is one of `allowed`."""
    if answer.split()[0].lower() in allowed:
        return answer[0].lower() + answer[1:]
    if otherwise is not None and "in" in allowed:
        return f"{otherwise} {answer}"
    found = re.search(rf"\b(\w+) ((?:the |a |an |its |his |their )?){re.escape(answer)}(?!\w)", sentence)
    if found and found.group(1).lower() in allowed:
        return f"{found.group(1).lower()} {found.group(2)}{answer}"
    return None


def _reason(answer: str, sentence: str) -> str | None:
    if re.match(r"(because|due to|in order to|to|so that|owing to|for)\b", answer, re.IGNORECASE):
        return answer[0].lower() + answer[1:]
    found = re.search(
        r"\b(because of|because|due to|in order to|owing to) ((?:the |a |an |its |his |their )?)"
        rf"{re.escape(answer)}(?!\w)",
        sentence, re.IGNORECASE,
    )
    return f"{found.group(1).lower()} {found.group(2)}{answer}" if found else None


def _subject(rest: Words, answer: str) -> str | None:
    """The answer is the subject: "founded the order" follows it unchanged."""
    verb = 1 if (rest[0].endswith("ly") or rest[0] in ADVERBS) and len(rest) > 1 else 0
    if not (is_finite(rest[verb]) or rest[verb] in HAVE) or len(rest) < 2 or rest[-1] in PREPOSITIONS:
        return None
    plural = answer.split()[-1].islower() and answer.endswith("s") and not answer.endswith("ss")
    if rest[verb] in ("happened", "happens", "occurred") or plural and rest[verb].endswith("s"):
        return None
    return f"{answer} {' '.join(rest)}"


def _placed(tail: Words, adverbial: str | None) -> str | None:
    """The question without its question word as a statement, with `adverbial` at the end."""
    if adverbial is None:
        return None
    split = _split(tail)
    if split is not None:
        subject, verb, rest = split
        if any(word in ("that", "when", "while", "because", "if", "who", "although") for word in rest):
            return None
        if rest and rest[-1] in PREPOSITIONS:
            rest = rest[:-1] if adverbial.split()[0] in PREPOSITIONS else rest
        return f"{subject} {verb} {' '.join(rest)} {adverbial}"
    subject = tail[1:]
    if tail and tail[0] in BE and 1 < len(subject) <= 8 and not _verbs_inside(subject) and "there" not in subject:
        if subject[-1].lower() in ("located", "situated", "born", "held"):
            return f"{' '.join(subject[:-1])} {tail[0]} {subject[-1]} {adverbial}"
        return f"{' '.join(subject)} {tail[0]} {adverbial}" if subject[-1] not in PREPOSITIONS else None
    return None


def _asked_object(tail: Words, answer: str) -> str | None:
    """"did Ada write in 1840": the answer is what the verb, or the preposition left at the end, lacks."""
    split = _split(tail)
    if split is None:
        return None
    subject, verb, rest = split
    main = verb.split()[-1]
    if main in VERBS_OF_CLAUSES or {"if", "do"} & set(rest) or NAMING_NOUNS & set(subject.split()):
        return None
    if rest and rest[-1] in PREPOSITIONS - {"up", "down", "off", "out"}:
        return f"{subject} {verb} {' '.join(rest)} {answer}"
    naming = main in NAMED or any(main in (past(b), third_person(b), b) for b in NAMING_BASES)
    if tail[0] in BE:
        if naming and len(rest) <= 1:
            return f"{subject} {verb} {' '.join(rest)} {answer}"
        return None
    if not rest or rest[0] == "to" and len(rest) == 2 and rest[1] in BASE_VERBS - {"do"}:
        return f"{subject} {verb} {' '.join(rest)} {answer}"
    if len(rest) > 1 and rest[0] in PREPOSITIONS and rest[1] in PREPOSITIONS:
        return f"{subject} {verb} {rest[0]} {answer} {' '.join(rest[1:])}"
    if rest[0] == "to" and main.startswith(("need", "want", "tr", "continue", "use", "beg", "like", "go", "went")):
        return None
    if rest[0] in PREPOSITIONS | {"when", "while"}:
        return f"{subject} {verb} {answer} {' '.join(rest)}"
    return f"{subject} {verb} {' '.join(rest)} {answer}" if naming else None


def _split(tail: Words) -> tuple[str, str, Words] | None:
    """"did the siege begin in May" as subject, finite verb and rest; None where the verb cannot be told."""
    if len(tail) < 3 or tail[0] not in AUXILIARIES:
        return None
    auxiliary, words = tail[0], tail[1:]
    if auxiliary in DO | MODAL:
        verbs = BASE_VERBS | {"be", "have"}
    else:
        verbs = PARTICIPLES | {"been"}
        if auxiliary in BE:
            verbs |= {word for word in words if word.endswith("ing") and word.islower()}
    candidates = [i for i, word in enumerate(words) if i > 0 and word in verbs and _may_be_verb(words[i - 1])]
    if not candidates:
        return None
    verb = candidates[0]
    if verb != candidates[-1] and words[verb] in NOUN_LIKE_VERBS and not any(
        word in PREPOSITIONS | CLAUSE_WORDS for word in words[verb + 1:candidates[1]]
    ):
        return None
    adverb = verb - 1 if verb > 1 and (words[verb - 1].endswith("ly") or words[verb - 1] in ADVERBS) else verb
    subject = words[:adverb]
    # A determiner inside it that no preposition leads to is the object of a verb that the table lacks.
    before_determiner = PREPOSITIONS | DETERMINERS | {"and"}
    if any(w in DETERMINERS and subject[i].lower() not in before_determiner for i, w in enumerate(subject[1:])):
        return None
    if words[verb].endswith("ing") and words[verb + 1:] and words[verb + 1] not in PREPOSITIONS:
        return None
    if not subject or (CLAUSE_WORDS - {"and"} | {"there"}) & set(subject) or subject[-1] in PREPOSITIONS:
        return None
    # One word is a subject if it is a name, a plural or a pronoun: "did price rise" lacks a word.
    alone = subject[0] if len(subject) == 1 else None
    if alone and not (alone[0].isupper() or alone.endswith("s") or alone in ("he", "she", "it", "they", "people")):
        return None
    base, between = words[verb], " ".join(words[adverb:verb])
    if auxiliary == "did":
        finite = f"{between} {past(base) if base != 'be' else ''}"
        if base == "be":
            return None
    elif auxiliary == "does":
        finite = f"{between} {third_person(base)}"
    elif auxiliary == "do":
        finite = f"{between} {base}"
    else:
        finite = f"{auxiliary} {between} {base}"
    return " ".join(subject), " ".join(finite.split()), words[verb + 1:]


def _may_be_verb(before: str) -> bool:
    nominal = DETERMINERS - {"all", "both", "first", "last"} | PREPOSITIONS | {"and", "or", "be"}
    return before.lower() not in nominal and not before.endswith(("'s", "s'"))


def _starts_predicate(words: Words) -> bool:
    """Whether a participle (with an adverb or not) follows the verb "to be" at once: the subject was asked for."""
    if not words:
        return False
    at = 1 if words[0].endswith("ly") or words[0] in ("also", "first", "being", "not", "once") else 0
    return len(words) > at and words[at] in PARTICIPLES and words[-1] not in PREPOSITIONS


def _verbs_inside(words: Words) -> bool:
    """Whether a word may be a participle or a finite verb, so that the phrase is more than a noun."""
    return any(
        (i == 0 or _may_be_verb(words[i - 1]))
        and (
            word in PARTICIPLES | FINITE_FORMS | CLAUSE_WORDS - {"and"}
            or (word.endswith(("ed", "ing")) and word[0].islower())
        )
        for i, word in enumerate(words)
    )


def _is_noun_phrase(words: Words) -> bool:
    """Few words, none of them a verb or a clause word: what may follow "which"."""
    return len(words) <= 6 and not _verbs_inside(words)
