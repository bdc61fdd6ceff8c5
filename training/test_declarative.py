"""What the rules make of questions, on examples of our own. Run: python -m pytest training."""

import pytest

from declarative import declarative

SENTENCE = "In 1431 the guild of Lindau, led by Ada Brenner, built a bridge at the mill because of the floods."


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Who led the guild of Lindau?", "Ada Brenner", "Ada Brenner led the guild of Lindau."),
        ("When did the guild build the bridge?", "1431", "The guild built the bridge in 1431."),
        ("In what year was the bridge built?", "1431", "The bridge was built in 1431."),
        ("Where did the guild build the bridge?", "mill", "The guild built the bridge at the mill."),
        ("What did the guild build in 1431?", "bridge", "The guild built a bridge in 1431."),
        ("Why did the guild build a bridge?", "floods", "The guild built a bridge because of the floods."),
        ("What was the name of the guild's leader?", "Ada Brenner", "The name of the guild's leader was Ada Brenner."),
        ("How many bridges did the guild build?", "three", "The guild built three bridges."),
        ("How many bridges were built by the guild?", "three", "Three bridges were built by the guild."),
        ("How many bridges are there in Lindau?", "12", "There are 12 bridges in Lindau."),
        ("Who was the guild led by?", "Ada Brenner", "The guild was led by Ada Brenner."),
        ("Which guild built the bridge?", "guild of Lindau", "The guild of Lindau built the bridge."),
        ("Where can the bridge be found?", "at the mill", "The bridge can be found at the mill."),
        ("What can carry the bridge?", "oak beams", "Oak beams can carry the bridge."),
        ("What is the bridge called?", "Long Ada", "The bridge is called Long Ada."),
        ("When was the mill's opening?", "1431", "The mill's opening was in 1431."),
        ("In 1431, who led the guild?", "Ada Brenner", "In 1431, Ada Brenner led the guild."),
        ("What percentage of the bridges was lost?", "40%", "40% of the bridges was lost."),
    ],
)
def test_statements(question: str, answer: str, expected: str) -> None:
    assert declarative(question, answer, SENTENCE) == expected


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What did the guild do?", "built a bridge"),
        ("Why was the bridge important?", "floods"),
        ("What kind of bridge was built?", "wooden"),
        ("What was not built?", "a bridge"),
        ("How many guilds built it?", "Ada Brenner"),
    ],
)
def test_nothing_is_said_where_the_rules_are_not_sure(question: str, answer: str) -> None:
    assert declarative(question, answer, SENTENCE) is None
