// An answer as plain text with numbered sources, for the clipboard.

import type { Answer, Citation } from '$lib/backend/backend'

export interface CopyWords {
  sources: string
  unverified: string
  page: (page: number, label?: string | null) => string
}

export function asPlainText(answer: Answer, words: CopyWords): string {
  if (answer.outcome === 'not_found') return `${answer.question}\n\n${answer.text}\n`
  const prose = answer.sentences
    .filter((sentence) => sentence.verdict !== 'removed')
    .map((sentence) => {
      const marks = sentence.citations.map((number) => ` [${number}]`).join('')
      return sentence.text + marks + (sentence.verdict === 'unsupported' ? ` (${words.unverified})` : '')
    })
    .join(' ')
  const sources = answer.citations.map((citation) => source(citation, words)).join('\n')
  return [answer.question, prose, sources && `${words.sources}\n${sources}`].filter(Boolean).join('\n\n') + '\n'
}

function source(citation: Citation, words: CopyWords): string {
  const where = [citation.title, ...citation.heading]
  if (citation.page) where.push(words.page(citation.page, citation.page_label))
  return `[${citation.number}] ${where.join(' · ')}: “${citation.quote.replace(/\s+/g, ' ').trim()}”`
}
