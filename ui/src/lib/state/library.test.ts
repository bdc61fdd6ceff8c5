import { describe, expect, it } from 'vitest'
import type { Backend, Library, LibraryDocument } from '$lib/backend/backend'
import { App } from './app.svelte'
import { LibraryState } from './library.svelte'

function document(id: string, collection = 'default', unread = 0): LibraryDocument {
  return {
    document_id: id, version_id: 1, path: `/files/${id}.pdf`, title: id, collection, format: 'pdf',
    coverage: { total: 4, text: 4 - unread, no_text: unread, blank: 0, unreadable: 0, ocr: 0 },
    chunks: 1, chars: 1, ingested_at: '2026-01-01T00:00:00Z', warnings: [],
  }
}

/** A window over a vault with these documents. */
function over(documents: LibraryDocument[]) {
  const content: Library = { collections: [{ name: 'default', documents: 1 }, { name: 'Leases', documents: 1 }], documents, failed: [], watched: [], unfinished: [] }
  const asked: string[][] = []
  const changed: (() => void)[] = []
  const backend = {
    library: async () => structuredClone(content),
    remove: async (ids: string[]) => {
      content.documents = content.documents.filter(({ document_id }) => !ids.includes(document_id))
      return { documents: ids, answers_blanked: 2 }
    },
    ingest: async (_job, scope, passwords) => {
      if ('paths' in scope) asked.push([scope.paths.collection, ...scope.paths.paths])
      else if ('stopped' in scope) asked.push(['stopped', ...scope.stopped.jobs.map(String)])
      else asked.push(['failed', ...scope.failed.files.map(({ path }) => path), ...passwords])
      throw { code: 'disk_full', message: 'full', hint: '' }
    },
    ingestSamples: async () => ({ failed: [], skipped: [], stopped: false }) as never,
    onLibraryChanged: (handler) => {
      changed.push(handler)
      return () => {}
    },
  } as Partial<Backend> as Backend
  const app = new App(backend)
  app.opened = { vault: '/v', models: '/m', documents: documents.length, first_start: true, version: '0', files: [] }
  return { app, library: new LibraryState(app), asked, content, changed }
}

describe('the library', () => {
  it('counts what needs attention', async () => {
    const { library } = over([document('a'), document('b', 'Leases', 2)])
    await library.load()
    expect(library.attention).toBe(1)
    expect(library.partlyRead.map(({ title }) => title)).toEqual(['b'])
  })

  it('gives way to the problem where the catalogue turns out to be damaged', async () => {
    const { app, library } = over([document('a')])
    app.backend.library = () => Promise.reject({ code: 'catalog_damaged', message: 'damaged', hint: '' })
    await library.load()
    expect(app.problem?.code).toBe('catalog_damaged')
    expect(app.notice).toBeNull()
  })

  it('goes on with what is noted as left, else with all that was asked for', async () => {
    const { library, asked, content } = over([])
    library.add(['/x.pdf', '/y'])
    const [ingest] = library.ingests.all
    await expect.poll(() => ingest!.over).toBe(true)
    library.goOn(ingest!)
    await expect.poll(() => asked).toEqual([['default', '/x.pdf', '/y'], ['default', '/x.pdf', '/y']])
    expect(library.ingests.all.map(({ items }) => items.map(({ path }) => path))).toEqual([['/x.pdf', '/y']])
    content.unfinished = [{ id: 1, paths: ['/x.pdf', '/y'], collection: 'default', begun_at: 0, stopped_at: 0, done: 0, total: 2 }]
    await library.load()
    library.goOn(library.ingests.all[0]!)
    await expect.poll(() => asked.at(-1)).toEqual(['stopped', '1'])
  })

  it('adds to the collection that was named, else to the one that is shown, else to the default one', async () => {
    const { app, library, asked } = over([])
    library.add(['/x.pdf'])
    library.collection = 'Leases'
    library.add(['/y.pdf'])
    library.into = 'New'
    library.add(['/z.pdf'])
    expect(library.ingests.all.map(({ items }) => items[0]?.state)).toEqual(['waiting', 'waiting', 'waiting'])
    await expect.poll(() => asked).toEqual([['default', '/x.pdf'], ['Leases', '/y.pdf'], ['New', '/z.pdf']])
    expect(app.view).toBe('library')
    expect(app.opened?.first_start).toBe(false)
  })

  it('forgets of the selection and the details what was removed', async () => {
    const { library } = over([document('a'), document('b')])
    await library.load()
    library.selected = new Set(['a', 'b'])
    library.detailsOf = 'a'
    expect(await library.remove(['a'])).toBe(2)
    expect([...library.selected]).toEqual(['b'])
    expect(library.detailsOf).toBeNull()
  })

  it('goes to Ask when the sample collection is read', async () => {
    const { app, library } = over([])
    app.view = 'library'
    library.samples()
    expect(app.opened?.first_start).toBe(true)
    await expect.poll(() => app.view).toBe('ask')
    expect(app.opened?.first_start).toBe(false)
    expect(library.ingests.all).toEqual([])
  })

  it('is listed anew when something was read that the window did not ask for', async () => {
    const { library, content, changed } = over([])
    await library.load()
    content.documents.push(document('new'))
    changed[0]!()
    await expect.poll(() => library.rows.length).toBe(1)
  })

  it('reads again single files, a chosen few, or all', async () => {
    const { library, asked, content } = over([])
    const failure = (path: string, part: string | null = null) => ({ path, collection: 'default', part, code: 'encrypted', reason: 'locked' })
    content.failed = [failure('/a.pdf'), failure('/b.zip', 'x'), failure('/b.zip', 'y')]
    await library.load()
    library.retry([content.failed[0]!], ['secret'])
    expect(library.ingests.all[0]!.inRow).toBe(true)
    expect(library.retries.of(content.failed[0]!)).toBe('waiting')
    library.retry([content.failed[0]!])
    library.retry(content.failed)
    library.retryAll()
    await expect.poll(() => asked).toEqual([['failed', '/a.pdf', 'secret'], ['failed', '/b.zip'], ['failed']])
  })

  it('goes on with one interrupted ingest, and knows what is left of one', async () => {
    const { library, asked, content } = over([])
    const job = (id: number, paths: string[]) => ({ id, paths, collection: 'default', begun_at: 0, stopped_at: 1, done: 1, total: 2 })
    content.unfinished = [job(3, ['/a']), job(4, ['/b'])]
    await library.load()
    library.continueJobs([content.unfinished[1]!])
    expect(library.isContinued(4)).toBe(true)
    expect(library.isContinued(3)).toBe(false)
    await expect.poll(() => asked).toEqual([['stopped', '4']])
    expect(library.jobsLeft(library.ingests.all[0]!).map(({ id }) => id)).toEqual([4])
    library.add(['/a'])
    expect(library.jobsLeft(library.ingests.all[1]!).map(({ id }) => id)).toEqual([3])
  })

  it('does not call the ingest interrupted that runs', async () => {
    const { library, content } = over([])
    content.unfinished = [{ id: 3, paths: ['/a'], collection: 'default', begun_at: 0, stopped_at: null, done: 1, total: 2 }]
    await library.load()
    expect(library.attention).toBe(1)
    library.add(['/a'])
    expect(library.attention).toBe(0)
  })
})
