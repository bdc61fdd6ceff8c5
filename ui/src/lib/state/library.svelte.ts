// What is in the vault, and the ingests that run.

import type { Library } from '$lib/backend/backend'
import type { App } from './app.svelte'

const EMPTY: Library = { collections: [], documents: [], failed: [], watched: [], unfinished: [] }

export class LibraryState {
  content = $state.raw<Library>(EMPTY)
  loaded = $state(false)

  constructor(private readonly app: App) {}

  async load(): Promise<void> {
    const content = await this.app.attempt(this.app.backend.library())
    if (content) this.content = content
    this.loaded = true
  }
}
