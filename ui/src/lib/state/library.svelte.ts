// What is in the vault, what of it is shown, and the ingests that run.

import type { JobRecord, Library, LibraryDocument, LibraryFailure, MissingFile } from '$lib/backend/backend'
import { language, t } from '$lib/i18n/index.svelte'
import { type App, told } from './app.svelte'
import { unreadPages } from './library/coverage'
import { type Failure, fileKey, filesOf, keyed } from './library/failures'
import { Ingests } from './library/ingests.svelte'
import type { Ingest } from './library/ingest.svelte'
import { fileName } from './library/paths'
import { Retries } from './library/retries.svelte'
import { type Sort, searched, sorted } from './library/rows'

const EMPTY: Library = { collections: [], documents: [], failed: [], watched: [], unfinished: [] }
/** Where files go when nothing else is said. */
export const DEFAULT_COLLECTION = 'default'

export type LibraryTab = 'documents' | 'attention' | 'folders'

export class LibraryState {
  content = $state.raw<Library>(EMPTY)
  missing = $state.raw<MissingFile[]>([])
  loaded = $state(false)

  tab = $state<LibraryTab>('documents')
  search = $state('')
  /** The collection that is shown; null shows all. */
  collection = $state<string | null>(null)
  sort = $state<Sort>({ key: 'date', descending: true })
  selected = $state.raw<ReadonlySet<string>>(new Set())
  /** The document whose details are shown. */
  detailsOf = $state<string | null>(null)
  /** The collection that new files go into, where one was named. */
  into = $state<string | null>(null)

  readonly ingests: Ingests
  readonly retries = new Retries()
  #soon: ReturnType<typeof setTimeout> | undefined

  readonly #ordered = $derived(sorted(this.content.documents, this.sort, language()))
  readonly rows: LibraryDocument[] = $derived(searched(this.#ordered, this.search, this.collection))
  /** Documents with pages of which nothing can be found, or with a warning. */
  readonly partlyRead: LibraryDocument[] = $derived(
    this.content.documents.filter(({ coverage, warnings }) => unreadPages(coverage) > 0 || warnings.length > 0),
  )
  readonly failures: Failure[] = $derived(keyed(this.content.failed))
  /** By file, what is known of it as a whole before what is known of its parts; by path alone too. */
  readonly #failureAt: ReadonlyMap<string, Failure> = $derived.by(() => {
    const partsFirst = [...this.failures].sort((a, b) => Number(a.part == null) - Number(b.part == null))
    return new Map(partsFirst.flatMap((failure) => [[failure.path, failure] as const, [fileKey(failure), failure] as const]))
  })
  /** Ingests that were stopped or cut off. While one runs, what has not been stopped is that. */
  readonly unfinished: JobRecord[] = $derived.by(() =>
    this.ingests.active ? this.content.unfinished.filter(({ stopped_at }) => stopped_at != null) : this.content.unfinished,
  )
  readonly attention: number = $derived(
    this.failures.length + this.partlyRead.length + this.missing.length + this.unfinished.length,
  )

