// One ingest: what was asked for, how far it is, and how it ended.

import type { Backend, IngestEvent, IngestReport, IngestScope, JobId, Problem } from '$lib/backend/backend'
import { asProblem } from '../app.svelte'
import { Gathered } from './gathered'
import { Item, rowsOf } from './item'
import { Pace } from './pace'
import { foldersAbove, withoutSlash } from './paths'
import { Workload } from './workload'

export type IngestState = 'waiting' | 'running' | 'pausing' | 'paused' | 'stopping' | 'done' | 'stopped' | 'failed'
export type Source = IngestScope | 'samples'

/** How often it is looked how long it still takes, also while nothing is told. */
const LOOK_MS = 1000

export class Ingest {
  readonly id: JobId = crypto.randomUUID()
  state = $state<IngestState>('waiting')
  readonly items: readonly Item[]
  readonly hadPassword: boolean
  /** Changes whenever a row may have. */
  beat = $state(0)
  done = $state(0)
  total = $state<number | null>(null)
  /** Pages so far, those of files in hand included. */
  pages = $state(0)
  ocr = $state(0)
  unread = $state(0)
  remaining = $state<number | null>(null)
  report = $state.raw<IngestReport | null>(null)
  problem = $state.raw<Problem | null>(null)
  readonly #pace = new Pace()
  readonly #work = new Workload()
  readonly #events = new Gathered<IngestEvent>((all) => this.#hearAll(all))
  readonly #byPath: Map<string, Item>
  /** Pages of documents that are in the library. */
  readonly #stored = { pages: 0, ocr: 0, unread: 0 }
  #pausedAt = 0
  /** The engine counts the files of each of its runs anew: files of those before, and of the one in hand. */
  #before = 0
  #ofRun = 0

  /** `paths` are the rows to show; where they are not known yet, one row without a path stands for all. */
  constructor(
    readonly backend: Backend,
    readonly source: Source,
    paths: string[],
    /** Gone once it is done: nothing is tried with them again. */
    public passwords: string[],
    private readonly committed: () => void = () => {},
    private readonly now: () => number = () => performance.now(),
  ) {
    this.hadPassword = passwords.length > 0
    this.items = (paths.length > 0 ? [...new Set(paths)] : ['']).map((path) => new Item(path))
    this.#byPath = new Map(this.items.map((item) => [withoutSlash(item.path), item]))
  }

  get over(): boolean {
    return this.state === 'done' || this.state === 'stopped' || this.state === 'failed'
  }

  get collection(): string | null {
    return typeof this.source === 'object' && 'paths' in this.source ? this.source.paths.collection : null
  }

  /** Whether it is shown by the row of its one file, and not by a card. */
  get inRow(): boolean {
    return typeof this.source === 'object' && 'failed' in this.source && this.source.failed.files.length === 1
  }

  get rows(): Item[] {
    void this.beat
    return rowsOf(this.items, this.now())
  }

  /** The row of a file or folder that was asked for. */
  item(path: string): Item | undefined {
    void this.beat
    return this.#byPath.get(withoutSlash(path))
  }

  async run(): Promise<void> {
    if (this.over) return
    this.state = 'running'
    const on = (event: IngestEvent) => this.#events.add(event)
    const looking = setInterval(() => this.#look(), LOOK_MS)
    try {
      const report = await (this.source === 'samples'
        ? this.backend.ingestSamples(this.id, on)
        : this.backend.ingest(this.id, this.source, this.passwords, on))
      this.catchUp()
      this.#settle(report)
    } catch (error) {
      this.catchUp()
      this.problem = asProblem(error)
      this.#close('failed')
    }
    clearInterval(looking)
    this.remaining = null
  }

  /** Files in hand are read to their end first. */
  async pause(): Promise<void> {
    this.state = 'pausing'
    await this.backend.pause(this.id)
  }

  async resume(): Promise<void> {
    if (this.state === 'pausing') this.state = 'running'
    await this.backend.resume(this.id)
  }

  /** What is committed stays. */
  async stop(): Promise<void> {
    if (this.over) return
    if (this.state === 'waiting') return this.#close('stopped')
    this.state = 'stopping'
    await this.backend.stop(this.id)
  }

  /** Takes in now what was told and waits for the next frame. */
  catchUp(): void {
    this.#events.flush()
  }

  #hearAll(events: IngestEvent[]): void {
    for (const event of events) this.#hear(event)
    const inHand = this.#work.pagesInHand
    this.pages = this.#stored.pages + inHand.read
    this.ocr = this.#stored.ocr + inHand.recognized
    this.unread = this.#stored.unread
    this.#look()
  }

