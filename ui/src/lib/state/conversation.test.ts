import { beforeEach, describe, expect, it } from 'vitest'
import type { Backend } from '$lib/backend/backend'
import { askFake } from '$lib/backend/fake/ask'
import { scene } from '$lib/backend/fake/scene'
import { App } from './app.svelte'
import { Conversation } from './conversation.svelte'
import { LibraryState } from './library.svelte'
import { asPlainText } from './copy'
import { Running } from './running.svelte'

function conversation(search = '?pace=0'): Conversation {
  const played = scene(search)
  played.library.documents = [{ collection: 'Contracts' } as never]
  const app = new App({ ...askFake(played), onLibraryChanged: () => () => {} } as unknown as Backend)
  return new Conversation(app, new LibraryState(app))
}

describe('a conversation', () => {
  let talk: Conversation
  beforeEach(() => {
    talk = conversation()
  })

  it('keeps the answers of follow-ups together', async () => {
    await talk.ask('How do I end the lease?')
    await talk.ask('Who signs?')
    expect(talk.turns.map((turn) => turn.answer?.question)).toEqual(['How do I end the lease?', 'Who signs?'])
    expect(talk.turns[1]?.answer?.after).toBe(talk.turns[0]?.id)
    expect(talk.threads[0]?.ids).toHaveLength(2)
  })

  it('asks again where an answer was looked for, as far as that is still there', async () => {
    const library = (talk as unknown as { library: LibraryState }).library
    library.loaded = true
    library.content = { ...library.content, collections: [{ name: 'Contracts' } as never], documents: [{ document_id: 'there' } as never] }
    talk.collections = ['Contracts']
    await talk.ask('How do I end the lease?')
    const answer = talk.turns[0]!.answer!
    expect(answer.scope).toEqual({ collections: ['Contracts'], documents: [] })
    talk.askEverywhere()
    talk.askWhere(answer)
    expect(talk.collections).toEqual(['Contracts'])
    talk.askWhere({ ...answer, scope: { collections: [], documents: ['there', 'gone'] } })
    expect([talk.collections, talk.documents]).toEqual([[], ['there']])
    expect(talk.askWhere({ ...answer, scope: { collections: [], documents: ['gone'] } })).toBe(false)
    expect(talk.documents).toEqual(['there'])
    talk.askWhere({ ...answer, scope: null })
    expect([talk.collections, talk.documents]).toEqual([[], []])
  })

  it('mixes no collections and single documents', () => {
    talk.chooseCollection('Contracts', true)
    talk.chooseCollection('Wiki', true)
    talk.chooseDocument('a', true)
    expect([talk.collections, talk.documents]).toEqual([[], ['a']])
    talk.chooseDocument('a', false)
    talk.chooseCollection('Wiki', true)
    expect([talk.collections, talk.documents]).toEqual([['Wiki'], []])
  })

  it('opens an earlier conversation from its last answer, and forgets one of it', async () => {
    await talk.loadHistory()
    await talk.open('a4')
    expect(talk.turns.map((turn) => turn.id)).toEqual(['a2', 'a3', 'a4'])
    await talk.forget('a3')
    expect(talk.turns.map((turn) => turn.id)).toEqual(['a2', 'a4'])
  })

  it('shows a blanked answer as such', async () => {
    await talk.loadHistory()
    await talk.open('a8')
    expect(talk.turns).toEqual([{ id: 'a8', answer: null }])
  })

  it('stops, says so, and stores nothing', async () => {
    talk = conversation('?pace=5')
    const before = talk.turns.length
    const asked = talk.ask('How do I end the lease?')
    await new Promise((resolve) => setTimeout(resolve, 30))
    await talk.stop()
    await asked
    expect(talk.ended).toEqual({ question: 'How do I end the lease?', problem: null })
    expect(talk.turns).toHaveLength(before)
    expect(talk.running).toBeNull()
  })

  it('lets an answer be finished while another conversation is read', async () => {
    talk = conversation('?pace=1')
    const asked = talk.ask('How do I end the lease?')
    await talk.open('a5')
    expect(talk.running).toBeNull()
    expect(talk.elsewhere?.question).toBe('How do I end the lease?')
    await asked
    expect(talk.turns.map((turn) => turn.id)).toEqual(['a5'])
    expect(talk.listed.some((answer) => answer.question === 'How do I end the lease?')).toBe(true)
  })

  it('says what went wrong', async () => {
    await talk.ask('Please break the model')
    expect(talk.ended?.problem?.code).toBe('model_failed')
  })

  it('takes no empty and no overlong question', async () => {
    await talk.ask('   '.trim())
    await talk.ask('x'.repeat(8001))
    expect(talk.empty).toBe(true)
  })

  it('copies with numbered sources, without what was taken out', async () => {
    await talk.ask('What after a pump alarm?')
    const text = asPlainText(talk.turns[0]!.answer!, { sources: 'Sources', unverified: 'not supported', page: (n) => `page ${n}` })
    expect(text).toContain('open the line. [1] [2]')
    expect(text).toContain('[1] Infusomat P7: instructions for use · 8 Alarms · 8.3 Pressure alarm · page 112: “Close the roller clamp')
    expect(text).toContain('(not supported)')
    expect(text).not.toContain('bell key')
  })
})

describe('a running answer', () => {
  it('drops the first draft at a retry, and keeps what an earlier part came to', () => {
    const running = new Running('?', Symbol(), [])
    running.take({ event: 'passages', passages: [] })
    running.take({ event: 'draft', text: 'One holds.' })
    running.take({ event: 'checked', text: 'One holds.', verdict: 'supported' })
    running.take({ event: 'passages', passages: [{ rank: 1, document_id: 'd', version_id: 1, start: 0 } as never] })
    running.take({ event: 'passages', passages: [{ rank: 1, document_id: 'd', version_id: 1, start: 0 } as never] })
    running.take({ event: 'draft', text: 'Two does not.' })
    running.take({ event: 'retry' })
    running.take({ event: 'draft', text: 'Two does.' })
    expect(running.passages).toHaveLength(1)
    expect(running.pieces.map((p) => [p.text, p.verdict])).toEqual([
      ['One holds.', 'supported'],
      ['Two does.', null],
    ])
  })
})
