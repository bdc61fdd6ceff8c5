// The installed language models and how fast they were found to be.

import type { JobId, ModelCard, ModelSpeed } from '$lib/backend/backend'
import { type App, asProblem } from './app.svelte'

export class Models {
  cards = $state.raw<ModelCard[]>([])
  loaded = $state(false)
  /** By name of the model. */
  speeds = $state<Record<string, ModelSpeed>>({})
  /** The model that is being loaded. */
  loading = $state<string | null>(null)
  measuring = $state.raw<{ name: string; job: JobId } | null>(null)

  constructor(private readonly app: App) {}

  async load(): Promise<void> {
    this.cards = (await this.app.attempt(this.app.backend.models())) ?? this.cards
    this.loaded = true
  }

  /** The model that was added; null where none was chosen, or after the problem was said. */
  async add(): Promise<ModelCard | null> {
    const added = await this.app.attempt(this.app.backend.addModel())
    if (added) await this.load()
    return added
  }

  async use(name: string): Promise<boolean> {
    this.loading = name
    const used = await this.app.attempt(this.app.backend.useModel(name).then(() => true))
    await this.load()
    this.loading = null
    return used ?? false
  }

  async measure(name: string): Promise<void> {
    const job = crypto.randomUUID()
    this.measuring = { name, job }
    try {
      this.speeds[name] = await this.app.backend.measureModel(job, name)
    } catch (error) {
      const problem = asProblem(error)
      // Stopping is what was asked for.
      if (problem.code !== 'stopped' && this.measuring?.job === job) this.app.say(problem.message, 'bad')
    }
    if (this.measuring?.job === job) this.measuring = null
  }

  async stopMeasuring(): Promise<void> {
    const { measuring } = this
    this.measuring = null
    if (measuring) await this.app.attempt(this.app.backend.stop(measuring.job))
  }

  /** Where models run, as far as it was seen. */
  get device(): string | null {
    return Object.values(this.speeds).at(-1)?.device ?? null
  }
}
