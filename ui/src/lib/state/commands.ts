// Everything that can be done by a command of the palette or by a key of the whole window.

import type { ExportFormat } from '$lib/backend/backend'
import { t } from '$lib/i18n/index.svelte'
import type { Window } from './context'

export interface Command {
  id: string
  name: string
  /** With Control, or Command on a Mac. */
  key?: string
  run: () => void
}

const FORMATS: ExportFormat[] = ['md', 'html', 'docx', 'pdf', 'json']

export function commands({ app, conversation }: Window, showKeyboard: () => void): Command[] {
  const words = t().common
  const answers = conversation.turns.filter((turn) => turn.answer).map((turn) => turn.id)
  const exports: Command[] = FORMATS.map((format) => ({
    id: `export-${format}`,
    name: words.palette.exportAs(t().ask.formats[format]),
    run: () => void conversation.exportAll(format),
  }))
  return [
    { id: 'new', name: words.newQuestion, key: 'n', run: () => conversation.begin() },
    { id: 'ask', name: words.palette.goAsk, key: '1', run: () => (app.view = 'ask') },
    { id: 'library', name: words.palette.goLibrary, key: '2', run: () => (app.view = 'library') },
    { id: 'settings', name: words.palette.goSettings, key: '3', run: () => (app.view = 'settings') },
    ...(answers.length > 0 && app.view === 'ask' ? exports : []),
    { id: 'light', name: words.palette.light, run: () => void app.changeSettings({ theme: 'light' }) },
    { id: 'dark', name: words.palette.dark, run: () => void app.changeSettings({ theme: 'dark' }) },
    { id: 'contrast', name: words.palette.contrast, run: () => void app.changeSettings({ theme: 'contrast' }) },
    { id: 'system', name: words.palette.system, run: () => void app.changeSettings({ theme: 'system' }) },
    { id: 'en', name: words.palette.english, run: () => void app.changeSettings({ language: 'en' }) },
    { id: 'de', name: words.palette.german, run: () => void app.changeSettings({ language: 'de' }) },
    { id: 'language', name: words.palette.languageSystem, run: () => void app.changeSettings({ language: 'system' }) },
    { id: 'keyboard', name: words.keyboard.open, run: showKeyboard },
  ]
}

/** Whether a key press is meant for the text that is being written. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('textarea, select, input:not([type="checkbox"]):not([type="radio"])'))
  )
}
