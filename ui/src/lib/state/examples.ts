// Questions to begin with, made of what is in the library.

import type { LibraryDocument } from '$lib/backend/backend'

export type Example = { kind: 'about'; title: string } | { kind: 'mention'; word: string }

/** At most three: two documents of different collections to ask about, and a word that several titles share. */
export function examples(documents: LibraryDocument[]): Example[] {
  const telling = documents.filter(({ title }) => title.length >= 8 && title.length <= 56 && isProse(title))
  const first = telling[0]
  const second = telling.find((d) => d.collection !== first?.collection) ?? telling.find((d) => d.title !== first?.title)
  const word = shared(telling)
  const made: Example[] = [first, second].flatMap((d) => (d ? [{ kind: 'about', title: d.title } as const] : []))
  if (word) made.push({ kind: 'mention', word })
  return made
}

/** Words, not a file name or a number. */
function isProse(title: string): boolean {
  return /\p{L}{3,}\s+\S/u.test(title) && !/[_/\\]|\.\w{2,4}$/.test(title)
}

function shared(documents: LibraryDocument[]): string | null {
  const counts = new Map<string, number>()
  for (const title of new Set(documents.slice(0, 500).map((d) => d.title))) {
    for (const word of new Set(title.toLowerCase().match(/\p{L}{5,}/gu) ?? [])) {
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
  const common = [...counts].filter(([, n]) => n > 1).sort((a, b) => b[1] - a[1])[0]
  return common?.[0] ?? null
}
