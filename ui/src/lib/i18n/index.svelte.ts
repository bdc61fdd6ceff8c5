// One catalogue for every word that the program says. English is the measure: `Catalogue` is its shape, and another
// language that lacks a key does not compile. `t()` read in a component follows the language.

import { de } from './de'
import { en } from './en'

export type Catalogue = typeof en
export type Language = 'en' | 'de'

const catalogues: Record<Language, Catalogue> = { en, de }

const chosen = $state<{ language: Language }>({ language: 'en' })

/** The catalogue of the language in use. */
export function t(): Catalogue {
  return catalogues[chosen.language]
}

export function language(): Language {
  return chosen.language
}

/** `system` takes the first language of the system that there is a catalogue for. */
export function setLanguage(wanted: string): void {
  const wishes = wanted === 'system' ? navigator.languages : [wanted]
  const known = wishes.map((wish) => wish.slice(0, 2)).find((wish): wish is Language => wish in catalogues)
  chosen.language = known ?? 'en'
  document.documentElement.lang = chosen.language
}

/** How numbers and dates are written: English ones as in Britain, day first. */
const locales: Record<Language, string> = { en: 'en-GB', de: 'de-DE' }

export function locale(): string {
  return locales[chosen.language]
}

/** `1,234` or `1.234`. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString(locale(), { maximumFractionDigits: digits, minimumFractionDigits: digits })
}

/** `12 %`. */
export function percent(share: number): string {
  return share.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: 0 })
}

/** `3.4 MB`: decimal units, as file managers show them. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [size, unit] = [value, 0]
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${number(size, size < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`
}

/** `22 Nov 2026, 14:05`. */
export function dateTime(rfc3339: string): string {
  const date = new Date(rfc3339)
  return Number.isNaN(date.valueOf())
    ? rfc3339
    : date.toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' })
}

/** `1.9 s`, `3 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 950) return `${number(milliseconds)} ms`
  if (milliseconds < 90_000) return `${number(milliseconds / 1000, milliseconds < 10_000 ? 1 : 0)} s`
  return `${number(Math.round(milliseconds / 60_000))} min`
}
