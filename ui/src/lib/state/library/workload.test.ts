import { describe, expect, it } from 'vitest'
import { Workload } from './workload'

describe('workload', () => {
  it('takes files that are not known yet to be as large as those that were', () => {
    const work = new Workload()
    work.found(4)
    expect([work.done, work.left]).toEqual([0, 4])
    work.document('/a.pdf', 30)
    work.fileDone('/a.pdf')
    work.begin('/b.md')
    work.fileDone('/b.md')
    expect([work.done, work.left]).toEqual([31, 31])
  })

  it('knows how far files in hand are', () => {
    const work = new Workload()
    work.found(2)
    work.page('/long.pdf', 101, 300, false)
    work.page('/scan.pdf', 3, 10, true)
    expect(work.done).toBe(51)
    expect(work.left).toBe(259)
    expect(work.pagesInHand).toEqual({ read: 102, recognized: 1 })
    work.embedding('/long.pdf', 300, 600)
    expect(work.done).toBe(226)
    work.document('/long.pdf', 300)
    expect([work.done, work.left]).toEqual([301, 9])
    expect(work.pagesInHand).toEqual({ read: 2, recognized: 1 })
  })

  it('counts no work for files that were there already', () => {
    const work = new Workload()
    work.found(100)
    for (let file = 0; file < 50; file += 1) work.fileDone(`/${file}`)
    expect([work.done, work.left]).toEqual([0, 0])
    work.document('/new.pdf', 51)
    work.fileDone('/new.pdf')
    expect(work.left).toBeCloseTo(49)
  })
})
