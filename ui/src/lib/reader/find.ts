// Search in the text of a document, blind to case, accents, ligatures and the width of spaces.

import type { ViewBlock } from '$lib/backend/backend'
import type { Range } from './codepoints'

export interface Found extends Range {
  block: number
}

/** More than anyone steps through; the counter then says "2,000+". */
export const MOST_FOUND = 2_000

/** Letters as they are compared. `ß` is `ss`, an accent is dropped, a soft hyphen is nothing, white space is one space. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}\u00ad\u200b]/gu, '')
    .replace(/ß/g, 'ss')
    .replace(/ς/g, 'σ')
    .replace(/\s+/g, ' ')
}

/** The places of an already folded query in one text, in its code points. */
export function findIn(text: string, folded: string): Range[] {
  if (folded === '' || !fold(text).includes(folded)) return []
  // Only texts with a match pay for the way back: for each folded letter, the code point that it came from.
  let letters = ''
  const origins: number[] = []
  let point = 0
  for (const character of text) {
    const part = fold(character)
    const kept = part === ' ' && letters.endsWith(' ') ? '' : part
    for (let unit = 0; unit < kept.length; unit++) origins.push(point)
    letters += kept
    point += 1
  }
  const ranges: Range[] = []
  for (let at = letters.indexOf(folded); at >= 0; at = letters.indexOf(folded, at + folded.length)) {
    const last = at + folded.length - 1
    // What folds to nothing belongs to the letter before it.
    const end = last + 1 < origins.length ? origins[last + 1]! : point
    const start = origins[at]!
    // Two letters of one, such as `ss` of `ß`, are one place.
    if (ranges.at(-1)?.start !== start) ranges.push({ start, end: Math.max(end, origins[last]! + 1) })
  }
  return ranges
}

/** Goes through the blocks without holding the window up; null when called off. */
export async function findAll(blocks: readonly ViewBlock[], query: string, signal: AbortSignal): Promise<Found[] | null> {
  const folded = fold(query).trim()
  const found: Found[] = []
  if (folded === '') return found
  let rested = performance.now()
  for (const [index, block] of blocks.entries()) {
    for (const { start, end } of findIn(block.text, folded)) {
      found.push({ block: index, start: block.start + start, end: block.start + end })
    }
    if (found.length >= MOST_FOUND) return found.slice(0, MOST_FOUND)
    if (index % 64 === 0 && performance.now() - rested > 8) {
      await new Promise((resolve) => setTimeout(resolve))
      if (signal.aborted) return null
      rested = performance.now()
    }
  }
  return found
}

/** The first match at or after an offset, else the first of all: where a search begins. */
export function firstFrom(found: readonly Range[], offset: number): number {
  const index = found.findIndex(({ start }) => start >= offset)
  return Math.max(0, index)
}
