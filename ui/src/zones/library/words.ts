// How the Library says what it knows.

import type { IngestReport, LibraryDocument } from '$lib/backend/backend'
import { language, locale, number, t } from '$lib/i18n/index.svelte'
import { unreadPages } from '$lib/state/library/coverage'
import type { Ingest } from '$lib/state/library/ingest.svelte'

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
  if (ingest.source === 'failed') return say.retrying
  if (ingest.source === 'stopped') return say.resuming
  return say.into(ingest.source.paths.collection)
}

/** What stands under the title: how far it is or, once it is over, what is left to say. */
export function ingestNote(ingest: Ingest): string {
  const say = t().library.ingest
  if (ingest.problem) return ingest.problem.code === 'disk_full' ? say.diskFullText : [ingest.problem.message, ingest.problem.hint].filter(Boolean).join(' ')
  if (!ingest.over) return ingestWords(ingest)
  return ingest.collection === null ? '' : say.collection(ingest.collection)
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
