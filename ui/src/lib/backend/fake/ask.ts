import type { Answer, AnswerScope, AskEvent, Backend, ListedAnswer, Question } from '../backend'
import { answerTo } from './ask-answers'
import { idOf } from './contents'
import { problem } from './scene'
import type { Scene } from './scene'

type Part = Pick<Backend, 'ask' | 'answers' | 'answer' | 'forgetAnswer' | 'exportAnswers' | 'stop'>

const HOUR = 3_600_000

/** Asked before: hours ago, the question, and the one that it goes on from. */
const EARLIER: [id: string, hours: number, question: string, after?: string][] = [
  ['a1', 1, 'What does the pump need after a pressure alarm?'],
  ['a2', 2, 'How do I end the Harbour Street lease?'],
  ['a3', 1.9, 'Does an e-mail suffice for the notice?', 'a2'],
  ['a4', 1.8, 'Who signs it?', 'a3'],
  ['a5', 27, 'What hotel rate is reimbursed in Berlin?'],
  ['a6', 30, 'What is the company pension for part-time staff?'],
  ['a7', 100, 'Which documents mention a notice to end a contract?'],
  ['a8', 260, ''],
]

/** What they were asked in, where that was not everything; one document of it was removed since. */
const SCOPES: Record<string, AnswerScope> = {
  a5: { collections: ['Staff handbook'], documents: [] },
  a6: { collections: [], documents: [idOf('Staff handbookWiki export/handbook.xml#Parental leave'), idOf('removed since')] },
}

export function askFake(played: Scene): Part {
  const stored = new Map<string, Answer | null>()
  const blankedAt = new Map<string, string>()
  const now = Date.now()
  if (!['first', 'empty'].includes(played.scenario)) {
    for (const [id, hours, question, after] of EARLIER) {
      const at = new Date(now - hours * HOUR)
      if (question) stored.set(id, answerTo({ ...asked(question, after), ...SCOPES[id] }, id, at, true))
      else {
        stored.set(id, null)
        blankedAt.set(id, at.toISOString())
      }
    }
    if (played.scenario === 'huge') {
      for (let n = 0; n < 2000; n++) {
        const at = new Date(now - (300 + n * 5) * HOUR)
        stored.set(`h${n}`, answerTo(asked(`What hotel rate applied in matter ${2000 - n}?`), `h${n}`, at, true))
      }
    }
  }

  function listed([id, answer]: [string, Answer | null]): ListedAnswer {
    return answer
      ? { id, question: answer.question, outcome: answer.outcome, created_at: answer.created_at, blanked: false, after: answer.after }
      : { id, question: '', outcome: 'answered', created_at: blankedAt.get(id)!, blanked: true, after: null }
  }

  return {
    async ask(job, question, on) {
      if (/break the model/i.test(question.question)) {
        await played.step(job, 4)
        throw problem('model_failed', 'The language model stopped in mid-answer.', 'Ask again; if it happens again, choose another model in Settings.')
      }
      const searchable = played.library.documents.length > 0
      const answer = answerTo(question, crypto.randomUUID(), new Date(), searchable)
      await tell(played, job, answer, question, on)
      answer.created_at = new Date().toISOString()
      stored.set(answer.id, answer)
      return answer
    },
    async answers() {
      return [...stored].map(listed).sort((a, b) => b.created_at.localeCompare(a.created_at))
    },
    async answer(id) {
      const answer = stored.get(id)
      if (answer === null) throw problem('answer_blanked', 'The answer was blanked.', 'A document that it showed was removed.')
      if (!answer) throw problem('not_found', 'There is no such answer.', '')
      return answer
    },
    async forgetAnswer(id) {
      stored.delete(id)
    },
    async exportAnswers(ids, format) {
      await played.step()
      return `/home/ada/Documents/${ids.length > 1 ? 'conversation' : 'answer'}.${format}`
    },
    async stop(job) {
      played.stopped.add(job)
    },
  }
}

function asked(question: string, after?: string): Question {
  return { question, mode: 'generate', collections: [], documents: [], after: after ?? null }
}

/** Everything that is told before the answer is there. */
async function tell(
  played: Scene,
  job: string,
  answer: Answer,
  question: Question,
  on: (event: AskEvent) => void,
): Promise<void> {
  const rest = async (steps?: number) => {
    if (played.pace > 0) await played.step(job, steps)
    if (played.stopped.has(job)) throw problem('stopped', 'Stopped.', '')
  }
  await rest(6)
  if (answer.sweep) {
    const { searched } = answer.sweep
    for (let done = 40; done < searched; done += 61) {
      on({ event: 'searched', documents: done, of: searched })
      await rest(3)
    }
    on({ event: 'passages', passages: answer.passages })
    return
  }
  on({ event: 'passages', passages: answer.passages.map((p) => ({ ...p, used: null })) })
  await rest(10)
  if (answer.outcome === 'not_found' || question.mode === 'quote') return
  const twice = answer.sentences.some((s) => s.verdict === 'removed') && answer.sentences.length < 10
  if (twice) {
    await write(['The pump can be silenced with the bell key for 90 seconds, then the line is opened.'], on, rest)
    await rest(4)
    on({ event: 'retry' })
  }
  await write(answer.sentences.map((s) => s.text + s.citations.map((n) => ` [${n}]`).join('')), on, rest)
  for (const sentence of answer.sentences) {
    await rest(3)
    const verdict = sentence.verdict === 'removed' ? 'unsupported' : sentence.verdict
    on({ event: 'checked', text: sentence.text, verdict })
  }
  await rest(2)
}

/** Word by word, as a model writes. */
async function write(sentences: string[], on: (event: AskEvent) => void, rest: () => Promise<void>): Promise<void> {
  for (const piece of sentences.join(' ').match(/\s*\S+/g) ?? []) {
    on({ event: 'draft', text: piece })
    await rest()
  }
}
