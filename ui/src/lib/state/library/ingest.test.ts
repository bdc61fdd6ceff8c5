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
  /** Tells it, as if the next frame had come. */
  const tell = (...events: IngestEvent[]) => {
    for (const event of events) played.calls[0]!.on(event)
    made.catchUp()
  }
  return { made, tell, ...played }
}

describe('an ingest', () => {
  it('shows a row per path before the engine has answered', () => {
    const { made } = ingest(['/a.pdf', '/b'])
    expect(made.items.map(({ path, state }) => [path, state])).toEqual([['/a.pdf', 'waiting'], ['/b', 'waiting']])
  })

  it('follows files and folders', async () => {
    const { made, calls, tell } = ingest(['/a.pdf', '/b/'])
    const running = made.run()
    tell({ event: 'found', files: 3 }, { event: 'reading', path: '/a.pdf' })
    expect(made.items[0]!.state).toBe('reading')
    tell(document('/a.pdf', 12, 4, 1), { event: 'file', path: '/a.pdf', done: 1, total: 3 })
    expect(made.items[0]).toMatchObject({ state: 'read', pages: 12, ocr: 4, unread: 1 })
    expect(made.items[1]!.state).toBe('waiting')
    tell({ event: 'reading', path: '/b/c.pdf' }, { event: 'reading', path: '/b/broken.pdf' })
    expect(made.items[1]).toMatchObject({ state: 'reading', latest: '/b/broken.pdf' })
    tell(document('/b/c.pdf', 2), { event: 'file', path: '/b/c.pdf', done: 2, total: 3 })
    tell({ event: 'file', path: '/b/broken.pdf', done: 3, total: 3 })
    expect(made.items[1]).toMatchObject({ state: 'reading', files: 2, documents: 1 })
    calls[0]!.end({ added: 2, failed: [{ path: '/b/broken.pdf', code: 'damaged', reason: 'no end' }] })
    await running
    expect(made).toMatchObject({ state: 'done', done: 3, total: 3, pages: 14, ocr: 4, unread: 1 })
    expect(made.items[1]).toMatchObject({ state: 'read' })
    expect(made.items[1]!.failures).toHaveLength(1)
    expect(made.rows.map(({ path, state }) => [path, state])).toEqual([['/a.pdf', 'read'], ['/b/', 'read'], ['/b/broken.pdf', 'failed']])
  })

  it('tells which page and passage each of several files is at', async () => {
    const { made, tell } = ingest(['/scan.pdf', '/long.pdf'])
    void made.run()
    tell({ event: 'found', files: 2 }, { event: 'reading', path: '/scan.pdf' }, { event: 'reading', path: '/long.pdf' })
    tell({ event: 'page', path: '/scan.pdf', page: 12, of: 300, recognizing: true }, { event: 'embedding', path: '/long.pdf', chunks: 128, of: 600 })
    expect(made.items[0]!.step).toEqual({ kind: 'page', page: 12, of: 300, recognizing: true })
    expect(made.items[1]!.step).toEqual({ kind: 'embedding', chunks: 128, of: 600 })
    expect(made).toMatchObject({ pages: 11, ocr: 1, done: 0 })
    tell(document('/long.pdf', 80), { event: 'file', path: '/long.pdf', done: 1, total: 2 })
    expect(made.items[1]).toMatchObject({ state: 'read', step: null })
    expect(made.pages).toBe(91)
  })

  it('tells a failure at once, and of which part', () => {
    const { made, tell } = ingest(['/locked.pdf', '/post.zip', '/files'])
    void made.run()
    const failed = (path: string, part: string | null = null): IngestEvent => ({ event: 'failed', path, part, code: 'encrypted', reason: 'locked' })
    tell({ event: 'found', files: 9 }, { event: 'reading', path: '/locked.pdf' }, failed('/locked.pdf'))
    expect(made.items[0]).toMatchObject({ state: 'failed', failures: [{ code: 'encrypted', reason: 'locked' }] })
    tell({ event: 'reading', path: '/post.zip' }, failed('/post.zip', 'a.pdf'))
    expect(made.items[1]).toMatchObject({ state: 'reading', failures: [{ part: 'a.pdf' }] })
    tell({ event: 'file', path: '/post.zip', done: 2, total: 9 }, failed('/files/x.pdf'), { event: 'file', path: '/files/x.pdf', done: 3, total: 9 })
    expect(made.rows.map(({ path, state }) => [path, state])).toEqual([
      ['/locked.pdf', 'failed'],
      ['/post.zip', 'read'],
      ['/files', 'reading'],
      ['/files/x.pdf', 'failed'],
    ])
  })

  it('does not call a document failed whose file only changed while it was read', () => {
    const { made, tell } = ingest(['/a.md'])
    void made.run()
    tell({ event: 'found', files: 1 }, { event: 'failed', path: '/a.md', code: 'changing', reason: 'written to' })
    expect(made.items[0]!.state).toBe('failed')
    tell(document('/a.md', 0), { event: 'file', path: '/a.md', done: 1, total: 1 })
    expect(made.items[0]).toMatchObject({ state: 'read', documents: 1 })
  })

  it('shows first, of many rows, what is read and what failed', () => {
    const paths = Array.from({ length: 10_000 }, (_, at) => `/${at}.pdf`)
    const { made, tell } = ingest(paths)
    void made.run()
    tell({ event: 'found', files: paths.length })
    tell(...paths.slice(0, 5000).flatMap((path, at): IngestEvent[] => [{ event: 'reading', path }, document(path), { event: 'file', path, done: at + 1, total: paths.length }]))
    tell({ event: 'failed', path: '/7000.pdf', code: 'damaged', reason: '' }, { event: 'reading', path: '/8000.pdf' })
    expect(made.rows.slice(0, 3).map(({ path }) => path)).toEqual(['/8000.pdf', '/7000.pdf', '/0.pdf'])
    expect(made.rows).toHaveLength(10_000)
    expect(made.done).toBe(5000)
  })

  it('counts on over the runs that the engine makes of it', () => {
    const { made, tell } = ingest(['/a'])
    void made.run()
    tell({ event: 'resuming', total: 340, done: 112 }, { event: 'found', files: 228 })
    expect(made).toMatchObject({ done: 112, total: 340 })
    tell({ event: 'file', path: '/a/1', done: 228, total: 228 }, { event: 'found', files: 10 })
    expect(made).toMatchObject({ done: 340, total: 350 })
    tell({ event: 'file', path: '/a/2', done: 1, total: 10 })
    expect(made.done).toBe(341)
  })

  it('tells a file that failed from one that was there already', async () => {
    const { made, calls, tell } = ingest(['/same.pdf', '/locked.pdf', '/copy.pdf'])
    const running = made.run()
    tell({ event: 'found', files: 3 }, { event: 'file', path: '/same.pdf', done: 1, total: 3 }, { event: 'file', path: '/locked.pdf', done: 2, total: 3 })
    tell({ event: 'duplicate', path: '/copy.pdf', of: '/x.pdf' }, { event: 'file', path: '/copy.pdf', done: 3, total: 3 })
    calls[0]!.end({ unchanged: 1, duplicates: 1, failed: [{ path: '/locked.pdf', code: 'encrypted', reason: 'locked' }] })
    await running
    expect(made.items.map(({ state }) => state)).toEqual(['same', 'failed', 'copy'])
  })

  it('pauses, goes on and stops', async () => {
    const { made, calls, asked, tell } = ingest(['/a.pdf', '/b.pdf'])
    const running = made.run()
    tell({ event: 'found', files: 2 })
    await made.pause()
    expect(made.state).toBe('pausing')
    tell({ event: 'paused' })
    expect(made.state).toBe('paused')
    await made.resume()
    tell({ event: 'resumed' })
    expect(made.state).toBe('running')
    await made.stop()
    expect(made.state).toBe('stopping')
    calls[0]!.end({ stopped: true })
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
    const first = ingests.begin({ failed: { files: [] } }, ['/a'])
    const second = ingests.begin({ stopped: { jobs: [] } }, ['/b'])
    const third = ingests.begin({ stopped: { jobs: [] } }, ['/c'])
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
