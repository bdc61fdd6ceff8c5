// What to do about a focus whose element is about to go.

import { tick } from 'svelte'

/**
 * Called before a change is drawn: where that takes the focused part of `element` away, `next` gets the focus. A part that
 * is only moved loses the focus too, and gets it back.
 */
export async function keepFocus(element: HTMLElement | undefined, next: (section: Element | null) => HTMLElement | null | undefined): Promise<void> {
  const focused = document.activeElement
  if (!(focused instanceof HTMLElement) || !element?.contains(focused)) return
  const section = focused.closest('section')
  await tick()
  if (document.activeElement !== document.body) return
  if (focused.isConnected) focused.focus({ preventScroll: true })
  else next(section?.isConnected ? section : null)?.focus()
}
