// Which rows of a long list stand in the window: only they are drawn.

export interface Visible {
  /** First row drawn, and the one after the last. */
  from: number
  to: number
}

/** `beyond` rows are drawn above and below what is seen, so that a quick scroll meets rows and not a gap. */
export function visibleRows(count: number, rowHeight: number, scrollTop: number, height: number, beyond: number): Visible {
  if (count === 0 || rowHeight <= 0) return { from: 0, to: 0 }
  const first = Math.floor(scrollTop / rowHeight)
  const last = Math.ceil((scrollTop + height) / rowHeight)
  const from = Math.max(0, Math.min(count - 1, first) - beyond)
  return { from, to: Math.max(from, Math.min(count, last + beyond)) }
}

/** Where to scroll so that a row is seen whole; `scrollTop` where it is. */
export function scrolledTo(row: number, rowHeight: number, scrollTop: number, height: number): number {
  const top = row * rowHeight
  if (top < scrollTop) return top
  return Math.max(scrollTop, top + rowHeight - height)
}
