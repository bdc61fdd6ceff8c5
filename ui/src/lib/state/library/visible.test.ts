import { describe, expect, it } from 'vitest'
import { scrolledTo, visibleRows } from './visible'

describe('visible rows', () => {
  it('draws what is seen and a few more', () => {
    expect(visibleRows(10_000, 50, 5000, 600, 8)).toEqual({ from: 92, to: 120 })
    expect(visibleRows(10_000, 50, 0, 600, 8)).toEqual({ from: 0, to: 20 })
    expect(visibleRows(10_000, 50, 499_400, 600, 8)).toEqual({ from: 9980, to: 10_000 })
  })

  it('survives a list that became shorter than where it was scrolled to', () => {
    expect(visibleRows(3, 50, 5000, 600, 8)).toEqual({ from: 0, to: 3 })
    expect(visibleRows(0, 50, 5000, 600, 8)).toEqual({ from: 0, to: 0 })
  })

  it('scrolls no further than needed', () => {
    expect(scrolledTo(3, 50, 0, 600)).toBe(0)
    expect(scrolledTo(12, 50, 0, 600)).toBe(50)
    expect(scrolledTo(2, 50, 300, 600)).toBe(100)
  })
})
