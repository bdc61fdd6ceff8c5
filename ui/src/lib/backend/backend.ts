// What the window asks of the engine. `backend.tauri.ts` asks the real one, `backend.fake.ts` a made-up one for design and tests.

import type {
  Answer,
  AskEvent,
  DoctorReport,
  DocumentDetails,
  DocumentView,
  IngestEvent,
  IngestReport,
  IngestedFile,
  Library,
  ListedAnswer,
  Marks,
  MissingFile,
  ModelCard,
  ModelSpeed,
  Opened,
  Problem,
  Question,
  RemovedDocuments,
  Settings,
  Storage,
} from './bindings'

export type * from './bindings'

/** Names long work; minted in the window, so that it can be stopped before the engine has answered. */
export type JobId = string

/** Which files an ingest reads. */
export type IngestScope =
  | { paths: { paths: string[]; collection: string } }
  /** What is left of ingests that were stopped or cut off: of all of them where none is named. */
  | { stopped: { jobs: number[] } }
  /** Files that could not be read, or not whole: all of them where none is named. */
  | { failed: { files: IngestedFile[] } }

/** Files over the window. */
export type Drop = { kind: 'over' } | { kind: 'left' } | { kind: 'dropped'; paths: string[] }

export type ExportFormat = 'md' | 'html' | 'docx' | 'pdf' | 'json'

/** The bytes of a PDF, read in pieces. */
export interface PdfBytes {
  length: number
  /** The bytes from `begin` up to, not including, `end`. */
  read(begin: number, end: number): Promise<Uint8Array>
}

export type Unlisten = () => void

/**
 * Every promise is rejected with a {@link Problem} and with nothing else. Long work tells its events in order, all of
 * them before its promise settles.
 */
export interface Backend {
  /** Opens the vault; the first call, and the one behind "Try again". */
  open(): Promise<Opened>
  settings(): Promise<Settings>
  setSettings(settings: Settings): Promise<void>

  library(): Promise<Library>
  document(id: string): Promise<DocumentDetails>
  ingest(job: JobId, scope: IngestScope, passwords: string[], on: (event: IngestEvent) => void): Promise<IngestReport>
  /** Reads the sample collection that comes with Citadel. */
  ingestSamples(job: JobId, on: (event: IngestEvent) => void): Promise<IngestReport>
  pause(job: JobId): Promise<void>
  resume(job: JobId): Promise<void>
  stop(job: JobId): Promise<void>
  /** Takes an unfinished ingest out of the journal. */
  forgetJob(id: number): Promise<void>
  remove(ids: string[]): Promise<RemovedDocuments>
  missing(): Promise<MissingFile[]>
  setWatched(collection: string, path: string, watched: boolean): Promise<void>
  /** Something was ingested that the window did not ask for, such as a change in a watched folder. */
  onLibraryChanged(handler: () => void): Unlisten

  /** Work that the window did not ask for failed, such as watching a folder. */
  onProblem(handler: (problem: Problem) => void): Unlisten

  /** The system's dialog; empty where it was cancelled. */
  chooseFiles(): Promise<string[]>
  chooseFolder(): Promise<string | null>
  /** Files dragged over the window. */
  onDrop(handler: (drop: Drop) => void): Unlisten
  /** Files given to the program by the system: "open with", or a second start. */
  onOpened(handler: (paths: string[]) => void): Unlisten

  ask(job: JobId, question: Question, on: (event: AskEvent) => void): Promise<Answer>
  /** Earlier answers, newest first. */
  answers(): Promise<ListedAnswer[]>
  answer(id: string): Promise<Answer>
  forgetAnswer(id: string): Promise<void>

  view(documentId: string, versionId: number): Promise<DocumentView>
  marks(documentId: string, versionId: number, start: number, end: number): Promise<Marks>
  pdf(documentId: string, versionId: number): Promise<PdfBytes>

  /** Asks where to, writes, and gives the path; null where the dialog was cancelled. Several answers are a conversation. */
  exportAnswers(ids: string[], format: ExportFormat): Promise<string | null>

  models(): Promise<ModelCard[]>
  /** Asks for a GGUF file and adds it; null where the dialog was cancelled. */
  addModel(): Promise<ModelCard | null>
  useModel(name: string): Promise<void>
  measureModel(job: JobId, name: string): Promise<ModelSpeed>

  doctor(): Promise<DoctorReport>
  storage(): Promise<Storage>
  /** Asks where to, and writes the whole vault into one file; null where the dialog was cancelled. */
  backUp(): Promise<string | null>
  /** Asks for a back-up and puts it in the place of the vault, which is set aside; null where the dialog was cancelled. */
  restore(): Promise<Opened | null>
  /** Sets a vault that cannot be opened aside and begins an empty one. The old one stays beside it. */
  setAside(): Promise<Opened>
  /** Internet connections and listening sockets of this program, its helper processes included; null where the system does not tell. */
  connections(): Promise<number | null>
  /** Licences of everything that comes with Citadel, as plain text. */
  licences(): Promise<string>
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value && 'hint' in value
}
