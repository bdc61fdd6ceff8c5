import { describe, expect, it } from 'vitest'
import { Pace } from './pace'

function steady(files: number, perFile: number): Pace {
  const pace = new Pace()
  for (let done = 0; done <= files; done += 1) pace.note(done, done * perFile)
  return pace
}

describe('pace', () => {
  it('guesses nothing at the start', () => {
    expect(new Pace().remaining(10)).toBeNull()
    expect(steady(1, 5000).remaining(10)).toBeNull()
    expect(steady(10, 10).remaining(100)).toBeNull()
  })

  it('counts on as it went', () => {
    expect(steady(10, 1000).remaining(40)).toBeCloseTo(30_000)
    expect(steady(10, 1000).remaining(10)).toBe(0)
  })

  it('is not swung by one slow file', () => {
    const pace = steady(10, 1000)
    pace.note(11, 10_000 + 11_000)
    expect(pace.remaining(12)).toBeCloseTo(4000)
  })

  it('takes files that came together as so many', () => {
    const [together, apart] = [steady(5, 1000), steady(5, 1000)]
    together.note(8, 5000 + 9000)
    for (const done of [6, 7, 8]) apart.note(done, 5000 + (done - 5) * 3000)
    expect(together.remaining(9)).toBeCloseTo(apart.remaining(9) ?? -1)
  })

  it('leaves pauses out', () => {
    const pace = steady(10, 1000)
    pace.skip(60_000)
    pace.note(11, 71_000)
    expect(pace.remaining(12)).toBeCloseTo(1000)
  })
})
