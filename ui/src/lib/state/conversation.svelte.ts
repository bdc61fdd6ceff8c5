// The question that is asked, the answer as it comes, and what was asked before.

import type { Answer, AskMode, ExportFormat, ListedAnswer, Problem } from '$lib/backend/backend'
import { t } from '$lib/i18n/index.svelte'
import type { App } from './app.svelte'
import { asProblem } from './app.svelte'
import { threads } from './history'
import type { LibraryState } from './library.svelte'
import { Running } from './running.svelte'

/** One answer of the conversation; null where it was blanked because a document it showed was removed. */
export interface Turn {
  id: string
  answer: Answer | null
  /** Where it was looked for; known only of what was asked since the start of the program. */
  searched?: Searched
}

export interface Searched {
  /** Empty where all documents or single ones were searched. */
  collections: string[]
  single: boolean
  documents: number
}

/** A question that came to no answer. */
export interface Ended {
  question: string
  /** Null where the user stopped it. */
  problem: Problem | null
}

/** The engine takes no longer question. */
export const LONGEST_QUESTION = 8_000

export class Conversation {
  /** What stands in the question box. */
  wording = $state('')
  /** Empty: all of them. Collections or single documents, not both. */
  collections = $state.raw<string[]>([])
  documents = $state.raw<string[]>([])

  turns = $state.raw<Turn[]>([])
  ended = $state.raw<Ended | null>(null)
  opening = $state(false)
  listed = $state.raw<ListedAnswer[]>([])
  listLoaded = $state(false)
  /** The answer whose evidence is shown; the last one where none was chosen. */
  at = $state<string | null>(null)
  /** Citations that the pointer or the focus is on. */
  pointed = $state.raw<{ answer: string; numbers: readonly number[] } | null>(null)

  #running = $state.raw<Running | null>(null)
  #thread = $state.raw(Symbol('conversation'))

