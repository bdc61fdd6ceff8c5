import { describe, expect, it } from 'vitest'
import { devices } from './health'

describe('devices', () => {
  it('are told apart by the words of the engine', () => {
    const finding = (what: string, found: string) => ({ what, ok: true, found, hint: null })
    const found = devices([
      finding('models', 'whole'),
      finding('cpu', '2 threads'),
      finding('cuda', 'device 0 answers; language models run here'),
      finding('metal', 'not compiled in (build with --features metal)'),
    ])
    expect(found.map(({ name, state }) => [name, state])).toEqual([['cpu', 'ready'], ['cuda', 'ready'], ['metal', 'absent']])
    expect(devices([finding('cuda', 'no driver')])[0]?.state).toBe('silent')
  })
})
