// The settings as they are recommended, and which of them wait for the vault to be opened again.

import type { Settings } from '$lib/backend/backend'

/** What gate and self-check were fitted with, and what is used where nothing was chosen. */
export const RECOMMENDED: Settings = {
  language: 'system',
  theme: 'system',
  mode: 'generate',
  threads: null,
  gentle: false,
  device: 'auto',
  chunk_tokens: 512,
  passages: 5,
}

/** What the engine takes; other numbers it would cut to these. */
export const CHUNK_TOKENS = { min: 128, max: 512 }
export const PASSAGES = { min: 1, max: 10 }

/** Read when the vault is opened. `gentle` is too, but it cannot be taken back before the program ends. */
type Held = 'threads' | 'gentle' | 'device' | 'chunk_tokens'

/** Whether a chosen setting holds only after the vault was opened again. */
export function waits(setting: Held, chosen: Settings, opened: Settings | null): boolean {
  if (!opened) return false
  if (setting === 'gentle') return chosen.gentle && !opened.gentle
  return (chosen[setting] ?? null) !== (opened[setting] ?? null)
}