  readonly threads = $derived(threads(this.listed))
  /** The answer being written in this conversation. */
  readonly running = $derived(this.#running?.thread === this.#thread ? this.#running : null)
  /** The answer being written in another one. */
  readonly elsewhere = $derived(this.#running && this.#running.thread !== this.#thread ? this.#running : null)
  readonly empty = $derived(this.turns.length === 0 && !this.running && !this.ended)
  /** The answer whose evidence is shown. */
  readonly shown = $derived(
    (this.turns.find((turn) => turn.id === this.at) ?? this.turns.at(-1))?.answer ?? null,
  )

  constructor(
    readonly app: App,
    private readonly library: LibraryState,
  ) {}

  get mode(): AskMode {
    return this.app.settings.mode
  }

  /** What the next question is asked in. */
  get scope(): Searched {
    const { documents } = this.library.content
    const inside = documents.filter((d) => this.collections.includes(d.collection)).length
    const chosen = this.collections.length > 0
    return {
      collections: this.collections,
      single: this.documents.length > 0,
      documents: this.documents.length || (chosen ? inside : documents.length),
    }
  }

  askEverywhere(): void {
    this.collections = []
    this.documents = []
  }

  /** Collections and single documents are not mixed: choosing among the ones lets go of the others. */
  chooseCollection(name: string, chosen: boolean): void {
    this.documents = []
    const others = this.collections.filter((other) => other !== name)
    this.collections = chosen ? [...others, name] : others
  }

  chooseDocument(id: string, chosen: boolean): void {
    this.collections = []
    const others = this.documents.filter((other) => other !== id)
    this.documents = chosen ? [...others, id] : others
  }

  /**
   * The next question is asked where an answer was looked for, as far as that is still there; false where nothing of it
   * is: no scope would be everything, which nobody asked for.
   */
  askWhere({ scope }: Answer): boolean {
    const { content, loaded } = this.library
    const known = (there: string[], named: string[] = []): string[] => {
      const all = new Set(there)
      return loaded ? named.filter((name) => all.has(name)) : named
    }
    const collections = known(content.collections.map(({ name }) => name), scope?.collections)
    const documents = known(content.documents.map(({ document_id }) => document_id), scope?.documents)
    if (scope && collections.length + documents.length === 0) return false
    this.collections = collections
    this.documents = documents
    return true
  }

  /** An empty page whose question is about these documents. */
  askIn(documents: string[]): void {
    this.begin()
    this.collections = []
    this.documents = documents
  }

  async loadHistory(): Promise<void> {
    const listed = await this.app.attempt(this.app.backend.answers())
    this.listLoaded = true
    if (!listed) return
    this.listed = listed
    const blanked = new Set(listed.filter((answer) => answer.blanked).map((answer) => answer.id))
    if (this.turns.some((turn) => turn.answer && blanked.has(turn.id))) {
      this.turns = this.turns.map((turn) => (blanked.has(turn.id) ? { ...turn, answer: null } : turn))
    }
  }

  /** An empty page; an answer that is being written goes on. */
  begin(): void {
    this.#thread = Symbol('conversation')
    this.turns = []
    this.ended = null
    this.opening = false
    this.at = null
    this.pointed = null
    this.app.view = 'ask'
  }

  /** Back to the answer that is being written. */
  goOn(): void {
    if (!this.#running) return
    this.begin()
    this.#thread = this.#running.thread
    this.turns = this.#running.before
  }

  async ask(question = this.wording.trim()): Promise<void> {
    if (!question || this.#running || [...question].length > LONGEST_QUESTION) return
    const running = new Running(question, this.#thread, this.turns)
    const searched = this.scope
    this.#running = running
    this.ended = null
    this.at = null
    this.wording = ''
    try {
      const answer = await this.app.backend.ask(
        running.job,
        {
          question,
          mode: this.mode,
          collections: this.collections,
          documents: this.documents,
          after: this.turns.findLast((turn) => turn.answer)?.id ?? null,
        },
        (event) => running.take(event),
      )
      if (this.#thread === running.thread) this.turns = [...running.before, { id: answer.id, answer, searched }]
      else this.app.say(t().common.rail.ready)
    } catch (error) {
      if (this.#thread === running.thread) {
        this.ended = { question, problem: running.stopping ? null : asProblem(error) }
      } else if (!running.stopping) {
        this.app.say(asProblem(error).message, 'bad')
      }
    } finally {
      this.#running = null
    }
    await this.loadHistory()
  }

  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running.stopping = true
    await this.app.attempt(this.app.backend.stop(this.#running.job))
  }

  /** Opens the conversation that ends with an answer. */
  async open(id: string): Promise<void> {
    this.begin()
    const thread = this.#thread
    this.opening = true
    const turns: Turn[] = []
    try {
      let next: string | null | undefined = id
      while (next && !turns.some((turn) => turn.id === next)) {
        const turn: Turn = { id: next, answer: await this.#stored(next) }
        turns.unshift(turn)
        next = turn.answer ? turn.answer.after : this.listed.find((listed) => listed.id === turn.id)?.after
      }
    } catch (error) {
      // The one before was forgotten: the conversation begins after it.
      if (turns.length === 0 && thread === this.#thread) {
        this.ended = { question: '', problem: asProblem(error) }
      }
    }
    if (thread !== this.#thread) return
    this.turns = turns
    this.opening = false
  }

  async forget(id: string): Promise<void> {
    try {
      await this.app.backend.forgetAnswer(id)
    } catch (error) {
      this.app.say(asProblem(error).message, 'bad')
      return
    }
    this.turns = this.turns.filter((turn) => turn.id !== id)
    if (this.at === id) this.at = null
    await this.loadHistory()
  }

  /** Writes answers into a file and says where it is. */
  async export(ids: string[], format: ExportFormat): Promise<void> {
    const path = await this.app.attempt(this.app.backend.exportAnswers(ids, format))
    if (path) this.app.say(t().ask.actions.exported(path))
  }

  exportAll(format: ExportFormat): Promise<void> {
    return this.export(this.turns.filter((turn) => turn.answer).map((turn) => turn.id), format)
  }

  point(answer: string, numbers: readonly number[]): void {
    this.pointed = { answer, numbers }
  }

  async #stored(id: string): Promise<Answer | null> {
    try {
      return await this.app.backend.answer(id)
    } catch (error) {
      if (asProblem(error).code === 'answer_blanked') return null
      throw error
    }
  }
}
