import { expect, it } from 'vitest'
import { cells, segments } from './segments'

it('text without marks is one run', () => {
  expect(segments('plain', [])).toEqual([{ text: 'plain', look: null }])
})

it('the stronger mark covers the weaker where they overlap', () => {
  const runs = segments('0123456789', [
    { from: 2, to: 8, look: 'cited' },
    { from: 0, to: 4, look: 'other' },
    { from: 6, to: 7, look: 'found-here' },
  ])
  expect(runs).toEqual([
    { text: '01', look: 'other' },
    { text: '2345', look: 'cited' },
    { text: '6', look: 'found-here' },
    { text: '7', look: 'cited' },
    { text: '89', look: null },
  ])
})

it('runs give the text back, whatever is marked', () => {
  const text = 'Read the rate aloud. 🧲'
  for (let from = 0; from < text.length; from++) {
    for (let to = from; to <= text.length; to += 3) {
      const runs = segments(text, [{ from, to, look: 'cited' }], 4, 15)
      expect(runs.map((run) => run.text).join('')).toBe(text.slice(4, 15))
    }
  }
})

it('cells of a row keep their places', () => {
  const row = 'Insulin | 1 unit/ml | '
  expect(cells(row).map(({ from, to }) => row.slice(from, to))).toEqual(['Insulin', '1 unit/ml', ''])
  expect(cells('a|b')).toEqual([{ from: 0, to: 3 }])
})
