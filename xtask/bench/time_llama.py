"""Times llama.cpp on a GGUF file: reading prompts and writing at their depths.

    python llama_cpp.py FILE THREADS WRITTEN DEPTH...

Prints a JSON object per depth: {"depth", "read_s", "written_s"}. The tokens are those of `CandleGenerator::measure`."""

import json
import sys
import time

import llama_cpp


def main() -> None:
    file, threads, written, *depths = sys.argv[1:]
    written, depths = int(written), [int(depth) for depth in depths]
    model = llama_cpp.Llama(
        file,
        n_ctx=max(depths) + written + 8,
        n_batch=512,
        n_threads=int(threads),
        n_threads_batch=int(threads),
        flash_attn=True,
        verbose=False,
    )
    tokens = min(model.n_vocab(), 10_000)
    token = lambda at: at * 7919 % tokens
    model.eval([token(0)])  # the first evaluation allocates
    for depth in depths:
        model.reset()
        begun = time.perf_counter()
        model.eval([token(at) for at in range(depth)])
        read = time.perf_counter()
        for at in range(depth, depth + written):
            model.eval([token(at)])
        print(json.dumps({"depth": depth, "read_s": read - begun, "written_s": time.perf_counter() - read}), flush=True)


main()
