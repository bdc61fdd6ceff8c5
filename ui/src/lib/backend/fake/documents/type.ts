// Widths of the three Times that every PDF reader knows, in thousandths of the size, from `space` to `~`.

export type Face = 'roman' | 'bold' | 'italic'

const ROMAN =
  '250 333 408 500 500 833 778 180 333 333 500 564 250 333 250 278 500 500 500 500 500 500 500 500 500 500 278 278 564 564 564 444 921 722 667 667 722 611 556 722 722 333 389 722 611 889 722 722 556 722 667 556 611 722 722 944 722 722 611 333 278 333 469 500 333 444 500 444 500 444 333 500 500 278 278 500 278 778 500 500 500 500 333 389 278 500 500 722 500 500 444 480 200 480 541'
const BOLD =
  '250 333 555 500 500 1000 833 278 333 333 500 570 250 333 250 278 500 500 500 500 500 500 500 500 500 500 333 333 570 570 570 500 930 722 667 722 722 667 611 778 778 389 500 778 667 944 722 778 611 778 722 556 667 722 722 1000 722 722 667 333 278 333 581 500 333 500 556 444 556 444 333 500 556 278 333 556 278 833 556 500 556 556 444 389 333 556 500 722 500 500 444 394 220 394 520'

const WIDTHS: Record<Face, number[]> = {
  roman: ROMAN.split(' ').map(Number),
  bold: BOLD.split(' ').map(Number),
  // Only the running head is italic; nothing is measured in it.
  italic: ROMAN.split(' ').map(Number),
}
/** Beyond ASCII: the code in WinAnsi, and the width, the same in roman and bold. */
const OTHERS: Record<string, [number, number]> = {
  '§': [0xa7, 500],
  '–': [0x96, 500],
  '’': [0x92, 333],
  '“': [0x93, 444],
  '”': [0x94, 444],
  '€': [0x80, 500],
  '•': [0x95, 350],
  'ü': [0xfc, 500],
}

export function widthOf(text: string, face: Face, size: number): number {
  let width = 0
  for (const letter of text) width += OTHERS[letter]?.[1] ?? WIDTHS[face][letter.charCodeAt(0) - 32] ?? 500
  return (width * size) / 1000
}

/** A string as it stands between the brackets of a PDF. */
export function winAnsi(text: string): string {
  return [...text]
    .map((letter) => (OTHERS[letter] ? String.fromCharCode(OTHERS[letter][0]) : letter))
    .join('')
    .replace(/[\\()]/g, '\\$&')
}
