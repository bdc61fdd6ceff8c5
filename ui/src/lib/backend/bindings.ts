// Generated from the Rust types by `cargo xtask bindings`; a test of `src-tauri` fails when it is stale. Do not edit.

/**
 * An answer with its evidence. The JSON is a public contract.
 */
export type Answer = { 
/**
 * Names the stored answer.
 */
id: string, 
/**
 * The caller's id in a batch.
 */
question_id?: string | null, 
/**
 * The question as asked.
 */
question: string, 
/**
 * When it was given: RFC 3339, UTC.
 */
created_at: string, 
/**
 * Whether the documents answer it.
 */
outcome: Outcome, 
/**
 * The answer with its citation marks `[1]`, or the refusal in the user's words.
 */
text: string, 
/**
 * The sentences of the answer, those taken out by the self-check too.
 */
sentences: Array<Sentence>, 
/**
 * What the marks point at. Empty with [`Outcome::NotFound`].
 */
citations: Array<Citation>, 
/**
 * All that the model was shown, or the nearest passages where nothing was found.
 */
passages: Array<Passage>, 
/**
 * 0 to 1.
 */
confidence: number, 
/**
 * Whether the self-check changed the text.
 */
corrected: boolean, 
/**
 * Why nothing was found; absent where something was.
 */
reason?: NearestReason | null, 
/**
 * The stored answer that the question followed up on.
 */
after?: string | null, 
/**
 * Where it was looked for; absent where everything was searched.
 */
scope?: AnswerScope | null, 
/**
 * The stretches of the passages that were read for it, most relevant first; what the language model is shown is chosen
 * from them.
 */
evidence?: Array<EvidenceRange>, 
/**
 * The questions that were found in it, one for most, and whether the evidence was enough for each.
 */
parts?: Array<QuestionPart>, 
/**
 * What a look through every document found; absent where the answer came from passages.
 */
sweep?: SweepReport | null, 
/**
 * The model that wrote it; `None` where no model was used.
 */
model?: ModelInfo | null, 
/**
 * How long it took.
 */
timings_ms: AnswerTimings, };

/**
 * What of the vault an answer was looked for in.
 */
export type AnswerScope = { 
/**
 * Only these collections; all where empty.
 */
collections: Array<string>, 
/**
 * Only these documents; all where empty.
 */
documents: Array<DocumentId>, };

/**
 * How long the stages of an answer took, in milliseconds.
 */
export type AnswerTimings = { 
/**
 * From the question to the passages.
 */
retrieve: number, 
/**
 * From the question to the first token; `None` where nothing was generated.
 */
first_token?: number | null, 
/**
 * All generation.
 */
generate: number, 
/**
 * The self-check.
 */
check: number, 
/**
 * From the question to the finished answer.
 */
total: number, };

/**
 * What an ask tells while it runs: evidence first, prose second.
 */
export type AskEvent = { "event": "passages", 
/**
 * Best first.
 */
passages: Array<Passage>, } | { "event": "searched", 
/**
 * Those done.
 */
documents: number, 
/**
 * All of them.
 */
of: number, } | { "event": "draft", 
/**
 * What follows on the pieces before.
 */
text: string, } | { "event": "retry" } | { "event": "checked", 
/**
 * The sentence.
 */
text: string, 
/**
 * What was found.
 */
verdict: Verdict, };

/**
 * How to answer.
 */
export type AskMode = "generate" | "quote";

/**
 * What a [`Block`] is.
 */
export type BlockKind = { "heading": { 
/**
 * 1 to 6.
 */
level: number, } } | "paragraph" | "list_item" | "table_row" | "code";

/**
 * The three stages of the self-check for one sentence and the evidence that carries it best.
 */
export type Checks = { 
/**
 * *Quote*: what is cited is, to the letter, text of the document.
 */
quote: boolean, 
/**
 * *Facts*: numbers, dates, names and negations of the sentence stand in one statement of the evidence.
 */
facts: boolean, 
/**
 * The facts that do not, as they were compared.
 */
missing?: Array<string>, 
/**
 * *Entailment*: how likely the evidence carries the sentence, by the trained reader: 0 to 1.
 */
entailment: number, 
/**
 * What the score was made of; empty for a quotation.
 */
features?: { [key in string]: number }, };

