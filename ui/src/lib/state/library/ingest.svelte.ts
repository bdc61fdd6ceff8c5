// One ingest: what was asked for, how far it is, and how it ended.

import type { Backend, FailedFile, IngestEvent, IngestReport, IngestScope, JobId, Problem } from '$lib/backend/backend'
import { asProblem } from '../app.svelte'
import { Pace } from './pace'
import { isWithin } from './paths'

export type IngestState = 'waiting' | 'running' | 'pausing' | 'paused' | 'stopping' | 'done' | 'stopped' | 'failed'
/** `read`: is in the library now; `same`: already was; `copy`: the same as another file. */
export type ItemState = 'waiting' | 'reading' | 'read' | 'same' | 'copy' | 'failed' | 'stopped'
export type Source = IngestScope | 'samples'

/** A file or folder that was asked for; a folder counts what is in it. */
export class Item {
  state = $state<ItemState>('waiting')
  files = $state(0)
  documents = $state(0)
  pages = $state(0)
  ocr = $state(0)
  unread = $state(0)
  /** The file of a folder that was done last. */
  latest = $state<string | null>(null)
  failures = $state.raw<FailedFile[]>([])

  constructor(readonly path: string) {}
}

export class Ingest {
  readonly id: JobId = crypto.randomUUID()
  state = $state<IngestState>('waiting')
  readonly items: readonly Item[]
  done = $state(0)
  total = $state<number | null>(null)
  documents = $state(0)
  remaining = $state<number | null>(null)
  report = $state.raw<IngestReport | null>(null)
  problem = $state.raw<Problem | null>(null)
  readonly #pace = new Pace()
  readonly #byPath: Map<string, Item>
  #pausedAt = 0
  /** The first row that is not done. */
  #at = 0

  /** `paths` are the rows to show; where they are not known yet, one row without a path stands for all. */
  constructor(
    readonly backend: Backend,
    readonly source: Source,
    paths: string[],
    readonly passwords: string[],
    private readonly committed: () => void = () => {},
    private readonly now: () => number = () => performance.now(),
  ) {
    this.items = (paths.length > 0 ? paths : ['']).map((path) => new Item(path))
    this.#byPath = new Map(this.items.map((item) => [item.path, item]))
  }

  get over(): boolean {
    return this.state === 'done' || this.state === 'stopped' || this.state === 'failed'
  }

  get collection(): string | null {
    return typeof this.source === 'object' ? this.source.paths.collection : null
  }

  async run(): Promise<void> {
    if (this.over) return
    this.state = 'running'
    const on = (event: IngestEvent) => this.hear(event)
    try {
      this.#settle(
        await (this.source === 'samples'
          ? this.backend.ingestSamples(this.id, on)
          : this.backend.ingest(this.id, this.source, this.passwords, on)),
      )
    } catch (error) {
      this.problem = asProblem(error)
      this.#close('failed')
    }
    this.remaining = null
  }

  /** The file in hand is read to its end first. */
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

  hear(event: IngestEvent): void {
    switch (event.event) {
      case 'found':
        this.total ??= event.files
        this.#pace.note(this.done, this.now())
        this.#beginNext()
        break
      case 'resuming':
        this.total = event.total
        this.done = event.done
        this.#pace.note(this.done, this.now())
        break
      case 'document': {
        this.documents += 1
        const item = this.#itemOf(event.path)
        if (!item) break
        item.documents += 1
        item.pages += event.pages
        item.ocr += event.pages_ocr
        item.unread += event.pages_without_text
        if (item.state === 'waiting') item.state = 'reading'
        break
      }
      case 'duplicate': {
        const item = this.#itemOf(event.path)
        if (item?.path === event.path) item.state = 'copy'
        break
      }
      case 'file':
        this.#fileDone(event.path, event.done, event.total)
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

  #fileDone(path: string, done: number, total: number): void {
    this.done = done
    this.total = total
    this.#pace.note(done, this.now())
    this.remaining = this.#pace.remaining(total)
    const item = this.#itemOf(path)
    if (item) {
      item.files += 1
      if (item.path === path) item.state = item.state === 'copy' ? 'copy' : 'read'
      else {
        item.latest = path
        item.state = 'reading'
      }
    }
    this.#beginNext()
  }

  /** The engine does not say which file it has in hand: it takes them in order. */
  #beginNext(): void {
    while (this.items[this.#at] && this.items[this.#at]!.state !== 'waiting') {
      if (this.items[this.#at]!.state === 'reading') return
      this.#at += 1
    }
    const next = this.items[this.#at]
    if (next) next.state = 'reading'
  }

  #itemOf(path: string): Item | undefined {
    return (
      this.#byPath.get(path) ?? this.items.find((item) => item.path === '' || isWithin(path, item.path))
    )
  }

  #settle(report: IngestReport): void {
    this.report = report
    for (const failure of [...report.failed, ...report.skipped]) {
      const item = this.#itemOf(failure.path)
      if (!item) continue
      item.failures = [...item.failures, failure]
      if (item.path === failure.path && item.documents === 0) item.state = 'failed'
    }
    this.#close(report.stopped ? 'stopped' : 'done')
  }

  #close(state: 'done' | 'stopped' | 'failed'): void {
    this.state = state
    for (const item of this.items) {
      const open = item.state === 'waiting' || item.state === 'reading'
      if (open) item.state = state === 'done' ? (item.documents > 0 ? 'read' : 'same') : 'stopped'
      else if (item.state === 'read' && item.documents === 0) item.state = 'same'
    }
  }
}
