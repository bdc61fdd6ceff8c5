import { describe, expect, it } from 'vitest'
import type { ViewBlock } from '$lib/backend/backend'
import { codePoints, headingPath, pointAt, sliceByCodePoints, splitRange, unitAt } from './codepoints'

/** Letters of one and of two UTF-16 units, combining marks, joined emoji, right-to-left, an unpaired half. */
const LETTERS = ['a', 'é', 'e\u0301', '🧲', '👩‍⚕️', 'ß', ' ', 'ש', '\u202e', '𝔘', '\ud83d', '\n', '한', 'ﬁ']

/** The same numbers on every run. */
function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1664525 + 1013904223) >>> 0
    return state % below
  }
}

const texts = Array.from({ length: 200 }, (_, seed) => {
  const next = chance(seed)
  return Array.from({ length: next(40) }, () => LETTERS[next(LETTERS.length)]!).join('')
})

describe('code points', () => {
  it('are counted and cut as an array of them is', () => {
    for (const [seed, text] of texts.entries()) {
      const next = chance(seed + 1000)
      const all = Array.from(text)
      expect(codePoints(text)).toBe(all.length)
      const start = next(all.length + 2)
      const end = start + next(all.length + 2)
      expect(sliceByCodePoints(text, start, end)).toBe(all.slice(start, end).join(''))
    }
  })

  it('go to UTF-16 positions and back', () => {
    for (const text of texts) {
      for (let point = 0; point <= codePoints(text); point++) expect(pointAt(text, unitAt(text, point))).toBe(point)
    }
  })
})

function blocksOf(parts: string[]): ViewBlock[] {
  let offset = 0
  return parts.map((text) => {
    const start = offset
    offset += codePoints(text)
    const block: ViewBlock = { kind: 'paragraph', start, end: offset, page: null, text }
    offset += 2
    return block
  })
}

describe('a range over blocks', () => {
  it('is the same text as in the whole document, without what lies between blocks', () => {
    for (let seed = 0; seed < 200; seed++) {
      const next = chance(seed)
      const parts = Array.from({ length: 1 + next(6) }, () => texts[next(texts.length)]!)
      const blocks = blocksOf(parts)
      const whole = Array.from(parts.join('\n\n'))
      // The gaps are line breaks, and letters may be too: a second copy tells which are gaps.
      const gaps = Array.from(parts.map((part) => '.'.repeat(codePoints(part))).join('\n\n'))
      const start = next(whole.length + 1)
      const end = start + next(whole.length + 1)
      const cut = splitRange(blocks, { start, end }).map(({ block, from, to }) => blocks[block]!.text.slice(from, to))
      expect(cut.join('')).toBe(whole.filter((_, at) => at >= start && at < end && gaps[at] === '.').join(''))
    }
  })

  it('may end where a block ends, and then does not touch the next', () => {
    const blocks = blocksOf(['one 🧲', 'two'])
    expect(splitRange(blocks, { start: 4, end: 5 })).toEqual([{ block: 0, from: 4, to: 6 }])
    expect(splitRange(blocks, { start: 5, end: 7 })).toEqual([])
  })
})

it('headings above a place, outermost first', () => {
  const kinds: [number | null, string][] = [[1, 'A'], [2, 'B'], [null, 'x'], [2, 'C'], [3, 'D'], [null, 'y']]
  const blocks = blocksOf(kinds.map(([, text]) => text)).map((block, index): ViewBlock => {
    const level = kinds[index]![0]
    return level === null ? block : { ...block, kind: { heading: { level } } }
  })
  expect(headingPath(blocks, blocks[2]!.start)).toEqual(['A', 'B'])
  expect(headingPath(blocks, blocks[5]!.start)).toEqual(['A', 'C', 'D'])
  expect(headingPath(blocks, 9999)).toEqual(['A', 'C', 'D'])
  expect(headingPath([], 0)).toEqual([])
})
