// The search in the open document.

import type { ViewBlock } from '$lib/backend/backend'
import type { Range } from './codepoints'
import { findAll, firstFrom, MOST_FOUND, type Found } from './find'

export class Search {
  open = $state(false)
  query = $state('')
  found = $state.raw<Found[]>([])
  at = $state(0)
  /** The found places belong to the query as it stands. */
  settled = $state(true)
  blocks: readonly ViewBlock[] = []
  #running: AbortController | undefined

  constructor(private readonly goTo: (range: Range) => void) {}

  get current(): Found | undefined {
    return this.found[this.at]
  }

  get more(): boolean {
    return this.found.length >= MOST_FOUND
  }

  /** Searches and goes to the first match from `offset` on. */
  async run(offset: number): Promise<void> {
    this.#running?.abort()
    const running = (this.#running = new AbortController())
    this.settled = false
    const found = await findAll(this.blocks, this.query, running.signal)
    if (found === null || running.signal.aborted) return
    this.found = found
    this.at = firstFrom(found, offset)
    this.settled = true
    if (this.current) this.goTo(this.current)
  }

  step(by: 1 | -1): void {
    if (this.found.length === 0) return
    this.at = (this.at + by + this.found.length) % this.found.length
    this.goTo(this.found[this.at]!)
  }

  close(): void {
    this.#running?.abort()
    this.open = false
    this.query = ''
    this.found = []
    this.at = 0
    this.settled = true
  }
}
