import { expect, it } from 'vitest'
import type { LibraryDocument } from '$lib/backend/backend'
import { examples } from './examples'

const document = (title: string, collection = 'A') => ({ title, collection }) as LibraryDocument

it('asks about documents of different collections and a word that titles share', () => {
  expect(examples([document('Lease Harbour Street'), document('Lease Mill Lane'), document('Who signs what', 'B')])).toEqual([
    { kind: 'about', title: 'Lease Harbour Street' },
    { kind: 'about', title: 'Who signs what' },
    { kind: 'mention', word: 'lease' },
  ])
})

it('makes nothing of file names and of an empty library', () => {
  expect(examples([])).toEqual([])
  expect(examples([document('scan_0001.pdf'), document('20260101'), document('IMG 1')])).toEqual([])
})