/**
 * A verbatim piece of a document that carries one or more sentences.
 */
export type Citation = { 
/**
 * The mark in the text, from 1.
 */
number: number, 
/**
 * The document.
 */
document_id: DocumentId, 
/**
 * The version of the document that the offsets count in.
 */
version_id: number, 
/**
 * The document's path as ingested.
 */
path: string, 
/**
 * The document's title.
 */
title: string, 
/**
 * The headings above the quote, outermost first.
 */
heading: Array<string>, 
/**
 * 1-based physical page on which the quote starts.
 */
page?: number | null, 
/**
 * The printed label of that page.
 */
page_label?: string | null, 
/**
 * The document's text from `start` to `end`, to the letter.
 */
quote: string, 
/**
 * First character, counted in Unicode scalar values.
 */
start: number, 
/**
 * First character after.
 */
end: number, };

/**
 * Where the language model runs.
 */
export type Device = "auto" | "cpu";

/**
 * Whether language models can run on a device.
 */
export type DeviceState = "ready" | "silent" | "absent";

/**
 * What works on this machine. The JSON is a public contract.
 */
export type DoctorReport = { 
/**
 * Whether everything that is needed works.
 */
ok: boolean, 
/**
 * One line each.
 */
findings: Array<Finding>, };

/**
 * One document with its coverage: which pages could be read.
 */
export type DocumentDetails = { 
/**
 * How many pages are in which state.
 */
coverage: PageCounts, 
/**
 * Tables found.
 */
tables: number, 
/**
 * Characters that a viewer of the source does not show.
 */
hidden_chars: number, 
/**
 * The language of the text, where it is known.
 */
language?: string | null, 
/**
 * Pages whose text is not in the document, with the reason.
 */
unread_pages: Array<UnreadPage>, 
/**
 * What became of each page.
 */
page_coverage: Array<PageCoverage>, 
/**
 * Files with the same bytes, by their paths as ingested.
 */
copies?: Array<string>, 
/**
 * Parts of its file that could not be read.
 */
lost_parts?: Array<LostPart>, 
/**
 * What was lost or doubtful while reading.
 */
warnings: Array<string>, 
/**
 * Facts from the source, such as revision, author, timestamp.
 */
metadata: { [key in string]: string }, 
/**
 * The document.
 */
document_id: DocumentId, 
/**
 * The path as ingested.
 */
path: string, 
/**
 * The part of the file, such as a wiki page.
 */
part?: string | null, 
/**
 * Its title.
 */
title: string, 
/**
 * The collection.
 */
collection: string, 
/**
 * What it was read as.
 */
format: Format, 
/**
 * Physical pages; 0 where the format has none.
 */
pages: number, 
/**
 * Chunks.
 */
chunks: number, 
/**
 * Characters of extracted text.
 */
chars: number, 
/**
 * When it was ingested: RFC 3339, UTC.
 */
ingested_at: string, };

/**
 * Names one document of the vault; stays the same when the document gets a new version.
 */
export type DocumentId = string;

/**
 * A document as a reader shows it. Offsets count Unicode scalar values of the document's text.
 */
export type DocumentView = { 
/**
 * The document.
 */
document_id: DocumentId, 
/**
 * The version that is shown.
 */
version_id: number, 
/**
 * Whether it is the one that is searched.
 */
current: boolean, 
/**
 * Its title.
 */
title: string, 
/**
 * The path as ingested.
 */
path: string, 
/**
 * The part of the file, such as a wiki page.
 */
part?: string | null, 
/**
 * The collection.
 */
collection: string, 
/**
 * What it was read as.
 */
format: Format, 
/**
 * Its pages, ascending; empty where the format has none.
 */
pages: Array<ViewPage>, 
/**
 * Its text.
 */
blocks: Array<ViewBlock>, 
/**
 * Whether the file itself can be shown.
 */
original: Original, };

/**
 * A stretch of a passage that was read as evidence.
 */
export type EvidenceRange = { 
/**
 * The rank of its passage.
 */
passage: number, 
/**
 * First character, counted in Unicode scalar values of the document.
 */
start: number, 
/**
 * First character after.
 */
end: number, };

