import { describe, expect, it } from 'vitest'
import type { DeviceState } from '$lib/backend/backend'
import { devices } from './health'

describe('devices', () => {
  it('are those findings that tell a state', () => {
    const finding = (what: string, device?: DeviceState) => ({ what, ok: true, found: 'x', hint: null, device })
    const found = devices([finding('models'), finding('cpu', 'ready'), finding('cuda', 'silent'), finding('metal', 'absent')])
    expect(found.map(({ name, state }) => [name, state])).toEqual([['cpu', 'ready'], ['cuda', 'silent'], ['metal', 'absent']])
  })
})
