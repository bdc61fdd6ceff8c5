import { describe, expect, it, vi } from 'vitest'
import type { Backend } from '$lib/backend/backend'
import { readerFake } from '$lib/backend/fake/reader'
import { scene } from '$lib/backend/fake/scene'
import { OpenDocument } from './document.svelte'

// pdf.js needs a browser; here no PDF is ever open, and what is asked of the backend is what is tested.
vi.mock('./pdf', () => ({ openPdf: () => new Promise(() => {}) }))
const fake = readerFake(scene('?pace=0')) as Backend

async function open(id: string, backend = fake) {
  const doc = new OpenDocument(backend, id, 1)
  await doc.load()
  return doc
}
const place = (id: string, start: number, end: number, page: number | null = null) => ({ document_id: id, version_id: 1, start, end, page })

describe('an open document', () => {
  it('tells why it cannot be opened', async () => {
    const doc = await open('gone')
    expect(doc.problem?.code).toBe('unknown_id')
    expect(doc.view).toBeNull()
  })

  it('shows the text of a PDF that cannot be drawn', async () => {
    const doc = await open('lease.pdf', { ...fake, pdf: () => Promise.reject(new Error('no')) })
    const note = doc.view!.blocks.find(({ text }) => text.startsWith('Handwritten'))!
    await doc.arrive(place('lease.pdf', note.start, note.end, 10))
    await expect.poll(() => doc.undrawn).toBe(true)
    expect(doc.drawn).toBe(false)
    // Not certain on the page, and certain in the text.
    await expect.poll(() => doc.arrival?.marked).toBe(true)
  })

  it('marks words of a text', async () => {
    const doc = await open('wiki')
    await doc.arrive(place('wiki', 10, 20))
    expect(doc.arrival?.marked).toBe(true)
    expect(doc.target?.range).toMatchObject({ start: 10, end: 20 })
  })

  it('marks nothing where there is no such text', async () => {
    const doc = await open('wiki')
    await doc.arrive(place('wiki', 900_000, 900_010))
    expect(doc.arrival?.marked).toBe(false)
    expect(doc.target).toBeNull()
  })

  it('opens at the top without a word where no passage was asked for', async () => {
    const doc = await open('wiki')
    await doc.arrive(place('wiki', 0, 0))
    expect(doc.arrival).toBeNull()
  })

  it('marks nothing on a page when the backend is not certain, and goes to the page', async () => {
    const doc = await open('lease.pdf')
    const note = doc.view!.blocks.find(({ text }) => text.startsWith('Handwritten'))!
    await doc.arrive(place('lease.pdf', note.start + 5, note.end, 10))
    expect(doc.arrival).toMatchObject({ marked: false, page: 10 })
    expect(doc.target).toEqual({ page: 10 })
  })

  it('a slow place does not undo a later one', async () => {
    const slow: Backend = {
      ...fake,
      marks: async (id, version, start, end) => {
        await new Promise((resolve) => setTimeout(resolve, start === 0 ? 60 : 0))
        return fake.marks(id, version, start, end)
      },
    }
    const doc = await open('lease.pdf', slow)
    const [first, second] = [doc.arrive(place('lease.pdf', 0, 10)), doc.arrive(place('lease.pdf', 700, 720))]
    await Promise.all([first, second])
    expect(doc.arrival?.place.start).toBe(700)
  })

  it('goes from one step of the zoom to the next', async () => {
    const doc = await open('wiki')
    doc.zoomBy(1, 1.13)
    expect(doc.zoom).toBe(1.25)
    doc.zoomBy(-1, 1.25)
    expect(doc.zoom).toBe(1)
  })
})
