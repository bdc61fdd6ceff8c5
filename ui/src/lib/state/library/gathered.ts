// What comes in bursts, handed over once per frame: thousands of events a second must not be thousands of redraws.

/** A window that is not seen draws no frames, but goes on. */
const LONGEST_MS = 250

export class Gathered<T> {
  #waiting: T[] = []
  #frame = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly take: (all: T[]) => void) {}

  add(value: T): void {
    if (this.#waiting.push(value) > 1) return
    this.#frame = requestAnimationFrame(() => this.flush())
    this.#timer = setTimeout(() => this.flush(), LONGEST_MS)
  }

  /** Hands over now what waits. */
  flush(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    const all = this.#waiting
    this.#waiting = []
    if (all.length > 0) this.take(all)
  }
}
