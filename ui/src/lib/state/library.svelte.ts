// What is in the vault, what of it is shown, and the ingests that run.

import type { Library, LibraryDocument, MissingFile } from '$lib/backend/backend'
import { language } from '$lib/i18n/index.svelte'
import type { App } from './app.svelte'
import { unreadPages } from './library/coverage'
import { Ingests } from './library/ingests.svelte'
import type { Ingest } from './library/ingest.svelte'
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
  #soon: ReturnType<typeof setTimeout> | undefined

  readonly #ordered = $derived(sorted(this.content.documents, this.sort, language()))
  readonly rows: LibraryDocument[] = $derived(searched(this.#ordered, this.search, this.collection))
  /** Documents with pages of which nothing can be found, or with a warning. */
  readonly partlyRead: LibraryDocument[] = $derived(
    this.content.documents.filter(({ coverage, warnings }) => unreadPages(coverage) > 0 || warnings.length > 0),
  )
  readonly attention: number = $derived(
    this.content.failed.length + this.partlyRead.length + this.missing.length + this.content.unfinished.length,
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

  retryFailed(passwords: string[] = []): void {
    const paths = new Set(this.content.failed.map(({ path }) => path))
    this.ingests.begin('failed', [...paths], passwords)
  }

  resumeStopped(): void {
    this.ingests.begin('stopped', [...new Set(this.content.unfinished.flatMap(({ paths }) => paths))])
  }

  /** Reads what an ingest has left; all of it, where a full disk had no room even for the note of what is left. */
  goOn(ingest: Ingest): void {
    this.ingests.dismiss(ingest)
    if (ingest.source !== 'failed' && this.content.unfinished.length > 0) this.resumeStopped()
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
    if (ingest.source !== 'samples' || ingest.state !== 'done') return
    this.leaveFirstStart()
    this.app.view = 'ask'
    this.ingests.dismiss(ingest)
  }

  leaveFirstStart(): void {
    if (this.app.opened?.first_start) this.app.opened = { ...this.app.opened, first_start: false }
  }
}
