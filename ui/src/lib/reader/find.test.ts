import { describe, expect, it } from 'vitest'
import type { ViewBlock } from '$lib/backend/backend'
import { sliceByCodePoints } from './codepoints'
import { findAll, findIn, firstFrom, fold, MOST_FOUND } from './find'

const found = (text: string, query: string) =>
  findIn(text, fold(query).trim()).map(({ start, end }) => sliceByCodePoints(text, start, end))

describe('finding', () => {
  it.each([
    ['Kündigung und KÜNDIGUNG', 'kundigung', ['Kündigung', 'KÜNDIGUNG']],
    ['Ku\u0308ndigung', 'Kündigung', ['Ku\u0308ndigung']],
    ['Naïve workarounds', 'naive', ['Naïve']],
    ['Die Straße, die STRASSE', 'strasse', ['Straße', 'STRASSE']],
    ['of\uFB01ce and office', 'office', ['of\uFB01ce', 'office']],
    ['notice   of\ntermination', 'notice of termination', ['notice   of\ntermination']],
    ['termi\u00adnation', 'termination', ['termi\u00adnation']],
    ['🧲 never beyond 200 mT 🧲', '200 mt', ['200 mT']],
    ['👩‍⚕️🧲', '🧲', ['🧲']],
    ['aaaa', 'aa', ['aa', 'aa']],
    ['ΣΟΦΟΣ σοφος', 'σοφοσ', ['ΣΟΦΟΣ', 'σοφος']],
    ['nothing here', 'pump', []],
    ['anything', '   ', []],
  ])('%s: %s', (text, query, expected) => {
    expect(found(text, query)).toEqual(expected)
  })

  it('every found place folds to the query again', () => {
    const letters = ['a', 'Ä', 'e\u0301', '🧲', 'ß', ' ', '  ', 'ﬁ', 'n', 'Σ']
    for (let seed = 1; seed < 300; seed++) {
      let state = seed
      const next = () => (state = (state * 48271) % 2147483647)
      const text = Array.from({ length: 24 }, () => letters[next() % letters.length]!).join('')
      const query = fold(sliceByCodePoints(text, next() % 10, 12)).trim()
      if (query === '') continue
      const places = findIn(text, query)
      expect(places.length).toBeGreaterThan(0)
      for (const { start, end } of places) expect(fold(sliceByCodePoints(text, start, end))).toContain(query)
    }
  })
})

const block = (text: string, start: number): ViewBlock => ({ kind: 'paragraph', start, end: start + [...text].length, page: 1, text })

describe('in a document', () => {
  it('offsets are those of the document', async () => {
    const blocks = [block('🧲 Notice', 10), block('no notice', 20)]
    expect(await findAll(blocks, 'NOTICE', new AbortController().signal)).toEqual([
      { block: 0, start: 12, end: 18 },
      { block: 1, start: 23, end: 29 },
    ])
  })

  it('stops counting where nobody would step through', async () => {
    const blocks = Array.from({ length: 5000 }, (_, index) => block('aaa', index * 5))
    expect(await findAll(blocks, 'a', new AbortController().signal)).toHaveLength(MOST_FOUND)
  })

  it('begins at the page in view, and at the top when nothing follows', () => {
    const places = [{ start: 5, end: 6 }, { start: 50, end: 51 }]
    expect(firstFrom(places, 20)).toBe(1)
    expect(firstFrom(places, 60)).toBe(0)
    expect(firstFrom([], 60)).toBe(0)
  })
})
