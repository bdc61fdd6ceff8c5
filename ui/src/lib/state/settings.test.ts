import { describe, expect, it } from 'vitest'
import type { Backend, Opened } from '$lib/backend/backend'
import { App } from './app.svelte'
import { RECOMMENDED, waits } from './settings'

const OPENED = { documents: 1 } as Opened

function app(open: () => Promise<Opened>): App {
  return new App({ settings: async () => RECOMMENDED, setSettings: async () => {}, open } as unknown as Backend)
}

describe('settings that are read when the vault is opened', () => {
  it('wait for it, and hold after it', async () => {
    const it = app(async () => OPENED)
    await it.start()
    expect(waits('chunk_tokens', it.settings, it.openedWith)).toBe(false)
    await it.changeSettings({ chunk_tokens: 256, threads: 1 })
    expect(waits('chunk_tokens', it.settings, it.openedWith)).toBe(true)
    expect(waits('threads', it.settings, it.openedWith)).toBe(true)
    expect(waits('device', it.settings, it.openedWith)).toBe(false)
    await it.changeSettings({ threads: null })
    expect(waits('threads', it.settings, it.openedWith)).toBe(false)
    expect(await it.reopen(0)).toBe(true)
    expect(waits('chunk_tokens', it.settings, it.openedWith)).toBe(false)
  })

  it('let other programs go first from the next opening, and never take it back before the program ends', () => {
    const gentle = { ...RECOMMENDED, gentle: true }
    expect(waits('gentle', gentle, RECOMMENDED)).toBe(true)
    expect(waits('gentle', RECOMMENDED, gentle)).toBe(false)
  })
})

describe('opening the vault again', () => {
  it('waits until models that are still being loaded let go of it', async () => {
    let tries = 0
    const it = app(async () => {
      tries += 1
      if (tries === 2 || tries === 3) throw { code: 'vault_in_use', message: 'in use', hint: '' }
      return OPENED
    })
    await it.start()
    expect(await it.reopen(0)).toBe(true)
    expect(tries).toBe(4)
    expect(it.problem).toBeNull()
  })

  it('shows what stands in the way, with its ways out', async () => {
    let tries = 0
    const it = app(async () => {
      tries += 1
      if (tries > 1) throw { code: 'catalog_damaged', message: 'damaged', hint: '' }
      return OPENED
    })
    await it.start()
    expect(await it.reopen(0)).toBe(false)
    expect(tries).toBe(2)
    expect(it.problem?.code).toBe('catalog_damaged')
  })
})
