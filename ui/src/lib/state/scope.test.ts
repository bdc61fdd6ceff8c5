import { describe, expect, it } from 'vitest'
import type { LibraryDocument } from '$lib/backend/backend'
import { names } from './scope'

const library = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => ({ document_id: id, title: id.toUpperCase() }) as LibraryDocument)

describe('where an answer was looked for', () => {
  it('is told by the names of collections and by the titles of documents', () => {
    expect(names({ collections: ['Contracts', 'Wiki'], documents: [] }, library)).toEqual(['Contracts', 'Wiki'])
    expect(names({ collections: [], documents: ['b', 'a'] }, library)).toEqual(['B', 'A'])
  })

  it('says of documents that are gone that they are', () => {
    expect(names({ collections: [], documents: ['a', 'x'] }, library)).toEqual(['A', 'a document that was removed'])
    expect(names({ collections: [], documents: ['x', 'y'] }, library)).toEqual(['2 documents that were removed'])
  })

  it('does not take a document for removed before the library is read', () => {
    expect(names({ collections: [], documents: ['a'] }, null)).toEqual(['1 document'])
    expect(names({ collections: ['Wiki'], documents: [] }, null)).toEqual(['Wiki'])
  })

  it('names a few of many', () => {
    expect(names({ collections: [], documents: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'x'] }, library)).toEqual(['A', 'B', 'C', 'D', 'E', '2 more', 'a document that was removed'])
    expect(names({ collections: [], documents: ['a', 'b', 'c', 'd', 'e', 'f'] }, library)).toHaveLength(6)
    expect(names({ collections: ['Wiki'], documents: ['a', 'b'] }, library, 1)).toEqual(['Wiki', '2 more'])
  })
})
