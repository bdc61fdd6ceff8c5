import { expect, it } from 'vitest'
import type { BlockKind, ViewBlock } from '$lib/backend/backend'
import { sectionOf, sections } from './sections'

const blocks = (kinds: BlockKind[], page?: (index: number) => number): ViewBlock[] =>
  kinds.map((kind, index) => ({ kind, start: index * 10, end: index * 10 + 8, page: page?.(index) ?? null, text: 'a | b' }))

it('puts list items and table rows together', () => {
  const [section] = sections(blocks(['paragraph', 'list_item', 'list_item', 'table_row', 'table_row', 'paragraph']))
  expect(section!.pieces.map(({ kind, from, to }) => [kind, from, to])).toEqual([
    ['paragraph', 0, 1],
    ['list', 1, 3],
    ['table', 3, 5],
    ['paragraph', 5, 6],
  ])
})

it('says where a page begins, also in the middle of a table', () => {
  const [section] = sections(blocks(['table_row', 'table_row', 'table_row'], (index) => (index < 2 ? 4 : 5)))
  expect(section!.pieces.map(({ kind, page }) => [kind, page])).toEqual([
    ['page', 4],
    ['table', undefined],
    ['page', 5],
    ['table', undefined],
  ])
})

it('leaves no block out and draws none twice', () => {
  const kinds: BlockKind[] = ['paragraph', 'list_item', 'table_row', { heading: { level: 2 } }, 'code']
  const many = blocks(Array.from({ length: 5000 }, (_, index) => kinds[Math.floor(index / 7) % kinds.length]!))
  const all = sections(many)
  const drawn = all.flatMap(({ pieces }) => pieces.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at)))
  expect(drawn).toEqual(many.map((_, index) => index))
  for (const index of [0, 47, 48, 2500, 4999]) {
    const section = all[sectionOf(all, index)]!
    expect(index >= section.from && index < section.to).toBe(true)
  }
})

it('splits a table only where it is very long', () => {
  const all = sections(blocks(new Array<BlockKind>(100).fill('table_row')))
  expect(all).toHaveLength(1)
  expect(sections(blocks(new Array<BlockKind>(1000).fill('table_row'))).length).toBeGreaterThan(5)
})
