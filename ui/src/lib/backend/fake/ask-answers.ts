// The made-up answers, chosen by words of the question.

import type { Answer, Citation, Passage, Question, Sentence, SweepReport, Verdict } from '../backend'
import { documentId, passage, TOLD } from './ask-documents'

interface Said {
  text: string
  /** Passage and the words of it that carry the sentence. */
  from?: [key: string, quote: string][]
  verdict?: Verdict
  missing?: string[]
}

interface Script {
  passages: string[]
  said: Said[]
  confidence: number
  corrected?: boolean
  reason?: Answer['reason']
  refusal?: string
  parts?: Answer['parts']
  sweep?: SweepReport
}

const LEASE: Script = {
  passages: ['lease-notice', 'lease-side', 'lease-handback', 'lease-mill', 'policy-signing'],
  confidence: 0.91,
  said: [
    {
      text: 'The tenant may end the lease of Harbour Street 14 with a notice of six months to the end of a calendar quarter.',
      from: [['lease-notice', 'Either party may end it with a notice of six months to the end of a calendar quarter.']],
    },
    {
      text: 'The notice must be in writing and signed; an e-mail is not sufficient.',
      from: [
        ['lease-notice', 'The notice must be given in writing and signed; notice by e-mail is not sufficient.'],
      ],
    },
    {
      text: 'For the storage rooms in the basement a shorter notice of three months to the end of a month applies.',
      from: [
        [
          'lease-side',
          'the tenant may end the lease for the storage rooms on the basement floor with a notice of three months to the end of a month.',
        ],
        ['lease-side', 'For all other rooms the lease remains unchanged.'],
      ],
    },
  ],
}

const HOTEL: Script = {
  passages: ['expenses-wiki', 'expenses-circular', 'expenses-receipts'],
  confidence: 0.74,
  said: [
    {
      text: 'Hotel rooms are reimbursed up to 180 EUR per night, breakfast included.',
      from: [['expenses-wiki', 'Hotel rooms are reimbursed up to 180 EUR per night, breakfast included.']],
    },
    {
      text: 'The documents differ: against Travel and expenses (2024-03-11), Circular 7/2026: travel budget (2026-06-18) says “From 1 July 2026, hotel rooms are reimbursed up to 150 EUR per night, breakfast included”.',
      from: [
        ['expenses-wiki', 'Hotel rooms are reimbursed up to 180 EUR per night, breakfast included.'],
        [
          'expenses-circular',
          'From 1 July 2026, hotel rooms are reimbursed up to 150 EUR per night, breakfast included.',
        ],
      ],
    },
  ],
}

const PUMP: Script = {
  passages: ['pump-alarm', 'pump-ward', 'pump-levels'],
  confidence: 0.63,
  corrected: true,
  said: [
    {
      text: 'Close the roller clamp before you open the line.',
      from: [
        ['pump-alarm', 'Close the roller clamp before you open the line.'],
        ['pump-ward', 'Never open the line before the clamp is closed.'],
      ],
    },
    {
      text: 'Check the line for kinks and the access for occlusion, acknowledge the alarm with OK and continue with START.',
      from: [
        [
          'pump-alarm',
          'Check the line for kinks and the access for occlusion; then press OK to acknowledge the alarm and START to continue.',
        ],
      ],
    },
    { text: 'The alarm can be silenced for 90 seconds with the bell key.', verdict: 'removed', missing: ['90'] },
    {
      text: 'After repeated pressure alarms the pump should be sent to the workshop.',
      verdict: 'unsupported',
      missing: ['workshop'],
    },
  ],
}

const REFUSAL: Script = {
  passages: ['retention-table', 'expenses-receipts', 'policy-signing', 'msa-liability'],
  confidence: 0.12,
  reason: 'insufficient',
  refusal: 'The documents do not answer this. Some passages come near, but none of them says it.',
  said: [],
}

const PARTS: Script = {
  passages: ['lease-notice', 'lease-side', 'msa-liability', 'retention-table'],
  confidence: 0.78,
  parts: [
    { question: 'How can the lease be ended?', answered: true },
    { question: 'What is the limit of liability of Alder & Finch?', answered: true },
    { question: 'Who is insured against fire?', answered: false },
  ],
  said: [
    LEASE.said[0]!,
    {
      text: 'Alder & Finch are liable for slight negligence up to the fees of the contract year, but not less than 250,000 EUR.',
      from: [
        [
          'msa-liability',
          'Liability for slight negligence is limited to the fees of the contract year, but not less than 250,000 EUR.',
        ],
      ],
    },
  ],
}

const swept = (key: string) => {
  const told = TOLD.find((t) => t.key === key)!
  return { document_id: documentId(told.path), path: told.path, title: told.title }
}