/**
 * A file or a part of one that could not be read.
 */
export type FailedFile = { 
/**
 * The file as ingested.
 */
path: string, 
/**
 * The part of the file.
 */
part?: string | null, 
/**
 * What was wrong and what to do.
 */
reason: string, 
/**
 * Stable word for programs.
 */
code: string, };

/**
 * One thing that was looked at.
 */
export type Finding = { 
/**
 * What was looked at: `models`, `memory`, `cpu`, `cuda`, `metal`, `vault`, `catalog`, `index`, `removal`.
 */
what: string, 
/**
 * Whether it works, or is not needed.
 */
ok: boolean, 
/**
 * Told of devices alone, which need not be there.
 */
device?: DeviceState | null, 
/**
 * What was found.
 */
found: string, 
/**
 * What to do, where it does not work.
 */
hint?: string | null, };

/**
 * What a file was read as. Told by content, not by name.
 */
export type Format = "pdf" | "mediawiki" | "confluence" | "markdown" | "html" | "docx" | "pptx" | "xlsx" | "csv" | "epub" | "odt" | "odp" | "ods" | "rtf" | "email" | "dokuwiki" | "archive" | "text";

/**
 * What an ingest tells while it runs. The JSON is a public contract: one line per event.
 */
export type IngestEvent = { "event": "resuming", 
/**
 * Files of the earlier job.
 */
total: number, 
/**
 * Files that were already done.
 */
done: number, } | { "event": "found", 
/**
 * Files to look at.
 */
files: number, } | { "event": "reading", 
/**
 * The file as ingested.
 */
path: string, } | { "event": "page", 
/**
 * The file as ingested.
 */
path: string, 
/**
 * From 1.
 */
page: number, 
/**
 * Pages of the file.
 */
of: number, 
/**
 * Whether it is a picture, the text of which is being recognised.
 */
recognizing: boolean, } | { "event": "embedding", 
/**
 * The file as ingested.
 */
path: string, 
/**
 * Chunks of the document that are done.
 */
chunks: number, 
/**
 * All of them.
 */
of: number, } | { "event": "failed" } & FailedFile | { "event": "document", 
/**
 * The file as ingested.
 */
path: string, 
/**
 * The part of the file, such as a wiki page.
 */
part?: string | null, 
/**
 * The document's id.
 */
document_id: string, 
/**
 * Its title.
 */
title: string, 
/**
 * `added`, `updated` or `unchanged`.
 */
change: string, 
/**
 * Physical pages; 0 where the format has none.
 */
pages: number, 
/**
 * Pages that are pictures of text, which was recognised.
 */
pages_ocr: number, 
/**
 * Pages without readable text.
 */
pages_without_text: number, 
/**
 * Tables.
 */
tables: number, 
/**
 * Characters that a viewer of the source does not show.
 */
hidden_chars: number, 
/**
 * Chunks.
 */
chunks: number, 
/**
 * What was lost or doubtful.
 */
warnings?: Array<string>, } | { "event": "duplicate", 
/**
 * The file as ingested.
 */
path: string, 
/**
 * The other, by its absolute path.
 */
of: string, } | { "event": "renamed", 
/**
 * The file as ingested.
 */
path: string, 
/**
 * What it was called.
 */
from: string, } | { "event": "paused" } | { "event": "resumed" } | { "event": "file", 
/**
 * The file as ingested.
 */
path: string, 
/**
 * Files done so far.
 */
done: number, 
/**
 * Files in all.
 */
total: number, } | { "event": "committed", 
/**
 * Documents committed so far in this ingest.
 */
documents: number, 
/**
 * Chunks committed so far.
 */
chunks: number, };

/**
 * How an ingest ended. The JSON is a public contract.
 */
