// What the made-up engine plays, shared by its parts.

import type { JobId, Library, Problem } from '../backend'

export type Scenario =
  | 'first'
  | 'empty'
  | 'usual'
  | 'huge'
  | 'locked'
  | 'newer'
  | 'damaged'
  | 'no-models'
  | 'crashed'
  | 'disk-full'

export interface Scene {
  scenario: Scenario
  /** Milliseconds for one step of long work; 0 answers at once. */
  pace: number
  library: Library
  /** Jobs that were asked to stop. */
  stopped: Set<JobId>
  paused: Set<JobId>
  /** Rest of a step; longer while paused. */
  step(job?: JobId, steps?: number): Promise<void>
}

export function scene(search: string): Scene {
  const asked = new URLSearchParams(search)
  const pace = Number(asked.get('pace') ?? 60)
  const stopped = new Set<JobId>()
  const paused = new Set<JobId>()
  return {
    scenario: (asked.get('scenario') ?? 'usual') as Scenario,
    pace,
    library: { collections: [], documents: [], failed: [], watched: [], unfinished: [] },
    stopped,
    paused,
    async step(job, steps = 1) {
      await new Promise((resolve) => setTimeout(resolve, pace * steps))
      while (job !== undefined && paused.has(job) && !stopped.has(job)) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
}

/** What a failing call is rejected with. */
export function problem(code: string, message: string, hint: string): Problem {
  return { code, message, hint }
}
