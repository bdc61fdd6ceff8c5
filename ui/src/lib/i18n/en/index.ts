import { ask } from './ask'
import { common } from './common'
import { evidence } from './evidence'
import { library } from './library'
import { reader } from './reader'
import { reasons } from './reasons'
import { settings } from './settings'
import { start } from './start'

export const en = { common, start, library, ask, evidence, reader, reasons, settings }
