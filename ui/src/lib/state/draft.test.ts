import { expect, it } from 'vitest'
import { paragraphs, pieces, withoutMarks } from './draft'

it('shows no marks of the model, nor half of one', () => {
  expect(withoutMarks('Six months [1][2], in writing [3, 4]. And [1')).toBe('Six months, in writing. And')
})

it('gives checked sentences their verdict and leaves the rest open', () => {
  const made = pieces('It is six months [1]. It must be signed. By two', [
    { text: 'It is six months.', verdict: 'supported' },
  ])
  expect(made).toEqual([
    { text: 'It is six months.', verdict: 'supported' },
    { text: 'It must be signed.', verdict: null },
    { text: 'By two', verdict: null },
  ])
})

it('keeps a checked sentence that is worded otherwise than the draft', () => {
  expect(pieces('A draft.', [{ text: 'Another.', verdict: 'unsupported' }])[0]).toEqual({ text: 'Another.', verdict: 'unsupported' })
})

it('divides long prose evenly', () => {
  expect(paragraphs([...Array(40).keys()]).map((p) => p.length)).toEqual(Array(10).fill(4))
  expect(paragraphs([...Array(5).keys()]).map((p) => p.length)).toEqual([3, 2])
  expect(paragraphs([])).toEqual([])
})
