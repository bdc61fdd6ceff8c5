// Sets text on pages and writes them as a small PDF. It knows where each word stands, as the engine does from a real file.

import type { BlockKind, PageStatus, ViewBlock, ViewPage } from '../../backend'
import { widthOf, type Face, winAnsi } from './type'

export interface Sheet {
  label?: string
  status?: PageStatus
  /** Stored upright and shown turned by a quarter, as scanned tables often are. */
  turned?: boolean
  /** `at`: where the text begins in the document, if not right after the text before. */
  blocks: { kind: BlockKind; text: string; uncertain?: boolean; at?: number }[]
}

interface Line {
  page: number
  /** Left end of the baseline, from the top left of the page as shown. */
  x: number
  y: number
  face: Face
  size: number
  text: string
  /** Code points of the document before it. */
  start: number
  uncertain: boolean
}

export interface Paper {
  bytes: Uint8Array
  blocks: ViewBlock[]
  pages: ViewPage[]
  lines: Line[]
}

const [WIDTH, HEIGHT, MARGIN] = [595, 842, 76]

/** How a kind of block is set: face, size, distance of lines, space above, indent. */
function setting(kind: BlockKind): [Face, number, number, number, number] {
  if (typeof kind === 'object') {
    return kind.heading.level === 1 ? ['bold', 21, 27, 18, 0] : ['bold', 13.5, 19, 20, 0]
  }
  if (kind === 'list_item') return ['roman', 12, 17.5, 4, 20]
  return kind === 'table_row' ? ['roman', 11.5, 16, 9, 0] : ['roman', 12, 17.5, 8, 0]
}

export function paper(title: string, sheets: Sheet[]): Paper {
  const blocks: ViewBlock[] = []
  const pages: ViewPage[] = []
  const lines: Line[] = []
  const contents: string[] = []
  let offset = 0
  for (const [index, sheet] of sheets.entries()) {
    const page = index + 1
    const [width, height] = sheet.turned ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT]
    pages.push({ page, label: sheet.label ?? null, width, height, status: sheet.status ?? 'text' })
    let y = MARGIN + 8
    const shown: Line[] = []
    for (const { kind, text, uncertain = false, at = offset } of sheet.blocks) {
      offset = at
      const [face, size, leading, above, indent] = setting(kind)
      const start = offset
      y += above
      let rest = start
      if (kind === 'table_row') {
        y += leading
        // Cells stand in columns; the bars between them are in the text only.
        const parts = text.split(' | ')
        const column = (width - 2 * MARGIN) / parts.length
        for (const [place, cell] of parts.entries()) {
          shown.push({ page, x: MARGIN + place * column, y, face, size, text: cell, start: rest, uncertain })
          rest += cell.length + 3
        }
      } else for (const row of wrap(text, face, size, width - 2 * MARGIN - indent)) {
        y += leading
        shown.push({ page, x: MARGIN + indent, y, face, size, text: row, start: rest, uncertain })
        rest += row.length + 1
      }
      offset += [...text].length
      blocks.push({ kind, start, end: offset, page, text })
      offset += 2
    }
    lines.push(...shown)
    contents.push(content(title, sheet, page, shown, width, height))
  }
  return { bytes: write(contents, sheets), blocks, pages, lines }
}

/** Rectangles of a range, line by line; null where a part of it has no certain place. */
export function rectsOf({ lines }: Paper, start: number, end: number): Map<number, [number, number, number, number][]> | null {
  const found = new Map<number, [number, number, number, number][]>()
  for (const line of lines) {
    const [from, to] = [Math.max(start, line.start) - line.start, Math.min(end, line.start + line.text.length) - line.start]
    if (from >= to) continue
    if (line.uncertain) return null
    const left = line.x + widthOf(line.text.slice(0, from), line.face, line.size)
    const right = line.x + widthOf(line.text.slice(0, to), line.face, line.size)
    const rects = found.get(line.page) ?? []
    rects.push([left, line.y - line.size * 0.78, right, line.y + line.size * 0.24])
    found.set(line.page, rects)
  }
  return found.size > 0 ? found : null
}

function wrap(text: string, face: Face, size: number, width: number): string[] {
  const rows: string[] = []
  let row = ''
  for (const word of text.split(' ')) {
    const longer = row === '' ? word : `${row} ${word}`
    if (row !== '' && widthOf(longer, face, size) > width) {
      rows.push(row)
      row = word
    } else row = longer
  }
  return [...rows, row]
}

function content(title: string, sheet: Sheet, page: number, shown: Line[], width: number, height: number): string {
  const put = (face: Face, size: number, x: number, y: number, text: string) => {
    const matrix = sheet.turned ? `0 1 -1 0 ${y.toFixed(2)} ${x.toFixed(2)}` : `1 0 0 1 ${x.toFixed(2)} ${(height - y).toFixed(2)}`
    return `BT /${face} ${size} Tf ${matrix} Tm (${winAnsi(text)}) Tj ET`
  }
  const foot = sheet.label ?? String(page)
  const drawn = [
    '0.42 g',
    put('italic', 9, MARGIN, 50, title),
    put('roman', 9, (width - widthOf(foot, 'roman', 9)) / 2, height - 40, foot),
    '0.1 g',
    ...shown.map((line) => put(line.face, line.size, line.x, line.y, line.text)),
  ]
  if (sheet.status === 'no_text') drawn.push(plan())
  return drawn.join('\n')
}

/** A floor plan: lines that say nothing. */
function plan(): string {
  const rooms = [
    [110, 260, 375, 380],
    [110, 260, 150, 160],
    [260, 260, 225, 160],
    [110, 420, 110, 220],
    [220, 480, 140, 160],
    [360, 420, 125, 220],
  ]
  return ['1.4 w 0.25 G', ...rooms.map((room) => `${room.join(' ')} re S`), '0.6 w 300 260 m 300 420 l S'].join('\n')
}

function write(contents: string[], sheets: Sheet[]): Uint8Array {
  const objects: string[] = []
  const first = 6
  const kids = contents.map((_, index) => `${first + index * 2} 0 R`).join(' ')
  objects.push('<< /Type /Catalog /Pages 2 0 R >>', `<< /Type /Pages /Kids [${kids}] /Count ${contents.length} >>`)
  for (const name of ['Times-Roman', 'Times-Bold', 'Times-Italic']) {
    objects.push(`<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`)
  }
  for (const [index, stream] of contents.entries()) {
    const turn = sheets[index]?.turned ? '/Rotate 90' : ''
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] ${turn} /Contents ${first + index * 2 + 1} 0 R` +
        ' /Resources << /Font << /roman 3 0 R /bold 4 0 R /italic 5 0 R >> >> >>',
      `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    )
  }
  let file = '%PDF-1.4\n'
  const at = objects.map((object, index) => {
    const position = file.length
    file += `${index + 1} 0 obj\n${object}\nendobj\n`
    return position
  })
  const table = at.map((position) => `${String(position).padStart(10, '0')} 00000 n \n`).join('')
  const end = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`
  const whole = file + end + trailer
  return Uint8Array.from(whole, (character) => character.charCodeAt(0))
}
