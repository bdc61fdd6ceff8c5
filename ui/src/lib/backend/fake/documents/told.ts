// Documents around the passages that made-up answers cite: each passage stands on its page, at its offset.

import type { BlockKind, Passage, ViewBlock } from '../../backend'
import { handbook } from './handbook'
import { lease } from './lease'
import { type Paper, paper, type Sheet } from './paper'

type Piece = Sheet['blocks'][number]

const sentences = lease.flatMap(({ blocks }) => blocks.filter(({ kind }) => kind === 'paragraph').map(({ text }) => text))

/** Headings of a passage and the passage; the headings count backwards from it. */
function pieces({ heading, text, start }: Passage, after: number): Piece[] {
  const titles: Piece[] = heading.map((title, level) => ({ kind: { heading: { level: level + 2 } } as BlockKind, text: title }))
  const length = titles.reduce((sum, title) => sum + [...title.text].length + 2, 0)
  if (titles[0] && start - length >= after) titles[0].at = start - length
  return [...(start - length >= after ? titles : []), { kind: 'paragraph', text, at: start }]
}

/** A PDF with the passages on their pages, and other clauses on the pages between as far as the offsets leave room. */
export function toldPaper(passages: Passage[]): Paper {
  const inOrder = [...passages].sort((a, b) => a.start - b.start).filter(({ page }, index, all) => index === 0 || page! >= all[index - 1]!.page!)
  const last = Math.max(...passages.map(({ page }) => page ?? 1)) + 2
  let offset = 0
  const sheets = Array.from({ length: last }, (_, index): Sheet => {
    const page = index + 1
    const here = inOrder.filter((passage) => passage.page === page)
    const next = inOrder.find((passage) => (passage.page ?? 0) > page)
    const label = here[0]?.page_label ?? String(page)
    const blocks = here.flatMap((passage) => {
      const made = pieces(passage, offset)
      offset = passage.end + 2
      return made
    })
    // What the offsets leave for this page, before the headings of the next passage.
    const room = next ? (next.start - 160 - offset) / (next.page! - page) : 1200
    for (let round = 0, left = Math.floor(room); ; round++) {
      const text = sentences[(index * 3 + round) % sentences.length]!
      if (text.length + 2 > left || round > 4) break
      blocks.push({ kind: 'paragraph', text, at: offset })
      offset += text.length + 2
      left -= text.length + 2
    }
    return { label, blocks }
  })
  return paper(passages[0]!.title, sheets)
}

/** A text with the passages under their headings. */
export function toldText(passages: Passage[]): ViewBlock[] {
  const blocks: ViewBlock[] = []
  let offset = 0
  const add = ({ kind, text, at = offset }: Piece) => {
    blocks.push({ kind, start: at, end: at + [...text].length, page: null, text })
    offset = at + [...text].length + 2
  }
  add({ kind: { heading: { level: 1 } }, text: passages[0]!.title })
  const others = handbook().slice(1)
  for (const passage of [...passages].sort((a, b) => a.start - b.start)) {
    for (const { kind, text } of others.splice(0, 5)) if (offset + text.length + 200 < passage.start) add({ kind, text })
    for (const piece of pieces(passage, offset)) add(piece)
  }
  for (const { kind, text } of others) add({ kind, text })
  return blocks
}
