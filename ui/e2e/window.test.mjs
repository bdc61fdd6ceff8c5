// The real window with the real engine and model pack, driven from outside as a user would: Xvfb, a session bus of its
// own, WebKitWebDriver. `cargo xtask test` runs it; SHOTS=folder keeps pictures, FIGURES=1 prints what was timed.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Builder, By, Capabilities, Key, until } from 'selenium-webdriver'

const here = dirname(fileURLToPath(import.meta.url))
const samples = resolve(here, '../../assets/samples/corpus')
const program = process.env.CITADEL_DESKTOP
const wanted = [program, process.env.CITADEL_MODELS].every((path) => path && existsSync(path))
const skip = wanted ? false : 'no program or no model pack; `cargo xtask test` prepares both'

const children = []
let folder
let driver
let surrounds
let figures = {}

function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options })
  children.push(child)
  return child
}

/** The first line that a child says. */
function firstLine(child) {
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.stdout.once('data', (data) => done(String(data).split('\n')[0].trim()))
  })
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}

/** What all windows of this test share: a screen, a bus, an empty home. */
async function surroundings() {
  const screen = start('Xvfb', ['-displayfd', '1', '-screen', '0', '1400x900x24', '-nolisten', 'tcp', '-noreset'])
  const display = `:${await firstLine(screen)}`
  const bus = start('dbus-daemon', ['--session', '--nofork', '--print-address=1'])
  const home = join(folder, 'home')
  mkdirSync(home)
  return {
    ...process.env,
    DISPLAY: display,
    DBUS_SESSION_BUS_ADDRESS: await firstLine(bus),
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_CONFIG_HOME: join(home, 'config'),
    CITADEL_VAULT: join(folder, 'vault'),
    GDK_BACKEND: 'x11',
    LANGUAGE: 'en',
    LC_ALL: 'C.UTF-8',
    // There is no graphics card under Xvfb.
    WEBKIT_DISABLE_DMABUF_RENDERER: '1',
    NO_AT_BRIDGE: '1',
    // What tauri-driver sets: the window may be driven.
    TAURI_AUTOMATION: 'true',
    TAURI_WEBVIEW_AUTOMATION: 'true',
  }
}

/** Opens the window, with files as the system gives them to "open with". */
async function open(env, files = []) {
  const port = await freePort()
  start('WebKitWebDriver', [`--port=${port}`], { env })
  const capabilities = new Capabilities({ browserName: 'wry', 'webkitgtk:browserOptions': { binary: program, args: files } })
  const server = `http://127.0.0.1:${port}`
  for (let left = 50; ; left -= 1) {
    const there = await fetch(`${server}/status`).then((answer) => answer.ok, () => false)
    if (there || left === 0) break
    await new Promise((rest) => setTimeout(rest, 100))
  }
  const begun = performance.now()
  driver = await new Builder().usingServer(server).withCapabilities(capabilities).build()
  await find('h1, main')
  figures['start to usable window, driver included (ms)'] ??= Math.round(performance.now() - begun)
  await driver.manage().setTimeouts({ script: 60_000 })
}

const find = (css, patience = 20_000) => driver.wait(until.elementLocated(By.css(css)), patience, `no ${css}`)

/** The innermost element that says this, once it is there. */
const saying = (text, patience = 60_000) =>
  driver.wait(
    () =>
      driver.executeScript((wanted) => {
        const says = (element) => element.textContent.replace(/\s+/g, ' ').includes(wanted)
        let found = says(document.body) ? document.body : null
        for (let inner = found; inner; inner = [...found.children].find(says)) found = inner
        return found
      }, text),
    patience,
    `nothing says “${text}”`,
  )

/** Presses a button by what it says or is called. */
async function press(name, within = 'body') {
  const button = await driver.wait(
    () =>
      driver.executeScript(
        (wanted, place) =>
          [...document.querySelectorAll(`${place} button, ${place} [role="menuitem"]`)].find((b) =>
            [b.textContent.trim(), b.getAttribute('aria-label')].includes(wanted),
          ),
        name,
        within,
      ),
    10_000,
    `no button “${name}”`,
  )
  await button.click()
}

