import type { Backend, DocumentDetails, Drop, IngestEvent, IngestScope, JobId, LibraryDocument, PageCoverage, PageStatus } from '../backend'
import { collectionsOf, hugeLibrary, NO_LIBRARY, readDocument, sampleDocuments, usualLibrary } from './contents'
import { type Asked, failureOf, read } from './reading'
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

/** A path without an ending is a folder. One with a number in its name has so many files. */
function filesOf(path: string): string[] {
  const many = /(\d+)-files$/.exec(path)?.[1]
  if (many) return Array.from({ length: Number(many) }, (_, index) => `${path}/${index % 400 === 399 ? 'broken' : 'letter'}-${index + 1}.pdf`)
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

  /** What is asked for, and under which names; out of the journal where it comes from there. */
  function askedFor(scope: IngestScope): { asked: Asked[]; named: string[] } {
    const { library } = played
    if ('paths' in scope) {
      const { paths, collection } = scope.paths
      return { asked: paths.flatMap(filesOf).map((path) => ({ path, collection })), named: paths }
    }
    if ('failed' in scope) {
      const isNamed = (path: string, collection: string) => scope.failed.files.some((file) => file.path === path && file.collection === collection)
      const lost = library.failed.filter(({ path, collection }) => scope.failed.files.length === 0 || isNamed(path, collection))
      const files = new Map(lost.map(({ path, collection, code }) => [collection + path, { path, collection, code }]))
      return { asked: [...files.values()], named: [] }
    }
    const isAsked = ({ id }: { id: number }) => scope.stopped.jobs.length === 0 || scope.stopped.jobs.includes(id)
    const jobs = library.unfinished.filter(isAsked)
    library.unfinished = library.unfinished.filter((job) => !isAsked(job))
    return { asked: jobs.flatMap(({ paths, collection }) => paths.flatMap(filesOf).map((path) => ({ path, collection }))), named: jobs.flatMap(({ paths }) => paths) }
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
      heard.set(job, on)
      const { asked, named } = askedFor(scope)
      return read(played, job, asked, named, on, ({ path, collection, code }) => failureOf(path, passwords, code) ?? readDocument(path, collection))
    },
    async ingestSamples(job, on) {
      heard.set(job, on)
      const samples = sampleDocuments()
      const asked = samples.map(({ path, collection }) => ({ path, collection }))
      return read(played, job, asked, [], on, ({ path }) => samples.find((sample) => sample.path === path)!)
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
