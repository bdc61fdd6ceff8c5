// A block's text cut into runs that are marked the same way.

/** How a run is marked; a later one in this list covers an earlier one. */
export const LOOKS = ['other', 'found', 'cited', 'found-here'] as const
export type Look = (typeof LOOKS)[number]

export interface Marked {
  from: number
  to: number
  look: Look
}

export interface Segment {
  text: string
  look: Look | null
}

/** Cuts `text` between `from` and `to` at the borders of what is marked. Marks may overlap and reach beyond. */
export function segments(text: string, marks: readonly Marked[], from = 0, to = text.length): Segment[] {
  const borders = new Set([from, to])
  for (const mark of marks) {
    if (mark.from > from && mark.from < to) borders.add(mark.from)
    if (mark.to > from && mark.to < to) borders.add(mark.to)
  }
  const sorted = [...borders].sort((a, b) => a - b)
  const runs: Segment[] = []
  for (let index = 0; index + 1 < sorted.length; index++) {
    const [begin, end] = [sorted[index]!, sorted[index + 1]!]
    const look = strongest(marks.filter((mark) => mark.from <= begin && mark.to >= end))
    const last = runs.at(-1)
    if (last && last.look === look) last.text += text.slice(begin, end)
    else runs.push({ text: text.slice(begin, end), look })
  }
  return runs
}

function strongest(marks: readonly Marked[]): Look | null {
  return marks.reduce<Look | null>(
    (best, { look }) => (best === null || LOOKS.indexOf(look) > LOOKS.indexOf(best) ? look : best),
    null,
  )
}

/** Where the cells of a table row begin and end; the engine joins them by ` | `. */
export function cells(row: string): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = []
  let from = 0
  for (;;) {
    const bar = row.indexOf(' | ', from)
    if (bar < 0) break
    found.push({ from, to: bar })
    from = bar + 3
  }
  found.push({ from, to: row.length })
  return found
}
