"""Makes PDFs whose text is known: columns, running headers, hyphens, tables, footnotes, scans. Run by
`cargo xtask eval parse`.

Writes the files and `files.jsonl`, a line for each: `pages`, the text of each page in reading order without what runs along
its edges; `scans`, the numbers of pages that are pictures; `furniture`, what runs along the edges; `tables`, each a list of
rows of cells. The words are drawn at random from a fixed seed, and mean nothing.
"""

import io
import json
import random
import sys
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 595, 842
TOP, BOTTOM, LEFT, RIGHT = 770, 80, 72, 523
BODY, BOLD, LIGATURES = "Times-Roman", "Helvetica-Bold", "Vera"

SUBJECTS = """the auditor|a second committee|every regional office|the harbour authority|our laboratory|the tenant|a neighbouring
municipality|the underwriter|the museum|this department|the treasurer|an independent reviewer|the cooperative|the contractor|the
railway|a visiting engineer|the publisher|the orchard keeper|the cartographer|the library board""".replace("\n", " ").split("|")
VERBS = """approved|examined|postponed|inherited|described|repaired|financed|questioned|documented|replaced|translated|measured|
withdrew|inspected|published|reorganised|surveyed|cancelled|negotiated|catalogued""".replace("\n", "").split("|")
OBJECTS = """the drainage agreement|seven greenhouse contracts|a collection of manuscripts|the depreciation schedule|its ventilation
equipment|the northern embankment|an unfinished cathedral|the irrigation programme|certain outstanding receivables|the
apprenticeship scheme|several temperature recordings|the municipal archive|two experimental turbines|a controversial
amendment|the fisheries inventory|its correspondence|the observatory|these provisional estimates|the insurance
settlement|an abandoned quarry""".replace("\n", " ").split("|")
ENDS = """without further explanation|in spite of considerable opposition|before the winter inspection|under the revised
regulations|at the request of both parties|after lengthy consultation|for administrative reasons|during the anniversary
celebrations|with remarkable precision|according to unpublished correspondence|despite unfavourable circumstances|as originally
recommended|within the agreed budget|contrary to earlier announcements""".replace("\n", " ").split("|")
TOPICS = """Drainage|Receivables|Apprentices|Turbines|Archives|Fisheries|Orchards|Railways|Insurance|Harbours|Museums|Estimates|
Embankments|Greenhouses|Manuscripts|Settlements""".replace("\n", "").split("|")


class Words:
    """Sentences drawn at random; numbers make them differ."""

    def __init__(self, seed: str):
        self.random = random.Random(seed)

    def sentence(self) -> str:
        pick = self.random.choice
        text = f"{pick(SUBJECTS)} {pick(VERBS)} {pick(OBJECTS)} {pick(ENDS)}"
        if self.random.random() < 0.4:
            text += f", file {self.random.randrange(1000, 99999)}"
        return text[0].upper() + text[1:] + "."

    def paragraph(self, sentences: int = 5) -> str:
        return " ".join(self.sentence() for _ in range(sentences))

    def figure(self) -> str:
        value = self.random.randrange(100, 99999)
        return self.random.choice([f"{value:,}", f"({value:,})", f"{value / 100:,.2f}", f"{value / 1000:.1f}%", "—"])


