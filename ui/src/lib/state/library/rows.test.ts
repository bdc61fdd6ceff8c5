import { describe, expect, it } from 'vitest'
import type { LibraryDocument } from '$lib/backend/backend'
import { searched, sorted } from './rows'

function document(title: string, ingested_at = '2026-01-01T00:00:00Z', collection = 'default'): LibraryDocument {
  return {
    document_id: title,
    version_id: 1,
    path: `/files/${title}.pdf`,
    title,
    collection,
    format: 'pdf',
    coverage: { total: 1, text: 1, no_text: 0, blank: 0, unreadable: 0, ocr: 0 },
    chunks: 1,
    chars: 1,
    ingested_at,
    warnings: [],
  }
}
const titles = (documents: LibraryDocument[]) => documents.map(({ title }) => title)

describe('rows', () => {
  it('sorts titles as people do', () => {
    const documents = ['Annex 10', 'annex 2', 'Übergabe', 'Urlaub', 'Annex 1'].map((title) => document(title))
    expect(titles(sorted(documents, { key: 'title', descending: false }, 'de'))).toEqual([
      'Annex 1', 'annex 2', 'Annex 10', 'Übergabe', 'Urlaub',
    ])
  })

  it('sorts by date, newest first', () => {
    const documents = [document('a', '2026-01-02T00:00:00Z'), document('b', '2026-03-01T00:00:00Z')]
    expect(titles(sorted(documents, { key: 'date', descending: true }, 'en'))).toEqual(['b', 'a'])
  })

  it('finds all words, in title, path and part', () => {
    const documents = [document('Lease Harbour Street'), { ...document('Minutes'), part: 'board/harbour.txt' }, document('Lease Mill Lane')]
    expect(titles(searched(documents, 'HARBOUR', null))).toEqual(['Lease Harbour Street', 'Minutes'])
    expect(titles(searched(documents, 'street lease', null))).toEqual(['Lease Harbour Street'])
    expect(titles(searched(documents, '  ', null))).toHaveLength(3)
  })

  it('keeps to a collection', () => {
    const documents = [document('a', undefined, 'x'), document('b', undefined, 'y')]
    expect(titles(searched(documents, '', 'y'))).toEqual(['b'])
  })
})