export type IngestReport = { 
/**
 * Documents that are new.
 */
added: number, 
/**
 * Documents with a new version.
 */
updated: number, 
/**
 * Documents that are as they were.
 */
unchanged: number, 
/**
 * What could not be read.
 */
failed: Array<FailedFile>, 
/**
 * Files found in folders that are no documents, such as pictures.
 */
skipped: Array<FailedFile>, 
/**
 * Documents whose part is gone from its file.
 */
removed: number, 
/**
 * Files that have the same bytes as another, whose documents are theirs too.
 */
duplicates: number, 
/**
 * Files that were in the vault under another name.
 */
renamed: number, 
/**
 * Files of the vault that lay in the folders named and are gone. Their documents are still searched.
 */
missing: Array<MissingFile>, 
/**
 * Physical pages read.
 */
pages: number, 
/**
 * Of them, pictures of text, which was recognised.
 */
pages_ocr: number, 
/**
 * Of them, pages that carry no readable text, such as scans.
 */
pages_without_text: number, 
/**
 * Tables found.
 */
tables: number, 
/**
 * Characters that a viewer of the source does not show.
 */
hidden_chars: number, 
/**
 * Parts of files that are no content, such as older versions of a wiki's page.
 */
parts_skipped: number, 
/**
 * Chunks embedded.
 */
chunks: number, 
/**
 * Tokens embedded, context included.
 */
tokens: number, 
/**
 * Wall time.
 */
seconds: number, 
/**
 * Whether it was stopped before the end; what was committed stays.
 */
stopped: boolean, };

/**
 * Names a file of the vault.
 */
export type IngestedFile = { 
/**
 * The collection.
 */
collection: string, 
/**
 * The path as ingested.
 */
path: string, };

/**
 * An ingest job in the journal.
 */
export type JobRecord = { 
/**
 * Names the job.
 */
id: number, 
/**
 * The paths asked for.
 */
paths: Array<string>, 
/**
 * The collection.
 */
collection: string, 
/**
 * When it began, unix milliseconds.
 */
begun_at: number, 
/**
 * When its user stopped it, unix milliseconds; `None` where it runs or was cut off.
 */
stopped_at?: number | null, 
/**
 * Files done or failed.
 */
done: number, 
/**
 * Files known.
 */
total: number, };

/**
 * Everything that the library shows.
 */
export type Library = { 
/**
 * The collections that hold a document, by name.
 */
collections: Array<LibraryCollection>, 
/**
 * The documents that are searched, by path and part.
 */
documents: Array<LibraryDocument>, 
/**
 * What could not be read.
 */
failed: Array<LibraryFailure>, 
/**
 * The folders that are kept in step.
 */
watched: Array<WatchedFolder>, 
/**
 * Ingests that were stopped or cut off.
 */
unfinished: Array<JobRecord>, };

/**
 * A collection of the library.
 */
export type LibraryCollection = { 
/**
 * Its name.
 */
name: string, 
/**
 * Documents in it.
 */
documents: number, };

/**
 * A document of the library.
 */
export type LibraryDocument = { 
/**
 * The document.
 */
document_id: DocumentId, 
/**
 * The version that is searched.
 */
version_id: number, 
/**
 * The path as ingested.
 */
path: string, 
/**
 * The part of the file, such as a wiki page.
 */
part?: string | null, 
/**
 * Its title.
 */
title: string, 
/**
 * The collection.
 */
collection: string, 
/**
 * What it was read as.
 */
format: Format, 
/**
 * Its pages by state.
 */
coverage: PageCounts, 
/**
 * Chunks.
 */
chunks: number, 
/**
 * Characters of extracted text.
 */
chars: number, 
/**
 * When it was ingested: RFC 3339, UTC.
 */
ingested_at: string, 
/**
 * What was lost or doubtful while reading.
 */
warnings: Array<string>, };

/**
 * A file, or a part of one, that could not be read.
 */
export type LibraryFailure = { 
/**
 * The file as ingested.
 */
path: string, 
/**
 * The collection.
 */
collection: string, 
/**
 * The part; `None` for the whole file.
 */
part?: string | null, 
/**
 * Stable word for programs.
 */
code: string, 
/**
 * What was wrong and what to do.
 */
reason: string, };

/**
 * An earlier answer as it is listed. The JSON is a public contract.
 */
