// Passages beside an answer: which citations lie in which passage, and where in its text.

import type { Answer, Citation, Passage } from '$lib/backend/backend'
import type { Place } from './reader.svelte'

export interface Card {
  passage: Passage
  /** The citations of the answer that lie in it. */
  citations: Citation[]
  used: boolean
}

/** A stretch of an excerpt; `cited` is the number of the citation that it carries. */
export interface Stretch {
  text: string
  cited: number | null
}

export function holds(passage: Passage, citation: Citation): boolean {
  return (
    passage.document_id === citation.document_id &&
    passage.version_id === citation.version_id &&
    passage.start <= citation.start &&
    citation.end <= passage.end
  )
}

/** Used passages first, in the order of their citations, then those that were only read. */
export function cards(passages: Passage[], citations: Citation[]): Card[] {
  const all = passages.map((passage): Card => {
    const inside = citations.filter((citation) => holds(passage, citation))
    return { passage, citations: inside, used: inside.length > 0 || passage.used === true }
  })
  const first = (card: Card) => card.citations[0]?.number ?? Infinity
  return [
    ...all.filter((card) => card.used).sort((a, b) => first(a) - first(b) || a.passage.rank - b.passage.rank),
    ...all.filter((card) => !card.used).sort((a, b) => a.passage.rank - b.passage.rank),
  ]
}

/**
 * A few lines of a passage around what is cited, with the cited words marked. A citation whose words do not stand where
 * it points is not marked at all.
 */
export function excerpt(passage: Passage, citations: Citation[], most = 320): { stretches: Stretch[]; cut: boolean } {
  // Offsets count code points, strings count UTF-16 units.
  const letters = [...passage.text]
  const marks = citations
    .map((c) => ({ number: c.number, start: c.start - passage.start, end: c.end - passage.start, quote: c.quote }))
    .filter((m) => m.start >= 0 && m.end <= letters.length)
    .filter((m) => same(letters.slice(m.start, m.end).join(''), m.quote))
    .sort((a, b) => a.start - b.start)
  const begin = lead(letters, marks[0]?.start ?? 0)
  const end = wordEnd(letters, Math.max(begin + most, marks[0]?.end ?? 0))
  const stretches: Stretch[] = []
  let at = begin
  for (const mark of marks) {
    if (mark.start >= end || mark.end <= at) continue
    const from = Math.max(mark.start, at)
    if (from > at) stretches.push({ text: letters.slice(at, from).join(''), cited: null })
    const to = Math.min(mark.end, end)
    stretches.push({ text: letters.slice(from, to).join(''), cited: mark.number })
    at = to
  }
  if (at < end) stretches.push({ text: letters.slice(at, end).join(''), cited: null })
  return { stretches: ellipses(stretches, begin > 0, end < letters.length), cut: end < letters.length }
}

/** How near each passage came, against the nearest of its kind: 0 to 1, null where that search did not find it. */
export function nearness(passage: Passage, among: Passage[]): { words: number | null; meaning: number | null } {
  const share = (score: number | null | undefined, best: number) =>
    score === null || score === undefined ? null : best > 0 ? Math.max(0, Math.min(1, score / best)) : 0
  const best = (kind: 'keyword' | 'vector') => Math.max(0, ...among.map((p) => p.scores[kind] ?? 0))
  return {
    words: share(passage.scores.keyword, best('keyword')),
    meaning: share(passage.scores.vector, best('vector')),
  }
}

/** The citations of an answer as places that the Reader steps through. */
export function citedPlaces(answer: Answer): Place[] {
  return answer.citations.map((c) => ({
    document_id: c.document_id,
    version_id: c.version_id,
    start: c.start,
    end: c.end,
    page: c.page,
    number: c.number,
  }))
}

export function passagePlaces(passages: Passage[]): Place[] {
  return passages.map(({ document_id, version_id, start, end, page }) => ({ document_id, version_id, start, end, page }))
}

/** Where a sentence begins, at most a little before the cited words. */
function lead(letters: string[], start: number): number {
  const reach = 140
  if (start <= reach) return 0
  for (let at = start - reach; at <= start; at++) {
    if (/[.!?\n]/.test(letters[at - 2] ?? '') && /\s/.test(letters[at - 1] ?? '')) return at
  }
  for (let at = start - reach / 2; at < start; at++) if (/\s/.test(letters[at - 1] ?? '')) return at
  return start
}

/** The end of the word before, where the text goes on. */
function wordEnd(letters: string[], end: number): number {
  if (end >= letters.length) return letters.length
  let at = end
  while (at > end - 24 && /\S/.test(letters[at] ?? '')) at--
  return at > end - 24 ? at : end
}

function ellipses(stretches: Stretch[], before: boolean, after: boolean): Stretch[] {
  const made = [...stretches]
  if (before) made.unshift({ text: '… ', cited: null })
  if (after) made.push({ text: ' …', cited: null })
  return made
}

function same(one: string, other: string): boolean {
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim()
  return plain(one) === plain(other)
}
