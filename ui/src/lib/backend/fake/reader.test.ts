import { expect, it } from 'vitest'
import type { Passage } from '../backend'
import { readerFake } from './reader'
import { scene } from './scene'

const passage = (page: number | null, start: number, text: string): Passage => ({
  rank: 1,
  score: 0,
  document_id: 'a1b2',
  version_id: 1,
  path: page === null ? 'a.wiki' : 'a.pdf',
  title: 'Lease agreement Harbour Street 14',
  collection: 'Contracts',
  heading: ['Part II: Term', '§ 12 Termination'],
  page,
  page_label: page === null ? null : String(page - 2),
  text,
  start,
  end: start + [...text].length,
  scores: { fused: 0 },
  used: true,
})
const words = 'Either party may end it with a notice of six months to the end of a calendar quarter.'

it('a cited passage stands on its page, at its offset, and can be marked', async () => {
  const fake = readerFake(scene('?pace=0'), [passage(9, 4200, words), passage(112, 9088, words)])
  const view = await fake.view('a1b2', 1)
  expect(view).toMatchObject({ title: 'Lease agreement Harbour Street 14', format: 'pdf', original: 'same' })
  expect(view.pages).toHaveLength(114)
  expect(view.blocks.find(({ start }) => start === 4200)).toMatchObject({ text: words, page: 9 })
  for (const [index, block] of view.blocks.entries()) {
    expect(block.end - block.start).toBe([...block.text].length)
    expect(block.start).toBeGreaterThanOrEqual(view.blocks[index - 1]?.end ?? 0)
  }
  expect(await fake.marks('a1b2', 1, 9088, 9100)).toMatchObject({ certain: true, pages: [{ page: 112 }] })
})

it('a cited passage of a text stands at its offset', async () => {
  const fake = readerFake(scene('?pace=0'), [passage(null, 4200, words), passage(null, 4811, words)])
  const view = await fake.view('a1b2', 1)
  expect(view.format).toBe('dokuwiki')
  expect(view.blocks.filter(({ text }) => text === words).map(({ start }) => start)).toEqual([4200, 4811])
  for (const [index, block] of view.blocks.entries()) expect(block.start).toBeGreaterThanOrEqual(view.blocks[index - 1]?.end ?? 0)
})
