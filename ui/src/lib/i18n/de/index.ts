import type { Catalogue } from '../index.svelte'
import { ask } from './ask'
import { common } from './common'
import { evidence } from './evidence'
import { library } from './library'
import { reader } from './reader'
import { reasons } from './reasons'
import { settings } from './settings'
import { start } from './start'

export const de: Catalogue = { common, start, library, ask, evidence, reader, reasons, settings }
