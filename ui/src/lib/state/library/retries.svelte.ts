// Files that are read again, and how that went: their rows show it, wherever they stand.

import type { IngestedFile } from '$lib/backend/backend'
import { fileKey } from './failures'
import type { Ingest } from './ingest.svelte'

/** `waiting` and `reading` go on; `locked`: the password did not open it; `failed`: it went as before. */
export type Retry = 'waiting' | 'reading' | 'read' | 'locked' | 'failed' | 'stopped'

export class Retries {
  #byFile = $state.raw<ReadonlyMap<string, Ingest>>(new Map())

  note(files: IngestedFile[], ingest: Ingest): void {
    const next = new Map(this.#byFile)
    for (const file of files) next.set(fileKey(file), ingest)
    this.#byFile = next
  }

  ingestOf(file: IngestedFile): Ingest | undefined {
    return this.#byFile.get(fileKey(file))
  }

  /** Whether a file of this path, that could not be read before, was read. */
  wasRead(path: string): boolean {
    return [...new Set(this.#byFile.values())].some((ingest) => {
      const item = ingest.over ? ingest.item(path) : undefined
      return item !== undefined && item.failures.length === 0 && (item.state === 'read' || item.state === 'same')
    })
  }

  of(file: IngestedFile): Retry | null {
    const ingest = this.ingestOf(file)
    const item = ingest?.item(file.path)
    if (!ingest || !item) return null
    if (ingest.state === 'waiting' || item.state === 'waiting') return 'waiting'
    if (item.failures.length > 0) {
      const locked = ingest.hadPassword && item.failures.some(({ code }) => code === 'encrypted')
      return locked ? 'locked' : 'failed'
    }
    if (!ingest.over) return item.state === 'read' ? 'read' : 'reading'
    if (ingest.problem) return 'failed'
    return item.state === 'stopped' ? 'stopped' : 'read'
  }
}
