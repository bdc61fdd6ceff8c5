// Generated from the Rust types by `cargo xtask bindings`; a test of `src-tauri` fails when it is stale. Do not edit.

export type Answer = { id: string, question_id?: string | null, question: string, created_at: string, outcome: Outcome, text: string, sentences: Array<Sentence>, citations: Array<Citation>, passages: Array<Passage>, confidence: number, corrected: boolean, reason?: NearestReason | null, after?: string | null, evidence?: Array<EvidenceRange>, parts?: Array<QuestionPart>, sweep?: SweepReport | null, model?: ModelInfo | null, timings_ms: AnswerTimings, };
export type AnswerTimings = { retrieve: number, first_token?: number | null, generate: number, check: number, total: number, };
export type AskEvent = { "event": "passages", passages: Array<Passage>, } | { "event": "searched", documents: number, of: number, } | { "event": "draft", text: string, } | { "event": "retry" } | { "event": "checked", text: string, verdict: Verdict, };
export type AskMode = "generate" | "quote";
export type BlockKind = { "heading": { level: number, } } | "paragraph" | "list_item" | "table_row" | "code";
export type Checks = { quote: boolean, facts: boolean, missing?: Array<string>, entailment: number, features?: { [key in string]: number }, };
export type Citation = { number: number, document_id: DocumentId, version_id: number, path: string, title: string, heading: Array<string>, page?: number | null, page_label?: string | null, quote: string, start: number, end: number, };
export type DoctorReport = { ok: boolean, findings: Array<Finding>, };
export type DocumentDetails = { coverage: PageCounts, tables: number, hidden_chars: number, language?: string | null, unread_pages: Array<UnreadPage>, page_coverage: Array<PageCoverage>, copies?: Array<string>, lost_parts?: Array<LostPart>, warnings: Array<string>, metadata: { [key in string]: string }, document_id: DocumentId, path: string, part?: string | null, title: string, collection: string, format: Format, pages: number, chunks: number, chars: number, ingested_at: string, };
export type DocumentId = string;
/** A document as the Reader shows it. Offsets count Unicode scalar values (code points) of the document's text. */
export type DocumentView = { document_id: DocumentId, version_id: number, current: boolean, title: string, path: string, part?: string | null, collection: string, format: Format, pages: Array<ViewPage>, blocks: Array<ViewBlock>, original: Original, };
export type EvidenceRange = { passage: number, start: number, end: number, };
export type FailedFile = { path: string, part?: string | null, reason: string, code: string, };
export type Finding = { what: string, ok: boolean, found: string, hint?: string | null, };
export type Format = "pdf" | "mediawiki" | "confluence" | "markdown" | "html" | "docx" | "pptx" | "xlsx" | "csv" | "epub" | "odt" | "odp" | "ods" | "rtf" | "email" | "dokuwiki" | "archive" | "text";
export type IngestEvent = { "event": "resuming", total: number, done: number, } | { "event": "found", files: number, } | { "event": "document", path: string, part?: string | null, document_id: string, title: string, change: string, pages: number, pages_ocr: number, pages_without_text: number, tables: number, hidden_chars: number, chunks: number, warnings?: Array<string>, } | { "event": "duplicate", path: string, of: string, } | { "event": "renamed", path: string, from: string, } | { "event": "paused" } | { "event": "resumed" } | { "event": "file", path: string, done: number, total: number, } | { "event": "committed", documents: number, chunks: number, };
export type IngestReport = { added: number, updated: number, unchanged: number, failed: Array<FailedFile>, skipped: Array<FailedFile>, removed: number, duplicates: number, renamed: number, missing: Array<MissingFile>, pages: number, pages_ocr: number, pages_without_text: number, tables: number, hidden_chars: number, parts_skipped: number, chunks: number, tokens: number, seconds: number, stopped: boolean, };
export type JobRecord = { id: number, paths: Array<string>, collection: string, begun_at: number, stopped_at?: number | null, done: number, total: number, };
/** Everything the Library shows. */
export type Library = { collections: Array<LibraryCollection>, documents: Array<LibraryDocument>, failed: Array<LibraryFailure>, watched: Array<WatchedFolder>, unfinished: Array<JobRecord>, };
export type LibraryCollection = { name: string, documents: number, };
export type LibraryDocument = { document_id: DocumentId, version_id: number, path: string, part?: string | null, title: string, collection: string, format: Format, coverage: PageCounts, chunks: number, chars: number, ingested_at: string, warnings: Array<string>, };
/** A file, or a part of one, that could not be read. */
export type LibraryFailure = { path: string, collection: string, part?: string | null, code: string, reason: string, };
export type ListedAnswer = { id: string, question: string, outcome: Outcome, created_at: string, blanked: boolean, after?: string | null, };
export type LostPart = { part?: string | null, code: string, reason: string, };
/** Where a stretch of a document stands on its pages; `certain` is false where its positions are not known: then nothing is marked. */
export type Marks = { certain: boolean, pages: Array<PageMarks>, };
export type MissingFile = { path: string, collection: string, documents: Array<DocumentId>, };
/** A language model of the pack. */
export type ModelCard = { name: string, file: string, bytes: number, licence: string, source: string, architecture?: string | null, quantisation?: string | null, context_length?: number | null, memory?: number | null, fits?: boolean | null, problem?: string | null, in_use: boolean, added: boolean, };
export type ModelInfo = { name: string, file_sha256: string, device: string, };
/** How fast a model works on this machine. */
export type ModelSpeed = { prompt_tokens: number, prompt_tokens_per_second: number, written_tokens: number, written_tokens_per_second: number, load_seconds: number, device: string, };
export type NearestReason = "no_documents" | "weak_evidence" | "insufficient" | "model_declined" | "nothing_supported";
export type Opened = { vault: string, models: string, documents: number, first_start: boolean, version: string, };
/** Whether the file that a document was read from can be shown: `same` (PDF bytes are at hand), `none` (the format is shown as text), or why not. */
export type Original = "same" | "none" | "changed" | "gone" | "inside";
export type Outcome = "answered" | "not_found";
export type PageCounts = { total: number, text: number, no_text: number, blank: number, unreadable: number, ocr: number, };
export type PageCoverage = { page: number, label?: string | null, status: PageStatus, chars: number, hidden_chars?: number, };
/** Rectangles on one page: `[left, top, right, bottom]` in points from the top left corner of the page as shown. */
export type PageMarks = { page: number, rects: Array<[number, number, number, number]>, };
export type PageStatus = "text" | { "ocr": { confidence: number, } } | "no_text" | "blank" | { "unreadable": string };
export type Passage = { rank: number, score: number, document_id: DocumentId, version_id: number, path: string, title: string, collection: string, heading: Array<string>, page?: number | null, page_label?: string | null, text: string, start: number, end: number, scores: PassageScores, used?: boolean | null, };
export type PassageScores = { vector?: number | null, keyword?: number | null, fused: number, };
export type Problem = { code: string, message: string, hint: string, };
export type Question = { question: string, mode: AskMode, collections: Array<string>, documents: Array<DocumentId>, after?: string | null, };
export type QuestionPart = { question: string, answered: boolean, sufficiency?: Sufficiency | null, };
export type RemovedDocuments = { documents: Array<DocumentId>, answers_blanked: number, };
export type Sentence = { text: string, citations: Array<number>, verdict: Verdict, score: number, checks?: Checks | null, };
export type Settings = { language: string, theme: string, mode: AskMode, threads?: number | null, gentle: boolean, };
export type Storage = { vault: string, catalog_bytes: number, index_bytes: number, models: string, models_bytes: number, free_bytes?: number | null, };
export type Sufficiency = { probability: number, threshold: number, features: { [key in string]: number }, };
export type SweepReport = { searched: number, matching: number, lacking: number, unreadable: number, unread_pages: number, words: Array<string>, matching_documents: Array<SweptDocument>, lacking_documents: Array<SweptDocument>, };
export type SweptDocument = { document_id: DocumentId, path: string, title: string, };
export type UnreadPage = { page: number, status: PageStatus, };
export type Verdict = "supported" | "unsupported" | "removed";
export type ViewBlock = { kind: BlockKind, start: number, end: number, page?: number | null, text: string, };
export type ViewPage = { page: number, label?: string | null, width: number, height: number, status: PageStatus, };
export type WatchedFolder = { collection: string, path: string, };
