import { afterEach, describe, expect, it } from 'vitest'
import { setLanguage } from '$lib/i18n/index.svelte'
import { reasonWords, stepWords } from './words'

afterEach(() => setLanguage('en'))

const DAMAGED = { code: 'damaged', reason: 'it is damaged (no end); open it in its own program and save it anew' }

describe('reasons', () => {
  it('are those of the engine in English', () => {
    expect(reasonWords(DAMAGED)).toEqual({ text: 'It is damaged (no end); open it in its own program and save it anew.', technical: null })
  })

  it('have a German sentence, and keep what the engine said', () => {
    setLanguage('de')
    const { text, technical } = reasonWords(DAMAGED)
    expect(text).toContain('Die Datei ist beschädigt.')
    expect(technical).toBe(DAMAGED.reason)
  })

  it('are those of the engine for a code that is not known', () => {
    setLanguage('de')
    expect(reasonWords({ code: 'melted', reason: 'it melted' })).toEqual({ text: 'It melted.', technical: null })
  })

  it('name no option of the command line', () => {
    for (const language of ['en', 'de']) {
      setLanguage(language)
      expect(Object.values(reasonWords({ code: 'encrypted', reason: 'it is protected by a password; give it with --password' })).join('')).not.toContain('--')
    }
  })
})

describe('steps', () => {
  it('tell the page, the recognition and the passages', () => {
    expect(stepWords({ kind: 'page', page: 12, of: 300, recognizing: false })).toBe('Page 12 of 300')
    expect(stepWords({ kind: 'page', page: 12, of: 300, recognizing: true })).toBe('Page 12 of 300: recognising text')
    setLanguage('de')
    expect(stepWords({ kind: 'embedding', chunks: 128, of: 1600 })).toBe('Wird erschlossen: 128 von 1.600 Textstellen')
  })
})
