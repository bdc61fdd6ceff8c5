// What the model has written so far, and how far the self-check has come in it.

import type { Verdict } from '$lib/backend/backend'

export interface Checked {
  text: string
  verdict: Verdict
}

/** A piece of the running text; `verdict` is null where nothing was checked yet. */
export interface Piece {
  text: string
  verdict: Verdict | null
}

/** The model's own citation marks are not trusted and not shown; a mark that is only half written neither. */
export function withoutMarks(text: string): string {
  return text.replace(/\s*\[\d+(?:\s*,\s*\d+)*\]/g, '').replace(/\s*\[[\d\s,]*$/, '')
}

/** The draft sentence by sentence: those that were checked with their verdict, the rest as it is being written. */
export function pieces(draft: string, checked: Checked[]): Piece[] {
  const plain = collapse(withoutMarks(draft))
  const made: Piece[] = []
  let from = 0
  for (const { text, verdict } of checked) {
    const sentence = collapse(text)
    const at = plain.indexOf(sentence, from)
    if (at >= 0) from = at + sentence.length
    made.push({ text: sentence, verdict })
  }
  const rest = plain.slice(from)
  for (const { segment } of sentences.segment(rest)) {
    if (segment.trim()) made.push({ text: segment.trim(), verdict: null })
  }
  return made
}

/** Long prose is read in paragraphs. */
export function paragraphs<T>(list: T[], most = 4): T[][] {
  const count = Math.ceil(list.length / most)
  const size = Math.ceil(list.length / Math.max(1, count))
  return Array.from({ length: count }, (_, n) => list.slice(n * size, (n + 1) * size))
}

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' })

function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
