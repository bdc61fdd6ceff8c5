// The doctor's names and words, read where the engine says them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { de } from '$lib/i18n/de'
import { en } from '$lib/i18n/en'
import { DEVICES } from '$lib/state/health'

const source = (path: string): string => readFileSync(join(import.meta.dirname, '../../crates', path), 'utf8')
const doctor = source('engine/src/doctor.rs')
const device = source('generate/src/device.rs')

/** Every name that the doctor gives a finding. */
function names(): string[] {
  const said = [...doctor.matchAll(/Finding::(?:good|bad)\(\s*"([a-z_]+)"/g)].map(([, name]) => name!)
  const calls = [...doctor.matchAll(/Finding::(?:good|bad)\(/g)].length
  // One is named by the device that it is about.
  expect(doctor).toContain('..Finding::good(device.name, device.detail)')
  expect(said).toHaveLength(calls - 1)
  return [...new Set([...said, ...DEVICES])].sort()
}

describe('findings of the doctor', () => {
  it('have the names that the engine documents', () => {
    const documented = /What was looked at: (.*)\./.exec(doctor)![1]!.match(/[a-z_]+/g)!
    expect(names()).toEqual(documented.sort())
  })

  it('each have a title in both languages', () => {
    for (const { settings } of [en, de]) {
      const { groups, titles, devices } = settings.health
      for (const name of names()) {
        expect(groups[name], name).toBeTruthy()
        if ((DEVICES as readonly string[]).includes(name)) continue
        expect(titles[name]?.good, name).toBeTruthy()
        expect(titles[name]?.bad, name).toBeTruthy()
      }
      expect(Object.keys(devices)).toEqual(['ready', 'silent', 'absent'])
    }
  })
})

describe('devices', () => {
  it('are those of the engine', () => {
    const named = [...device.matchAll(/\("([a-z]+)", cfg!|name: "([a-z]+)"/g)].map((found) => found[1] ?? found[2])
    expect(named.sort()).toEqual([...DEVICES].sort())
  })
})
