import { describe, expect, it } from 'vitest'
import type { LibraryFailure } from '$lib/backend/backend'
import { filesOf, keyed } from './failures'

const failure = (path: string, part: string | null = null, collection = 'default'): LibraryFailure => ({ path, collection, part, code: 'damaged', reason: '' })

describe('failures', () => {
  it('have names of their own that stay', () => {
    const failures = [failure('/a.zip', 'x'), failure('/a.zip', 'x'), failure('/a.zip', 'y'), failure('/a.zip', 'x', 'other')]
    const keys = keyed(failures).map(({ key }) => key)
    expect(new Set(keys).size).toBe(4)
    expect(keyed(structuredClone(failures)).map(({ key }) => key)).toEqual(keys)
  })

  it('name each file once', () => {
    expect(filesOf([failure('/a.zip', 'x'), failure('/a.zip', 'y'), failure('/b.pdf'), failure('/b.pdf', null, 'other')])).toEqual([
      { collection: 'default', path: '/a.zip' },
      { collection: 'default', path: '/b.pdf' },
      { collection: 'other', path: '/b.pdf' },
    ])
  })
})
