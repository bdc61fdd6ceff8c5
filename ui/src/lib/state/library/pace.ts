// How long an ingest still takes, from the work that was done over time.

/** The estimate looks back over this share of the time gone by, but over no less than `LEAST_SIGHT_MS`. */
const SIGHT = 0.5
const LEAST_SIGHT_MS = 60_000
/** Nothing is said before so much time has gone by and so much work is done, */
const LEAST_MS = 4_000
const LEAST_WORK = 3
/** nor once nothing has come of it for so long: how long that goes on, nobody knows. */
const SILENT_MS = 30_000
/** How slowly what is shown follows what is calculated. */
const FOLLOW_MS = 8_000

export class Pace {
  #at: number | null = null
  #done = 0
  #gainedAt = 0
  #spent = 0
  #gained = 0
  /** Work and time, of which the older weighs less. */
  #recentWork = 0
  #recentTime = 0
  #shown: number | null = null

  /**
   * Takes note that at the time `at`, in milliseconds, so much work is done and so much is left, in the same unit. Gives
   * the milliseconds that are left; null while that would be a guess.
   */
  note(done: number, left: number, at: number): number | null {
    if (this.#at === null) {
      this.#at = this.#gainedAt = at
      this.#done = done
      return null
    }
    const elapsed = Math.max(0, at - this.#at)
    const gained = Math.max(0, done - this.#done)
    const kept = Math.exp(-elapsed / Math.max(LEAST_SIGHT_MS, this.#spent * SIGHT))
    this.#recentWork = this.#recentWork * kept + gained
    this.#recentTime = this.#recentTime * kept + elapsed
    this.#spent += elapsed
    this.#gained += gained
    this.#at = at
    this.#done = done
    if (gained > 0) this.#gainedAt = at
    this.#shown = this.#follow(left, elapsed, at)
    return this.#shown
  }

  #follow(left: number, elapsed: number, at: number): number | null {
    if (this.#spent < LEAST_MS || this.#gained < LEAST_WORK || at - this.#gainedAt > SILENT_MS) return null
    const calculated = (left * this.#recentTime) / this.#recentWork
    if (this.#shown === null || left === 0) return calculated
    const expected = Math.max(0, this.#shown - elapsed)
    return expected + (1 - Math.exp(-elapsed / FOLLOW_MS)) * (calculated - expected)
  }

  /** Time that went by without work, such as a pause, does not count. */
  skip(milliseconds: number): void {
    if (this.#at === null) return
    this.#at += milliseconds
    this.#gainedAt += milliseconds
  }
}