class Paper:
    """One PDF with what is known about it."""

    def __init__(self, folder: Path, name: str, size: tuple[int, int] = (WIDTH, HEIGHT)):
        self.path, self.words = folder / f"{name}.pdf", Words(name)
        self.canvas = Canvas(str(self.path), pagesize=size, invariant=1)
        self.pages, self.scans, self.furniture, self.tables = [[]], [], [], []

    def say(self, text: str) -> None:
        self.pages[-1].append(text)

    def draw(self, font: str, size: float, x: float, y: float, text: str) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, text)

    def edge(self, x: float, y: float, text: str) -> None:
        """Something that runs along an edge of the page."""
        self.draw("Helvetica", 8, x, y, text)
        self.furniture.append(text)

    def turn(self) -> None:
        self.canvas.showPage()
        self.pages.append([])

    def heading(self, y: float, text: str, x: float = LEFT, size: float = 15) -> float:
        self.draw(BOLD, size, x, y, text)
        self.say(text)
        return y - 1.7 * size

    def lines(self, text: str, width: float, font: str, size: float, hyphens: bool) -> list[str]:
        """Text cut into lines no wider than `width`; with `hyphens`, long words are cut too, and short lines are rare."""
        lines, line = [], ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if pdfmetrics.stringWidth(longer, font, size) <= width:
                line = longer
                continue
            letters = len(word.rstrip(".,"))
            cuts = [at for at in range(letters - 3, 2, -1) if word[:letters].isalpha()] if hyphens else []
            fits = (at for at in cuts if pdfmetrics.stringWidth(f"{line} {word[:at]}-", font, size) <= width)
            at = next(fits, 0)
            lines.append(f"{line} {word[:at]}-" if at else line)
            line = word[at:]
        return [*lines, line]

    def paragraph(self, y: float, text: str, x: float = LEFT, width: float = RIGHT - LEFT, font: str = BODY,
                  size: float = 11, hyphens: bool = False, justified: bool = False) -> float:
        """Draws a paragraph; gives the height where the next may begin."""
        lines = self.lines(text, width, font, size, hyphens)
        for at, line in enumerate(lines):
            gaps, spare = line.count(" "), width - pdfmetrics.stringWidth(line, font, size)
            more = spare / gaps if justified and gaps and at + 1 < len(lines) else 0
            self.canvas.setFont(font, size)
            self.canvas.drawString(x, y, line, wordSpace=more)
            y -= 1.25 * size
        self.say(text)
        return y - 0.7 * size

    def fill(self, y: float, bottom: float = BOTTOM, x: float = LEFT, width: float = RIGHT - LEFT, **style) -> float:
        """Draws paragraphs until the column is full."""
        while True:
            text = self.words.paragraph(self.words.random.randrange(2, 6))
            size = style.get("size", 11)
            needed = len(self.lines(text, width, style.get("font", BODY), size, style.get("hyphens", False))) * 1.25 * size
            if y - needed < bottom:
                return y
            y = self.paragraph(y, text, x, width, **style)

    def columns(self, top: float, count: int = 2, bottom: float = BOTTOM, **style) -> None:
        gap = 22
        width = (RIGHT - LEFT - gap * (count - 1)) / count
        for column in range(count):
            self.fill(top, bottom, LEFT + column * (width + gap), width, size=9.5, **style)

    def table(self, y: float, rows: list[list[str]], widths: list[float], ruled: bool, figures: bool = True,
              size: float = 9.5) -> float:
        """Draws a table whose cells may take several lines; all but the first column may stand at their right edge."""
        self.tables.append(rows)
        for row in rows:
            cells = [self.lines(cell, width - 8, BODY, size, False) for cell, width in zip(row, widths)]
            height = max(map(len, cells)) * 1.2 * size + 5
            x = LEFT
            for column, (cell, width) in enumerate(zip(cells, widths)):
                self.canvas.setFont(BODY, size)
                for at, line in enumerate(cell):
                    baseline = y - size - 1.2 * size * at
                    if figures and column > 0:
                        self.canvas.drawRightString(x + width - 4, baseline, line)
                    else:
                        self.canvas.drawString(x + 4, baseline, line)
                if ruled:
                    self.canvas.rect(x, y - height, width, height)
                x += width
            y -= height
            for cell in row:
                self.say(cell)
        return y - 14

    def figures(self, rows: int, columns: int, head: bool = True) -> list[list[str]]:
        table = [["Item", *(str(2024 - at) for at in range(columns))]] if head else []
        for _ in range(rows):
            name = f"{self.words.random.choice(TOPICS)} {self.words.random.choice(VERBS)}"
            table.append([name, *(self.words.figure() for _ in range(columns))])
        return table

    def scan(self) -> None:
        """A page that is a picture of text."""
        picture = Image.new("L", (WIDTH * 2, HEIGHT * 2), 255)
        pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=24)
        for line in range(24):
            text = self.words.sentence()
            pen.text((100, 140 + 56 * line), text, font=font, fill=0)
            self.say(text)
        data = io.BytesIO()
        picture.save(data, "PNG")
        self.canvas.drawImage(ImageReader(data), 0, 0, WIDTH, HEIGHT)
        self.scans.append(len(self.pages))

    def finish(self) -> dict:
        self.canvas.save()
        return {"path": self.path.name, "pages": ["\n\n".join(page) for page in self.pages], "scans": self.scans,
                "furniture": self.furniture, "tables": self.tables}


