// Things of different heights one under the other, of which only those in view are drawn.

export class Stack {
  /** Tops of each thing, and the bottom of the last. */
  readonly #tops: Float64Array

  constructor(heights: ArrayLike<number>, gap = 0, first = 0) {
    this.#tops = new Float64Array(heights.length + 1)
    this.#tops[0] = first
    for (let index = 0; index < heights.length; index++) {
      this.#tops[index + 1] = this.#tops[index]! + heights[index]! + gap
    }
  }

  get count(): number {
    return this.#tops.length - 1
  }

  get height(): number {
    return this.#tops[this.count]!
  }

  top(index: number): number {
    return this.#tops[Math.max(0, Math.min(index, this.count))]!
  }

  /** Index of the thing at a height; the gap under a thing belongs to it. */
  at(y: number): number {
    let [low, high] = [0, this.count - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#tops[middle]! <= y) low = middle
      else high = middle - 1
    }
    return Math.max(0, low)
  }

  /** First and, not included, last of the things between two heights, and `around` more on both sides. */
  between(top: number, bottom: number, around = 0): { from: number; to: number } {
    if (this.count === 0) return { from: 0, to: 0 }
    return {
      from: Math.max(0, this.at(top) - around),
      to: Math.min(this.count, this.at(Math.max(top, bottom)) + 1 + around),
    }
  }
}
