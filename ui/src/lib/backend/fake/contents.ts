// What the made-up vault holds: the papers of a hospital with a legal department.

import type { Format, Library, LibraryDocument, LibraryFailure, PageCounts } from '../backend'

const HOME = '/home/m.okafor/Documents'

export const NO_LIBRARY: Library = { collections: [], documents: [], failed: [], watched: [], unfinished: [] }

/** Stable, so that a document keeps its name over runs. */
export function idOf(text: string): string {
  let id = ''
  for (let seed = 1; id.length < 32; seed += 1) {
    let hash = 2166136261 ^ (seed * 0x9e3779b1)
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
    id += (hash >>> 0).toString(16).padStart(8, '0')
  }
  return id
}

export function counts(text: number, rest: Partial<PageCounts> = {}): PageCounts {
  const pages = { text, no_text: 0, blank: 0, unreadable: 0, ocr: 0, ...rest }
  return { ...pages, total: pages.text + pages.no_text + pages.blank + pages.unreadable + pages.ocr }
}

/** Title, path, pages, days ago, and what was not read. */
type Entry = [string, string, PageCounts, number, string?]

const NOW = Date.UTC(2026, 10, 22, 3, 40)

function entry(collection: string, [title, path, coverage, daysAgo, warning]: Entry): LibraryDocument {
  const [file, part] = path.split('#') as [string, string?]
  return {
    document_id: idOf(collection + path),
    version_id: 1,
    path: `${HOME}/${file}`,
    part: part ?? null,
    title,
    collection,
    format: formatOf(file, part),
    coverage,
    chunks: Math.max(1, coverage.total * 3),
    chars: Math.max(1, coverage.total) * 2140,
    ingested_at: new Date(NOW - daysAgo * 86_400_000 - title.length * 611_000).toISOString(),
    warnings: warning ? [warning] : [],
  }
}

function formatOf(file: string, part?: string): Format {
  const endings: Record<string, Format> = {
    pdf: 'pdf', docx: 'docx', xlsx: 'xlsx', md: 'markdown', xml: 'mediawiki', pptx: 'pptx', eml: 'email', csv: 'csv', html: 'confluence', odt: 'odt', epub: 'epub',
  }
  if (part?.endsWith('.pdf')) return 'pdf'
  return endings[file.split('.').at(-1) ?? ''] ?? 'text'
}

const NONE = counts(0)

