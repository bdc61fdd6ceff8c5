// The ingests of this window: one runs, the others wait for it.

import type { Backend } from '$lib/backend/backend'
import { Ingest, type Source } from './ingest.svelte'

export class Ingests {
  /** Oldest first; those that are over stay until they are dismissed. */
  all = $state<Ingest[]>([])

  constructor(
    private readonly backend: Backend,
    private readonly committed: () => void,
    private readonly ended: (ingest: Ingest) => Promise<void>,
  ) {}

  get active(): Ingest | undefined {
    return this.all.find(({ over, state }) => !over && state !== 'waiting')
  }

  get waiting(): number {
    return this.all.filter(({ state }) => state === 'waiting').length
  }

  /** Shows its rows at once; `paths` are what the rows say. */
  begin(source: Source, paths: string[], passwords: string[] = []): Ingest {
    const ingest = new Ingest(this.backend, source, paths, passwords, this.committed)
    this.all.push(ingest)
    void this.#next()
    return ingest
  }

  /** Asks once more for all that an ingest was asked for. */
  again({ source, items, passwords }: Ingest): Ingest {
    return this.begin(source, items.map(({ path }) => path).filter(Boolean), passwords)
  }

  dismiss(ingest: Ingest): void {
    this.all = this.all.filter(({ id }) => id !== ingest.id)
  }

  async #next(): Promise<void> {
    if (this.active) return
    const ingest = this.all.find(({ state }) => state === 'waiting')
    if (!ingest) return
    await ingest.run()
    await this.ended(ingest)
    await this.#next()
  }
}
