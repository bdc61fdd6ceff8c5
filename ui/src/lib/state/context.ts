import { getContext, setContext } from 'svelte'
import type { App } from './app.svelte'
import type { Conversation } from './conversation.svelte'
import type { LibraryState } from './library.svelte'
import type { ReaderState } from './reader.svelte'

/** The window's state, given to every component by `App.svelte`. */
export interface Window {
  app: App
  library: LibraryState
  conversation: Conversation
  reader: ReaderState
}

const KEY = Symbol('window')

export function provide(window: Window): Window {
  return setContext(KEY, window)
}

export function use(): Window {
  return getContext<Window>(KEY)
}
