// A page of the nurses' handbook, from a wiki: headings, lists, a table, a piece of code.

import type { BlockKind, ViewBlock } from '../../backend'

type Written = [BlockKind, string]
const heading = (level: number, text: string): Written => [{ heading: { level } }, text]

const infusion: Written[] = [
  heading(1, 'Infusion pumps: handover and alarms'),
  ['paragraph', 'This page applies to all wards of St Brigid’s that use the Lumera 300 pump. It replaces the circular of 4 May 2024. Owner: Clinical Engineering, extension 4417.'],
  heading(2, 'Before the handover'),
  ['list_item', 'Compare the label of the syringe with the prescription, the patient’s wristband and the display.'],
  ['list_item', 'Read the rate aloud. The colleague who takes over repeats it.'],
  ['list_item', 'Check that the battery shows at least 60 %. A pump below 60 % stays on mains power during transfer.'],
  ['list_item', 'Note the volume infused (VI) in the chart, and reset the counter only at 06:00.'],
  heading(2, 'Limits by drug'),
  ['paragraph', 'The drug library holds hard limits, which cannot be overridden at the bedside, and soft limits, which ask for a second signature.'],
  ['table_row', 'Drug | Concentration | Soft limit | Hard limit'],
  ['table_row', 'Noradrenaline | 0.1 mg/ml | 0.5 µg/kg/min | 1.0 µg/kg/min'],
  ['table_row', 'Insulin (rapid) | 1 unit/ml | 10 units/h | 20 units/h'],
  ['table_row', 'Potassium chloride | 0.4 mmol/ml | 10 mmol/h | 20 mmol/h'],
  ['table_row', 'Morphine | 1 mg/ml | 4 mg/h | 8 mg/h'],
  ['paragraph', 'A change of a hard limit is decided by the Drug Commission and takes effect when Clinical Engineering has loaded the new library, usually on the first Tuesday of the month.'],
  heading(2, 'Alarms'),
  heading(3, 'Occlusion'),
  ['paragraph', 'Close the clamp before you open the pump door. Otherwise the pressure in the line is released as a bolus to the patient. Then look for a kink, a closed stopcock or a blocked filter, in this order.'],
  ['paragraph', 'If the alarm returns within five minutes, exchange the pump and send it to Clinical Engineering with the red label.'],
  heading(3, 'Air in line'),
  ['paragraph', 'Bubbles above 50 µl stop the pump. Do not raise the limit. Disconnect the patient, purge the line, and reconnect.'],
  heading(3, 'Export of the alarm log'),
  ['paragraph', 'The log is read out with the service cable. The first lines of a complete file look like this:'],
  ['code', '# Lumera 300  serial LM-20418  fw 4.2.1\n2026-10-02T07:14:22  OCCL  line=A  pressure=612mmHg\n2026-10-02T07:14:51  ACK   user=ward3'],
  heading(2, 'Questions and answers'),
  ['paragraph', 'May a pump be used in the MRI room? No. Only pumps with the green MR-conditional label may pass the yellow line, and never beyond 200 mT. 🧲'],
  ['paragraph', 'Who may unlock the drug library? The ward pharmacist and, at night, the senior physician on call. Naïve workarounds – writing down codes, sharing badges – are reported as incidents.'],
]

/** Blocks with offsets, one blank line between them. */
export function set(written: Written[], page?: (index: number) => number): ViewBlock[] {
  let offset = 0
  return written.map(([kind, text], index) => {
    const start = offset
    offset += [...text].length
    const block: ViewBlock = { kind, start, end: offset, page: page?.(index) ?? null, text }
    offset += 2
    return block
  })
}

export const handbook = (): ViewBlock[] => set(infusion)

/** A document of very many blocks. */
export function endless(blocks: number): ViewBlock[] {
  return set(Array.from({ length: blocks }, (_, index) => {
    const [kind, text] = infusion[index % infusion.length]!
    return [kind, typeof kind === 'object' ? `${text} (${Math.floor(index / infusion.length) + 1})` : text]
  }))
}
