import type { Backend, DocumentDetails, Drop, FailedFile, IngestEvent, IngestReport, JobId, LibraryDocument, PageCoverage, PageStatus } from '../backend'
import { collectionsOf, hugeLibrary, NO_LIBRARY, readDocument, sampleDocuments, usualLibrary } from './contents'
import { problem, type Scene } from './scene'

type Part = Pick<Backend, 'library' | 'document' | 'ingest' | 'ingestSamples' | 'pause' | 'resume' | 'forgetJob' | 'remove' | 'missing' | 'setWatched' | 'onLibraryChanged' | 'onProblem' | 'chooseFiles' | 'chooseFolder' | 'onDrop' | 'onOpened'>

/** Flows and the design drive the made-up system with `window.fake.drop([...])` and the like. */
declare global {
  interface Window {
    fake: { drop(paths: string[]): void; over(): void; opened(paths: string[]): void; changed(): void; dropped?: number }
  }
}

const FOLDER = ['minutes-2026-01.pdf', 'minutes-2026-02.pdf', 'scan-attendance-list.pdf', 'budget.xlsx', 'broken-annex.pdf', 'invitation.docx', 'minutes-2026-03.pdf', 'resolutions.docx']
const CHOSEN = ['/home/m.okafor/Documents/Inbox/supplier-code-of-conduct.pdf', '/home/m.okafor/Documents/Inbox/scan-insurance-policy.pdf', '/home/m.okafor/Documents/Inbox/travel-policy-2027.docx']

/** A path without an ending is a folder. */
function filesOf(path: string): string[] {
  return /\.[a-z0-9]{2,5}$/i.test(path) ? [path] : FOLDER.map((name) => `${path}/${name}`)
}

export function libraryFake(played: Scene): Part {
  const { scenario } = played
  const empty = scenario === 'first' || scenario === 'empty'
  played.library = empty ? structuredClone(NO_LIBRARY) : scenario === 'huge' ? hugeLibrary() : usualLibrary()
  let gone = scenario === 'usual'
  const drops = new Set<(drop: Drop) => void>()
  const openings = new Set<(paths: string[]) => void>()
  const changes = new Set<() => void>()
  const heard = new Map<JobId, (event: IngestEvent) => void>()
  const tell = <T>(handlers: Set<(value: T) => void>, value: T) => handlers.forEach((handler) => handler(value))
  window.fake = {
    over: () => tell(drops, { kind: 'over' }),
    drop(paths) {
      window.fake.dropped = performance.now()
      tell(drops, { kind: 'dropped', paths })
    },
    opened: (paths) => tell(openings, paths),
    changed: () => changes.forEach((handler) => handler()),
  }

  // In a browser files are dropped without their paths.
  window.addEventListener('dragover', (event) => {
    event.preventDefault()
    window.fake.over()
  })
  window.addEventListener('dragleave', (event) => event.relatedTarget === null && tell(drops, { kind: 'left' }))
  window.addEventListener('drop', (event) => {
    event.preventDefault()
    window.fake.drop([...(event.dataTransfer?.files ?? [])].map(({ name }) => `/home/m.okafor/Desktop/${name}`))
  })

  const store = (documents: LibraryDocument[]) => {
    const ids = new Set(documents.map(({ document_id }) => document_id))
    const rest = played.library.documents.filter(({ document_id }) => !ids.has(document_id))
    played.library.documents = [...documents, ...rest]
    played.library.collections = collectionsOf(played.library.documents)
  }

  async function read(job: JobId, files: string[], on: (event: IngestEvent) => void, documentOf: (path: string) => LibraryDocument | FailedFile): Promise<IngestReport> {
    const report = emptyReport()
    heard.set(job, on)
    await played.step(job)
    on({ event: 'found', files: files.length })
    let batch: LibraryDocument[] = []
    const commit = () => {
      store(batch)
      on({ event: 'committed', documents: batch.length, chunks: batch.length * 9 })
      batch = []
    }
    for (const [index, path] of files.entries()) {
      await played.step(job, 12)
      if (played.stopped.has(job)) {
        report.stopped = true
        break
      }
      if (scenario === 'disk-full' && index === Math.floor(files.length / 2)) {
        commit()
        played.library.unfinished = [{ id: 9, paths: files, collection: 'default', begun_at: Date.now() / 1000, stopped_at: Date.now() / 1000, done: index, total: files.length }]
        throw problem('disk_full', 'There is no space left on the disk that holds the vault.', 'Free some space, then go on: what was read so far is kept.')
      }
      const found = documentOf(path)
      if ('reason' in found) report.failed.push(found)
      else {
        batch.push(found)
        const { coverage } = found
        report.added += 1
        report.pages += coverage.total
        report.pages_ocr += coverage.ocr
        report.pages_without_text += coverage.no_text + coverage.unreadable
        on({
          event: 'document', path, document_id: found.document_id, title: found.title, change: 'added', pages: coverage.total, pages_ocr: coverage.ocr,
          pages_without_text: coverage.no_text + coverage.unreadable, tables: 0, hidden_chars: 0, chunks: found.chunks,
        })
      }
      on({ event: 'file', path, done: index + 1, total: files.length })
      if (batch.length === 4) commit()
    }
    commit()
    return report
  }

  return {
    async library() {
      return structuredClone(played.library)
    },
    async document(id) {
      const found = played.library.documents.find(({ document_id }) => document_id === id)
      if (!found) throw problem('not_found', 'The document is not in the vault any more.', '')
      return details(found)
    },
    async ingest(job, scope, passwords, on) {
      if (scope === 'failed') return retry(job, passwords, on)
      const unfinished = played.library.unfinished.flatMap(({ paths, collection }) => paths.flatMap(filesOf).map((path) => [path, collection] as const))
      const asked = scope === 'stopped' ? unfinished : scope.paths.paths.flatMap(filesOf).map((path) => [path, scope.paths.collection] as const)
      if (scope === 'stopped') played.library.unfinished = []
      const collections = new Map(asked)
      const report = await read(job, asked.map(([path]) => path), on, (path) =>
        path.includes('broken')
          ? { path, part: null, code: 'damaged', reason: 'no page tree was found in it' }
          : readDocument(path, collections.get(path) ?? 'default'),
      )
      for (const { path, code, reason } of report.failed) played.library.failed.push({ path, collection: collections.get(path) ?? 'default', part: null, code, reason })
      return report
    },
    async ingestSamples(job, on) {
      const samples = sampleDocuments()
      return read(job, samples.map(({ path }) => path), on, (path) => samples.find((sample) => sample.path === path)!)
    },
    async pause(job) {
      played.paused.add(job)
      // The file in hand is read to its end.
      await played.step(undefined, 4)
      heard.get(job)?.({ event: 'paused' })
    },
    async resume(job) {
      played.paused.delete(job)
      heard.get(job)?.({ event: 'resumed' })
    },
    async forgetJob(id) {
      played.library.unfinished = played.library.unfinished.filter((job) => job.id !== id)
    },
    async remove(ids) {
      await played.step(undefined, 6)
      const removed = new Set(ids)
      played.library.documents = played.library.documents.filter(({ document_id }) => !removed.has(document_id))
      played.library.collections = collectionsOf(played.library.documents)
      gone = false
      return { documents: ids, answers_blanked: Math.min(3, ids.length) }
    },
    async missing() {
      const lost = played.library.documents.find(({ title }) => title.startsWith('Cleaning services'))
      return gone && lost ? [{ path: lost.path, collection: lost.collection, documents: [lost.document_id] }] : []
    },
    async setWatched(collection, path, watched) {
      const rest = played.library.watched.filter((folder) => folder.path !== path)
      played.library.watched = watched ? [...rest, { collection, path }] : rest
    },
    onProblem: () => () => {},
    onLibraryChanged(handler) {
      changes.add(handler)
      return () => changes.delete(handler)
    },
    async chooseFiles() {
      return CHOSEN
    },
    async chooseFolder() {
      return '/home/m.okafor/Documents/Board minutes'
    },
    onDrop(handler) {
      drops.add(handler)
      return () => drops.delete(handler)
    },
    onOpened(handler) {
      openings.add(handler)
      return () => openings.delete(handler)
    },
  }

  async function retry(job: JobId, passwords: string[], on: (event: IngestEvent) => void): Promise<IngestReport> {
    const failed = played.library.failed
    const report = await read(job, [...new Set(failed.map(({ path }) => path))], on, (path) => {
      const failure = failed.find((each) => each.path === path)!
      const opens = failure.code === 'encrypted' && passwords.includes('citadel')
      return opens ? readDocument(path, failure.collection) : { ...failure }
    })
    played.library.failed = failed.filter(({ path }) => report.failed.some((still) => still.path === path))
    return report
  }
}

