// Documents to read. The name of a document says what it plays: `pdf`, `lease` or `contract` a PDF, `volume` one of a
// thousand pages, `endless` a text of 100,000 blocks, `changed`, `moved` and `inside` a PDF that is not at hand, `old` a
// superseded version, `hostile` a title that misbehaves, `gone` one that was removed, `broken` a file whose bytes cannot be read.

import type { Backend, DocumentView, Marks, Original } from '../backend'
import { endless, handbook } from './documents/handbook'
import { LEASE, lease, volume } from './documents/lease'
import { type Paper, paper, rectsOf } from './documents/paper'
import { problem, type Scene } from './scene'

type Part = Pick<Backend, 'view' | 'marks' | 'pdf'>

const papers = new Map<string, Paper>()

function paperOf(id: string): Paper {
  const name = id.includes('volume') ? 'volume' : 'lease'
  const made = papers.get(name) ?? (name === 'volume' ? paper('Leases, volume IV', volume(1000)) : paper(LEASE, lease))
  papers.set(name, made)
  return made
}

/** A title that turns the direction of writing around and never breaks. */
const HOSTILE = `\u202egnp.tcartnoc \u2067${'Rechtsschutzversicherungsgesellschaften'.repeat(4)}`

const isPdf = (id: string) => /pdf|lease|contract|agreement|volume|changed|moved|inside|broken/.test(id)

export function readerFake(played: Scene): Part {
  return {
    async view(id, version) {
      await played.step()
      if (id.includes('gone')) throw problem('unknown_id', 'This document is no longer in the library.', 'It was removed on 3 November 2026.')
      if (id.includes('fails')) throw problem('storage', 'The catalogue could not be read.', 'Try again; if it stays so, run the check in the settings.')
      return isPdf(id) ? pdfView(id, version) : textView(id, version)
    },
    async marks(id, _version, start, end): Promise<Marks> {
      await played.step(undefined, 0.2)
      const found = isPdf(id) ? rectsOf(paperOf(id), start, end) : null
      if (!found) return { certain: !isPdf(id), pages: [] }
      return { certain: true, pages: [...found].map(([page, rects]) => ({ page, rects })) }
    },
    async pdf(id) {
      const { bytes } = paperOf(id)
      return {
        length: bytes.length,
        async read(begin, end) {
          await played.step(undefined, 0.1)
          if (id.includes('broken')) throw problem('io', 'The file could not be read.', 'Is the drive still connected?')
          return bytes.slice(begin, end)
        },
      }
    },
  }
}

function pdfView(id: string, version: number): DocumentView {
  const { blocks, pages } = paperOf(id)
  const original: Original = id.includes('changed') ? 'changed' : id.includes('moved') ? 'gone' : id.includes('inside') ? 'inside' : 'same'
  return {
    ...common(id, version),
    title: id.includes('volume') ? 'Leases, volume IV' : LEASE,
    path: id.includes('volume') ? '/srv/property/leases-iv.pdf' : '/home/anna/Documents/Property/lindenhof-4-lease-signed.pdf',
    part: original === 'inside' ? 'annexes/lease.pdf' : null,
    collection: 'Property',
    format: 'pdf',
    pages,
    blocks,
    original,
  }
}

function textView(id: string, version: number): DocumentView {
  return {
    ...common(id, version),
    title: id.includes('hostile') ? HOSTILE : 'Infusion pumps: handover and alarms',
    path: '/home/anna/Documents/nursing-wiki.xml',
    part: 'Infusion pumps: handover and alarms',
    collection: 'Nursing handbook',
    format: 'mediawiki',
    pages: [],
    blocks: id.includes('endless') ? endless(100_000) : handbook(),
    original: 'none',
  }
}

function common(id: string, version: number) {
  return { document_id: id, version_id: version, current: !id.includes('old') }
}
