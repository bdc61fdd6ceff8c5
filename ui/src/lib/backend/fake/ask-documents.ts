// Passages that the made-up answers rest on.

import type { Passage } from '../backend'

export interface Told {
  key: string
  title: string
  path: string
  collection: string
  heading: string[]
  page?: number
  label?: string
  text: string
  vector?: number
  keyword?: number
}

export const TOLD: Told[] = [
  {
    key: 'lease-notice',
    title: 'Lease agreement Harbour Street 14',
    path: 'contracts/leases/harbour-street-14.pdf',
    collection: 'Contracts',
    heading: ['Part II: Term', '§ 12 Termination'],
    page: 9,
    label: '7',
    text: '12.1 The lease begins on 1 April 2023 and is concluded for an indefinite time. 12.2 Either party may end it with a notice of six months to the end of a calendar quarter. The notice must be given in writing and signed; notice by e-mail is not sufficient. 12.3 The right of either party to end the lease for cause without notice remains unaffected, in particular where rent for two months is outstanding.',
    vector: 0.83,
    keyword: 21.4,
  },
  {
    key: 'lease-handback',
    title: 'Lease agreement Harbour Street 14',
    path: 'contracts/leases/harbour-street-14.pdf',
    collection: 'Contracts',
    heading: ['Part II: Term', '§ 13 Return of the premises'],
    page: 10,
    label: '8',
    text: '13.1 At the end of the lease the tenant returns the premises cleared and swept. 13.2 Fixtures that the tenant has installed are to be removed unless the landlord takes them over at their current value. 13.3 A joint record of the condition is made on the day of return; it is binding for both parties.',
    vector: 0.71,
    keyword: 8.2,
  },
  {
    key: 'lease-side',
    title: 'Side letter to the Harbour Street lease',
    path: 'contracts/leases/harbour-street-14-side-letter.docx',
    collection: 'Contracts',
    heading: ['2 Changes to the lease'],
    text: 'In deviation from § 12.2, the tenant may end the lease for the storage rooms on the basement floor with a notice of three months to the end of a month. For all other rooms the lease remains unchanged.',
    vector: 0.79,
    keyword: 17.6,
  },
  {
    key: 'policy-signing',
    title: 'Who signs what',
    path: 'handbook/legal/signing.wiki',
    collection: 'Handbook',
    heading: ['Contracts', 'Notices'],
    text: 'Notices that end a contract are signed by two partners. The office of general counsel keeps the calendar of notice periods and sends a reminder eight weeks before a period begins.',
    vector: 0.64,
    keyword: 6.1,
  },
  {
    key: 'lease-mill',
    title: 'Lease agreement Mill Lane 3',
    path: 'contracts/leases/mill-lane-3.pdf',
    collection: 'Contracts',
    heading: ['§ 9 Term and termination'],
    page: 6,
    label: '6',
    text: 'The lease is concluded for a fixed time of ten years and ends on 31 December 2031 without notice being needed. The tenant has an option to prolong it twice by five years each.',
    vector: 0.68,
  },
  {
    key: 'expenses-wiki',
    title: 'Travel and expenses',
    path: 'handbook/finance/travel-and-expenses.wiki',
    collection: 'Handbook',
    heading: ['Overnight stays', 'Hotels'],
    text: 'Hotel rooms are reimbursed up to 180 EUR per night, breakfast included. In Zurich, London and Paris the limit is 240 EUR. Amounts above the limit need the approval of the head of department before the journey.',
    vector: 0.86,
    keyword: 19.9,
  },
  {
    key: 'expenses-circular',
    title: 'Circular 7/2026: travel budget',
    path: 'handbook/circulars/2026-07-travel.pdf',
    collection: 'Handbook',
    heading: ['3 Limits from 1 July 2026'],
    page: 2,
    label: '2',
    text: 'From 1 July 2026, hotel rooms are reimbursed up to 150 EUR per night, breakfast included. The higher limits for Zurich, London and Paris stay as they are. Journeys booked before 1 July are settled under the old limits.',
    vector: 0.84,
    keyword: 18.7,
  },
  {
    key: 'expenses-receipts',
    title: 'Travel and expenses',
    path: 'handbook/finance/travel-and-expenses.wiki',
    collection: 'Handbook',
    heading: ['Receipts'],
    text: 'Every claim needs a receipt. Where a receipt is lost, a signed statement in its place is accepted twice a year. Claims are handed in within three months after the journey.',
    vector: 0.66,
    keyword: 7.3,
  },
  {
    key: 'pump-alarm',
    title: 'Infusomat P7: instructions for use',
    path: 'devices/infusion/infusomat-p7-ifu.pdf',
    collection: 'Device manuals',
    heading: ['8 Alarms', '8.3 Pressure alarm'],
    page: 112,
    label: '104',
    text: 'The pressure alarm sounds when the pressure in the line exceeds the chosen level. The pump stops and releases the bolus that has built up. Close the roller clamp before you open the line. Check the line for kinks and the access for occlusion; then press OK to acknowledge the alarm and START to continue.',
    vector: 0.81,
    keyword: 16.2,
  },
  {
    key: 'pump-levels',
    title: 'Infusomat P7: instructions for use',
    path: 'devices/infusion/infusomat-p7-ifu.pdf',
    collection: 'Device manuals',
    heading: ['5 Settings', '5.6 Pressure levels'],
    page: 71,
    label: '63',
    text: 'There are nine pressure levels from 0.1 to 1.2 bar. The default is level 5. A lower level makes the alarm come earlier; with high flow rates and thin lines it may then sound without an occlusion.',
    vector: 0.74,
    keyword: 11.8,
  },
  {
    key: 'pump-ward',
    title: 'Ward 4: infusion pumps in daily use',
    path: 'handbook/nursing/ward-4-infusion.wiki',
    collection: 'Handbook',
    heading: ['When the pump sounds'],
    text: 'Never open the line before the clamp is closed. After two pressure alarms within an hour, change the line and note it in the record of the patient.',
    vector: 0.77,
    keyword: 9.4,
  },
  {
    key: 'retention-table',
    title: 'Retention schedule',
    path: 'handbook/data-protection/retention.xlsx',
    collection: 'Handbook',
    heading: ['Table 2: Personnel'],
    text: 'Personnel files | 3 years after the end of the employment | data protection officer. Applications that were turned down | 6 months after the decision | human resources. Time records | 2 years | payroll.',
    vector: 0.7,
    keyword: 13.1,
  },
  {
    key: 'msa-liability',
    title: 'Master services agreement Alder & Finch',
    path: 'contracts/suppliers/alder-finch-msa-2025.docx',
    collection: 'Contracts',
    heading: ['14 Liability'],
    text: '14.1 Liability for slight negligence is limited to the fees of the contract year, but not less than 250,000 EUR. 14.2 The limit does not apply to injury to life, body or health, nor to a breach of the duty of confidence under clause 17.',
    vector: 0.72,
    keyword: 10.5,
  },
]

/** Every passage that an answer may cite, for the Reader's documents. */
export function citedPassages(): Passage[] {
  return TOLD.map(({ key }, n) => passage(key, n + 1))
}

/** A passage as the search gives it. */
export function passage(key: string, rank: number, used: boolean | null = null): Passage {
  const told = TOLD.find((t) => t.key === key)
  if (!told) throw new Error(`no passage ${key}`)
  const start = 4200 + TOLD.indexOf(told) * 611
  return {
    rank,
    score: 0.033 - rank * 0.002,
    document_id: documentId(told.path),
    version_id: 1,
    path: told.path,
    title: told.title,
    collection: told.collection,
    heading: told.heading,
    page: told.page ?? null,
    page_label: told.label ?? null,
    text: told.text,
    start,
    end: start + [...told.text].length,
    scores: { vector: told.vector ?? null, keyword: told.keyword ?? null, fused: 0.033 - rank * 0.002 },
    used,
  }
}

/** The same path always gives the same id, in the shape of the engine's. */
export function documentId(path: string): string {
  let hash = 0x811c9dc5
  for (const letter of path) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0').repeat(2)
}
