// Finding a command or a document by a few of its letters.

/** How well `name` fits what was typed: higher is better, null where it does not. */
export function fit(typed: string, name: string): number | null {
  const sought = plain(typed).split(' ').filter(Boolean)
  const text = plain(name)
  let total = 0
  for (const word of sought) {
    const found = one(word, text)
    if (found === null) return null
    total += found
  }
  return total - text.length / 1000
}

/** The best `most` of a list, best first; all in their order where nothing was typed. */
export function best<T>(typed: string, list: T[], name: (item: T) => string, most: number): T[] {
  if (!typed.trim()) return list.slice(0, most)
  return list
    .map((item) => ({ item, score: fit(typed, name(item)) }))
    .filter((found): found is { item: T; score: number } => found.score !== null)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ item }) => item)
}

function one(word: string, text: string): number | null {
  if (text.startsWith(word)) return 4
  if (text.includes(` ${word}`)) return 3
  if (text.includes(word)) return 2
  if (word.length < 3) return null
  // Letters in order, with gaps: “nwq” finds “new question”.
  let at = 0
  for (const letter of word) {
    at = text.indexOf(letter, at) + 1
    if (at === 0) return null
  }
  return 1
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim()
}
