"""The prompt against the golden case that the engine's tests read too, so that neither side drifts alone."""

import json
from pathlib import Path

from prompt import ANSWER, CORRECT, Evidence, user_message

GOLDEN = Path(__file__).parent.parent / "crates" / "engine" / "tests" / "golden" / "prompt.json"


def test_the_prompt_is_the_engines() -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    evidence = [Evidence(item["context"], item["text"]) for item in golden["evidence"]]
    assert ANSWER == golden["expected_system"]
    assert user_message(golden["question"], evidence) == golden["expected_user"]
    assert user_message(golden["question"], evidence[:1], correcting=True) == golden["expected_correction"]
    assert golden["expected_correction"].endswith(CORRECT)
