import { expect, it } from 'vitest'
import { Stack } from './stack'

it('finds what stands at a height', () => {
  const stack = new Stack([100, 50, 200], 10, 5)
  expect([stack.top(0), stack.top(1), stack.top(2), stack.height]).toEqual([5, 115, 175, 385])
  expect([0, 5, 114, 115, 174, 175, 9999].map((y) => stack.at(y))).toEqual([0, 0, 0, 1, 1, 2, 2])
})

it('gives what is in view, and some around it, within its ends', () => {
  const stack = new Stack(new Array<number>(1000).fill(100))
  expect(stack.between(5000, 5800, 1)).toEqual({ from: 49, to: 60 })
  expect(stack.between(0, 10, 3)).toEqual({ from: 0, to: 4 })
  expect(stack.between(99_990, 200_000, 1)).toEqual({ from: 998, to: 1000 })
  expect(new Stack([]).between(0, 10, 1)).toEqual({ from: 0, to: 0 })
})
