// A made-up engine for design and tests: same interface, no Tauri, no model. What it plays is chosen in the address:
// `?scenario=first|empty|usual|huge|locked|newer|damaged|no-models|crashed|disk-full`, and `&pace=0` makes it answer at once.

import type { Backend } from './backend'
import { askFake } from './fake/ask'
import { citedPassages } from './fake/ask-documents'
import { libraryFake } from './fake/library'
import { readerFake } from './fake/reader'
import { scene } from './fake/scene'
import { settingsFake } from './fake/settings'
import { startFake } from './fake/start'

export function backend(): Backend {
  const played = scene(location.search)
  return {
    ...startFake(played),
    ...libraryFake(played),
    ...askFake(played),
    ...readerFake(played, citedPassages()),
    ...settingsFake(played),
  }
}