const CONTRACTS: Entry[] = [
  ['Master services agreement: Northmoor Hospitals', 'Contracts/2024/master-services-agreement.pdf', counts(46), 2],
  ['Amendment No. 2 to the master services agreement', 'Contracts/2025/msa-amendment-2.pdf', counts(7), 2],
  ['Data processing agreement (Art. 28 GDPR)', 'Contracts/2024/dpa-northmoor-signed.pdf', counts(3, { ocr: 15 }), 2],
  ['Lease: 14 Harbour Street, second floor', 'Contracts/leases/harbour-street-14.pdf', counts(0, { ocr: 29, no_text: 2 }), 9],
  ['Lease: Mill Lane archive store', 'Contracts/leases/mill-lane-1998-scan.pdf', counts(0, { ocr: 18, no_text: 3, unreadable: 1, blank: 2 }), 9],
  ['Framework agreement: surgical consumables 2026–2029', 'Contracts/2026/framework-consumables.docx', counts(32), 12],
  ['Price schedule, consumables', 'Contracts/2026/framework-consumables-prices.xlsx', NONE, 12, 'sheet “Lot 7”: what stands right of column 256 was left out'],
  ['Cleaning services: specification of works', 'Contracts/2025/cleaning-specification.docx', counts(18), 20],
  ['Non-disclosure agreement: Halden Diagnostics', 'Contracts/2025/nda-halden.pdf', counts(5), 27],
  ['Notice of termination: Brightwell Catering', 'Contracts/2026/termination-brightwell.eml', NONE, 1],
  ['Software maintenance: radiology archive', 'Contracts/2023/pacs-maintenance.pdf', counts(22, { blank: 2 }), 40],
]
const HANDBOOK: Entry[] = [
  ['Annual leave and time in lieu', 'Wiki export/handbook.xml#Annual leave', NONE, 5],
  ['Business travel and expenses', 'Wiki export/handbook.xml#Travel', NONE, 5],
  ['Working time on wards: rota rules', 'Wiki export/handbook.xml#Working time', NONE, 5],
  ['Parental leave', 'Wiki export/handbook.xml#Parental leave', NONE, 5],
  ['Reporting a data breach', 'Wiki export/handbook.xml#Data breach', NONE, 5],
  ['Retention periods for records', 'Wiki export/handbook.xml#Retention', NONE, 5],
  ['Needlestick injuries: first steps', 'Wiki export/handbook.xml#Needlestick', NONE, 5],
  ['Hand hygiene', 'Wiki export/handbook.xml#Hand hygiene', NONE, 5],
  ['On-call duty and call-out pay', 'Wiki export/handbook.xml#On call', NONE, 5],
  ['Whistleblowing: whom to tell, and how you are protected', 'Wiki export/handbook.xml#Whistleblowing', NONE, 5],
  ['Gifts and hospitality', 'Wiki export/handbook.xml#Gifts', NONE, 5],
  ['Collective agreement 2025, consolidated text', 'Handbook/collective-agreement-2025.pdf', counts(118, { blank: 4 }), 5],
  ['Works agreement on mobile working', 'Handbook/works-agreement-mobile.docx', counts(11), 33],
]
const DEVICES: Entry[] = [
  ['Larkspur patient monitor: service manual', 'Devices/larkspur/service-manual-rev-F.pdf', counts(388, { ocr: 12, blank: 9, no_text: 3 }), 3],
  ['Larkspur patient monitor: quick reference', 'Devices/larkspur/quick-reference.pdf', counts(4), 3],
  ['Infusion pump Tarn 3: instructions for use', 'Devices/tarn-3/ifu-en.pdf', counts(164), 14],
  ['Field safety notice FSN-2026-011: Tarn 3 battery', 'Devices/tarn-3/FSN-2026-011.pdf', counts(3), 1],
  ['Maintenance log, theatre 2', 'Devices/logs/theatre-2.csv', NONE, 1],
  ['Calibration certificates 2025', 'Devices/calibration-2025.zip#certificates/scan-0001-0240.pdf', counts(0, { ocr: 231, no_text: 6, unreadable: 3 }), 30, '9 of 240 pages could not be read'],
  ['Steriliser programme table', 'Devices/cssd/programmes.xlsx', NONE, 62],
  ['Training slides: defibrillator', 'Devices/training/defibrillator.pptx', counts(41), 80],
]
const CASES: Entry[] = [
  ['Statement of claim, 3 O 114/26', 'Case files/3 O 114-26/01 statement of claim.pdf', counts(34), 6],
  ['Defence, 3 O 114/26', 'Case files/3 O 114-26/04 defence.pdf', counts(27), 6],
  ['Expert opinion Prof. Adeyemi', 'Case files/3 O 114-26/07 expert opinion.pdf', counts(58, { ocr: 6 }), 6],
  ['Minutes of the hearing of 9 October 2026', 'Case files/3 O 114-26/11 minutes.pdf', counts(0, { ocr: 9 }), 4],
  ['Nursing record, extract', 'Case files/3 O 114-26/09 nursing record.pdf', counts(0, { ocr: 71, no_text: 14 }), 6],
  ['Correspondence with the insurer', 'Case files/3 O 114-26/insurer.zip#2026-03-02 cover note.eml', NONE, 6],
  ['Settlement proposal (draft, without prejudice)', 'Case files/3 O 114-26/settlement v4.docx', counts(6), 0, '212 characters on 1 more page are not shown by a viewer'],
  ['إشعار قانوني: Legal notice to tenant', 'Case files/tenancy/notice-ar-en.pdf', counts(4), 45],
  ['Guideline: limitation of claims under §§ 195–199 BGB', 'Case files/notes/limitation.md', NONE, 55],
]

const LOCKED = 'it is protected by a password; read it again with the password, or save a copy without one'

