import { describe, expect, it } from 'vitest'
import { actionOf } from './keys'

const reader = document.createElement('section')
const field = document.createElement('input')
const outside = document.createElement('button')
reader.append(field)
document.body.append(reader, outside)

const press = (key: string, target: EventTarget, more: Partial<KeyboardEvent> = {}) =>
  actionOf({ key, target, ctrlKey: false, metaKey: false, altKey: false, defaultPrevented: false, ...more }, reader)

describe('keys of the Reader', () => {
  it('J and K work anywhere but in text fields', () => {
    expect(press('j', outside)).toBe('next')
    expect(press('K', reader)).toBe('previous')
    expect(press('j', field)).toBeNull()
    expect(press('j', outside, { altKey: true })).toBeNull()
  })
  it('Escape and Ctrl F belong to the Reader only where the focus is in it, or nowhere', () => {
    expect(press('Escape', reader)).toBe('close')
    expect(press('Escape', document.body)).toBe('close')
    expect(press('Escape', outside)).toBeNull()
    expect(press('f', field, { ctrlKey: true })).toBe('find')
    expect(press('f', outside, { ctrlKey: true })).toBeNull()
  })
  it('what another part has taken is left alone', () => {
    expect(press('j', outside, { defaultPrevented: true })).toBeNull()
  })
})