function emptyReport(): IngestReport {
  return {
    added: 0, updated: 0, unchanged: 0, failed: [], skipped: [], removed: 0, duplicates: 0, renamed: 0, missing: [], pages: 0, pages_ocr: 0,
    pages_without_text: 0, tables: 0, hidden_chars: 0, parts_skipped: 0, chunks: 0, tokens: 0, seconds: 4.2, stopped: false,
  }
}

function details(document: LibraryDocument): DocumentDetails {
  const { coverage } = document
  const pages = pagesOf(document)
  const hidden = document.warnings.some((warning) => warning.includes('not shown by a viewer')) ? 212 : 0
  return {
    ...document,
    pages: coverage.total,
    tables: document.format === 'xlsx' || document.format === 'csv' ? 1 : Math.floor(coverage.total / 9),
    hidden_chars: hidden,
    language: /[؀-ۿ]/.test(document.title) ? 'ar' : 'en',
    unread_pages: pages.filter(({ status }) => status === 'no_text' || (typeof status === 'object' && 'unreadable' in status)).map(({ page, status }) => ({ page, status })),
    page_coverage: pages,
    copies: document.title.startsWith('Data processing') ? [`${document.path.replace('.pdf', ' (1).pdf')}`] : [],
    lost_parts: document.format === 'email' ? [{ part: 'signature.p7s', code: 'unsupported', reason: 'files of the kind “p7s” are not read' }] : [],
    metadata: document.format === 'pdf' ? { author: 'Legal department', created: '2024-03-18', producer: 'Acrobat Distiller 23' } : {},
  }
}

function pagesOf({ coverage }: LibraryDocument): PageCoverage[] {
  const left: [PageStatus, number][] = [
    ['text', coverage.text],
    [{ ocr: { confidence: 0.93 } }, coverage.ocr],
    ['no_text', coverage.no_text],
    [{ unreadable: 'the picture on it is damaged' }, coverage.unreadable],
    ['blank', coverage.blank],
  ]
  // Spread as they would be in a real file: the rare ones in between.
  const spread = left.flatMap(([status, n]) => Array.from({ length: n }, (_, i) => ({ status, at: (i + 0.5) / n })))
  return spread
    .sort((a, b) => a.at - b.at)
    .map(({ status }, i) => ({ page: i + 1, label: null, status, chars: typeof status === 'string' && status !== 'text' ? 0 : 2140 }))
}
