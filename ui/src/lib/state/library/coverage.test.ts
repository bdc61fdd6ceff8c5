import { describe, expect, it } from 'vitest'
import type { PageStatus } from '$lib/backend/backend'
import { pageCells, stateOf, unreadPages } from './coverage'

describe('coverage', () => {
  it('names the state of a page', () => {
    expect(stateOf('blank')).toBe('blank')
    expect(stateOf({ ocr: { confidence: 0.9 } })).toBe('ocr')
    expect(stateOf({ unreadable: 'the page is damaged' })).toBe('unreadable')
  })

  it('counts blank pages as read', () => {
    expect(unreadPages({ total: 9, text: 3, ocr: 1, blank: 2, no_text: 2, unreadable: 1 })).toBe(3)
  })

  it('gives every page its cell while there is room', () => {
    expect(pageCells(['text', 'blank', 'no_text'], 40)).toEqual([
      { state: 'text', from: 1, to: 1 },
      { state: 'blank', from: 2, to: 2 },
      { state: 'no_text', from: 3, to: 3 },
    ])
    expect(pageCells([], 40)).toEqual([])
  })

  it('shows one lost page among a thousand', () => {
    const pages: PageStatus[] = Array.from({ length: 1000 }, (_, page) => (page === 700 ? { unreadable: 'x' } : 'text'))
    const cells = pageCells(pages, 120)
    expect(cells.length).toBeLessThanOrEqual(120)
    expect(cells.filter((cell) => cell.state === 'unreadable')).toEqual([{ state: 'unreadable', from: 694, to: 702 }])
    expect(cells.at(-1)?.to).toBe(1000)
  })

  it('lets a blank page hide nothing', () => {
    expect(pageCells(['blank', 'text'], 1)[0]?.state).toBe('text')
  })
})
