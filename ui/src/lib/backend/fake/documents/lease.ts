// An office lease as a law firm files it: front matter with roman numbers, a scanned page, a plan, a page that cannot be
// read, a rent table turned by a quarter.

import type { BlockKind } from '../../backend'
import type { Sheet } from './paper'

const h1: BlockKind = { heading: { level: 1 } }
const h2: BlockKind = { heading: { level: 2 } }
const p = (text: string) => ({ kind: 'paragraph' as const, text })
const li = (text: string) => ({ kind: 'list_item' as const, text })
const row = (text: string) => ({ kind: 'table_row' as const, text })
const clause = (text: string) => ({ kind: h2, text })

export const LEASE = 'Office lease, Lindenhof 4'

export const lease: Sheet[] = [
  {
    label: 'i',
    blocks: [
      { kind: h1, text: 'Office lease, Lindenhof 4' },
      p('between Halvorsen Immobilien AG, Seefeldstrasse 12, Zürich (the “Landlord”) and Brandt & Okafor LLP, Lindenhof 4, Zürich (the “Tenant”).'),
      p('Dated 14 March 2023. Reference HI-2023-0412. The parties agree on the lease of the second and third floors of the building Lindenhof 4, together with eleven parking spaces in the basement, on the terms set out below.'),
      clause('Definitions'),
      p('“Premises” means the areas shown hatched in Schedule A, with a net floor area of 1,284 square metres, measured under SIA 416.'),
      p('“Net Rent” means the rent without ancillary costs and without value added tax, as set out in Schedule B and adjusted under clause 5.'),
      p('“Term” means the fixed period under clause 2 and every period by which it is extended under clause 3.'),
    ],
  },
  {
    label: 'ii',
    blocks: [
      clause('Contents'),
      li('1  Premises and use'),
      li('2  Term'),
      li('3  Option to extend'),
      li('4  Notice of termination'),
      li('5  Rent and adjustment'),
      li('6  Ancillary costs'),
      li('7  Alterations and return'),
      li('8  Security'),
      li('9  Subletting'),
      li('Schedule A  Floor plan'),
      li('Schedule B  Rent table'),
    ],
  },
  {
    label: '1',
    blocks: [
      clause('1  Premises and use'),
      p('1.1 The Landlord lets the Premises to the Tenant for use as the offices of a law firm. Any other use requires the Landlord’s written consent, which may not be refused without good reason.'),
      p('1.2 The Tenant has access to the Premises at all hours of every day. The main entrance is locked between 20:00 and 06:30 and is then opened with the keys listed in the handover record.'),
      p('1.3 The Tenant may place its name on the directory in the entrance hall and on the door of each floor, in the form used throughout the building.'),
      clause('2  Term'),
      p('2.1 The lease begins on 1 July 2023 and is concluded for a fixed period of ten years, ending on 30 June 2033.'),
      p('2.2 During the fixed period neither party may give ordinary notice. The right to terminate for good cause under the law remains unaffected.'),
    ],
  },
  {
    label: '2',
    blocks: [
      clause('3  Option to extend'),
      p('3.1 The Tenant may extend the Term twice by five years each. The option is exercised by registered letter, which must reach the Landlord at least eighteen months before the end of the Term.'),
      p('3.2 If the option is not exercised in time, it lapses together with the option for the following period.'),
      clause('4  Notice of termination'),
      p('4.1 After the fixed period the lease runs on without limit of time. Either party may then terminate it with twelve months’ notice to the end of March or the end of September.'),
      p('4.2 Notice must be given in writing and signed by hand. Notice by e-mail is not valid, even where it carries a qualified electronic signature.'),
      p('4.3 If the Tenant moves out early, it may propose a new tenant who is solvent and acceptable to the Landlord. The Tenant is released from the day on which that person takes over the lease on the same terms.'),
      p('4.4 The Landlord may terminate with three months’ notice if the Tenant is more than sixty days late with a payment in spite of a written reminder that names this consequence.'),
    ],
  },
  {
    label: '3',
    status: { ocr: { confidence: 0.93 } },
    blocks: [
      clause('5  Rent and adjustment'),
      p('5.1 The Net Rent is due in advance on the first working day of each quarter. It is paid when it has reached the Landlord’s account.'),
      p('5.2 The Net Rent follows the national consumer price index. It is adjusted once a year, on 1 January, to the index of the preceding November; the base is the index of June 2023 (106.3 points).'),
      p('5.3 An adjustment is announced on the official form at least one month in advance. A fall of the index does not lower the Net Rent below the amount of the first year.'),
      clause('6  Ancillary costs'),
      p('6.1 Heating, hot water, lifts, cleaning of the common areas, refuse and the caretaker are charged to actual cost, shared by net floor area.'),
      p('6.2 The Landlord accounts for them by 30 June of the following year. Objections are made in writing within sixty days of receipt; after that the account counts as accepted.'),
    ],
  },
  {
    label: '4',
    blocks: [
      clause('7  Alterations and return'),
      p('7.1 Structural alterations require the prior written consent of the Landlord. Partition walls that are not load-bearing, floor coverings and cabling may be installed without consent if they are announced four weeks in advance.'),
      p('7.2 On return the Tenant removes its installations, unless the Landlord takes them over against payment of their residual value. Residual value is calculated over a life of ten years.'),
      p('7.3 Walls are returned painted white. Ordinary wear is not made good. A joint record is made on the day of return; defects not recorded there cannot be claimed later, except those that could not be seen.'),
      clause('8  Security'),
      p('8.1 The Tenant provides security of six months’ Net Rent by a bank guarantee on first demand, issued by a bank with its seat in Switzerland.'),
      p('8.2 The guarantee is returned within ninety days of the return of the Premises, less what the Landlord has claimed in writing by then.'),
    ],
  },
  {
    label: '5',
    status: { unreadable: 'The image of the page is damaged.' },
    blocks: [],
  },
  {
    label: '6',
    blocks: [
      clause('9  Subletting'),
      p('9.1 The Tenant may sublet up to forty per cent of the Premises to persons who practise law, tax advice or audit. The Landlord is informed of the name of the subtenant and the rent within two weeks.'),
      p('9.2 For any other subletting the Landlord’s consent is required. It may be refused if the Tenant does not disclose the terms, if the terms are abusive, or if the Landlord suffers substantial disadvantages.'),
      p('9.3 The Tenant remains liable for all obligations under this lease, including those that the subtenant fails to meet.'),
      clause('10  Final provisions'),
      p('10.1 Changes to this lease are valid only in writing. This also applies to a waiver of this form.'),
      p('10.2 The courts at the place of the Premises have jurisdiction. Swiss law applies.'),
    ],
  },
  {
    label: 'A',
    status: 'no_text',
    blocks: [],
  },
  {
    label: 'B',
    turned: true,
    blocks: [
      clause('Schedule B  Rent table'),
      row('Area | Net floor area | Net Rent per year | Ancillary costs on account'),
      row('Second floor, offices | 642 m2 | CHF 404,460 | CHF 38,520'),
      row('Third floor, offices | 588 m2 | CHF 382,200 | CHF 35,280'),
      row('Basement, archive | 54 m2 | CHF 9,720 | CHF 1,080'),
      row('Parking, eleven spaces | – | CHF 34,320 | –'),
      { ...p('The amounts are net of value added tax, for which the Landlord has opted. The first payment is due on 1 July 2023.') },
      { ...p('Handwritten note in the margin: archive free of charge until 30 September 2023, initialled M.H.'), uncertain: true },
    ],
  },
  {
    label: '7',
    blocks: [
      clause('Signatures'),
      p('Zürich, 14 March 2023. For the Landlord: Marit Halvorsen, chair of the board. For the Tenant: Dr Chidi Okafor and Anna Brandt, partners.'),
    ],
  },
  { label: '8', status: 'blank', blocks: [] },
]

/** The same clauses, for a volume of a thousand pages. */
export function volume(pages: number): Sheet[] {
  const texts = lease.filter((sheet) => sheet.blocks.length > 3 && !sheet.turned)
  return Array.from({ length: pages }, (_, index) => {
    const blocks = texts[index % texts.length]!.blocks
    return { label: String(index + 1), blocks: [{ kind: h2, text: `Lease ${Math.floor(index / 5) + 1} of 200` }, ...blocks] }
  })
}
