// What the whole window shares: the backend, where one is, settings, and the problem that stands in the way, if any.

import type { Backend, Opened, Problem, Settings } from '$lib/backend/backend'
import { isProblem } from '$lib/backend/backend'
import { setLanguage } from '$lib/i18n/index.svelte'
import { RECOMMENDED } from './settings'

export type View = 'ask' | 'library' | 'settings'

export class App {
  view = $state<View>('ask')
  opened = $state<Opened | null>(null)
  /** Why the vault cannot be opened. */
  problem = $state<Problem | null>(null)
  settings = $state.raw<Settings>(RECOMMENDED)
  /** The settings that the vault was opened with; some are read only then. */
  openedWith = $state.raw<Settings | null>(null)
  paletteOpen = $state(false)
  /** A passing message; spoken by screen readers. */
  notice = $state<{ text: string; kind: 'plain' | 'bad' } | null>(null)
  /** Told each vault that is opened. */
  onopen: ((opened: Opened) => void) | undefined
  #fading: ReturnType<typeof setTimeout> | undefined

  constructor(readonly backend: Backend) {}

  async start(): Promise<void> {
    try {
      this.settings = await this.backend.settings()
      this.applySettings()
      const settings = this.settings
      this.enter(await this.backend.open(), settings)
    } catch (error) {
      this.opened = null
      this.problem = asProblem(error)
    }
  }

  /**
   * Opens the vault again, so that all settings hold; whether it is open. Models that are still being loaded since the
   * last opening keep hold of it until they are.
   */
  async reopen(rest = 500): Promise<boolean> {
    for (let tries = 1; ; tries += 1) {
      try {
        const settings = this.settings
        this.enter(await this.backend.open(), settings)
        return true
      } catch (error) {
        const problem = asProblem(error)
        if (problem.code !== 'vault_in_use' || tries === 40) {
          this.opened = null
          this.problem = problem
          return false
        }
        await new Promise((resolve) => setTimeout(resolve, rest))
      }
    }
  }

  /** Takes the window to a vault that was opened with these settings. */
  enter(opened: Opened, settings = this.settings): void {
    this.opened = opened
    this.openedWith = settings
    this.problem = null
    this.onopen?.(opened)
  }

  async changeSettings(change: Partial<Settings>): Promise<void> {
    this.settings = { ...this.settings, ...change }
    this.applySettings()
    await this.attempt(this.backend.setSettings(this.settings))
  }

  applySettings(): void {
    setLanguage(this.settings.language)
    const root = document.documentElement
    const { theme } = this.settings
    const contrast = theme === 'contrast' || (theme === 'system' && matchMedia('(prefers-contrast: more)').matches)
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
    else delete root.dataset.theme
    if (contrast) root.dataset.contrast = 'more'
    else delete root.dataset.contrast
  }

  say(text: string, kind: 'plain' | 'bad' = 'plain'): void {
    this.notice = { text, kind }
    clearTimeout(this.#fading)
    this.#fading = setTimeout(() => (this.notice = null), kind === 'bad' ? 12_000 : 4_000)
  }

  /** The value, or null after the problem was said. */
  async attempt<T>(work: Promise<T>): Promise<T | null> {
    try {
      return await work
    } catch (error) {
      const problem = asProblem(error)
      // Found only now: an empty library would pretend that nothing was ever in it.
      if (problem.code === 'catalog_damaged') this.problem = problem
      else this.say(told(problem), 'bad')
      return null
    }
  }
}

/** What was wrong and what to do, in a line. */
export function told(problem: Problem): string {
  return [problem.message, problem.hint].filter(Boolean).join(' ')
}

export function asProblem(error: unknown): Problem {
  return isProblem(error) ? error : { code: 'internal', message: String(error), hint: '' }
}
