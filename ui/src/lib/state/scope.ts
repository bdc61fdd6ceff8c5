// The scope of a question in words.

import type { AnswerScope, LibraryDocument } from '$lib/backend/backend'
import { number, t } from '$lib/i18n/index.svelte'
import type { Searched } from './conversation.svelte'

export function inWords(scope: Searched): string {
  const words = t().ask.scope
  if (scope.single) return words.chosen(number(scope.documents), scope.documents === 1)
  return scope.collections.length > 0 ? scope.collections.join(', ') : words.all
}

/**
 * The names of what an answer was looked for in: collections, then documents by title; of more than `most` only how many.
 * `documents` is the library as it is now, null where it is not known yet.
 */
export function names(scope: AnswerScope, documents: LibraryDocument[] | null, most = 5): string[] {
  const words = t().ask.scope
  const count = scope.documents.length
  if (!documents) return count > 0 ? [...scope.collections, words.chosen(number(count), count === 1)] : scope.collections
  const titles = new Map(documents.map((document) => [document.document_id, document.title]))
  const there = scope.documents.flatMap((id) => titles.get(id) ?? [])
  const gone = count - there.length
  const all = [...scope.collections, ...there]
  const left = all.length - most
  return [
    ...(left > 1 ? all.slice(0, most) : all),
    ...(left > 1 ? [words.more(number(left))] : []),
    ...(gone > 0 ? [words.gone(number(gone), gone === 1)] : []),
  ]
}