  #look(): void {
    this.beat += 1
    if (this.state !== 'running') return
    this.remaining = this.#pace.note(this.#work.done, this.#work.left, this.now())
  }

  #hear(event: IngestEvent): void {
    switch (event.event) {
      case 'resuming':
        this.#nextRun(0)
        this.#before += event.done
        this.done = this.#before
        break
      case 'found':
        this.#nextRun(event.files)
        this.#work.found(event.files)
        break
      case 'reading':
        this.#work.begin(event.path)
        this.#begin(event.path)
        break
      case 'page': {
        const { path, page, of, recognizing } = event
        this.#work.page(path, page, of, recognizing)
        const file = this.#begin(path)
        if (file) file.step = { kind: 'page', page, of, recognizing }
        break
      }
      case 'embedding': {
        const { path, chunks, of } = event
        this.#work.embedding(path, chunks, of)
        const file = this.#begin(path)
        if (file) file.step = { kind: 'embedding', chunks, of }
        break
      }
      case 'failed': {
        const { event: _, ...failure } = event
        this.#work.begin(event.path)
        const item = this.#itemOf(event.path)
        item?.fileAt(event.path).fail(failure)
        if (item && item.path !== event.path) item.failures.push(failure)
        break
      }
      case 'document':
        this.#stored.pages += event.pages
        this.#stored.ocr += event.pages_ocr
        this.#stored.unread += event.pages_without_text
        this.#work.document(event.path, event.pages)
        this.#documentOf(event)
        break
      case 'duplicate': {
        const item = this.#itemOf(event.path)
        if (item?.path === event.path) item.state = 'copy'
        break
      }
      case 'file':
        this.done = this.#before + event.done
        this.#work.fileDone(event.path)
        this.#fileDone(event.path)
        break
      case 'paused':
        this.#pausedAt = this.now()
        if (this.state === 'pausing' || this.state === 'running') this.state = 'paused'
        break
      case 'resumed':
        this.#pace.skip(this.now() - this.#pausedAt)
        if (this.state === 'paused') this.state = 'running'
        break
      case 'committed':
        this.committed()
        break
      case 'renamed':
        break
    }
  }

  #nextRun(files: number): void {
    this.#before += this.#ofRun
    this.#ofRun = files
    // Files that were named are read in a run per collection: all of them are known before the last is found.
    const named = typeof this.source === 'object' && 'failed' in this.source ? this.items.length : 0
    this.total = Math.max(this.#before + files, named)
  }

  #begin(path: string): Item | undefined {
    const item = this.#itemOf(path)
    if (!item) return
    item.begin(this.now())
    if (item.path === path) return item
    item.latest = path
    const file = item.fileAt(path)
    file.begin(this.now())
    return file
  }

  #documentOf(event: IngestEvent & { event: 'document' }): void {
    const item = this.#itemOf(event.path)
    if (!item) return
    item.documents += 1
    item.pages += event.pages
    item.ocr += event.pages_ocr
    item.unread += event.pages_without_text
    const file = this.#begin(event.path)
    if (!file) return
    file.step = null
    if (file !== item) file.documents += 1
  }

  #fileDone(path: string): void {
    const item = this.#itemOf(path)
    if (!item) return
    item.files += 1
    if (item.path === path) {
      item.step = null
      if (item.state === 'reading' || item.state === 'waiting') item.state = item.documents > 0 || item.state === 'reading' ? 'read' : 'same'
      return
    }
    item.latest = path
    item.begin(this.now())
    if (item.inside.get(path)?.state !== 'failed') item.inside.delete(path)
  }

  /** The row that stands for a path: its own, or that of the nearest folder above it that was asked for. */
  #itemOf(path: string): Item | undefined {
    const own = this.#byPath.get(path)
    if (own) return own
    for (const folder of foldersAbove(path)) {
      const item = this.#byPath.get(folder)
      if (item) return item
    }
    return this.#byPath.get('')
  }

  /** The report has everything, also what no event told. */
  #settle(report: IngestReport): void {
    this.report = report
    for (const item of this.items) item.failures = []
    for (const item of this.items) for (const file of item.inside.values()) file.failures = []
    // A picture in an archive that is no document is no failure of the archive.
    const skipped = report.skipped.filter(({ part }) => part == null)
    for (const failure of [...report.failed, ...skipped]) {
      const item = this.#itemOf(failure.path)
      if (!item) continue
      if (item.path === failure.path) item.fail(failure)
      else item.failures.push(failure)
      if (item.path === failure.path && item.documents === 0) item.state = 'failed'
    }
    for (const failure of report.failed) {
      const item = this.#itemOf(failure.path)
      if (item && item.path !== failure.path) item.fileAt(failure.path).fail(failure)
    }
    this.#close(report.stopped ? 'stopped' : 'done')
  }

  #close(state: 'done' | 'stopped' | 'failed'): void {
    this.state = state
    if (state === 'done') this.passwords = []
    for (const item of this.items) {
      const open = item.state === 'waiting' || item.state === 'reading'
      if (open) item.state = state === 'done' ? (item.documents > 0 ? 'read' : 'same') : 'stopped'
      else if (item.state === 'read' && item.documents === 0) item.state = 'same'
      item.step = null
      for (const [path, file] of item.inside) if (file.state !== 'failed') item.inside.delete(path)
    }
    this.beat += 1
  }
}
