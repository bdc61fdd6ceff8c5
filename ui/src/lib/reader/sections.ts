// Blocks put together into what a page of text is made of: lists, tables, and sections that are drawn or left out as one.

import type { ViewBlock } from '$lib/backend/backend'

/** Consecutive blocks `from` up to, not including, `to`. */
export interface Piece {
  kind: 'heading' | 'paragraph' | 'list' | 'table' | 'code' | 'page'
  from: number
  to: number
  /** Of a page separator: the page that begins. */
  page?: number
  level?: number
}

export interface Section {
  pieces: Piece[]
  from: number
  to: number
  /** Code points, for a guess of its height. */
  length: number
  rows: number
}

/** Sections are short enough to be drawn within a frame, and a table is only split where it is longer than this. */
const BLOCKS_IN_SECTION = 48
const ROWS_IN_TABLE = 120

export function sections(blocks: readonly ViewBlock[]): Section[] {
  const made: Section[] = []
  let section: Section = { pieces: [], from: 0, to: 0, length: 0, rows: 0 }
  let page: number | null = null
  for (const [index, block] of blocks.entries()) {
    const kind = kindOf(block)
    const begins = block.page != null && block.page !== page
    const last = section.pieces.at(-1)
    const joins = !begins && last?.kind === kind && (kind === 'list' || kind === 'table') && last.to - last.from < ROWS_IN_TABLE
    if (!joins && index - section.from >= BLOCKS_IN_SECTION) {
      made.push(section)
      section = { pieces: [], from: index, to: index, length: 0, rows: 0 }
    }
    if (begins) {
      page = block.page!
      section.pieces.push({ kind: 'page', from: index, to: index, page })
      section.rows += 1
    }
    if (joins) last.to = index + 1
    else section.pieces.push({ kind, from: index, to: index + 1, level: levelOf(block) })
    section.to = index + 1
    section.length += block.end - block.start
    section.rows += 1
  }
  if (section.to > section.from) made.push(section)
  return made
}

/** A guess of how many pixels a section takes, corrected once it is drawn. */
export function guessHeight(section: Section, width: number, em: number): number {
  const perLine = Math.max(20, width / (em * 0.52))
  const lines = section.length / perLine + section.rows * 0.5
  return lines * em * 1.6 + section.rows * em * 0.7
}

/** Index of the section that a block is in. */
export function sectionOf(all: readonly Section[], block: number): number {
  let [low, high] = [0, all.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (all[middle]!.to > block) high = middle
    else low = middle + 1
  }
  return low
}

function kindOf({ kind }: ViewBlock): Piece['kind'] {
  if (typeof kind === 'object') return 'heading'
  if (kind === 'list_item') return 'list'
  return kind === 'table_row' ? 'table' : kind
}

function levelOf({ kind }: ViewBlock): number | undefined {
  return typeof kind === 'object' ? kind.heading.level : undefined
}
