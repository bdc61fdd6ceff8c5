import { describe, expect, it } from 'vitest'
import type { ListedAnswer } from '$lib/backend/backend'
import { days, threads } from './history'

const answer = (id: string, created_at: string, more: Partial<ListedAnswer> = {}): ListedAnswer => ({
  id, created_at, question: `${id}?`, outcome: 'answered', blanked: false, after: null, ...more,
})

describe('threads', () => {
  it('joins answers that go on from each other, under the first question', () => {
    const [one, other] = threads([
      answer('c', '2026-11-22T10:02:00Z', { after: 'b' }),
      answer('x', '2026-11-22T10:01:30Z', { outcome: 'not_found' }),
      answer('b', '2026-11-22T10:01:00Z', { after: 'a' }),
      answer('a', '2026-11-22T10:00:00Z'),
    ])
    expect(one).toMatchObject({ last: 'c', ids: ['a', 'b', 'c'], question: 'a?', shape: 'answered' })
    expect(other).toMatchObject({ last: 'x', shape: 'not_found' })
  })
  it('begins a conversation where the answer before was forgotten', () => {
    expect(threads([answer('b', '2026-11-22T10:00:00Z', { after: 'gone' })])).toHaveLength(1)
  })
  it('says of a conversation whose answers were all blanked that it is', () => {
    expect(threads([answer('a', '2026-11-22T10:00:00Z', { question: '', blanked: true })])[0]).toMatchObject({
      question: '', shape: 'blanked',
    })
  })
  it('survives answers that name each other', () => {
    const list = [answer('a', '2026-11-22T10:00:00Z', { after: 'b' }), answer('b', '2026-11-22T10:00:00Z', { after: 'a' })]
    expect(threads(list).flatMap((t) => t.ids).sort()).toEqual(['a', 'b'])
  })
})

it('groups by day', () => {
  const now = new Date(2026, 10, 22, 12)
  const at = (day: number) => new Date(2026, 10, day, 9).toISOString()
  const groups = days(threads([answer('a', at(22)), answer('b', at(22)), answer('c', at(21)), answer('d', at(3))]), now)
  expect(groups.map((g) => g.threads.length)).toEqual([2, 1, 1])
  expect(groups.slice(0, 2).map((g) => g.day)).toEqual(['today', 'yesterday'])
})
