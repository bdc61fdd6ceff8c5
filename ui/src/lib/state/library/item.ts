// The rows of an ingest: what was asked for and, of folders, the files that are being read or could not be.

import type { FailedFile } from '$lib/backend/backend'

/** `read`: is in the library now; `same`: already was; `copy`: the same as another file. */
export type ItemState = 'waiting' | 'reading' | 'read' | 'same' | 'copy' | 'failed' | 'stopped'

/** What is done with a file that is being read. */
export type Step =
  | { kind: 'page'; page: number; of: number; recognizing: boolean }
  | { kind: 'embedding'; chunks: number; of: number }

/**
 * A file, or a folder that counts what is in it. Not reactive: an ingest has thousands of them and changes hundreds in a
 * frame; `Ingest.beat` tells that something changed.
 */
export class Item {
  state: ItemState = 'waiting'
  step: Step | null = null
  files = 0
  documents = 0
  pages = 0
  ocr = 0
  unread = 0
  /** The file of a folder that was told of last. */
  latest: string | null = null
  failures: FailedFile[] = []
  /** Since when it is in hand. */
  since = 0
  /** Of a folder: files in hand and files that could not be read. */
  readonly inside = new Map<string, Item>()

  constructor(
    readonly path: string,
    readonly folder: Item | null = null,
  ) {}

  /** Its own row, where the path is that of a file in it. */
  fileAt(path: string): Item {
    if (path === this.path) return this
    let file = this.inside.get(path)
    if (!file) this.inside.set(path, (file = new Item(path, this)))
    return file
  }

  begin(at: number): void {
    if (this.state === 'reading') return
    this.state = 'reading'
    this.since = at
  }

  /** A part that could not be read, or all of it. */
  fail(failure: FailedFile): void {
    this.failures.push(failure)
    if (failure.part == null && this.documents === 0) this.state = 'failed'
  }
}

/** As many rows as are seen at once. More of them are ordered, so that what happens is seen. */
const SEEN = 6
/** A file of a folder that is read in less time gets no row: it would only flicker. */
const FLICKER_MS = 500

/** The rows to show: where there are many, first what is being read, then what failed. */
export function rowsOf(items: readonly Item[], now: number): Item[] {
  const rows: Item[] = []
  const ordered = items.length > SEEN ? [...items.filter(isReading), ...items.filter(isFailed), ...items.filter(isCalm)] : items
  for (const item of ordered) {
    rows.push(item)
    if (item.inside.size === 0) continue
    const inside = [...item.inside.values()]
    rows.push(...inside.filter((file) => isReading(file) && (file.step !== null || now - file.since >= FLICKER_MS)))
    rows.push(...inside.filter(isFailed))
  }
  return rows
}

const isReading = ({ state }: Item) => state === 'reading'
const isFailed = ({ state }: Item) => state === 'failed'
const isCalm = (item: Item) => !isReading(item) && !isFailed(item)
