// Offsets of documents count code points; strings of JavaScript count UTF-16 units. Everything that crosses the line does so here.

import type { ViewBlock } from '$lib/backend/backend'

/** A stretch of a document's text, in code points. */
export interface Range {
  start: number
  end: number
}

export function codePoints(text: string): number {
  let count = 0
  for (let unit = 0; unit < text.length; unit++) {
    if (!isSecondHalf(text, unit)) count += 1
  }
  return count
}

/** The UTF-16 position of a code point; the end of the text where it lies beyond. */
export function unitAt(text: string, point: number): number {
  let unit = 0
  for (let left = point; left > 0 && unit < text.length; left--) {
    unit += isSecondHalf(text, unit + 1) ? 2 : 1
  }
  return unit
}

/** How many code points lie before a UTF-16 position. */
export function pointAt(text: string, unit: number): number {
  return codePoints(text.slice(0, unit))
}

/** The text of a range that counts from the text's own beginning. */
export function sliceByCodePoints(text: string, start: number, end: number): string {
  const from = unitAt(text, start)
  return text.slice(from, from + unitAt(text.slice(from), Math.max(0, end - start)))
}

function isSecondHalf(text: string, unit: number): boolean {
  const second = text.charCodeAt(unit)
  if (second < 0xdc00 || second > 0xdfff || unit === 0) return false
  const first = text.charCodeAt(unit - 1)
  return first >= 0xd800 && first <= 0xdbff
}

/** Index of the first block that ends after an offset; the number of blocks where none does. Blocks are in order. */
export function firstBlockAfter(blocks: readonly ViewBlock[], offset: number): number {
  let [low, high] = [0, blocks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (blocks[middle]!.end > offset) high = middle
    else low = middle + 1
  }
  return low
}

/** The part of a range in one block, in UTF-16 positions of the block's text. */
export interface BlockPart {
  block: number
  from: number
  to: number
}

/** A range split over the blocks that it touches; what lies between blocks belongs to none. */
export function splitRange(blocks: readonly ViewBlock[], range: Range): BlockPart[] {
  const parts: BlockPart[] = []
  for (let index = firstBlockAfter(blocks, range.start); index < blocks.length; index++) {
    const block = blocks[index]!
    if (block.start >= range.end) break
    const from = unitAt(block.text, Math.max(0, range.start - block.start))
    const to = unitAt(block.text, Math.min(range.end, block.end) - block.start)
    if (to > from) parts.push({ block: index, from, to })
  }
  return parts
}

/** Titles of the headings that an offset stands under, outermost first. */
export function headingPath(blocks: readonly ViewBlock[], offset: number): string[] {
  const path: string[] = []
  let level = Infinity
  for (let index = Math.min(firstBlockAfter(blocks, offset), blocks.length - 1); index >= 0 && level > 1; index--) {
    const { kind, text } = blocks[index]!
    if (typeof kind === 'object' && kind.heading.level < level) {
      level = kind.heading.level
      path.unshift(text)
    }
  }
  return path
}
