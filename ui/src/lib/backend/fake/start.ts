import type { Backend, Opened } from '../backend'
import { NO_LIBRARY } from './contents'
import { problem, type Scene, type Scenario } from './scene'

type Part = Pick<Backend, 'open' | 'restore' | 'setAside'>

const VAULT = '/home/m.okafor/.local/share/citadel/vault'

const PROBLEMS: Partial<Record<Scenario, ReturnType<typeof problem>>> = {
  locked: problem('vault_in_use', `The vault ${VAULT} is in use by another program (process 4711).`, 'Close it there, then try again.'),
  newer: problem('catalog_newer', `The catalog ${VAULT}/catalog.db has version 14; this program reads up to version 12.`, 'Update Citadel.'),
  damaged: problem('catalog_damaged', `The catalog ${VAULT}/catalog.db is damaged: page 211 is never used; row 8 missing from index sources_path.`, 'Restore a back-up.'),
  'no-models': problem('models_missing', 'No model pack was found in /usr/share/citadel/models or /home/m.okafor/.local/share/citadel/models.', 'Install the package citadel-models.'),
  crashed: problem('crashed', 'The engine ended: signal 11 (SIGSEGV) in thread reader-2.', 'Try again.'),
}

/** Problems that are gone when it is tried again. */
const PASSING: Scenario[] = ['locked', 'crashed']

export function startFake(played: Scene): Part {
  let tries = 0
  const opened = (): Opened => ({
    vault: VAULT,
    models: '/usr/share/citadel/models',
    documents: played.library.documents.length,
    first_start: played.scenario === 'first',
    files: [],
    version: '0.1.0',
  })
  return {
    async open() {
      tries += 1
      const stands = PROBLEMS[played.scenario]
      if (stands && !(tries > 1 && PASSING.includes(played.scenario))) throw stands
      return opened()
    },
    async restore() {
      await played.step(undefined, 10)
      return opened()
    },
    async setAside() {
      await played.step(undefined, 4)
      played.library = structuredClone(NO_LIBRARY)
      return { ...opened(), first_start: true }
    },
  }
}
