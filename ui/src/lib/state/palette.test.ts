import { expect, it } from 'vitest'
import { best, fit } from './palette'

it('prefers beginnings of names, then of words, then the middle, then scattered letters', () => {
  const names = ['A file of lease', 'Release notes', 'Lease', 'l-e-a-s-e']
  expect(best('lease', names, (n) => n, 9).slice(0, 3)).toEqual(['Lease', 'A file of lease', 'Release notes'])
  expect(fit('xyz', 'Lease')).toBeNull()
})

it('needs every word, in any order, whatever the accents', () => {
  expect(fit('street lease', 'Lease, Harbour Street')).not.toBeNull()
  expect(fit('strasse uber', 'Über die Strasse')).not.toBeNull()
  expect(fit('lease moon', 'Lease')).toBeNull()
})