export type ListedAnswer = { 
/**
 * Its id.
 */
id: string, 
/**
 * The question; empty where the answer was blanked.
 */
question: string, 
/**
 * Whether the documents answered it.
 */
outcome: Outcome, 
/**
 * When it was given: RFC 3339, UTC.
 */
created_at: string, 
/**
 * Whether it was blanked because a document it showed was removed.
 */
blanked: boolean, 
/**
 * The answer that it followed up on.
 */
after?: string | null, };

/**
 * A part of a file that could not be read, or was left out.
 */
export type LostPart = { 
/**
 * Which; `None` where it is not told.
 */
part?: string | null, 
/**
 * Stable.
 */
code: string, 
/**
 * For people.
 */
reason: string, };

/**
 * Where a stretch of a document stands on its pages.
 */
export type Marks = { 
/**
 * Whether the places of nearly all its words are known. Where they are not, nothing is marked.
 */
certain: boolean, 
/**
 * The pages that it touches, ascending; empty where it is not certain.
 */
pages: Array<PageMarks>, };

/**
 * A file of the vault that is gone. Its documents are still searched until they are removed.
 */
export type MissingFile = { 
/**
 * The path as ingested.
 */
path: string, 
/**
 * The collection.
 */
collection: string, 
/**
 * Its documents.
 */
documents: Array<DocumentId>, };

/**
 * A language model of the pack.
 */
export type ModelCard = { 
/**
 * Its name in the pack.
 */
name: string, 
/**
 * Its file.
 */
file: string, 
/**
 * The file's size.
 */
bytes: number, 
/**
 * SPDX name of its licence; "unknown" for models that the user added.
 */
licence: string, 
/**
 * Where it came from.
 */
source: string, 
/**
 * As GGUF names it, such as "llama".
 */
architecture?: string | null, 
/**
 * The type of its matrices, such as "Q8_0".
 */
quantisation?: string | null, 
/**
 * Prompt and answer together in tokens.
 */
context_length?: number | null, 
/**
 * Bytes of memory that running it takes at most; `None` where that is not known.
 */
memory?: number | null, 
/**
 * Whether so much is free now.
 */
fits?: boolean | null, 
/**
 * Why it would not be run.
 */
problem?: string | null, 
/**
 * Whether it answers.
 */
in_use: boolean, 
/**
 * Whether the user added it.
 */
added: boolean, };

/**
 * The model that wrote an answer.
 */
export type ModelInfo = { 
/**
 * Its name in the model pack.
 */
name: string, 
/**
 * SHA-256 of its file, hexadecimal.
 */
file_sha256: string, 
/**
 * `cpu`, `cuda:0` or `metal`.
 */
device: string, };

/**
 * How fast a language model works on this machine.
 */
export type ModelSpeed = { 
/**
 * Tokens that were read.
 */
prompt_tokens: number, 
/**
 * Reading.
 */
prompt_tokens_per_second: number, 
/**
 * Tokens that were written.
 */
written_tokens: number, 
/**
 * Writing.
 */
written_tokens_per_second: number, 
/**
 * From the file to the first token read, the file's hash included.
 */
load_seconds: number, 
/**
 * `cpu`, `cuda:0` or `metal`.
 */
device: string, };

/**
 * Why an answer is [`Outcome::NotFound`].
 */
export type NearestReason = "no_documents" | "weak_evidence" | "insufficient" | "model_declined" | "nothing_supported";

/**
 * An opened vault.
 */
export type Opened = { 
/**
 * Its folder.
 */
vault: string, 
/**
 * The model pack's folder.
 */
models: string, 
/**
 * Documents in it.
 */
documents: number, 
/**
 * Whether nothing was ever put in or asked.
 */
first_start: boolean, 
/**
 * The program's version.
 */
version: string, 
/**
 * Files that the program was started with, the first time; the window adds them.
 */
files: Array<string>, };

/**
 * Whether the file that a document was read from can be shown.
 */
export type Original = "same" | "none" | "changed" | "gone" | "inside";

/**
 * Whether the documents answer the question.
 */
export type Outcome = "answered" | "not_found";

/**
 * The coverage of a document: its pages by status.
 */
export type PageCounts = { 
/**
 * All.
 */
total: number, 
/**
 * Their text was read.
 */
text: number, 
/**
 * They show something but carry no text.
 */
no_text: number, 
/**
 * Nothing is on them.
 */
blank: number, 
/**
 * Reading failed.
 */
unreadable: number, 
/**
 * They are pictures of text, which was recognised.
 */
ocr: number, };

