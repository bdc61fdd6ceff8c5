// One document from its file to its removal, and what the window opens to the outside: nothing.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { By, Key, until } from 'selenium-webdriver'
import {
  clear, close, driver, family, figure, find, folder, keys, open, patience, press, printFigures, program, rest, samples, saying, shot, skip, start,
  surroundings, undriven,
} from './support.mjs'

afterEach(clear)
after(printFigures)

/** Answers the system's dialog for saving with a path, as one would by typing. */
async function saveAs(env, path) {
  const xdotool = (...args) => spawnSync('xdotool', args, { env, encoding: 'utf8' }).stdout.trim()
  const dialog = () => xdotool('search', '--onlyvisible', '--name', '^(Save|Speichern)').split('\n').at(-1)
  const window = await patience(dialog, 'a dialog for saving')
  // It is on the screen before it listens.
  await rest(300)
  xdotool('windowfocus', '--sync', window)
  xdotool('key', '--window', window, 'ctrl+a')
  xdotool('type', '--window', window, path)
  xdotool('key', '--window', window, 'Return')
  await patience(() => existsSync(path) && !dialog(), `${path} was written`)
}

test('a PDF goes in, is asked, cited, opened at the place, exported and removed', { skip, timeout: 300_000 }, async () => {
  const env = await surroundings()
  await open(env)
  await saying('Ask your own documents')
  await shot('first-start')
  await close()

  // Given by the system: the same way in as a drop on the window.
  await open(env, [join(samples, 'master-services-agreement.pdf')])
  await saying('1 added')
  await saying('Master Services Agreement')
  await shot('library')

  await keys(Key.CONTROL, '1')
  const box = await find('textarea')
  await box.sendKeys('How much notice does the customer give to terminate the agreement for convenience?')
  const asked = performance.now()
  await keys(Key.ENTER)
  await find('[aria-label="Evidence"] li:not(.bones)')
  figure('Enter to first evidence, driver included (ms)', performance.now() - asked)
  await shot('asking')
  const chip = await driver.wait(until.elementLocated(By.css('button[aria-label^="Citation 1:"]')), 90_000, 'no citation')
  figure('Enter to answer, driver included (ms)', performance.now() - asked)
  await saying('Self-check')
  await shot('answer')

  await chip.click()
  const mark = await driver.wait(until.elementLocated(By.css('[aria-label="Reader"] [data-page] .marks > *')), 30_000, 'no mark on the page')
  await driver.wait(until.elementLocated(By.css('[aria-label="Reader"] canvas')), 30_000, 'no page')
  // The mark lies over the words that are cited: those of the text layer, by their places on the screen.
  await driver.sleep(1500)
  await shot('reader')
  const under = await driver.executeScript(() => {
    const marks = [...document.querySelectorAll('[aria-label="Reader"] [data-page] .marks > *')].map((m) => m.getBoundingClientRect())
    const words = [...document.querySelectorAll('[aria-label="Reader"] .words span')]
    return words
      .filter((word) => {
        const box = word.getBoundingClientRect()
        const middle = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
        return marks.some((m) => m.left <= middle[0] && middle[0] <= m.right && m.top <= middle[1] && middle[1] <= m.bottom)
      })
      .map((word) => word.textContent)
      .join(' ')
  })
  assert.ok(await mark.isDisplayed())
  assert.match(under, /terminate this Agreement for convenience/i, `under the mark: ${under}`)

  await keys(Key.ESCAPE)
  for (const [name, looks] of [['PDF', (bytes) => bytes.subarray(0, 5).toString() === '%PDF-'], ['Markdown', (bytes) => bytes.includes('six months')]]) {
    const path = join(folder, `answer.${name.toLowerCase().slice(0, 3)}`)
    await press('Export')
    await press(name)
    await saveAs(env, path)
    await driver.sleep(500)
    assert.ok(statSync(path).size > 500 && looks(readFileSync(path)), name)
  }

  await keys(Key.CONTROL, '2')
  await (await saying('Master Services Agreement')).click()
  await press('Remove for good…')
  await press('Remove for good', 'dialog')
  await saying('removed for good')
  await shot('removed')
  const left = spawnSync('grep', ['-rlai', 'without undue delay', env.CITADEL_VAULT], { encoding: 'utf8' }).stdout
  assert.equal(left, '', 'nothing of the document is left in the vault')
})

/** Internet sockets of a process and of all that it started, read from the system's own tables. */
function sockets(root) {
  const tables = ['tcp', 'tcp6', 'udp', 'udp6'].map((name) => `/proc/net/${name}`).filter(existsSync)
  const inodes = new Set(
    tables.flatMap((table) => readFileSync(table, 'utf8').split('\n').slice(1)).map((line) => line.trim().split(/\s+/)[9]),
  )
  return family(root).flatMap(({ pid }) =>
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]
        return inode && inodes.has(inode) ? [inode] : []
      } catch {
        return []
      }
    }),
  )
}

test('undriven it has no connection, and a second start hands its files over', { skip, timeout: 120_000 }, async () => {
  const env = await undriven()
  const first = start(program, [], { env })
  await patience(() => existsSync(join(env.CITADEL_VAULT, 'catalog.sqlite')), 'the vault is made')
  await rest(3000)
  assert.deepEqual(sockets(first.pid), [])
  const second = start(program, [join(samples, 'handbook.md')], { env })
  const code = await new Promise((done) => second.once('exit', done))
  assert.equal(code, 0, 'the second start ends')
  await patience(() => existsSync(join(env.CITADEL_VAULT, 'index')), 'the first start reads the file')
  assert.deepEqual(sockets(first.pid), [])
  await shot('undriven')
})