const FAILED: LibraryFailure[] = [
  { path: `${HOME}/Case files/3 O 114-26/08 privileged memo.pdf`, collection: 'Case files', part: null, code: 'encrypted', reason: LOCKED },
  { path: `${HOME}/Contracts/2026/salary-annex.xlsx`, collection: 'Contracts', part: null, code: 'encrypted', reason: LOCKED },
  { path: `${HOME}/Devices/tarn-3/firmware-notes.pdf`, collection: 'Medical devices', part: null, code: 'damaged', reason: 'it is damaged (no page tree was found in it); open it in its own program and save it anew' },
  { path: `${HOME}/Devices/logs/theatre-3.csv`, collection: 'Medical devices', part: null, code: 'changing', reason: 'it was being written while it was read; it is read again at the next ingest' },
  { path: `${HOME}/Devices/calibration-2025.zip`, collection: 'Medical devices', part: 'certificates/IMG_0241.heic', code: 'unsupported', reason: 'files of the kind “heic” are not read; convert it to PDF, DOCX, HTML, Markdown or text' },
]

export const COLLECTIONS: Record<string, Entry[]> = {
  Contracts: CONTRACTS,
  'Staff handbook': HANDBOOK,
  'Medical devices': DEVICES,
  'Case files': CASES,
}

export function usualLibrary(): Library {
  const documents = Object.entries(COLLECTIONS).flatMap(([name, entries]) => entries.map((each) => entry(name, each)))
  return {
    collections: collectionsOf(documents),
    documents,
    failed: structuredClone(FAILED),
    watched: [{ collection: 'Staff handbook', path: `${HOME}/Wiki export` }],
    unfinished: [
      { id: 7, paths: [`${HOME}/Case files/3 O 98-25`], collection: 'Case files', begun_at: NOW - 90_000_000, stopped_at: NOW - 88_800_000, done: 112, total: 340 },
      { id: 8, paths: [`${HOME}/Devices/manuals 2026`], collection: 'Medical devices', begun_at: NOW - 9_000_000, stopped_at: null, done: 6, total: 14 },
    ],
  }
}

export function hugeLibrary(documents = 10_000): Library {
  const patterns = Object.entries(COLLECTIONS).flatMap(([name, entries]) => entries.map((each) => [name, each] as const))
  const all = Array.from({ length: documents }, (_, index) => {
    const [name, [title, path, coverage, daysAgo]] = patterns[index % patterns.length]!
    const year = 2004 + (index % 23)
    const copy = Math.floor(index / patterns.length) + 1
    return entry(name, [`${title} (${year}/${copy})`, path.replace('/', `/${year}/${copy}/`), coverage, daysAgo + (index % 700)])
  })
  const failed = Array.from({ length: documents }, (_, index) => {
    const lost = FAILED[index % FAILED.length]!
    return { ...lost, path: lost.path.replace(/([^/]+)$/, `${2004 + (index % 23)}/${index + 1} $1`) }
  })
  return { ...NO_LIBRARY, collections: collectionsOf(all), documents: all, failed }
}

/** The four documents that come with Citadel. */
export const SAMPLES: Entry[] = [
  ['Employee handbook', 'samples/handbook.md', NONE, 0],
  ['Larkspur patient monitor: manual', 'samples/larkspur-manual.pdf', counts(7), 0],
  ['Master services agreement', 'samples/master-services-agreement.pdf', counts(5), 0],
  ['On-call duty', 'samples/wiki.xml#On-call duty', NONE, 0],
]

export function sampleDocuments(): LibraryDocument[] {
  return SAMPLES.map((each) => entry('Samples', each))
}

/** What reading a file that is not known gives. */
export function readDocument(path: string, collection: string): LibraryDocument {
  const name = path.split('/').at(-1) ?? path
  const scanned = /scan/i.test(name)
  const long = /manual/i.test(name)
  const pages = formatOf(path) === 'pdf' ? (long ? counts(300) : scanned ? counts(0, { ocr: 11, no_text: 1 }) : counts(4 + (name.length % 40))) : NONE
  const made = entry(collection, [name.replace(/\.[^.]+$/, '').replace(/[-_]/g, ' '), name, pages, 0])
  return { ...made, document_id: idOf(collection + path), path, ingested_at: new Date().toISOString() }
}

export function collectionsOf(documents: LibraryDocument[]): Library['collections'] {
  const sizes = new Map<string, number>()
  for (const { collection } of documents) sizes.set(collection, (sizes.get(collection) ?? 0) + 1)
  return [...sizes].map(([name, size]) => ({ name, documents: size }))
}
