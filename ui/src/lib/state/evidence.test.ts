import { expect, it } from 'vitest'
import type { Citation, Passage } from '$lib/backend/backend'
import { cards, excerpt, nearness } from './evidence'

const passage = (text: string, more: Partial<Passage> = {}): Passage => ({
  rank: 1, score: 1, document_id: 'd', version_id: 1, path: 'p', title: 'T', collection: 'C', heading: [],
  text, start: 100, end: 100 + [...text].length, scores: { fused: 1 }, ...more,
})
const citation = (of: Passage, quote: string, number = 1): Citation => {
  const start = of.start + [...of.text.slice(0, of.text.indexOf(quote))].length
  return { number, document_id: of.document_id, version_id: 1, path: 'p', title: 'T', heading: [], quote, start, end: start + [...quote].length }
}

it('marks by code points, not by UTF-16 units', () => {
  const one = passage('𝒜𝒷𝒸 😀 the notice is six months. More.')
  const { stretches } = excerpt(one, [citation(one, 'the notice is six months.')])
  expect(stretches.find((s) => s.cited === 1)?.text).toBe('the notice is six months.')
  expect(stretches.map((s) => s.text).join('')).toBe(one.text)
})

it('marks nothing where the words are not where the citation points', () => {
  const one = passage('The notice is six months.')
  const wrong = { ...citation(one, 'six'), start: 100, end: 103 }
  expect(excerpt(one, [wrong]).stretches.every((s) => s.cited === null)).toBe(true)
})

it('shows the lines around what is cited far down in a passage', () => {
  const one = passage(`${'Words before it. '.repeat(40)}The notice is six months. ${'Words after it. '.repeat(40)}`)
  const { stretches, cut } = excerpt(one, [citation(one, 'The notice is six months.')], 200)
  const text = stretches.map((s) => s.text).join('')
  expect(text.startsWith('… Words')).toBe(true)
  expect(text.endsWith(' …')).toBe(true)
  expect(text.length).toBeLessThan(260)
  expect(stretches.some((s) => s.cited === 1)).toBe(true)
  expect(cut).toBe(true)
})

it('shows the whole of a long citation, and overlapping ones once', () => {
  const long = `${'word '.repeat(120)}end.`
  const one = passage(long)
  const { stretches } = excerpt(one, [citation(one, long, 1), citation(one, 'word word', 2)], 100)
  expect(stretches.map((s) => s.text).join('')).toBe(long)
})

it('puts used passages first, in the order of their numbers', () => {
  const [a, b, c] = ['one', 'two', 'three'].map((text, n) => passage(text, { rank: n + 1, start: n * 100, end: n * 100 + text.length, version_id: 1 }))
  const made = cards([a!, b!, c!], [citation(c!, 'three', 1), citation(b!, 'two', 2)])
  expect(made.map((card) => [card.passage.text, card.used])).toEqual([['three', true], ['two', true], ['one', false]])
})

it('tells how near a passage came against the nearest of its kind', () => {
  const one = passage('a', { scores: { fused: 1, keyword: 10, vector: null } })
  const two = passage('b', { scores: { fused: 1, keyword: 5, vector: 0.5 } })
  expect(nearness(two, [one, two])).toEqual({ words: 0.5, meaning: 1 })
  expect(nearness(one, [one, two]).meaning).toBeNull()
})