const SWEEP: Script = {
  passages: ['lease-notice', 'lease-side', 'policy-signing'],
  confidence: 0.86,
  sweep: {
    searched: 412,
    matching: 3,
    lacking: 409,
    unreadable: 6,
    unread_pages: 38,
    words: ['notice', 'end'],
    matching_documents: [swept('lease-notice'), swept('lease-side'), swept('policy-signing')],
    lacking_documents: [swept('lease-mill'), swept('expenses-wiki'), swept('pump-alarm'), swept('retention-table')],
  },
  said: [
    {
      text: '3 of 412 documents that could be searched speak of “notice” and “end” in one passage.',
      from: [
        ['lease-notice', 'Either party may end it with a notice of six months to the end of a calendar quarter.'],
        [
          'lease-side',
          'the tenant may end the lease for the storage rooms on the basement floor with a notice of three months to the end of a month.',
        ],
        ['policy-signing', 'Notices that end a contract are signed by two partners.'],
      ],
    },
    {
      text: 'Lease agreement Harbour Street 14: “Either party may end it with a notice of six months to the end of a calendar quarter.”',
      from: [
        ['lease-notice', 'Either party may end it with a notice of six months to the end of a calendar quarter.'],
      ],
    },
    {
      text: 'Who signs what: “Notices that end a contract are signed by two partners.”',
      from: [['policy-signing', 'Notices that end a contract are signed by two partners.']],
    },
  ],
}

/** Every sentence of every passage, 40 of them. */
function everything(): Script {
  const said = TOLD.flatMap(({ key, text }) =>
    text
      .split(/(?<=[.;])\s+(?:\d+\.\d+\s+)?(?=[A-Z])/)
      .map((sentence) => sentence.replace(/^\d+\.\d+ /, ''))
      .filter((sentence) => sentence.length > 40)
      .map((sentence): Said => ({ text: sentence, from: [[key, sentence]] })),
  )
  const many = [...said, ...said].slice(0, 40)
  many[17] = { text: 'The storage rooms may be sublet without asking.', verdict: 'removed', missing: ['sublet'] }
  many[29] = { ...many[29]!, verdict: 'unsupported', from: [], missing: ['2'] }
  return {
    passages: ['lease-notice', ...TOLD.map((t) => t.key).filter((key) => key !== 'lease-notice')],
    confidence: 0.7,
    corrected: true,
    said: many,
  }
}

const CHOICES: [RegExp, () => Script][] = [
  [/everything|alles/i, everything],
  [/which documents|how many|welche dokumente|wie viele/i, () => SWEEP],
  [/pension|weather|parking|rente|wetter/i, () => REFUSAL],
  [/alarm|pump|pumpe/i, () => PUMP],
  [/hotel|expense|reise/i, () => HOTEL],
  [/liability|haftung/i, () => PARTS],
]

export function script(question: string): Script {
  return (CHOICES.find(([words]) => words.test(question))?.[1] ?? (() => LEASE))()
}

/** The answer that a question comes to. */
export function answerTo(question: Question, id: string, at: Date, searchable: boolean): Answer {
  const told = searchable ? script(question.question) : { ...REFUSAL, passages: [], reason: 'no_documents' as const }
  const citations: Citation[] = []
  const found = told.passages.map((key, n) => passage(key, n + 1, false))
  const sentences = told.said.map((said): Sentence => {
    const numbers = (said.from ?? []).map(([key, quote]) => cite(citations, found, key, quote))
    const verdict = said.verdict ?? 'supported'
    const good = verdict === 'supported'
    return {
      text: said.text,
      citations: numbers,
      verdict,
      score: good ? 0.93 : 0.21,
      checks: { quote: numbers.length > 0, facts: !said.missing, missing: said.missing ?? [], entailment: good ? 0.94 : 0.18 },
    }
  })
  const kept = sentences.filter((s) => s.verdict !== 'removed')
  const text = told.reason
    ? (told.refusal ?? '')
    : kept.map((s) => s.text + s.citations.map((n) => ` [${n}]`).join('')).join(' ')
  const written = question.mode === 'generate' && !told.reason && !told.sweep
  return {
    id,
    question: question.question,
    created_at: at.toISOString(),
    outcome: told.reason ? 'not_found' : 'answered',
    text,
    sentences,
    citations,
    passages: found,
    confidence: told.confidence,
    corrected: told.corrected ?? false,
    reason: told.reason ?? null,
    after: question.after ?? null,
    scope: question.collections.length + question.documents.length > 0 ? { collections: question.collections, documents: question.documents } : null,
    parts: told.parts ?? [{ question: question.question, answered: !told.reason }],
    sweep: told.sweep ?? null,
    model: written
      ? { name: 'Qwen3 1.7B Instruct Q4_K_M', file_sha256: 'd2387ca2dbfee2ffabce7120d3770dadca0b293052bc2f0e138fdc940d9bc7b5', device: 'CPU' }
      : null,
    timings_ms: {
      retrieve: 84,
      first_token: written ? 1240 : null,
      generate: written ? 4310 : 0,
      check: written ? 690 : 0,
      total: written ? 5120 : 190,
    },
  }
}

function cite(citations: Citation[], passages: Passage[], key: string, quote: string): number {
  const told = TOLD.find((t) => t.key === key)!
  const holding = passages.find((p) => p.text === told.text)!
  holding.used = true
  const start = holding.start + [...told.text.slice(0, told.text.indexOf(quote))].length
  const known = citations.find((c) => c.document_id === holding.document_id && c.start === start)
  if (known) return known.number
  const { document_id, version_id, path, title, heading, page, page_label } = holding
  const number = citations.length + 1
  citations.push({
    number, document_id, version_id, path, title, heading, page, page_label, quote,
    start, end: start + [...quote].length,
  })
  return number
}
