"""The prompt in the engine's form (crates/engine/src/prompt.rs) and its tokens in the model's chat template.

The fixed words are read from the files that the engine compiles in; crates/engine/tests/golden/prompt.json holds a case
that both sides are checked against.
"""

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

_PROMPTS = Path(__file__).parent.parent / "assets" / "prompts"
ANSWER = (_PROMPTS / "answer.txt").read_text("utf-8").strip()
CORRECT = (_PROMPTS / "correct.txt").read_text("utf-8").strip()
NOT_FOUND = "NOT FOUND"
# The turn's end is the last token that the model writes.
END = "<|im_end|>"
_SOURCES = "Sources:\n"


@dataclass(frozen=True)
class Evidence:
    """A numbered piece: where it stands ("Title" or "Title, Heading") and its words."""

    context: str
    text: str


def user_message(question: str, evidence: list[Evidence], correcting: bool = False) -> str:
    lines = [f"[{i}] ({item.context}) {' '.join(item.text.split())}\n" for i, item in enumerate(evidence, 1)]
    more = f"\n\n{CORRECT}" if correcting else ""
    return f"{_SOURCES}{''.join(lines)}\nQuestion: {question.strip()}{more}"


class PromptTokens:
    """Token ids of prompts, split into the beginning that all share and the rest."""

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._start, self.end = (self._tokenizer.token_to_id(token) for token in ("<|im_start|>", END))
        # The first line of the sources begins with "[", which never merges with the line break before it.
        self.shared = self._turn("system", ANSWER) + self.text("\n") + [self._start] + self.text("user\n" + _SOURCES)

    def text(self, text: str) -> list[int]:
        """Ids of plain text. Spellings of control tokens in it would become such tokens, so they are refused."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        if self._start in ids or self.end in ids:
            raise ValueError("the text spells a control token")
        return ids

    def _turn(self, role: str, content: str) -> list[int]:
        return [self._start, *self.text(f"{role}\n{content}"), self.end]

    def rest(self, user: str) -> list[int]:
        """What follows `shared`, up to where the answer begins."""
        user = user.removeprefix(_SOURCES)
        return [*self.text(user), self.end, *self.text("\n"), self._start, *self.text("assistant\n")]

    def decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids)
