// What to do about a focus whose element is about to go.

import { tick } from 'svelte'

/** Called before a change is drawn: where that takes the focused part of `element` away, `next` gets the focus. */
export async function keepFocus(element: HTMLElement | undefined, next: (section: Element | null) => HTMLElement | null | undefined): Promise<void> {
  const focused = document.activeElement
  if (!element?.contains(focused)) return
  const section = focused!.closest('section')
  await tick()
  if (document.activeElement === document.body) next(section?.isConnected ? section : null)?.focus()
}
