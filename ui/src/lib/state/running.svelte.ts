// An answer while it is being written.

import type { AskEvent, JobId, Passage } from '$lib/backend/backend'
import type { Checked } from './draft'
import { pieces } from './draft'
import type { Turn } from './conversation.svelte'

export class Running {
  readonly job: JobId = crypto.randomUUID()
  /** What was found so far; null before anything was. */
  passages = $state.raw<Passage[] | null>(null)
  searched = $state.raw<{ documents: number; of: number } | null>(null)
  draft = $state('')
  checked = $state.raw<Checked[]>([])
  /** The first draft did not hold; this is the second. */
  again = $state(false)
  stopping = $state(false)

  /** The draft sentence by sentence. */
  readonly pieces = $derived(pieces(this.draft, this.checked))
  readonly phase = $derived.by((): 'searching' | 'reading' | 'writing' | 'checking' => {
    if (this.checked.length > 0) return 'checking'
    if (this.draft) return 'writing'
    return this.passages ? 'reading' : 'searching'
  })

  constructor(
    readonly question: string,
    /** The conversation that it goes on from. */
    readonly thread: symbol,
    readonly before: Turn[],
  ) {}

  take(event: AskEvent): void {
    switch (event.event) {
      case 'passages': {
        // A question with several parts is searched for part by part.
        const known = this.passages ?? []
        const fresh = event.passages.filter(
          (p) => !known.some((k) => k.version_id === p.version_id && k.start === p.start && k.document_id === p.document_id),
        )
        if (known.length > 0) this.#nextPart()
        this.passages = [...known, ...fresh]
        break
      }
      case 'searched':
        this.searched = { documents: event.documents, of: event.of }
        break
      case 'draft':
        this.draft += event.text
        break
      case 'retry':
        this.draft = this.#kept
        this.checked = this.#keptChecks
        this.again = true
        break
      case 'checked':
        this.checked = [...this.checked, { text: event.text, verdict: event.verdict }]
        break
    }
  }

  /** What earlier parts of the question came to; a new draft of a later part leaves it alone. */
  #kept = ''
  #keptChecks: Checked[] = []

  #nextPart(): void {
    if (this.draft) this.draft += ' '
    this.#kept = this.draft
    this.#keptChecks = this.checked
  }
}
