// What is in the window is named in `assets/THIRD-PARTY.md`, as it is installed. That a bundled package is missing there
// fails the build (`licences.ts`).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')
const manifest = (path: string) => JSON.parse(read(path)) as { version: string; license: string; dependencies: Record<string, string> }
const rows = read('../assets/THIRD-PARTY.md')
  .split('\n')
  .filter((line) => line.includes('npm package'))

describe('the licences page', () => {
  it('names every package that the window needs at run time', () => {
    for (const name of Object.keys(manifest('package.json').dependencies)) {
      expect(rows.filter((row) => row.includes(`npm package ${name} `)), name).toHaveLength(1)
    }
  })

  it('tells the version and the licence that are installed', () => {
    expect(rows.length).toBeGreaterThan(5)
    for (const row of rows) {
      const [, name, version] = /npm package (\S+) (\S+) \|/.exec(row)!
      const installed = manifest(`node_modules/${name}/package.json`)
      expect(version, name).toBe(installed.version)
      expect(row.split('|')[3]!.trim().startsWith(installed.license), name).toBe(true)
    }
  })
})