  constructor(private readonly app: App) {
    this.ingests = new Ingests(app.backend, () => this.#loadSoon(), (ingest) => this.#ended(ingest))
    app.backend.onLibraryChanged(() => void this.load())
  }

  /** The collection that files dropped now go into. */
  get target(): string {
    return this.into ?? this.collection ?? DEFAULT_COLLECTION
  }

  async load(): Promise<void> {
    if (!this.app.opened) return
    const content = await this.app.attempt(this.app.backend.library())
    if (content) {
      this.content = content
      const ids = new Set(content.documents.map(({ document_id }) => document_id))
      this.selected = new Set([...this.selected].filter((id) => ids.has(id)))
      if (this.detailsOf !== null && !ids.has(this.detailsOf)) this.detailsOf = null
      if (!content.collections.some(({ name }) => name === this.collection)) this.collection = null
    }
    this.loaded = true
  }

  /** Looks at every file on disk, so only where it is asked for. */
  async loadMissing(): Promise<void> {
    this.missing = (await this.app.attempt(this.app.backend.missing())) ?? this.missing
  }

  add(paths: string[]): void {
    if (paths.length === 0) return
    this.leaveFirstStart()
    this.app.view = 'library'
    this.tab = 'documents'
    this.ingests.begin({ paths: { paths, collection: this.target } }, paths)
  }

  async chooseFiles(): Promise<void> {
    this.add((await this.app.attempt(this.app.backend.chooseFiles())) ?? [])
  }

  async chooseFolder(): Promise<void> {
    const folder = await this.app.attempt(this.app.backend.chooseFolder())
    if (folder !== null) this.add([folder])
  }

  /** What the library knows of a file that could not be read; in any collection where none is named. */
  failureAt(path: string, collection: string | null): Failure | undefined {
    return this.#failureAt.get(collection === null ? path : fileKey({ collection, path }))
  }

  /** Reads files again that could not be read, and tries the passwords on them. */
  retry(failures: LibraryFailure[], passwords: string[] = []): void {
    const files = filesOf(failures).filter((file) => this.retries.ingestOf(file)?.over ?? true)
    if (files.length === 0) return
    const ingest = this.ingests.begin({ failed: { files } }, files.map(({ path }) => path), passwords)
    this.retries.note(files, ingest)
  }

  /** Reads everything again that could not be read, or not whole. */
  retryAll(): void {
    const files = filesOf(this.content.failed)
    this.retries.note(files, this.ingests.begin({ failed: { files: [] } }, files.map(({ path }) => path)))
  }

  /** Goes on with ingests that were stopped or cut off. */
  continueJobs(jobs: JobRecord[]): void {
    this.ingests.begin({ stopped: { jobs: jobs.map(({ id }) => id) } }, [...new Set(jobs.flatMap(({ paths }) => paths))])
  }

  /** Whether an ingest is gone on with, or waits for that. */
  isContinued(id: number): boolean {
    return this.ingests.all.some(({ over, source }) => !over && typeof source === 'object' && 'stopped' in source && source.stopped.jobs.includes(id))
  }

  /** What the journal still has of an ingest that ended early. */
  jobsLeft({ source }: Ingest): JobRecord[] {
    return this.content.unfinished.filter(({ id, collection, paths }) => {
      if (source === 'samples') return collection === 'samples'
      if ('stopped' in source) return source.stopped.jobs.includes(id)
      return 'paths' in source && source.paths.collection === collection && source.paths.paths.join('\n') === paths.join('\n')
    })
  }

  /** Reads what an ingest has left; all of it, where a full disk had no room even for the note of what is left. */
  goOn(ingest: Ingest): void {
    this.ingests.dismiss(ingest)
    const left = this.jobsLeft(ingest)
    if (left.length > 0) this.continueJobs(left)
    else this.ingests.again(ingest)
  }

  async forgetJob(id: number): Promise<void> {
    await this.app.attempt(this.app.backend.forgetJob(id))
    await this.load()
  }

  async watch(collection: string, path: string, watched: boolean): Promise<void> {
    await this.app.attempt(this.app.backend.setWatched(collection, path, watched))
    await this.load()
  }

  /** How many earlier answers were blanked; null where it failed, which was said. */
  async remove(ids: string[]): Promise<number | null> {
    const removed = await this.app.attempt(this.app.backend.remove(ids))
    await this.load()
    if (this.missing.length > 0) await this.loadMissing()
    return removed && removed.answers_blanked
  }

  /** Reads the sample collection, then goes to Ask. */
  samples(): void {
    this.ingests.begin('samples', [])
  }

  /** While an ingest runs: what is committed is shown, but to list a large library takes time. */
  #loadSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      void this.load()
    }, 500 + this.content.documents.length)
  }

  async #ended(ingest: Ingest): Promise<void> {
    clearTimeout(this.#soon)
    this.#soon = undefined
    await this.load()
    if (ingest.inRow) this.#retried(ingest)
    if (ingest.source !== 'samples' || ingest.state !== 'done') return
    this.leaveFirstStart()
    this.app.view = 'ask'
    this.ingests.dismiss(ingest)
  }

  /** The row of the one file may be gone now, so that it is said aloud. */
  #retried(ingest: Ingest): void {
    this.ingests.dismiss(ingest)
    const { problem, items } = ingest
    if (problem) this.app.say(told(problem), 'bad')
    else if (items[0]?.state === 'read') this.app.say(t().library.attention.readNow(fileName(items[0].path)))
  }

  leaveFirstStart(): void {
    if (this.app.opened?.first_start) this.app.opened = { ...this.app.opened, first_start: false }
  }
}
