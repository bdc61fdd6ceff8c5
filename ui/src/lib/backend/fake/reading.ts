// Reads made-up files as the engine does: two at a time, page by page, and tells of it.

import type { FailedFile, IngestEvent, IngestReport, JobId, LibraryDocument } from '../backend'
import { collectionsOf } from './contents'
import { problem, type Scene } from './scene'

export interface Asked {
  path: string
  collection: string
  /** Why it could not be read before. */
  code?: string
}

/** The password that opens every made-up file. */
const PASSWORD = 'citadel'
/** Files read at the same time. */
const LANES = 2
/** Beyond so many, files come in a burst: no page of them is told, and no step is waited for. */
const BURST = 500

/** Why a file cannot be read: its name says so, or what was said before. */
export function failureOf(path: string, passwords: string[], code?: string): FailedFile | null {
  if (code === 'encrypted' || path.includes('locked')) {
    if (passwords.includes(PASSWORD)) return null
    return { path, part: null, code: 'encrypted', reason: 'it is protected by a password; read it again with the password, or save a copy without one' }
  }
  if (code === 'unsupported') return { path, part: 'certificates/IMG_0241.heic', code, reason: 'files of the kind “heic” are not read; convert it to PDF, DOCX, HTML, Markdown or text' }
  // A file that was written to is whole when it is read again.
  if (code === 'changing' || !(code || path.includes('broken'))) return null
  return { path, part: null, code: code ?? 'damaged', reason: 'it is damaged (no page tree was found in it); open it in its own program and save it anew' }
}

export async function read(
  played: Scene,
  job: JobId,
  asked: Asked[],
  /** What the user named, for the journal; nothing is noted of files that are read again. */
  named: string[],
  on: (event: IngestEvent) => void,
  outcome: (file: Asked) => LibraryDocument | FailedFile,
): Promise<IngestReport> {
  const { library } = played
  const report = emptyReport()
  const burst = asked.length > BURST
  let batch: LibraryDocument[] = []
  let [next, done, committed] = [0, 0, 0]
  let broken: unknown

  const leave = () => {
    if (named.length === 0) return
    library.unfinished = [...library.unfinished, { id: Date.now(), paths: named, collection: asked[0]?.collection ?? 'default', begun_at: Date.now(), stopped_at: Date.now(), done, total: asked.length }]
  }
  const commit = () => {
    const ids = new Set(batch.map(({ document_id }) => document_id))
    library.documents = [...batch, ...library.documents.filter(({ document_id }) => !ids.has(document_id))]
    library.collections = collectionsOf(library.documents)
    committed += batch.length
    on({ event: 'committed', documents: committed, chunks: committed * 9 })
    batch = []
  }

  async function file(asking: Asked): Promise<void> {
    const { path, collection } = asking
    on({ event: 'reading', path })
    const found = outcome(asking)
    const lostBefore = library.failed.findIndex((lost) => lost.path === path && lost.collection === collection)
    if (lostBefore >= 0) library.failed = library.failed.filter((lost) => lost.path !== path || lost.collection !== collection)
    if ('reason' in found) {
      if (!burst && found.code !== 'encrypted') await pages(path, 2, 9, false)
      on({ event: 'failed', ...found })
      report.failed.push(found)
      library.failed.splice(lostBefore >= 0 ? lostBefore : library.failed.length, 0, { collection, ...found })
    } else {
      const { coverage, chunks } = found
      const unread = coverage.no_text + coverage.unreadable
      if (!burst) {
        await pages(path, coverage.total, coverage.total, coverage.ocr > 0)
        for (let at = 64; at < chunks; at += 64) {
          on({ event: 'embedding', path, chunks: at, of: chunks })
          await played.step(job, 3)
        }
      }
      batch.push(found)
      report.added += 1
      report.pages += coverage.total
      report.pages_ocr += coverage.ocr
      report.pages_without_text += unread
      on({ event: 'document', path, document_id: found.document_id, title: found.title, change: 'added', pages: coverage.total, pages_ocr: coverage.ocr, pages_without_text: unread, tables: 0, hidden_chars: 0, chunks })
    }
    done += 1
    on({ event: 'file', path, done, total: asked.length })
    if (batch.length === (burst ? 2000 : 4)) commit()
  }

  /** Tells of every page that is recognised, and of some of the others. */
  async function pages(path: string, upTo: number, of: number, recognizing: boolean): Promise<void> {
    const stride = recognizing ? 1 : Math.max(1, Math.ceil(of / 12))
    for (let page = 1; page <= upTo && !played.stopped.has(job); page += stride) {
      on({ event: 'page', path, page, of, recognizing })
      await played.step(job, recognizing ? 3 : 1)
    }
  }

  async function lane(): Promise<void> {
    for (let taken = next++; taken < asked.length && broken === undefined && !played.stopped.has(job); taken = next++) {
      if (played.scenario === 'disk-full' && taken === Math.floor(asked.length / 2)) {
        broken = problem('disk_full', 'There is no space left on the disk that holds the vault.', 'Free some space, then go on: what was read so far is kept.')
        return
      }
      if (!burst || taken % 20 === 0) await played.step(job, burst ? 0 : 6)
      await file(asked[taken]!)
    }
  }

  await played.step(job)
  on({ event: 'found', files: asked.length })
  await Promise.all(Array.from({ length: LANES }, lane))
  commit()
  report.stopped = played.stopped.has(job)
  if (report.stopped || broken !== undefined) leave()
  if (broken !== undefined) throw broken
  return report
}

function emptyReport(): IngestReport {
  return {
    added: 0, updated: 0, unchanged: 0, failed: [], skipped: [], removed: 0, duplicates: 0, renamed: 0, missing: [], pages: 0, pages_ocr: 0,
    pages_without_text: 0, tables: 0, hidden_chars: 0, parts_skipped: 0, chunks: 0, tokens: 0, seconds: 4.2, stopped: false,
  }
}