def plain(paper: Paper, page: int) -> None:
    y = paper.heading(TOP, f"{page}. {TOPICS[page]}")
    y = paper.fill(y, 420)
    paper.fill(paper.heading(y, f"{page}.1 {TOPICS[-page]}", size=12))


def justified(paper: Paper, page: int) -> None:
    paper.fill(TOP, justified=True, hyphens=page > 1)


def headers(paper: Paper, page: int) -> None:
    left, right = ("Annual report", "Chapter Harbours") if page % 2 else ("Chapter Harbours", "Annual report")
    paper.edge(LEFT, 805, left)
    paper.edge(RIGHT - 80, 805, right)
    paper.edge(280, 40, f"Page {page} of 5")
    paper.fill(TOP)


def narrow(paper: Paper, page: int) -> None:
    y = paper.paragraph(TOP, "The well-known long-term arrangement, a cross-border one, was re-examined.", width=150)
    paper.fill(y, width=150, hyphens=True)
    paper.fill(TOP, x=320, width=150, hyphens=True)


def two_columns(paper: Paper, page: int) -> None:
    paper.columns(TOP, hyphens=True, justified=True)


def article(paper: Paper, page: int) -> None:
    y = TOP
    if page == 1:
        y = paper.heading(y, f"{TOPICS[3]} and {TOPICS[7]}: a survey of both", size=18)
        y = paper.paragraph(y, f"Summary. {paper.words.paragraph(4)}", LEFT + 40, RIGHT - LEFT - 80) - 10
    if page == 2:
        y = paper.paragraph(y, f"Figure 1. {paper.words.sentence()}", size=9) - 10
    paper.edge(280, 40, str(page))
    paper.columns(y, hyphens=True, justified=True)


def footnotes(paper: Paper, page: int) -> None:
    paper.fill(TOP, 190)
    paper.canvas.line(LEFT, 160, LEFT + 140, 160)
    y = 146
    for note in (1, 2, 3):
        y = paper.paragraph(y, f"{page * 3 - 3 + note} {paper.words.sentence()}", size=8) + 3


def column_footnotes(paper: Paper, page: int) -> None:
    width = (RIGHT - LEFT - 22) / 2
    for column in range(2):
        x = LEFT + column * (width + 22)
        paper.fill(TOP, 170, x, width, size=9.5, hyphens=True)
        paper.paragraph(130, f"{column + 1} {paper.words.sentence()}", x, width, size=7.5)
    paper.edge(LEFT, 805, "Proceedings of the harbour authority")


def ruled(paper: Paper, page: int) -> None:
    y = paper.paragraph(paper.heading(TOP, f"Table {page}"), paper.words.paragraph(3))
    y = paper.table(y, paper.figures(12, 4), [150, 75, 75, 75, 75], True)
    paper.fill(y)


def bare(paper: Paper, page: int) -> None:
    y = paper.paragraph(TOP, paper.words.paragraph(3))
    y = paper.table(y, paper.figures(16, 3), [200, 80, 80, 80], False)
    paper.fill(paper.table(y - 10, paper.figures(6, 2), [250, 95, 95], False))


