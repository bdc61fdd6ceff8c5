/// <reference types="node" />
// Every code of the engine has its German sentence: the codes are read from the engine's own source.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { de } from './de'

const crates = join(dirname(fileURLToPath(import.meta.url)), '../../../../crates')

/** The source without its tests. */
function source(path: string): string {
  return readFileSync(join(crates, path), 'utf8').split('#[cfg(test)]')[0]!
}

/** What the arms of `fn code` give. */
function codesOf(path: string): string[] {
  const body = /pub fn code\(&self\) -> &'static str \{\s*match self \{([\s\S]*?)\n        \}\n/.exec(source(path))?.[1] ?? ''
  return [...body.matchAll(/=>\s*\{?\s*"([a-z_]+)"/g)].map(([, code]) => code!)
}

/** Codes that are given where the failure is found. */
function codesIn(path: string, ...patterns: RegExp[]): string[] {
  return patterns.flatMap((pattern) => [...source(path).matchAll(pattern)].map(([, code]) => code!))
}

const ofFiles = {
  'parse/src/failure.rs': codesOf('parse/src/failure.rs'),
  'chunk/src/lib.rs': codesOf('chunk/src/lib.rs'),
  'engine/src/walk.rs': codesIn('engine/src/walk.rs', /code: "([a-z_]+)"/g, /=> \("([a-z_]+)", "/g),
  'engine/src/ingest/run.rs': codesIn('engine/src/ingest/run.rs', /\(\s*"([a-z_]+)",\s*(?:if|")/g),
  'engine/src/ingest/reader.rs': codesIn('engine/src/ingest/reader.rs', /\("([a-z_]+)"\.to_owned\(\), reason/g),
}

describe('reasons', () => {
  it('are found in the source', () => {
    // The pattern still finds them; how many there are is the source's business.
    expect(ofFiles['parse/src/failure.rs']).toContain('encrypted')
    expect(ofFiles['parse/src/failure.rs']!.length).toBeGreaterThanOrEqual(15)
    expect(ofFiles['chunk/src/lib.rs']!.length).toBeGreaterThanOrEqual(5)
    expect(new Set(ofFiles['engine/src/walk.rs'])).toEqual(new Set(['own_vault', 'symlink_loop', 'not_found', 'unreadable']))
    expect(ofFiles['engine/src/ingest/run.rs']).toEqual(['no_text', 'empty'])
    expect(ofFiles['engine/src/ingest/reader.rs']).toEqual(['changing'])
    expect(codesOf('engine/src/error.rs')).toEqual(expect.arrayContaining(['disk_full', 'catalog_damaged', 'models_missing', 'internal']))
  })

  it('have a German sentence for every code of a file', () => {
    const lacking = Object.values(ofFiles).flat().filter((code) => !(code in de.reasons.files))
    expect(lacking).toEqual([])
  })

  it('have a German sentence for every code that the engine itself ends with', () => {
    const lacking = codesOf('engine/src/error.rs').filter((code) => !(code in de.reasons.problems))
    expect(lacking).toEqual([])
  })

  it('have none for codes that nothing gives', () => {
    const given = new Set(Object.values(ofFiles).flat())
    expect(Object.keys(de.reasons.files).filter((code) => !given.has(code))).toEqual([])
  })
})
