import type { Backend } from '../backend'
import type { Scene } from './scene'

type Part = Pick<Backend, 'settings' | 'setSettings' | 'models' | 'addModel' | 'useModel' | 'measureModel' | 'doctor' | 'storage' | 'backUp' | 'connections' | 'licences'>

export function settingsFake(_played: Scene): Part {
  throw new Error('not there yet')
}
