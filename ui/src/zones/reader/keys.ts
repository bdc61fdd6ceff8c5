// Keys of the Reader. J and K work anywhere outside text fields, the others only where the focus is in the Reader or nowhere.

export type Action = 'next' | 'previous' | 'find' | 'larger' | 'smaller' | 'fit' | 'close'

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target' | 'defaultPrevented'>

export function actionOf(event: Pressed, reader: Element): Action | null {
  const target = event.target instanceof Element ? event.target : null
  if (event.defaultPrevented || event.altKey || target?.closest('dialog')) return null
  const here = !target || target === document.body || target === document.documentElement || reader.contains(target)
  if (event.ctrlKey || event.metaKey) {
    if (!here) return null
    if (event.key === 'f') return 'find'
    if (event.key === '+' || event.key === '=') return 'larger'
    if (event.key === '-') return 'smaller'
    return event.key === '0' ? 'fit' : null
  }
  if (event.key === 'Escape') return here ? 'close' : null
  if (target?.closest('input, textarea, select, [contenteditable]')) return null
  const key = event.key.toLowerCase()
  return key === 'j' ? 'next' : key === 'k' ? 'previous' : null
}
