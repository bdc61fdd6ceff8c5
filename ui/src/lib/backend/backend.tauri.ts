// The real engine, behind Tauri's commands. The only file that imports the Tauri API.

import { Channel, invoke } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import { getCurrentWebview } from '@tauri-apps/api/webview'
import type { AskEvent, Backend, IngestEvent, Problem, Unlisten } from './backend'

/** A channel that hands every event on. */
function channel<T>(on: (event: T) => void): Channel<T> {
  const events = new Channel<T>()
  events.onmessage = on
  return events
}

/** Tauri gives the way to stop listening later; ours works at once. */
function unlisten(listening: Promise<Unlisten>): Unlisten {
  return () => void listening.then((stop) => stop())
}

export function backend(): Backend {
  return {
    open: () => invoke('open'),
    settings: () => invoke('settings'),
    setSettings: (settings) => invoke('set_settings', { settings }),

    library: () => invoke('library'),
    document: (id) => invoke('document', { id }),
    ingest: (job, scope, passwords, on) =>
      invoke('ingest', { job, scope, passwords, events: channel<IngestEvent>(on) }),
    ingestSamples: (job, on) => invoke('ingest_samples', { job, events: channel<IngestEvent>(on) }),
    pause: (job) => invoke('pause', { job }),
    resume: (job) => invoke('resume', { job }),
    stop: (job) => invoke('stop', { job }),
    forgetJob: (id) => invoke('forget_job', { id }),
    remove: (ids) => invoke('remove', { ids }),
    missing: () => invoke('missing'),
    setWatched: (collection, path, watched) => invoke('set_watched', { collection, path, watched }),
    onLibraryChanged: (handler) => unlisten(listen('library-changed', () => handler())),

    onProblem: (handler) => unlisten(listen<Problem>('problem', ({ payload }) => handler(payload))),

    chooseFiles: () => invoke('choose_files'),
    chooseFolder: () => invoke('choose_folder'),
    onDrop: (handler) =>
      unlisten(
        getCurrentWebview().onDragDropEvent(({ payload }) => {
          if (payload.type === 'drop') handler({ kind: 'dropped', paths: payload.paths })
          else if (payload.type === 'leave') handler({ kind: 'left' })
          else handler({ kind: 'over' })
        }),
      ),
    onOpened: (handler) => unlisten(listen<string[]>('opened', ({ payload }) => handler(payload))),

    ask: (job, question, on) => invoke('ask', { job, question, events: channel<AskEvent>(on) }),
    answers: () => invoke('answers'),
    answer: (id) => invoke('answer', { id }),
    forgetAnswer: (id) => invoke('forget_answer', { id }),

    view: (documentId, versionId) => invoke('view', { documentId, versionId }),
    marks: (_documentId, versionId, start, end) => invoke('marks', { versionId, start, end }),
    async pdf(documentId) {
      const length = await invoke<number>('pdf_length', { documentId })
      return {
        length,
        async read(begin, end) {
          return new Uint8Array(await invoke<ArrayBuffer>('pdf_bytes', { documentId, begin, end }))
        },
      }
    },

    exportAnswers: (ids, format) => invoke('export_answers', { ids, format }),

    models: () => invoke('models'),
    addModel: () => invoke('add_model'),
    useModel: (name) => invoke('use_model', { name }),
    measureModel: (job, name) => invoke('measure_model', { job, name }),

    doctor: () => invoke('doctor'),
    storage: () => invoke('storage'),
    backUp: () => invoke('back_up'),
    restore: () => invoke('restore'),
    setAside: () => invoke('set_aside'),
    connections: () => invoke('connections'),
    licences: () => invoke('licences'),
  }
}
