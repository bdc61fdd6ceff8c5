"""Reads PDFs with pypdfium2, as its documentation does: one line of JSON per file with the text of each page, or the error,
and the seconds that it took without the start of Python. Run by `cargo xtask eval parse`.
"""

import json
import sys
import time

import pypdfium2


def read(path: str) -> dict:
    with pypdfium2.PdfDocument(path) as document:
        return {"pages": [page.get_textpage().get_text_bounded() for page in document]}


for path in sys.argv[1:]:
    begun = time.monotonic()
    try:
        found = read(path)
    except Exception as error:  # whatever a file does to it is a result
        found = {"error": str(error)}
    print(json.dumps({"path": path, "seconds": time.monotonic() - begun, **found}), flush=True)
