"""Writes rules/NAME.gguf and rules/NAME.json: for each tokenizer that is rebuilt from metadata a small vocabulary and the
ids that llama.cpp gives some texts with it.

    pip install gguf==0.19.0 numpy==2.4.6 llama-cpp-python==0.3.36 tokenizers==0.22.1
    python make_rules.py

The vocabularies are learnt from text that was not split before, so that merges reach over every border that a rule
may set: a wrong rule gives other ids.
"""

import json
import unicodedata
from pathlib import Path

import llama_cpp
from gguf import GGUFWriter, TokenType
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

RULES = ["llama-bpe", "qwen2", "gpt-4o", "tekken", "smollm"]
SIZE = 900
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
SPACES = ["\n\n", "\n\n\n", "\u2581\u2581", "\u2581\u2581\u2581\u2581"]

LEARNT = [
    "The supplier's fee is 1234567 pounds, and they'll pay 12,500.75 by 2024-11-30. I'm sure; DON'T wait, we've time.",
    "HTTPServer parses snake_case and CamelCase names;\n\n  indented lines\n\n\n\tand tabs\r\nfollow. http://example/path//x",
    "Größe, naïve cafés, Ångström and façade; e\u0301 is e with an accent. Ελληνικά και русский язык, 日本語のテキスト。",
    "What was the operating income in Q2 2023? It was 1942 in 2019, 1580 in 2018 and 100000 in 2017.",
    "fooBar fooBar oBar BarFoo HTTPServer PServer aB aB cD cD x'tis foo'bar it's'd /\n/ a/\n b//\n ,\n, ,/, ,/, XYz XYz",
]  # fmt: skip
TEXTS = [
    "", "Hello world", " leading", "trailing ", "two  spaces   three\t\ttabs", "a\nb\n\nc\r\nd\n", "   \n  x",
    "1234567 3.14 \u00a3190 12% 2024-11-30", "I'm, we'll, DON'T, they'Ve 'tis", "HTTPServer snake_case CamelCase iPhone",
    "na\u00efve caf\u00e9 \u2013 \u201cquoted\u201d\u2026", "e\u0301 and \u00e9", "\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac \u0440\u0443\u0441\u0441\u043a\u0438\u0439",
    "\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8\u3002", "\U0001f600 \U0001f469\u200d\U0001f469", "a//b http://x/ (y)!? \n/", "x" * 30, "\u00bd \u2164 \u0663", "a\n\n\n\nb\n\n\nc",
    "What was the operating income in Q2 2023?\n\nThe supplier's fee is 1942.", "fooBar aB cD XYz x'tis it's'd ,/, /\n/ a/\n",
]  # fmt: skip


def write(name: str, model: str, pre: str, tokens: list[str], kinds: list[int], **more: object) -> None:
    Path("rules").mkdir(exist_ok=True)
    path = Path("rules") / f"{name}.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(512)
    writer.add_embedding_length(8)
    writer.add_block_count(1)
    writer.add_feed_forward_length(8)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model(model)
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    if merges := more.get("merges"):
        writer.add_token_merges(merges)
    if scores := more.get("scores"):
        writer.add_token_scores(scores)
        writer.add_add_space_prefix(more["space"])
        writer.add_unk_token_id(0)
    writer.add_bos_token_id(0 if merges else 1)
    writer.add_eos_token_id(0 if merges else 2)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    reference = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)
    # Qwen's own tokenizer composes first, which llama.cpp leaves out.
    form = "NFC" if name == "qwen2" else None
    cases = []
    for text in TEXTS:
        # llama.cpp has no marks (`\p{M}`) in these two rules, the models' own tokenizers have.
        if name in ("gpt-4o", "tekken") and any(unicodedata.category(char).startswith("M") for char in text):
            continue
        given = unicodedata.normalize(form, text) if form else text
        cases.append({"text": text, "ids": reference.tokenize(given.encode(), add_bos=False, special=False)})
    lines = ",\n".join("  " + json.dumps(case) for case in cases)
    path.with_suffix(".json").write_text(f'{{"cases": [\n{lines}\n]}}\n')


def byte_level(rule: str) -> None:
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    learner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE, special_tokens=CONTROL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        max_token_length=8,
    )  # fmt: skip
    learner.train_from_iterator(LEARNT * 3, trainer)
    learnt = json.loads(learner.to_str())["model"]
    tokens = sorted(learnt["vocab"], key=learnt["vocab"].get)
    kinds = [TokenType.CONTROL if token in CONTROL else TokenType.NORMAL for token in tokens]
    merges = [" ".join(pair) for pair in learnt["merges"]]
    write(rule, "gpt2", rule, tokens, kinds, merges=merges)


def sentence_piece(name: str, space: bool) -> None:
    learner = Tokenizer(models.BPE())
    learner.normalizer = normalizers.Replace(" ", "\u2581")
    trainer = trainers.BpeTrainer(vocab_size=SIZE, show_progress=False, max_token_length=8)
    learner.train_from_iterator(LEARNT * 3, trainer)
    learnt = json.loads(learner.to_str())["model"]["vocab"]
    words = [token for token in sorted(learnt, key=learnt.get) if token not in SPACES]
    tokens = ["<unk>", "<s>", "</s>", *BYTES, *SPACES, *words]
    kinds = [
        TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL, *[TokenType.BYTE] * len(BYTES),
        *[TokenType.USER_DEFINED] * len(SPACES), *[TokenType.NORMAL] * len(words),
    ]  # fmt: skip
    scores = [0.0] * (len(tokens) - len(words)) + [float(-place) for place in range(len(words))]
    write(name, "llama", "default", tokens, kinds, scores=scores, space=space)


if __name__ == "__main__":
    for rule in RULES:
        byte_level(rule)
    sentence_piece("spm", True)
    sentence_piece("spm-no-space", False)
