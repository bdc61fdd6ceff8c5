#!/usr/bin/env python3
"""Make the two sample PDFs from the Markdown files beside this script.

Needs the package fpdf2 (2.8 or later). The result is the same, byte for byte, for the same fpdf2 version. Source
syntax: headings (#), paragraphs, table rows (| a | b |, the first row of a table is its head), and `>>> page` for a
new page; `>>> page labels 1` starts Arabic page labels at 1, and what lies before is labelled i, ii, iii.
"""

import datetime
import pathlib

from fpdf import FPDF
from fpdf.enums import XPos, YPos

HERE = pathlib.Path(__file__).parent
DATE = datetime.datetime(2026, 2, 9, 12, 0, tzinfo=datetime.timezone.utc)


class Sheet(FPDF):
    """A page with a running head and a printed page number."""

    def __init__(self, head, roman_front):
        super().__init__(format="A4")
        self.head = head
        self.labelled = roman_front
        self.set_margins(24, 26, 24)
        self.set_auto_page_break(True, margin=26)
        self.set_creation_date(DATE)

    def header(self):
        self.set_y(12)
        self.set_font("Helvetica", "I", 8.5)
        self.set_text_color(90)
        self.cell(0, 5, self.head)
        self.set_text_color(0)
        self.set_y(26)

    def footer(self):
        self.set_y(-16)
        self.set_font("Helvetica", "", 8.5)
        self.set_text_color(90)
        number = self.get_page_label() if self.labelled else f"Page {self.page_no()}"
        self.cell(0, 5, number, align="C")
        self.set_text_color(0)


def table(pdf, rows):
    weights = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    widths = tuple(max(w, 8) for w in weights)
    pdf.set_font("Helvetica", "", 9.5)
    with pdf.table(col_widths=widths, line_height=5.2, text_align="LEFT", padding=1) as grid:
        for cells in rows:
            line = grid.row()
            for cell in cells:
                line.cell(cell)
    pdf.ln(3)


def render(source, target, head, title, roman_front=False):
    pdf = Sheet(head, roman_front)
    pdf.set_title(title)
    pdf.set_author("Harbour & Finch")
    pdf.set_lang("en-GB")
    pdf.add_page(**({"label_style": "r"} if roman_front else {}))
    rows = []
    for line in source.read_text(encoding="utf-8").splitlines() + [""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if rows:
            table(pdf, rows)
            rows = []
        if line.startswith(">>> page"):
            start = line.removeprefix(">>> page").removeprefix(" labels").strip()
            pdf.add_page(**({"label_style": "D", "label_start": int(start)} if start else {}))
        elif line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            pdf.set_font("Helvetica", "B", {1: 20, 2: 13.5}.get(level, 11))
            pdf.ln({1: 6, 2: 4}.get(level, 2))
            pdf.multi_cell(0, {1: 10, 2: 7}.get(level, 6), line.lstrip("# "), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            pdf.ln(1.5)
        elif line:
            pdf.set_font("Helvetica", "", 10.5)
            pdf.multi_cell(0, 5.4, line, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            pdf.ln(2.2)
    pdf.output(str(target))
    print(target.name, pdf.pages_count, "pages")


render(
    HERE / "master-services-agreement.md",
    HERE.parent / "corpus" / "master-services-agreement.pdf",
    "Harbour & Finch / Northmoor Hospitals Group - HF-MSA-2291",
    "Master Services Agreement HF-MSA-2291",
)
render(
    HERE / "larkspur-manual.md",
    HERE.parent / "corpus" / "larkspur-manual.pdf",
    "Larkspur LK-300 operator's manual - LK-OM-14",
    "Larkspur Bedside Monitor: operator's manual",
    roman_front=True,
)
