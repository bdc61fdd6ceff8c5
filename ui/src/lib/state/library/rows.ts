// Which documents the Library lists, and in what order.

import type { LibraryDocument } from '$lib/backend/backend'

export type SortKey = 'title' | 'date'
export interface Sort {
  key: SortKey
  descending: boolean
}

/** Sorted apart from the search, which follows every key: to sort 10,000 titles takes longer than a frame. */
export function sorted(documents: LibraryDocument[], sort: Sort, language: string): LibraryDocument[] {
  const collator = new Intl.Collator(language, { numeric: true, sensitivity: 'base' })
  const compare = {
    title: (a: LibraryDocument, b: LibraryDocument) => collator.compare(a.title, b.title),
    // RFC 3339 in UTC sorts as text.
    date: (a: LibraryDocument, b: LibraryDocument) => (a.ingested_at < b.ingested_at ? -1 : a.ingested_at > b.ingested_at ? 1 : 0),
  }[sort.key]
  const order = documents.toSorted(compare)
  return sort.descending ? order.reverse() : order
}

/** Documents with every word of the search in their title or path. */
export function searched(documents: LibraryDocument[], search: string, collection: string | null): LibraryDocument[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return documents.filter((document) => {
    if (collection !== null && document.collection !== collection) return false
    if (words.length === 0) return true
    const text = `${document.title}\n${document.path}\n${document.part ?? ''}`.toLocaleLowerCase()
    return words.every((word) => text.includes(word))
  })
}