/**
 * One page of the ledger.
 */
export type PageCoverage = { 
/**
 * 1-based physical number.
 */
page: number, 
/**
 * The printed label.
 */
label?: string | null, 
/**
 * What became of it.
 */
status: PageStatus, 
/**
 * Characters of text.
 */
chars: number, 
/**
 * Of them, those that a viewer does not show.
 */
hidden_chars?: number, };

/**
 * What is marked on one page.
 */
export type PageMarks = { 
/**
 * 1-based physical number.
 */
page: number, 
/**
 * `[left, top, right, bottom]` in points, from the top left corner of the page as it is shown.
 */
rects: Array<[number, number, number, number]>, };

/**
 * Whether a page could be read.
 */
export type PageStatus = "text" | { "ocr": { 
/**
 * How sure the recognition is of its letters, on average: 0 to 100.
 */
confidence: number, } } | "no_text" | "blank" | { "unreadable": string };

/**
 * A chunk that was found for a query, with all that is needed to show and verify it. The JSON is a public contract.
 */
export type Passage = { 
/**
 * 1 for the best.
 */
rank: number, 
/**
 * Relevance for people, 0 to 1; comparable within one query only.
 */
score: number, 
/**
 * The document it stands in.
 */
document_id: DocumentId, 
/**
 * The version of the document that the offsets count in; an earlier answer opens the text it cited.
 */
version_id: number, 
/**
 * The document's path as ingested.
 */
path: string, 
/**
 * The document's title.
 */
title: string, 
/**
 * The collection it was ingested into.
 */
collection: string, 
/**
 * The headings above it, outermost first.
 */
heading: Array<string>, 
/**
 * 1-based physical page on which it starts; `None` where the format has none.
 */
page?: number | null, 
/**
 * The printed label of that page.
 */
page_label?: string | null, 
/**
 * The whole chunk, verbatim: the document's text from `start` to `end`.
 */
text: string, 
/**
 * First character, counted in Unicode scalar values.
 */
start: number, 
/**
 * First character after.
 */
end: number, 
/**
 * What each leg of the search gave.
 */
scores: PassageScores, 
/**
 * In an answer: whether the answer cites it. Absent in search results.
 */
used?: boolean | null, };

/**
 * What each leg of a search gave for a passage; `None` where the leg did not find it or did not run.
 */
export type PassageScores = { 
/**
 * Cosine similarity, -1 to 1.
 */
vector?: number | null, 
/**
 * BM25, 0 and up.
 */
keyword?: number | null, 
/**
 * The fused score that gave the rank.
 */
fused: number, };

/**
 * An error as a window shows it, and decides by its code what to offer.
 */
export type Problem = { 
/**
 * Stable.
 */
code: string, 
/**
 * What was wrong, and which file or value.
 */
message: string, 
/**
 * What to do; may be empty.
 */
hint: string, };

/**
 * What the window asks.
 */
export type Question = { 
/**
 * In plain words.
 */
question: string, 
/**
 * How to answer.
 */
mode: AskMode, 
/**
 * Only these collections; all where empty.
 */
collections: Array<string>, 
/**
 * Only these documents; all where empty.
 */
documents: Array<string>, 
/**
 * The answer that it follows up on.
 */
after?: string | null, };

/**
 * A question that was answered by itself.
 */
export type QuestionPart = { 
/**
 * As it was searched for and read.
 */
question: string, 
/**
 * Whether the answer holds something about it.
 */
answered: boolean, 
/**
 * What the gate said; `None` where nothing was found to judge.
 */
sufficiency?: Sufficiency | null, };

/**
 * What a removal took out.
 */
export type RemovedDocuments = { 
/**
 * The documents that are gone.
 */
documents: Array<DocumentId>, 
/**
 * Answers that showed or cited them and were blanked.
 */
answers_blanked: number, };

/**
 * One sentence of an answer.
 */
