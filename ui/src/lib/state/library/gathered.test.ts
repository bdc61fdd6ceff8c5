import { describe, expect, it } from 'vitest'
import { Gathered } from './gathered'

describe('what is gathered', () => {
  it('comes in order, all at once, in the next frame', async () => {
    const taken: number[][] = []
    const gathered = new Gathered<number>((all) => taken.push(all))
    for (let value = 0; value < 3; value += 1) gathered.add(value)
    expect(taken).toEqual([])
    await expect.poll(() => taken).toEqual([[0, 1, 2]])
  })

  it('comes at once where it is asked for, and once', async () => {
    const taken: number[][] = []
    const gathered = new Gathered<number>((all) => taken.push(all))
    gathered.add(1)
    gathered.flush()
    gathered.flush()
    gathered.add(2)
    gathered.flush()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(taken).toEqual([[1], [2]])
  })
})
