// The document that is open in the Reader, and the place that is marked.

import type { App } from './app.svelte'

/** A place to open; offsets count code points of the document's text. Where they are equal, nothing is to be marked. */
export interface Place {
  document_id: string
  version_id: number
  start: number
  end: number
  page?: number | null
  /** The number of the citation that it is, if it is one. */
  number?: number
}

export class ReaderState {
  /** Citations or passages that J and K step through. */
  places = $state.raw<Place[]>([])
  at = $state(0)
  open = $state(false)

  constructor(readonly app: App) {}

  get place(): Place | undefined {
    return this.places[this.at]
  }

  /** Opens a place; `among` is what "next" and "previous" step through. */
  show(place: Place, among: Place[] = [place]): void {
    this.places = among.includes(place) ? among : [place]
    this.at = this.places.indexOf(place)
    this.open = true
  }

  close(): void {
    this.open = false
  }

  /** One place on or back; the first and the last are ends. */
  step(by: 1 | -1): void {
    const at = this.at + by
    if (at >= 0 && at < this.places.length) this.at = at
  }
}
