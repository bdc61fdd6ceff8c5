import { expect, it } from 'vitest'
import type { App } from './app.svelte'
import { ReaderState, type Place } from './reader.svelte'

const place = (start: number): Place => ({ document_id: 'a', version_id: 1, start, end: start + 5 })

it('steps through the places and stops at both ends', () => {
  const reader = new ReaderState({} as App)
  const places = [place(0), place(10), place(20)]
  reader.show(places[1]!, places)
  expect([reader.open, reader.at]).toEqual([true, 1])
  reader.step(1)
  reader.step(1)
  expect(reader.place).toBe(places[2])
  reader.step(-1)
  reader.step(-1)
  reader.step(-1)
  expect(reader.place).toBe(places[0])
})

it('a place that is not among the others stands alone', () => {
  const reader = new ReaderState({} as App)
  const alone = place(3)
  reader.show(alone, [place(3)])
  expect(reader.place).toBe(alone)
})
