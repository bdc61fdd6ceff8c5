// The question that is asked, the answer as it comes, and what was asked before.

import type { Answer } from '$lib/backend/backend'
import type { App } from './app.svelte'

export class Conversation {
  answers = $state.raw<Answer[]>([])

  constructor(readonly app: App) {}
}