export type Sentence = { 
/**
 * The sentence without its marks.
 */
text: string, 
/**
 * Numbers of the citations that carry it.
 */
citations: Array<number>, 
/**
 * What the self-check found.
 */
verdict: Verdict, 
/**
 * Support, 0 to 1.
 */
score: number, 
/**
 * What each stage of the self-check said; absent in answers of older versions.
 */
checks?: Checks | null, };

/**
 * What the user chose.
 */
export type Settings = { 
/**
 * `system`, or a language's two letters.
 */
language: string, 
/**
 * `system`, `light`, `dark` or `contrast`.
 */
theme: string, 
/**
 * How questions are answered.
 */
mode: AskMode, 
/**
 * Threads that embed; all cores where none is named.
 */
threads?: number | null, 
/**
 * Whether other programs go first.
 */
gentle: boolean, 
/**
 * Where the language model runs.
 */
device: Device, 
/**
 * Most tokens of a chunk, of documents that are read from now on.
 */
chunk_tokens: number, 
/**
 * Passages that an answer is written from.
 */
passages: number, };

/**
 * What a vault takes of the disk.
 */
export type Storage = { 
/**
 * The vault's folder.
 */
vault: string, 
/**
 * Documents, vectors, answers and the journal.
 */
catalog_bytes: number, 
/**
 * Both indexes, which can be filled again from the catalog.
 */
index_bytes: number, 
/**
 * The model pack's folder.
 */
models: string, 
/**
 * The model pack.
 */
models_bytes: number, 
/**
 * Bytes that are free where the vault lies; `None` where the system does not tell.
 */
free_bytes?: number | null, };

/**
 * Whether the evidence answers the question, as the gate judged it before anything was written.
 */
export type Sufficiency = { 
/**
 * How likely the evidence answers: 0 to 1, calibrated.
 */
probability: number, 
/**
 * Below this nothing is answered.
 */
threshold: number, 
/**
 * What it was judged by.
 */
features: { [key in string]: number }, };

/**
 * What a look through every document of the scope found.
 */
export type SweepReport = { 
/**
 * Documents that were looked through.
 */
searched: number, 
/**
 * Of them, those in which all the words stand in one passage.
 */
matching: number, 
/**
 * Of them, the others.
 */
lacking: number, 
/**
 * Files, and parts of files, that could not be read, and documents without text: nothing is known of them.
 */
unreadable: number, 
/**
 * Pages without text in documents that were looked through.
 */
unread_pages: number, 
/**
 * The words and phrases that were looked for.
 */
words: Array<string>, 
/**
 * The first of those that have the words, by path.
 */
matching_documents: Array<SweptDocument>, 
/**
 * The first of those that do not, by path.
 */
lacking_documents: Array<SweptDocument>, };

/**
 * A document as a sweep names it.
 */
export type SweptDocument = { 
/**
 * The document.
 */
document_id: DocumentId, 
/**
 * Its path as ingested.
 */
path: string, 
/**
 * Its title.
 */
title: string, };

/**
 * A page whose text is not in the document.
 */
export type UnreadPage = { 
/**
 * 1-based physical number.
 */
page: number, 
/**
 * Why.
 */
status: PageStatus, };

/**
 * What the self-check found of a sentence.
 */
export type Verdict = "supported" | "unsupported" | "removed";

/**
 * A structural unit of a shown document.
 */
export type ViewBlock = { 
/**
 * What it is.
 */
kind: BlockKind, 
/**
 * First character.
 */
start: number, 
/**
 * First character after.
 */
end: number, 
/**
 * The page on which it starts.
 */
page?: number | null, 
/**
 * Its text, to the letter.
 */
text: string, };

/**
 * A page of a shown document.
 */
export type ViewPage = { 
/**
 * 1-based physical number.
 */
page: number, 
/**
 * The label printed by a viewer.
 */
label?: string | null, 
/**
 * Width in points; 0 where it is not known.
 */
width: number, 
/**
 * Height in points; 0 where it is not known.
 */
height: number, 
/**
 * Whether it could be read.
 */
status: PageStatus, };

/**
 * A folder that is kept in step.
 */
export type WatchedFolder = { 
/**
 * The collection that its files go into.
 */
collection: string, 
/**
 * The folder.
 */
path: string, };
