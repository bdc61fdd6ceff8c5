// How much of a document was read, page by page.

import type { PageCounts, PageStatus } from '$lib/backend/backend'

export type PageState = 'text' | 'ocr' | 'blank' | 'no_text' | 'unreadable'

/** In the order in which a bar shows them: what was read first. */
export const PAGE_STATES: readonly PageState[] = ['text', 'ocr', 'blank', 'no_text', 'unreadable']

export function stateOf(status: PageStatus): PageState {
  if (typeof status === 'string') return status
  return 'ocr' in status ? 'ocr' : 'unreadable'
}

/** Pages that show something of which nothing can be found or quoted. */
export function unreadPages(counts: PageCounts): number {
  return counts.no_text + counts.unreadable
}

export interface Stretch {
  state: PageState
  /** First and last page, counted from 1. */
  from: number
  to: number
}

/**
 * The pages as at most `cells` cells. A cell of several pages shows the worst of them, so that a single page that could
 * not be read is still seen among a thousand.
 */
export function pageCells(statuses: PageStatus[], cells: number): Stretch[] {
  const perCell = Math.max(1, Math.ceil(statuses.length / cells))
  const stretches: Stretch[] = []
  for (let from = 0; from < statuses.length; from += perCell) {
    const states = statuses.slice(from, from + perCell).map(stateOf)
    // A blank page is no loss: it only stands for a cell that is blank throughout.
    const weight = (state: PageState) => (state === 'blank' ? -1 : PAGE_STATES.indexOf(state))
    const state = states.reduce((worst, next) => (weight(next) > weight(worst) ? next : worst))
    stretches.push({ state, from: from + 1, to: from + states.length })
  }
  return stretches
}