async function shot(name) {
  if (!process.env.SHOTS) return
  mkdirSync(process.env.SHOTS, { recursive: true })
  await new Promise((rest) => setTimeout(rest, 700))
  // The screen's own picture: the driver's waits for a frame that a still window does not draw.
  spawnSync('import', ['-window', 'root', '-crop', '1320x860+0+0', join(process.env.SHOTS, `${name}.png`)], { env: surrounds })
}

async function keys(...pressed) {
  const actions = driver.actions()
  for (const key of pressed.slice(0, -1)) actions.keyDown(key)
  actions.sendKeys(pressed.at(-1))
  for (const key of pressed.slice(0, -1)) actions.keyUp(key)
  await actions.perform()
}

/** Answers the system's dialog for saving with a path, as one would by typing. */
async function saveAs(env, path) {
  const xdotool = (...args) => spawnSync('xdotool', args, { env, encoding: 'utf8' })
  let window = ''
  for (let left = 100; left > 0 && !window; left -= 1) {
    await new Promise((rest) => setTimeout(rest, 100))
    window = xdotool('search', '--name', '^(Save|Speichern)').stdout.trim().split('\n').at(-1)
  }
  assert.ok(window, 'a dialog for saving')
  xdotool('windowfocus', '--sync', window)
  xdotool('key', '--window', window, 'ctrl+a')
  xdotool('type', '--window', window, path)
  xdotool('key', '--window', window, 'Return')
  for (let left = 100; left > 0 && !existsSync(path); left -= 1) await new Promise((rest) => setTimeout(rest, 100))
  assert.ok(existsSync(path), `${path} was written`)
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'citadel-window-'))
})

after(async () => {
  await driver?.quit().catch(() => {})
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
  if (process.env.FIGURES) console.log(figures)
})

test('a PDF goes in, is asked, cited, opened at the place, exported and removed', { skip, timeout: 300_000 }, async () => {
  const env = (surrounds = await surroundings())
  await open(env)
  await saying('Ask your own documents')
  await shot('first-start')
  await driver.quit()

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
  figures['Enter to first evidence, driver included (ms)'] = Math.round(performance.now() - asked)
  await shot('asking')
  const chip = await driver.wait(until.elementLocated(By.css('button[aria-label^="Citation 1:"]')), 90_000, 'no citation')
  figures['Enter to answer, driver included (ms)'] = Math.round(performance.now() - asked)
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
  const family = [root]
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const parents = processes.flatMap((pid) => {
    try {
      return [[Number(pid), Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1])]]
    } catch {
      return []
    }
  })
  for (const parent of family) family.push(...parents.filter(([, of]) => of === parent).map(([pid]) => pid))
  return family.flatMap((pid) =>
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
  await driver.quit()
  const { TAURI_AUTOMATION, TAURI_WEBVIEW_AUTOMATION, ...env } = surrounds
  env.CITADEL_VAULT = join(folder, 'second', 'vault')
  // A bus of its own, or it would hand over to the driven window, which may still be closing.
  const bus = start('dbus-daemon', ['--session', '--nofork', '--print-address=1'])
  env.DBUS_SESSION_BUS_ADDRESS = await firstLine(bus)
  const patience = async (ready, what) => {
    for (let left = 300; !ready(); left -= 1) {
      assert.ok(left > 0, what)
      await new Promise((rest) => setTimeout(rest, 100))
    }
  }
  mkdirSync(dirname(env.CITADEL_VAULT))
  const first = start(program, [], { env })
  await patience(() => existsSync(join(env.CITADEL_VAULT, 'catalog.sqlite')), 'the vault is made')
  await new Promise((rest) => setTimeout(rest, 3000))
  assert.deepEqual(sockets(first.pid), [])
  const second = start(program, [join(samples, 'handbook.md')], { env })
  const code = await new Promise((done) => second.once('exit', done))
  assert.equal(code, 0, 'the second start ends')
  await patience(() => existsSync(join(env.CITADEL_VAULT, 'index')), 'the first start reads the file')
  assert.deepEqual(sockets(first.pid), [])
  await shot('undriven')
  first.kill()
})