def wrapped(paper: Paper, page: int) -> None:
    rows = [["Subject", "Finding", "Owner"]]
    rows += [[w.choice(TOPICS), paper.words.sentence(), w.choice(SUBJECTS)] for w in [paper.words.random] * 7]
    paper.fill(paper.table(paper.paragraph(TOP, paper.words.paragraph(2)), rows, [90, 240, 120], page == 1, figures=False))


def long_table(paper: Paper, page: int) -> None:
    paper.edge(LEFT, 805, "Schedule of receivables")
    paper.edge(280, 40, f"F-{page}")
    paper.table(TOP, paper.figures(44, 4), [150, 75, 75, 75, 75], False)


def lists(paper: Paper, page: int) -> None:
    y = paper.paragraph(TOP, paper.words.paragraph(2))
    for item in range(1, 9):
        mark = "•" if page == 1 else f"{item}."
        y = paper.paragraph(y, f"{mark} {paper.words.sentence()}", LEFT + 14)
        if item % 3 == 0:
            y = paper.paragraph(y, f"– {paper.words.sentence()}", LEFT + 34, 380)
    paper.fill(y)


def scan(paper: Paper, page: int) -> None:
    paper.scan()


def mixed(paper: Paper, page: int) -> None:
    paper.scan() if page == 2 else paper.fill(TOP)


def three_columns(paper: Paper, page: int) -> None:
    paper.columns(TOP, 3, hyphens=True)


def sidebar(paper: Paper, page: int) -> None:
    paper.fill(TOP, width=300)
    paper.canvas.setFillGray(0.9)
    paper.canvas.rect(395, 420, 128, 360, stroke=0, fill=1)
    paper.canvas.setFillGray(0)
    paper.fill(paper.heading(760, "In short", 402, 10), 430, 402, 114, size=8)


def turned(paper: Paper, page: int) -> None:
    """Text that runs upwards on the page, which is shown turned by a quarter."""
    paper.canvas.setPageSize((HEIGHT, WIDTH))  # as it is shown
    paper.canvas.setPageRotation(90)
    paper.canvas.translate(WIDTH, 0)
    paper.canvas.rotate(90)
    paper.fill(520, 60, width=690)


def ligatures(paper: Paper, page: int) -> None:
    y = TOP
    for _ in range(9):
        text = paper.words.paragraph(3) + " Official figures; five flowers; naïve façades in Łeba and Ærø."
        before = len(paper.pages[-1])
        y = paper.paragraph(y, text.replace("fi", "ﬁ").replace("fl", "ﬂ"), font=LIGATURES, size=9)
        paper.pages[-1][before] = text


PAPERS = [
    ("one-column", plain, 4), ("justified", justified, 3), ("running-headers", headers, 5), ("narrow-hyphens", narrow, 3),
    ("two-columns", two_columns, 4), ("article", article, 4), ("footnotes", footnotes, 3),
    ("column-footnotes", column_footnotes, 3), ("table-ruled", ruled, 3), ("table-bare", bare, 3),
    ("table-wrapped", wrapped, 2), ("table-long", long_table, 3), ("lists", lists, 2), ("scan", scan, 2),
    ("scan-between", mixed, 3), ("three-columns", three_columns, 2), ("sidebar", sidebar, 2), ("turned", turned, 2),
    ("ligatures", ligatures, 2),
]


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    pdfmetrics.registerFont(TTFont(LIGATURES, str(Path(reportlab.__file__).parent / "fonts/Vera.ttf")))
    with open(folder / "files.jsonl", "w", encoding="utf-8") as list_:
        for name, draw, pages in PAPERS:
            paper = Paper(folder, name)
            for page in range(1, pages + 1):
                if page > 1:
                    paper.turn()
                draw(paper, page)
            list_.write(json.dumps(paper.finish(), ensure_ascii=False) + "\n")


main()
