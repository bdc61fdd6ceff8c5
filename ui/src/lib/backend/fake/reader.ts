// Documents to read: those that answers cite, those of the library, and any other. The name of a document says what it plays: `pdf`, `lease` or `contract` a PDF, `volume` one of a
// thousand pages, `endless` a text of 100,000 blocks, `changed`, `moved` and `inside` a PDF that is not at hand, `old` a
// superseded version, `hostile` a title that misbehaves, `gone` one that was removed, `broken` a file whose bytes cannot be read.

import type { Backend, DocumentView, Format, Marks, Original, Passage } from '../backend'
import { endless, handbook } from './documents/handbook'
import { LEASE, lease, volume } from './documents/lease'
import { type Paper, paper, rectsOf } from './documents/paper'
import { toldPaper, toldText } from './documents/told'
import { problem, type Scene } from './scene'

type Part = Pick<Backend, 'view' | 'marks' | 'pdf'>

/** A title that turns the direction of writing around and never breaks. */
const HOSTILE = `\u202egnp.tcartnoc \u2067${'Rechtsschutzversicherungsgesellschaften'.repeat(4)}`

const NAMED_PDF = /pdf|lease|contract|agreement|volume|changed|moved|inside|broken/

/** `passages`: what made-up answers cite; the documents around them are made up to fit. */
export function readerFake(played: Scene, passages: Passage[] = []): Part {
  const papers = new Map<string, Paper>()
  const cited = (id: string) => passages.filter((passage) => passage.document_id === id)
  const listed = (id: string) => played.library.documents.find(({ document_id }) => document_id === id)

  function isPdf(id: string): boolean {
    const [passage] = cited(id)
    const document = listed(id)
    return document ? document.format === 'pdf' : passage ? passage.page != null : NAMED_PDF.test(id)
  }

  function paperOf(id: string): Paper {
    const about = cited(id)
    const document = listed(id)
    const name = about.length > 0 || document ? id : id.includes('volume') ? 'volume' : 'lease'
    const make = () => {
      if (about.length > 0) return toldPaper(about)
      if (document) return paper(document.title, volume(Math.max(1, document.coverage.total)))
      return name === 'volume' ? paper('Leases, volume IV', volume(1000)) : paper(LEASE, lease)
    }
    const made = papers.get(name) ?? make()
    papers.set(name, made)
    return made
  }

  return {
    async view(id, version) {
      await played.step()
      if (id.includes('gone')) throw problem('unknown_id', 'This document is no longer in the library.', 'It was removed on 3 November 2026.')
      if (id.includes('fails')) throw problem('storage', 'The catalogue could not be read.', 'Try again; if it stays so, run the check in the settings.')
      const known = listed(id) ?? fromPassage(cited(id)[0])
      const named = { document_id: id, version_id: version, current: !id.includes('old') }
      if (!isPdf(id)) {
        const about = cited(id)
        const blocks = about.length > 0 ? toldText(about) : id.includes('endless') ? endless(100_000) : handbook()
        return { ...WIKI, ...(id.includes('hostile') ? { title: HOSTILE } : {}), ...known, ...named, pages: [], blocks, original: 'none' }
      }
      const { blocks, pages } = paperOf(id)
      const original = ORIGINALS.find(([word]) => id.includes(word))?.[1] ?? 'same'
      const shown = id.includes('volume') ? VOLUME : PDF
      return { ...shown, ...(original === 'inside' ? { part: 'annexes/lease.pdf' } : {}), ...known, ...named, pages, blocks, original }
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

type About = Pick<DocumentView, 'title' | 'path' | 'part' | 'collection' | 'format'>

const ORIGINALS: [string, Original][] = [['changed', 'changed'], ['moved', 'gone'], ['inside', 'inside']]
const PDF: About = { title: LEASE, path: '/home/anna/Documents/Property/lindenhof-4-lease-signed.pdf', part: null, collection: 'Property', format: 'pdf' }
const VOLUME: About = { ...PDF, title: 'Leases, volume IV', path: '/srv/property/leases-iv.pdf' }
const WIKI: About = {
  title: 'Infusion pumps: handover and alarms',
  path: '/home/anna/Documents/nursing-wiki.xml',
  part: 'Infusion pumps: handover and alarms',
  collection: 'Nursing handbook',
  format: 'mediawiki',
}

function fromPassage(passage: Passage | undefined): About | undefined {
  if (!passage) return undefined
  const { title, path, collection, page } = passage
  const endings: Record<string, Format> = { docx: 'docx', xlsx: 'xlsx', wiki: 'dokuwiki' }
  return { title, path, part: null, collection, format: page == null ? (endings[path.split('.').at(-1) ?? ''] ?? 'text') : 'pdf' }
}
