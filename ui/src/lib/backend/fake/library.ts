import type { Backend } from '../backend'
import type { Scene } from './scene'

type Part = Pick<Backend, 'library' | 'document' | 'ingest' | 'ingestSamples' | 'pause' | 'resume' | 'forgetJob' | 'remove' | 'missing' | 'setWatched' | 'onLibraryChanged' | 'chooseFiles' | 'chooseFolder' | 'onDrop' | 'onOpened'>

export function libraryFake(_played: Scene): Part {
  throw new Error('not there yet')
}
