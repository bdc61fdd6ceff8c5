// What the tests of the real window share: the real engine and model pack, driven from outside as a user would, on a
// screen, a session bus and in a home of each test's own. `cargo xtask test` runs them; SHOTS=folder keeps pictures,
// FIGURES=1 prints what was timed.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Builder, By, Capabilities, until } from 'selenium-webdriver'

const here = dirname(fileURLToPath(import.meta.url))
export const samples = resolve(here, '../../assets/samples/corpus')
export const program = process.env.CITADEL_DESKTOP
export const models = process.env.CITADEL_MODELS
const wanted = [program, models].every((path) => path && existsSync(path))
export const skip = wanted ? false : 'no program or no model pack; `cargo xtask test` prepares both'

/** Of the window that is open. */
export let driver
/** For files of this test. */
export let folder
let surrounds
let children = []
const figures = {}

export const rest = (ms) => new Promise((done) => setTimeout(done, ms))

export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options })
  children.push(child)
  return child
}

/** The first line that a child says. */
export function firstLine(child) {
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

/** The environment of a test's windows: a screen, a bus, an empty home and vault. {@link clear} takes them away again. */
export async function surroundings() {
  folder = mkdtempSync(join(tmpdir(), 'citadel-window-'))
  // What they say of displays and limits of the system is no matter of these tests.
  const quiet = { stdio: ['ignore', 'pipe', 'ignore'] }
  const screen = start('Xvfb', ['-displayfd', '1', '-screen', '0', '1800x900x24', '-nolisten', 'tcp', '-noreset', '-fbdir', folder], quiet)
  const display = `:${await firstLine(screen)}`
  // A bus of its own, or a start would hand over to the window of another test, which may still be closing.
  const bus = start('dbus-daemon', ['--session', '--nofork', '--print-address=1'], quiet)
  const home = join(folder, 'home')
  mkdirSync(home)
  surrounds = {
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
  return surrounds
}

/** As {@link surroundings}, for a window that nothing drives. */
export async function undriven() {
  const { TAURI_AUTOMATION, TAURI_WEBVIEW_AUTOMATION, ...env } = await surroundings()
  return env
}

/** Ends everything that a test started. */
export async function clear() {
  await close()
  for (const child of children) child.kill('SIGKILL')
  children = []
  if (folder) rmSync(folder, { recursive: true, force: true })
}

/** Opens the window, with files as the system gives them to "open with". */
export async function open(env, files = []) {
  const port = await freePort()
  start('WebKitWebDriver', [`--port=${port}`], { env })
  const capabilities = new Capabilities({ browserName: 'wry', 'webkitgtk:browserOptions': { binary: program, args: files } })
  const server = `http://127.0.0.1:${port}`
  await patience(() => fetch(`${server}/status`).then((answer) => answer.ok, () => false), 'the driver answers')
  const begun = performance.now()
  driver = await new Builder().usingServer(server).withCapabilities(capabilities).build()
  await find('h1, main')
  figure('start to usable window, driver included (ms)', performance.now() - begun)
  await driver.manage().setTimeouts({ script: 60_000 })
}

/** Closes the window. */
export async function close() {
  await driver?.quit().catch(() => {})
  driver = undefined
}

/** Waits until something is so. */
export async function patience(ready, what, seconds = 30) {
  for (const end = performance.now() + seconds * 1000; ; await rest(50)) {
    const found = await ready()
    if (found) return found
    if (performance.now() > end) throw new Error(`after ${seconds} s not so: ${what}`)
  }
}

export const find = (css, patience = 20_000) => driver.wait(until.elementLocated(By.css(css)), patience, `no ${css}`)

/** The innermost element that says this, once it is there. */
export const saying = (text, patience = 60_000) =>
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

/** Presses a button by what it says or is called, once it can be pressed. */
export async function press(name, within = 'body') {
  const button = await driver.wait(
    () =>
      driver.executeScript(
        (wanted, place) =>
          [...document.querySelectorAll(`${place} button, ${place} [role="menuitem"]`)].find(
            (b) => !b.disabled && [b.textContent.trim(), b.getAttribute('aria-label')].includes(wanted),
          ),
        name,
        within,
      ),
    10_000,
    `no button “${name}”`,
  )
  await button.click()
}

/** Presses keys: all but the last are held. */
export async function keys(...pressed) {
  const actions = driver.actions()
  for (const key of pressed.slice(0, -1)) actions.keyDown(key)
  actions.sendKeys(pressed.at(-1))
  for (const key of pressed.slice(0, -1)) actions.keyUp(key)
  await actions.perform()
}

/** Types with whatever has the keyboard. */
export const type = (...typed) => driver.actions().sendKeys(...typed).perform()

export async function shot(name) {
  if (!process.env.SHOTS) return
  mkdirSync(process.env.SHOTS, { recursive: true })
  await rest(700)
  // The screen's own picture: the driver's waits for a frame that a still window does not draw.
  spawnSync('import', ['-window', 'root', '-crop', '1320x860+0+0', join(process.env.SHOTS, `${name}.png`)], { env: surrounds })
}

/** The picture on the screen as it lies in memory: four bytes a pixel. */
export function pixels() {
  const xwd = readFileSync(join(folder, 'Xvfb_screen0'))
  // The length of its head, and the colours behind that.
  return xwd.subarray(xwd.readUInt32BE(0) + 12 * xwd.readUInt32BE(76))
}

/** Keeps what was timed; of the same thing, all of it. */
export function figure(name, value) {
  ;(figures[name] ??= []).push(Math.round(value))
}

export function printFigures() {
  if (process.env.FIGURES) for (const [name, values] of Object.entries(figures)) console.log(`${name}: ${values.join(', ')}`)
}

/** A process and all that it started, from the system's own table: their ids and command lines. */
export function family(root) {
  const processes = readdirSync('/proc').flatMap((name) => {
    try {
      if (!/^\d+$/.test(name)) return []
      const parent = Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1).split(' ')[1])
      return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }]
    } catch {
      return []
    }
  })
  const found = processes.filter(({ pid }) => pid === root)
  for (const { pid } of found) found.push(...processes.filter(({ parent }) => parent === pid))
  return found
}
