// Scrolling that does not startle: near places are glided to, far ones are simply there.

export function calmly(scroller: HTMLElement, top: number, left = scroller.scrollLeft): void {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const far = Math.abs(scroller.scrollTop - top) > 2 * scroller.clientHeight
  scroller.scrollTo({ top, left, behavior: still || far ? 'instant' : 'smooth' })
}

/** CSS pixels of one rem: text may be scaled. */
export function rem(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
}

/** Where the Reader has the focus, the arrow keys are to scroll the document as soon as it is there. */
export function takeFocus(scroller: HTMLElement): void {
  const { activeElement } = document
  if (activeElement?.tagName === 'SECTION' && activeElement.contains(scroller)) scroller.focus({ preventScroll: true })
}
