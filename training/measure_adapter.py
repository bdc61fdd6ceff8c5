"""Measures a merged model as it is shipped (GGUF, Q8_0, run by llama.cpp): answers, refusals, citations.

    python training/measure_adapter.py --data ../shared/data --tokenizer TOKENIZER.json --models BASE.gguf ADAPTED.gguf

The questions are those of questions.jsonl, first of articles that training never read, then of the others, whose
paragraphs it read. The evidence holds the gold sentence where there is one, or sentences of the paragraph that an
unanswerable question was written against, among distractors; every model reads the same. Greedy.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import numpy as np

from answer_data import ExampleMaker
from data import Row, articles, rows
from metrics import wilson
from prompt import NOT_FOUND, Evidence, PromptTokens, user_message

MAX_TOKENS = 80
CONTEXT_TOKENS = 2048
_CITATION = re.compile(r"\s*\[(\d+)\]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Case:
    row: Row
    evidence: tuple[Evidence, ...]
    gold: frozenset[int]
    correcting: bool


@dataclass(frozen=True)
class Outcome:
    """What one output amounts to."""

    answerable: bool
    declined: bool
    right: bool
    cites: bool
    cites_gold: bool
    numbers_kept: bool
    words: int


def plain(text: str) -> str:
    return re.sub(r"[^\w$%.]+", " ", text.lower()).strip(" .")


def cases(all_rows: list[Row], seed: int, correcting: bool) -> list[Case]:
    maker = ExampleMaker(random.Random(seed))
    found = []
    for row in all_rows:
        pieces = maker.evidence(row, withhold=False, correcting=correcting)
        if not pieces:
            continue
        answers = [plain(answer) for answer in row.answers]
        gold = frozenset(i for i, piece in enumerate(pieces, 1) if any(answer in plain(piece) for answer in answers))
        found.append(Case(row, tuple(Evidence(row.article.title, piece) for piece in pieces), gold, correcting))
    return found


def judge(case: Case, output: str) -> Outcome:
    declined = re.sub(r"^[^A-Za-z]+", "", output).lower().startswith("not found")
    said = plain(_CITATION.sub("", output))
    cited = [int(number) for number in _CITATION.findall(output)]
    shown = " ".join(item.text for item in case.evidence) + case.row.question
    numbers = _NUMBER.findall(_CITATION.sub("", output))
    return Outcome(
        answerable=case.row.answerable,
        declined=declined,
        right=not declined and any(plain(answer) in said for answer in case.row.answers),
        cites=bool(cited) and all(1 <= number <= len(case.evidence) for number in cited),
        cites_gold=bool(cited) and cited[0] in case.gold,
        numbers_kept=all(number in shown for number in numbers),
        words=len(said.split()),
    )


def declining_at(least: float, first: int, prompt_tokens: int) -> llama_cpp.LogitsProcessorList:
    """Lets the refusal's first token begin an answer only where its probability is at least `least`. A greedy choice
    declines too often: answers begin in many ways, each less probable than the one way to decline."""

    def processor(ids: np.ndarray, logits: np.ndarray) -> np.ndarray:
        if len(ids) == prompt_tokens:
            odds = np.exp(logits.astype(np.float64) - logits.max())
            if odds[first] / odds.sum() < least:
                logits[first] = -np.inf
        return logits

    return llama_cpp.LogitsProcessorList([processor])


def outputs(path: Path, tokens: PromptTokens, asked: list[Case], threads: int, least: float) -> Iterator[str]:
    refusal = tokens.text(NOT_FOUND)[0]
    model = llama_cpp.Llama(str(path), n_ctx=CONTEXT_TOKENS, n_threads=threads, n_threads_batch=threads, verbose=False)
    for case in asked:
        prompt = tokens.shared + tokens.rest(user_message(case.row.question, list(case.evidence), case.correcting))
        written: list[int] = []
        limit = declining_at(least, refusal, len(prompt))
        for token in model.generate(prompt, temp=0.0, repeat_penalty=1.0, logits_processor=limit):
            if token == tokens.end or len(written) == MAX_TOKENS:
                break
            written.append(token)
        yield tokens.decode(written)


def share(name: str, flags: list[bool]) -> str:
    if not flags:
        return f"| {name} | - | 0 |"
    low, high = wilson(sum(flags) / len(flags), len(flags))
    return f"| {name} | {sum(flags) / len(flags):.3f} ({low:.3f} to {high:.3f}) | {len(flags)} |"


def table(found: list[Outcome]) -> str:
    asked = [o for o in found if o.answerable]
    said = [o for o in found if not o.declined]
    return "\n".join(
        [
            "| | share (95 % interval) | n |",
            "|---|---|---|",
            share("answerable: right", [o.right for o in asked]),
            share("answerable: wrong", [not o.right and not o.declined for o in asked]),
            share("answerable: declined", [o.declined for o in asked]),
            share("unanswerable: declined", [o.declined for o in found if not o.answerable]),
            share("answers that cite", [o.cites for o in said]),
            share("right answers that cite a piece with the answer", [o.cites_gold for o in asked if o.right]),
            share("answers whose numbers stand in the evidence", [o.numbers_kept for o in said]),
            f"| mean words of an answer | {sum(o.words for o in said) / max(1, len(said)):.1f} | {len(said)} |",
        ]
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--tokenizer", type=Path, required=True)
    arguments.add_argument("--models", type=Path, nargs="+", required=True)
    arguments.add_argument("--output", type=Path, help="a folder for what the models wrote")
    arguments.add_argument("--seen", type=int, default=0, help="questions about articles seen in training to ask too")
    arguments.add_argument("--decline-at", type=float, default=0.0, help="least probability of a refusal; 0: greedy")
    arguments.add_argument("--correcting", action="store_true", help="the correction prompt, with one piece")
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--threads", type=int, default=2)
    options = arguments.parse_args()
    tokens = PromptTokens(options.tokenizer)
    everything = rows(options.data, "questions.jsonl", articles(options.data))
    held = cases([row for row in everything if row.article.dev], options.seed, options.correcting)
    seen = cases([row for row in everything if not row.article.dev], options.seed, options.correcting)[: options.seen]
    for path in options.models:
        for name, asked in (("articles held out", held), ("articles seen in training", seen)):
            if not asked:
                continue
            written = list(outputs(path, tokens, asked, options.threads, options.decline_at))
            print(f"\n### {path.stem}, {name}\n\n{table([judge(c, o) for c, o in zip(asked, written)])}", flush=True)
            if options.output:
                options.output.mkdir(parents=True, exist_ok=True)
                lines = [json.dumps({"id": c.row.key, "output": o}) for c, o in zip(asked, written)]
                (options.output / f"{path.stem} {name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
