import { describe, expect, it } from 'vitest'
import { Pace } from './pace'

/** A page every `perPage` milliseconds, of `total`; gives what was said after each. */
function steady(pace: Pace, pages: number, total: number, perPage: number): (number | null)[] {
  return Array.from({ length: pages + 1 }, (_, done) => pace.note(done, total - done, done * perPage))
}

describe('pace', () => {
  it('says nothing while it knows nothing', () => {
    expect(steady(new Pace(), 2, 10, 5000)).toEqual([null, null, null])
    expect(steady(new Pace(), 30, 100, 100).every((left) => left === null)).toBe(true)
  })

  it('counts on as it went', () => {
    expect(steady(new Pace(), 10, 40, 1000).at(-1)).toBeCloseTo(30_000)
    expect(steady(new Pace(), 10, 10, 1000).at(-1)).toBe(0)
  })

  it('is not swung by one slow page', () => {
    const pace = new Pace()
    const before = steady(pace, 60, 100, 1000).at(-1)!
    const after = pace.note(61, 39, 60_000 + 15_000)!
    expect(before).toBeCloseTo(40_000)
    expect(after).toBeGreaterThan(25_000)
    expect(after).toBeLessThan(55_000)
  })

  it('never jumps wildly, and gets there', () => {
    const pace = new Pace()
    steady(pace, 60, 1000, 100)
    let [last, at] = [pace.note(60, 940, 6_050)!, 6_050]
    // From text to pictures: a page takes forty times as long.
    for (let page = 61; page < 90; page += 1) {
      at += 4000
      const next = pace.note(page, 1000 - page, at)!
      expect(Math.abs(next - last)).toBeLessThan(0.4 * last)
      last = next
    }
    expect(last / 60_000).toBeGreaterThan(30)
  })

  it('falls silent when nothing comes of it any more', () => {
    const pace = new Pace()
    steady(pace, 20, 100, 1000)
    expect(pace.note(20, 80, 40_000)).not.toBeNull()
    expect(pace.note(20, 80, 51_000)).toBeNull()
    expect(pace.note(21, 79, 52_000)).not.toBeNull()
  })

  it('leaves pauses out', () => {
    const [paused, not] = [new Pace(), new Pace()]
    for (const pace of [paused, not]) steady(pace, 10, 20, 1000)
    paused.skip(600_000)
    expect(paused.note(11, 9, 611_000)).toBeCloseTo(not.note(11, 9, 11_000)!)
  })
})
