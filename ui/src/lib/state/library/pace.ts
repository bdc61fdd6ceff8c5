// How long an ingest still takes, from the files that are done.

/** Weight of the newest stretch; files differ much in size, so that a single large one must not swing the estimate. */
const NEWEST = 0.3
/** No estimate is shown before so many files are done, or so much time has gone by. */
const LEAST_FILES = 2
const LEAST_MS = 1500

export class Pace {
  #perFile: number | null = null
  #done = 0
  #at: number | null = null
  #spent = 0

  /** `done` files are done at the time `at`, in milliseconds. */
  note(done: number, at: number): void {
    if (this.#at === null) {
      this.#at = at
      this.#done = done
      return
    }
    const files = done - this.#done
    if (files <= 0) return
    const elapsed = at - this.#at
    const perFile = elapsed / files
    // Several files at once weigh as much as if they had come one by one.
    const weight = 1 - (1 - NEWEST) ** files
    this.#perFile = this.#perFile === null ? perFile : this.#perFile + weight * (perFile - this.#perFile)
    this.#done = done
    this.#at = at
    this.#spent += elapsed
  }

  /** Time that went by without work, such as a pause, does not count. */
  skip(milliseconds: number): void {
    if (this.#at !== null) this.#at += milliseconds
  }

  /** Milliseconds until `total` files are done; null while that would be a guess. */
  remaining(total: number): number | null {
    if (this.#perFile === null || this.#done < LEAST_FILES || this.#spent < LEAST_MS) return null
    return Math.max(0, total - this.#done) * this.#perFile
  }
}
