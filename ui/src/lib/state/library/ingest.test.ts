import { describe, expect, it } from 'vitest'
import type { Backend, IngestEvent, IngestReport } from '$lib/backend/backend'
import { Ingest } from './ingest.svelte'
import { Ingests } from './ingests.svelte'

const REPORT: IngestReport = {
  added: 0, updated: 0, unchanged: 0, failed: [], skipped: [], removed: 0, duplicates: 0, renamed: 0, missing: [],
  pages: 0, pages_ocr: 0, pages_without_text: 0, tables: 0, hidden_chars: 0, parts_skipped: 0, chunks: 0, tokens: 0,
  seconds: 0, stopped: false,
}

/** An engine that tells what the test wants, and ends when the test says so. */
function engine() {
  const calls: { on: (event: IngestEvent) => void; end: (report: Partial<IngestReport>) => void; fail: (error: unknown) => void }[] = []
  const asked: string[] = []
  const backend = {
    ingest: (_job, _scope, _passwords, on) =>
      new Promise<IngestReport>((resolve, reject) => calls.push({ on, end: (report) => resolve({ ...REPORT, ...report }), fail: reject })),
    stop: async () => void asked.push('stop'),
    pause: async () => void asked.push('pause'),
    resume: async () => void asked.push('resume'),
  } as Partial<Backend> as Backend
  return { backend, calls, asked }
}

function document(path: string, pages = 3, ocr = 0, lost = 0): IngestEvent {
  return {
    event: 'document', path, document_id: path, title: path, change: 'added', pages, pages_ocr: ocr,
    pages_without_text: lost, tables: 0, hidden_chars: 0, chunks: 1,
  }
}

function ingest(paths: string[]) {
  const played = engine()
  let clock = 0
  const made = new Ingest(played.backend, { paths: { paths, collection: 'default' } }, paths, [], () => {}, () => (clock += 1000))
  return { made, ...played }
}

describe('an ingest', () => {
  it('shows a row per path before the engine has answered', () => {
    const { made } = ingest(['/a.pdf', '/b'])
    expect(made.items.map(({ path, state }) => [path, state])).toEqual([['/a.pdf', 'waiting'], ['/b', 'waiting']])
  })

  it('follows files and folders', async () => {
    const { made, calls } = ingest(['/a.pdf', '/b'])
    const running = made.run()
    const { on, end } = calls[0]!
    on({ event: 'found', files: 3 })
    expect(made.items[0]!.state).toBe('reading')
    on(document('/a.pdf', 12, 4, 1))
    on({ event: 'file', path: '/a.pdf', done: 1, total: 3 })
    expect(made.items[0]).toMatchObject({ state: 'read', pages: 12, ocr: 4, unread: 1 })
    expect(made.items[1]!.state).toBe('reading')
    on(document('/b/c.pdf', 2))
    on({ event: 'file', path: '/b/c.pdf', done: 2, total: 3 })
    on({ event: 'file', path: '/b/broken.pdf', done: 3, total: 3 })
    expect(made.items[1]).toMatchObject({ state: 'reading', files: 2, documents: 1, latest: '/b/broken.pdf' })
    expect(made.remaining).toBe(0)
    end({ added: 2, failed: [{ path: '/b/broken.pdf', code: 'damaged', reason: 'no end' }] })
    await running
    expect(made).toMatchObject({ state: 'done', done: 3, total: 3 })
    expect(made.items[1]).toMatchObject({ state: 'read' })
    expect(made.items[1]!.failures).toHaveLength(1)
  })

  it('tells a file that failed from one that was there already', async () => {
    const { made, calls } = ingest(['/same.pdf', '/locked.pdf', '/copy.pdf'])
    const running = made.run()
    const { on, end } = calls[0]!
    on({ event: 'found', files: 3 })
    on({ event: 'file', path: '/same.pdf', done: 1, total: 3 })
    on({ event: 'file', path: '/locked.pdf', done: 2, total: 3 })
    on({ event: 'duplicate', path: '/copy.pdf', of: '/x.pdf' })
    on({ event: 'file', path: '/copy.pdf', done: 3, total: 3 })
    end({ unchanged: 1, duplicates: 1, failed: [{ path: '/locked.pdf', code: 'encrypted', reason: 'locked' }] })
    await running
    expect(made.items.map(({ state }) => state)).toEqual(['same', 'failed', 'copy'])
  })

  it('pauses, goes on and stops', async () => {
    const { made, calls, asked } = ingest(['/a.pdf', '/b.pdf'])
    const running = made.run()
    const { on, end } = calls[0]!
    on({ event: 'found', files: 2 })
    await made.pause()
    expect(made.state).toBe('pausing')
    on({ event: 'paused' })
    expect(made.state).toBe('paused')
    await made.resume()
    on({ event: 'resumed' })
    expect(made.state).toBe('running')
    await made.stop()
    expect(made.state).toBe('stopping')
    end({ stopped: true })
    await running
    expect(made.state).toBe('stopped')
    expect(made.items.map(({ state }) => state)).toEqual(['stopped', 'stopped'])
    expect(asked).toEqual(['pause', 'resume', 'stop'])
  })

  it('keeps the problem that cut it off', async () => {
    const { made, calls } = ingest(['/a.pdf'])
    const running = made.run()
    calls[0]!.fail({ code: 'disk_full', message: 'No space left.', hint: 'Free some.' })
    await running
    expect(made).toMatchObject({ state: 'failed', problem: { code: 'disk_full' } })
  })
})

describe('ingests', () => {
  it('run one at a time, in order', async () => {
    const { backend, calls } = engine()
    const ended: string[] = []
    const ingests = new Ingests(backend, () => {}, async ({ state }) => void ended.push(state))
    const first = ingests.begin('failed', ['/a'])
    const second = ingests.begin('stopped', ['/b'])
    const third = ingests.begin('stopped', ['/c'])
    expect(calls).toHaveLength(1)
    expect(ingests.waiting).toBe(2)
    await second.stop()
    calls[0]!.end({})
    await expect.poll(() => calls.length).toBe(2)
    expect(first.over).toBe(true)
    expect(second.state).toBe('stopped')
    expect(ingests.active?.id).toBe(third.id)
    calls[1]!.end({})
    await expect.poll(() => ended.length).toBe(2)
    ingests.dismiss(first)
    expect(ingests.all).toHaveLength(2)
  })
})
