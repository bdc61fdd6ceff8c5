// The scope of a question in words.

import { number, t } from '$lib/i18n/index.svelte'
import type { Searched } from './conversation.svelte'

export function inWords(scope: Searched): string {
  const words = t().ask.scope
  if (scope.single) return words.chosen(number(scope.documents), scope.documents === 1)
  return scope.collections.length > 0 ? scope.collections.join(', ') : words.all
}
