// How much of an ingest is done and how much is left, in pages: a file is the fewest pages, and a file without pages is one.

/** A page counts half when its text is read, and whole when that is embedded. */
const READ = 0.5

interface InHand {
  /** Null while the file has not told. */
  pages: number | null
  read: number
  recognized: number
  /** Share of its passages that is embedded. */
  embedded: number
  /** Pages of its documents that are in the library. */
  stored: number
}

export class Workload {
  #files = 0
  #filesDone = 0
  #pagesDone = 0
  readonly #inHand = new Map<string, InHand>()

  /** Files to look at, besides those that were found before. */
  found(files: number): void {
    this.#files += files
  }

  begin(path: string): InHand {
    let file = this.#inHand.get(path)
    if (!file) this.#inHand.set(path, (file = { pages: null, read: 0, recognized: 0, embedded: 0, stored: 0 }))
    return file
  }

  page(path: string, page: number, of: number, recognizing: boolean): void {
    const file = this.begin(path)
    // In an archive one document with pages follows the other.
    if (page - 1 < file.read) file.recognized = 0
    file.pages = of
    file.read = page - 1
    if (recognizing) file.recognized = Math.min(file.recognized + 1, page)
  }

  embedding(path: string, chunks: number, of: number): void {
    const file = this.begin(path)
    file.read = file.pages ?? 0
    file.embedded = of > 0 ? chunks / of : 0
  }

  document(path: string, pages: number): void {
    const file = this.begin(path)
    file.stored += Math.max(1, pages)
    file.pages = null
    file.read = file.recognized = file.embedded = 0
  }

  /** A file that nothing had to be done for was not in hand, and is no work. */
  fileDone(path: string): void {
    const file = this.#inHand.get(path)
    this.#filesDone += 1
    if (!file) return
    this.#pagesDone += Math.max(1, file.stored, file.pages ?? 0)
    this.#inHand.delete(path)
  }

  get done(): number {
    let done = this.#pagesDone
    for (const { pages, read, embedded, stored } of this.#inHand.values()) done += stored + READ * read + (1 - READ) * embedded * (pages ?? 0)
    return done
  }

  get left(): number {
    // What is not known yet is taken to be as large as what was.
    const usual = this.#filesDone > 0 ? this.#pagesDone / this.#filesDone : 1
    let left = Math.max(0, this.#files - this.#filesDone - this.#inHand.size) * usual
    for (const { pages, read, embedded, stored } of this.#inHand.values()) {
      left += pages === null ? (stored > 0 ? 0 : usual) : pages - READ * read - (1 - READ) * embedded * pages
    }
    return left
  }

  /** Pages of files in hand that were read but are not in the library yet. */
  get pagesInHand(): { read: number; recognized: number } {
    const sum = { read: 0, recognized: 0 }
    for (const { read, recognized } of this.#inHand.values()) {
      sum.read += read
      sum.recognized += Math.min(recognized, read)
    }
    return sum
  }
}
