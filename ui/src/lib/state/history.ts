// Earlier answers as the rail lists them: what was asked on from another answer belongs to one conversation.

import type { ListedAnswer } from '$lib/backend/backend'

export interface Thread {
  /** The answer that was given last; opening it opens the conversation. */
  last: string
  /** All of its answers, first to last. */
  ids: string[]
  /** What was asked first; empty where that is gone. */
  question: string
  /** When it was last asked in. */
  at: string
  shape: 'answered' | 'not_found' | 'blanked'
}

export interface Day {
  /** `today`, `yesterday`, or the date itself. */
  day: 'today' | 'yesterday' | string
  threads: Thread[]
}

/** Conversations, newest first. Answers whose predecessor was forgotten begin one of their own. */
export function threads(listed: ListedAnswer[]): Thread[] {
  const known = new Map(listed.map((answer) => [answer.id, answer]))
  const members = new Map<string, ListedAnswer[]>()
  for (const answer of listed) {
    let first = answer
    const seen = new Set([first.id])
    for (;;) {
      const before = first.after ? known.get(first.after) : undefined
      if (!before || seen.has(before.id)) break
      seen.add(before.id)
      first = before
    }
    members.set(first.id, [...(members.get(first.id) ?? []), answer])
  }
  const made = [...members.values()].map((answers): Thread => {
    const inOrder = answers.toSorted((a, b) => a.created_at.localeCompare(b.created_at))
    const kept = inOrder.filter((answer) => !answer.blanked)
    const last = inOrder.at(-1)!
    return {
      last: last.id,
      ids: inOrder.map((answer) => answer.id),
      question: kept[0]?.question ?? '',
      at: last.created_at,
      shape: kept.length === 0 ? 'blanked' : kept.some((a) => a.outcome === 'answered') ? 'answered' : 'not_found',
    }
  })
  return made.toSorted((a, b) => b.at.localeCompare(a.at))
}

/** Grouped by the day of the reader's clock. */
export function days(list: Thread[], now: Date): Day[] {
  const yesterday = new Date(now)
  yesterday.setDate(now.getDate() - 1)
  const groups: Day[] = []
  for (const thread of list) {
    const date = new Date(thread.at)
    const day =
      date.toDateString() === now.toDateString()
        ? 'today'
        : date.toDateString() === yesterday.toDateString()
          ? 'yesterday'
          : date.toDateString()
    const group = groups.at(-1)
    if (group?.day === day) group.threads.push(thread)
    else groups.push({ day, threads: [thread] })
  }
  return groups
}
