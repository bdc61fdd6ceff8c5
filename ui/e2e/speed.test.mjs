// What the real window takes, printed with FIGURES=1. Asserted is only what no slow machine makes untrue.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Key } from 'selenium-webdriver'
import {
  clear, driver, figure, find, folder, keys, open, patience, pixels, press, printFigures, program, rest, samples, saying, shot, skip, start,
  surroundings, type, undriven,
} from './support.mjs'

afterEach(clear)
after(printFigures)

const RUNS = 3

/** A browser that comes with WebKit: a link dragged out of it is a file dragged out of a file manager. */
const browser = readdirSync('/usr/lib')
  .flatMap((name) => [join('/usr/lib', name, 'webkit2gtk-4.1/MiniBrowser')])
  .find((path) => existsSync(path))

test('files dropped on the window show their row at once', { skip: skip || (!browser && 'no MiniBrowser to drag from'), timeout: 60_000 }, async () => {
  const env = await surroundings()
  await open(env)
  await saying('Ask your own documents')
  const { TAURI_AUTOMATION, TAURI_WEBVIEW_AUTOMATION, ...plain } = env
  const xdotool = (...args) => spawnSync('xdotool', args.map(String), { env, encoding: 'utf8' }).stdout.trim()
  const files = ['handbook.md', 'larkspur-manual.pdf', 'wiki.xml'].map((name) => join(samples, name))
  const link = (file) => `<a href="${pathToFileURL(file)}" style="display:block;height:200px">${file}</a>`
  const source = join(folder, 'source.html')
  writeFileSync(source, `<title>Source</title><body style="margin:0">${files.map(link).join('')}`)
  start(browser, [pathToFileURL(source).href], { env: plain })
  const beside = await patience(() => xdotool('search', '--onlyvisible', '--name', 'Source').split('\n').at(-1), 'a window to drag from')
  xdotool('windowmove', '--sync', beside, 1330, 0)
  // It is there before it listens.
  await rest(1500)
  for (const [n, file] of files.entries()) {
    await driver.executeScript(() => {
      window.row = undefined
      const watch = new MutationObserver(() => {
        if (!document.querySelector('section[aria-label="Reading documents"] li')) return
        watch.disconnect()
        const there = Date.now()
        requestAnimationFrame(() => setTimeout(() => (window.row = { there, drawn: Date.now() })))
      })
      watch.observe(document.body, { childList: true, subtree: true })
    })
    xdotool('mousemove', 1360, 110 + 200 * n, 'mousedown', 1)
    for (let x = 1340; x >= 640; x -= 50) xdotool('mousemove', x, 300)
    await saying('Drop to add to “default”')
    await shot('drag')
    await rest(300)
    const dropped = Date.now()
    xdotool('mouseup', 1)
    const row = await patience(() => driver.executeScript(() => window.row), `a row for ${file}`)
    figure('drop to first progress row in the page (ms)', row.there - dropped)
    figure('drop to first progress row drawn (ms)', row.drawn - dropped)
    await saying(n < 2 ? '1 added' : '12 added')
    await press('Dismiss')
  }
})

/** Counts from now on how long each frame takes; {@link framesTaken} gives it. */
const countFrames = () =>
  driver.executeScript(() => {
    const frames = (window.frames = [])
    let last
    const tick = (now) => {
      if (last !== undefined) frames.push(now - last)
      last = now
      if (window.frames === frames) requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
  })
async function framesTaken(what) {
  const frames = await driver.executeScript(() => {
    const taken = window.frames
    window.frames = undefined
    return taken
  })
  assert.ok(frames.length > 10, `${what}: frames were drawn`)
  figure(`${what}: frames`, frames.length)
  figure(`${what}: frames over 50 ms`, frames.filter((ms) => ms > 50).length)
  figure(`${what}: longest frame (ms)`, Math.max(...frames))
}

test('the window stays smooth while an answer streams in', { skip, timeout: 90_000 }, async () => {
  const env = await surroundings()
  await open(env, [join(samples, 'master-services-agreement.pdf'), join(samples, 'handbook.md')])
  await saying('2 added')
  await keys(Key.CONTROL, '1')
  await find('textarea')
  const questions = ['How much notice does the customer give to terminate the agreement for convenience?', 'How many days of annual leave are there?', 'How many days a week may employees work from home?']
  for (const question of questions) {
    await keys(Key.CONTROL, 'n')
    await find('textarea')
    await type(question)
    await countFrames()
    await type(Key.ENTER)
    await find('summary[aria-label^="Details of this answer"]', 60_000)
    await rest(300)
    await framesTaken('answer streams in')
  }
})

/** A wiki of as many pages. */
function wiki(path, pages) {
  const page = (n) =>
    `<page><title>Minutes ${n}</title><ns>0</ns><id>${n}</id><revision><id>${n}</id><model>wikitext</model><format>text/x-wiki</format><text xml:space="preserve">Room ${n} was inspected; ${(n * 37) % 101} chairs were counted.</text></revision></page>`
  const all = Array.from({ length: pages }, (_, n) => page(n + 1)).join('\n')
  writeFileSync(path, `<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en"><siteinfo><sitename>Minutes</sitename></siteinfo>\n${all}\n</mediawiki>`)
}

const large = skip || (!process.env.FIGURES && 'reads 10,000 documents first; FIGURES=1 does so')
test('a library of 10,000 documents scrolls', { skip: large, timeout: 500_000 }, async () => {
  const env = await surroundings()
  const path = join(folder, 'minutes.xml')
  wiki(path, 10_000)
  const begun = performance.now()
  await open(env, [path])
  await patience(() => driver.executeScript(() => document.body.textContent.includes('10,000 added')), 'all are read', 400)
  figure('10,000 wiki pages read (s)', (performance.now() - begun) / 1000)
  await shot('ten-thousand')
  await press('Dismiss')
  for (let run = 0; run < RUNS; run += 1) {
    for (const [how, step] of [['slowly', 40], ['end to end', 870]]) {
      await countFrames()
      await driver.executeAsyncScript((step, done) => {
        const scroller = [...document.querySelectorAll('[role="grid"], [role="grid"] *')].find((e) => e.scrollHeight > e.clientHeight + 1000)
        scroller.scrollTop = 0
        let left = 600
        const on = () => {
          scroller.scrollTop += step
          left -= 1
          if (left > 0) requestAnimationFrame(on)
          else done()
        }
        requestAnimationFrame(on)
      }, step)
      await framesTaken(`10,000 documents scroll ${how}`)
    }
  }
})

test('the window stands soon after a start', { skip, timeout: 90_000 }, async () => {
  const env = await undriven()
  // Words are dark: an empty window, of whatever colour, has none, and the bare screen is black.
  const words = () => {
    const picture = pixels()
    let ink = 0
    for (let at = 0; at < picture.length; at += 4) {
      const light = picture[at] + picture[at + 1] + picture[at + 2]
      if (light > 60 && light < 270) ink += 1
    }
    return ink
  }
  for (let run = 0; run < 5; run += 1) {
    await patience(() => words() === 0, 'the screen is empty')
    const begun = performance.now()
    const child = start(program, [], { env })
    while (words() < 2000) {
      assert.ok(performance.now() - begun < 20_000, 'the first page is drawn')
      await rest(4)
    }
    figure('cold start to the first page drawn, no driver (ms)', performance.now() - begun)
    if (run === 0) await shot('cold-start')
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await ended
  }
})
