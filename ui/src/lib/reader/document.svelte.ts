// One document while it is open in the Reader: its text, its pages, what is marked, where to go next.

import { SvelteMap } from 'svelte/reactivity'
import type { Backend, DocumentView, Marks, Problem } from '$lib/backend/backend'
import { asProblem } from '$lib/state/app.svelte'
import type { Place } from '$lib/state/reader.svelte'
import { firstBlockAfter, splitRange, type Range } from './codepoints'
import { Search } from './search.svelte'
import type { PdfFile } from './pdf'

/** Where the view is to scroll. A new object is a new wish, also for the same place. */
export type Target = { page: number; range?: undefined } | { page: number | null; range: Range }

/** What became of a place that was asked for. */
export interface Arrival {
  place: Place
  marked: boolean
  page: number | null
  /** When, by the clock of the window: what has just arrived is shown to have. */
  time: number
}

export const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3]
export type Zoom = 'fit' | number

export class OpenDocument {
  view = $state.raw<DocumentView | null>(null)
  problem = $state.raw<Problem | null>(null)
  pdf = $state.raw<PdfFile | null>(null)
  /** The bytes are there, and still cannot be drawn. */
  undrawn = $state(false)
  /** The page in view. */
  page = $state(1)
  zoom = $state<Zoom>('fit')
  target = $state.raw<Target | null>(null)
  arrival = $state.raw<Arrival | null>(null)
  readonly search: Search
  #marks = new SvelteMap<string, Marks>()
  #asked = new Set<string>()
  #closed = false
  /** Counts wishes, so that a slow one does not undo a later one. */
  #wish = 0
  #place: Place | undefined

  constructor(
    readonly backend: Backend,
    readonly id: string,
    readonly version: number,
  ) {
    this.search = new Search((range) => void this.goTo(range))
  }

  /** Pages are drawn; otherwise the text is shown as it was read. */
  get drawn(): boolean {
    return this.view?.format === 'pdf' && this.view.original === 'same' && this.view.pages.length > 0 && !this.undrawn
  }

  async load(): Promise<void> {
    this.problem = null
    try {
      const view = await this.backend.view(this.id, this.version)
      this.search.blocks = view.blocks
      this.page = view.pages[0]?.page ?? 1
      this.view = view
    } catch (error) {
      this.problem = asProblem(error)
      return
    }
    if (this.drawn) void this.#openPages()
  }

  async #openPages(): Promise<void> {
    try {
      const [{ openPdf }, bytes] = await Promise.all([import('./pdf'), this.backend.pdf(this.id, this.version)])
      const pdf = await openPdf(bytes)
      if (this.#closed) pdf.close()
      else this.pdf = pdf
    } catch {
      this.undrawn = true
      // In the text the same place may be certain.
      if (this.#place) await this.arrive(this.#place)
    }
  }

  close(): void {
    this.#closed = true
    this.search.close()
    this.pdf?.close()
  }

  isAt(place: Place): boolean {
    return place.document_id === this.id && place.version_id === this.version
  }

  /** Goes to a place and says whether it could be marked. */
  async arrive(place: Place): Promise<void> {
    const { view } = this
    if (!view || this.#closed) return
    const wish = ++this.#wish
    this.#place = place
    if (place.end <= place.start) {
      if (place.page != null) this.target = { page: place.page }
      this.arrival = null
      return
    }
    const inText = splitRange(view.blocks, place).length > 0
    const marks = inText && this.drawn ? await this.marksOf(place) : null
    if (wish !== this.#wish) return
    const marked = inText && (marks ? marks.certain && marks.pages.length > 0 : !this.drawn)
    const page = marks?.pages[0]?.page ?? place.page ?? view.blocks[firstBlockAfter(view.blocks, place.start)]?.page ?? null
    this.arrival = { place, marked, page, time: performance.now() }
    if (marked) this.target = { page, range: place }
    else if (page !== null) this.target = { page }
  }

  async goTo(range: Range): Promise<void> {
    const { view } = this
    if (!view) return
    const wish = ++this.#wish
    const known = this.drawn ? (await this.marksOf(range)).pages[0]?.page : undefined
    if (wish !== this.#wish) return
    const page = known ?? view.blocks[firstBlockAfter(view.blocks, range.start)]?.page ?? null
    this.target = { page, range }
  }

  goToPage(page: number): void {
    this.#wish += 1
    const last = this.view?.pages.length ?? 0
    if (last > 0) this.target = { page: Math.max(1, Math.min(last, Math.round(page))) }
  }

  /** Rectangles of a range, if they have been asked for and have come. */
  known(range: Range): Marks | undefined {
    return this.#marks.get(`${range.start}-${range.end}`)
  }

  want(range: Range): void {
    const key = `${range.start}-${range.end}`
    if (!this.#asked.has(key)) void this.marksOf(range)
  }

  /** Rectangles of a range; a range whose marks cannot be had is not marked. */
  async marksOf(range: Range): Promise<Marks> {
    const key = `${range.start}-${range.end}`
    const known = this.#marks.get(key)
    if (known) return known
    this.#asked.add(key)
    const marks = await this.backend
      .marks(this.id, this.version, range.start, range.end)
      .catch((): Marks => ({ certain: false, pages: [] }))
    const certain = marks.certain ? marks : { certain: false, pages: [] }
    this.#marks.set(key, certain)
    return certain
  }

  zoomBy(step: 1 | -1, now: number): void {
    const next = step > 0 ? ZOOMS.find((zoom) => zoom > now + 0.01) : ZOOMS.findLast((zoom) => zoom < now - 0.01)
    if (next !== undefined) this.zoom = next
  }
}
