// How the Library says what it knows.

import type { FailedFile, IngestReport, LibraryDocument } from '$lib/backend/backend'
import { en } from '$lib/i18n/en'
import { language, locale, number, t } from '$lib/i18n/index.svelte'
import { unreadPages } from '$lib/state/library/coverage'
import type { Ingest } from '$lib/state/library/ingest.svelte'
import type { Step } from '$lib/state/library/item'
import { fileName } from '$lib/state/library/paths'

// Making a formatter takes far longer than using one, and every row that scrolls in needs it.
const dates = new Map<string, Intl.DateTimeFormat>()

/** `22 Nov 2026`. */
export function day(rfc3339: string): string {
  const date = new Date(rfc3339)
  if (Number.isNaN(date.valueOf())) return rfc3339
  let format = dates.get(language())
  if (!format) {
    // English is that of the rest of the catalogue, with the day first.
    format = new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' })
    dates.set(language(), format)
  }
  return format.format(date)
}

/** `24 pages`, `5 of 24 pages not read`. */
export function coverageWords({ coverage, warnings }: Pick<LibraryDocument, 'coverage' | 'warnings'>): string {
  const say = t().library.coverage
  const unread = unreadPages(coverage)
  if (unread > 0) return say.unread(number(unread), number(coverage.total))
  const words = [pageWords(coverage.total, coverage.ocr)]
  if (warnings.length > 0) words.push(say.warnings(warnings.length))
  return words.join(', ')
}

/** `18 pages, 15 by OCR`, `9 pages by OCR`. */
export function pageWords(pages: number, ocr: number): string {
  const say = t().library.coverage
  if (pages === 0) return say.whole
  if (ocr === pages) return say.allOcr(pages, number(pages))
  return [say.pages(pages, number(pages)), ...(ocr > 0 ? [say.ocr(number(ocr))] : [])].join(', ')
}

export function reportWords(report: IngestReport): string {
  const say = t().library.ingest.result
  const words: string[] = []
  if (report.added > 0) words.push(say.added(number(report.added)))
  if (report.updated > 0) words.push(say.updated(number(report.updated)))
  if (report.unchanged > 0) words.push(say.unchanged(number(report.unchanged)))
  if (report.duplicates > 0) words.push(say.duplicates(report.duplicates, number(report.duplicates)))
  const failed = report.failed.length + report.skipped.length
  if (failed > 0) words.push(say.failed(number(failed)))
  return words.length > 0 ? words.join(', ') : say.nothing
}

export function ingestTitle(ingest: Ingest): string {
  const say = t().library.ingest
  if (ingest.problem) return ingest.problem.code === 'disk_full' ? say.diskFull : say.failed
  if (ingest.over) return ingestWords(ingest)
  if (ingest.source === 'samples') return say.samples
  const names = ingest.items.map(({ path }) => fileName(path))
  const one = names.length === 1 ? names[0]! : ''
  if ('failed' in ingest.source) return one ? say.retryingOne(one) : say.retrying
  if ('stopped' in ingest.source) return one ? say.resumingOne(one) : say.resuming
  return say.into(ingest.source.paths.collection)
}

/** What stands under the title: how far it is or, once it is over, what is left to say. */
export function ingestNote(ingest: Ingest): string {
  const say = t().library.ingest
  if (ingest.problem) {
    if (ingest.problem.code === 'disk_full') return say.diskFullText
    return t().reasons.problems[ingest.problem.code] ?? technicalWords(ingest)
  }
  if (!ingest.over) return ingestWords(ingest)
  return ingest.collection === null ? '' : say.collection(ingest.collection)
}

/** The engine's own words for what ended an ingest, in English. */
export function technicalWords({ problem }: Ingest): string {
  return problem ? [problem.message, problem.hint].filter(Boolean).join(' ') : ''
}

/** `312 pages read · 40 by OCR`; nothing while no page is read. */
export function pagesWords({ pages, ocr, unread }: Ingest): string {
  const say = t().library.ingest
  if (pages === 0) return ''
  const words = [say.pagesRead(pages, number(pages))]
  if (ocr > 0) words.push(t().library.coverage.ocr(number(ocr)))
  if (unread > 0) words.push(say.withoutText(unread, number(unread)))
  return words.join(' · ')
}

/** What is done with a file that is being read. */
export function stepWords(step: Step): string {
  const say = t().library.ingest
  if (step.kind === 'embedding') return say.embedding(number(step.chunks), number(step.of))
  return (step.recognizing ? say.recognizing : say.page)(number(step.page), number(step.of))
}

/**
 * Why a file could not be read, in the language in use. `technical` is what the engine said, where that is something else:
 * it says it in English.
 */
export function reasonWords({ code, reason }: Pick<FailedFile, 'code' | 'reason'>): { text: string; technical: string | null } {
  const known = t().reasons.files[code]
  if (known === undefined) return { text: sentence(reason), technical: null }
  // What English replaces too is no help to anyone.
  return { text: known, technical: code in en.reasons.files ? null : reason }
}

/** The engine's words begin small, since a file's name may stand before them. */
function sentence(words: string): string {
  const text = words.charAt(0).toLocaleUpperCase('en') + words.slice(1)
  return /[.?!]$/.test(text) || text === '' ? text : `${text}.`
}

/** Where an ingest stands, in one line. */
export function ingestWords(ingest: Ingest): string {
  const say = t().library.ingest
  if (ingest.problem) return say.failed
  if (ingest.report) {
    return ingest.report.stopped ? `${say.stopped} ${reportWords(ingest.report)}.` : reportWords(ingest.report)
  }
  if (ingest.state === 'stopped') return say.stopped
  if (ingest.state === 'waiting') return say.waiting
  if (ingest.state === 'stopping') return say.stopping
  const words = [ingest.total === null ? say.preparing : say.files(number(ingest.done), number(ingest.total))]
  if (ingest.state === 'paused') words.push(say.paused)
  else if (ingest.state === 'pausing') words.push(say.pausing)
  else if (ingest.remaining !== null) words.push(leftWords(ingest.remaining))
  return words.join(' · ')
}

/** Coarse on purpose: an estimate that jumps by seconds is read as exact. */
function leftWords(milliseconds: number): string {
  const say = t().library.ingest.left
  const minutes = milliseconds / 60_000
  if (minutes < 1) return say.soon
  if (minutes < 90) return say.minutes(number(Math.ceil(minutes)))
  return say.hours(number(minutes / 60, 1))
}
