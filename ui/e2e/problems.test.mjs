// What goes wrong in the real window: each problem has its own screen, and its way out leads out.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, symlinkSync, unlinkSync, writeFileSync, writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { Key } from 'selenium-webdriver'
import {
  clear, close, driver, family, find, firstLine, folder, keys, models, open, patience, press, program, rest, samples, saying, shot, skip, start, surroundings, undriven,
} from './support.mjs'

afterEach(clear)

/** A vault with a document in it, made once. */
let kept
async function filled(env) {
  if (!kept) {
    await open(env, [join(samples, 'handbook.md')])
    await saying('1 added')
    await close()
    kept = mkdtempSync(join(tmpdir(), 'citadel-vault-'))
    await patience(() => free(env.CITADEL_VAULT), 'the window has let go of the vault')
    // All of it in the one file: what lies in the journal beside it would mend what is damaged here.
    sql(join(env.CITADEL_VAULT, 'catalog.sqlite'), 'PRAGMA wal_checkpoint(TRUNCATE)')
    cpSync(env.CITADEL_VAULT, kept, { recursive: true })
  } else cpSync(kept, env.CITADEL_VAULT, { recursive: true })
  return join(env.CITADEL_VAULT, 'catalog.sqlite')
}
after(() => kept && rmSync(kept, { recursive: true, force: true }))

function sql(catalog, statement) {
  const script = 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]).fetchall(); c.close()'
  assert.equal(spawnSync('python3', ['-c', script, catalog, statement]).status, 0, statement)
}

/** Whether nobody holds the vault's lock. */
const free = (vault) => spawnSync('flock', ['--nonblock', join(vault, 'lock'), 'true']).status === 0

const heading = async (text) => assert.equal(await (await saying(text, 15_000)).getTagName(), 'h1', text)
const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Begins an empty vault from a problem's screen; the old one lies beside it, to the byte. */
async function setAside(env, catalog) {
  const before = digest(catalog)
  await press('Begin an empty vault…')
  await press('Begin an empty vault', 'dialog')
  await heading('Ask your own documents')
  const aside = readdirSync(dirname(env.CITADEL_VAULT)).filter((name) => name !== basename(env.CITADEL_VAULT) && name.startsWith(basename(env.CITADEL_VAULT)))
  assert.equal(aside.length, 1, `one vault is set aside: ${aside}`)
  assert.equal(digest(join(folder, aside[0], 'catalog.sqlite')), before, 'nothing of the old vault was changed')
  assert.ok(existsSync(join(folder, aside[0], 'index')), 'nothing of the old vault was deleted')
  await press('Begin with an empty library')
  await saying('Nothing to ask yet')
}

test('a vault that another program holds opens once it is let go', { skip, timeout: 60_000 }, async () => {
  const env = await surroundings()
  mkdirSync(env.CITADEL_VAULT)
  const holder = start('flock', ['--no-fork', join(env.CITADEL_VAULT, 'lock'), 'sh', '-c', 'echo held; exec sleep 600'])
  assert.equal(await firstLine(holder), 'held')
  await open(env)
  await heading('Another program has the vault open')
  await shot('problem-in-use')
  await press('Try again')
  await find('main button:not(:disabled)')
  await heading('Another program has the vault open')
  holder.kill('SIGKILL')
  await press('Try again')
  await heading('Ask your own documents')
})

test('a vault of a newer Citadel is left as it is, and can be set aside', { skip, timeout: 60_000 }, async () => {
  const env = await surroundings()
  const catalog = await filled(env)
  sql(catalog, 'PRAGMA user_version = 99')
  await open(env)
  await heading('This vault is from a newer Citadel')
  await shot('problem-newer')
  await press('Try again')
  await heading('This vault is from a newer Citadel')
  await setAside(env, catalog)
})

/** Writes over a part of a file, from one share of its length to another. */
function damage(path, from, to) {
  const { size } = statSync(path)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(Math.floor(size * to) - Math.floor(size * from), 0xa5), 0, undefined, Math.floor(size * from))
  closeSync(file)
}

for (const [place, from, to] of [['at its beginning', 0, 0.01], ['behind its beginning', 0.05, 1], ['at its end', 0.5, 1]]) {
  test(`a catalogue that is damaged ${place} is left as it is, and can be set aside`, { skip, timeout: 60_000 }, async () => {
    const env = await surroundings()
    const catalog = await filled(env)
    damage(catalog, from, to)
    await open(env)
    await heading('The vault is damaged')
    await shot(`problem-damaged-${from}`)
    await setAside(env, catalog)
  })
}

test('a model file that is missing is named, and the vault opens once it is back', { skip, timeout: 60_000 }, async () => {
  const env = await surroundings()
  env.CITADEL_MODELS = join(folder, 'models')
  mkdirSync(env.CITADEL_MODELS)
  const link = (name) => symlinkSync(join(models, name), join(env.CITADEL_MODELS, name))
  readdirSync(models).forEach(link)
  unlinkSync(join(env.CITADEL_MODELS, 'reader.onnx'))
  await open(env)
  await heading('The language models are missing')
  await saying('reader.onnx')
  await shot('problem-models')
  link('reader.onnx')
  await press('Try again')
  await heading('Ask your own documents')
})

test('a file whose reader dies is told, and is read when it is tried again', { skip, timeout: 120_000 }, async () => {
  const env = await surroundings()
  await open(env)
  await heading('Ask your own documents')
  const windows = family(process.pid).find(({ command }) => command === program)
  assert.ok(windows, 'the window’s process')
  // "Open with": a second start hands the file over.
  let dead = 0
  const hunt = setInterval(() => {
    for (const { pid, command } of family(windows.pid)) {
      if (!command.endsWith('__parse-child')) continue
      process.kill(pid, 'SIGKILL')
      dead += 1
    }
  }, 5)
  start(program, [join(samples, 'larkspur-manual.pdf')], { env })
  await saying('1 could not be read')
  clearInterval(hunt)
  assert.ok(dead > 0, 'a reader was killed')
  await press('See what needs attention')
  await saying('he reader broke on it')
  await shot('problem-reader-died')
  await press('Retry all')
  await saying('1 added')
  await (await find('[role="tab"]')).click()
  await saying('Larkspur')
  await shot('problem-reader-again')
})

test('the process that draws the window dies, and the window is drawn again', { skip, timeout: 60_000 }, async () => {
  const window = start(program, [], { env: await undriven() })
  const drawing = () => family(window.pid).find(({ command }) => command.includes('WebKitWebProcess'))
  const { pid } = await patience(drawing, 'the window is drawn')
  await rest(2000)
  process.kill(pid, 'SIGKILL')
  await patience(() => drawing() && drawing().pid !== pid, 'the window is drawn again', 5)
})

/** A disk of its own for the vault; null where this system lets nobody but its keeper mount one. */
function smallDisk(path, megabytes) {
  mkdirSync(path, { recursive: true })
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'citadel-test', path], { encoding: 'utf8' })
  return mounted.status === 0 ? null : mounted.stderr.trim() || 'mount failed'
}

/** What lies on the disk that fills up, and the kilobytes that are left decide where the engine runs out of them. */
const FULL = [
  { where: 'before anything is noted', on: 'vault', left: 4 },
  { where: 'while documents are stored', on: 'vault', left: 150 },
  { where: 'while the index is written', on: 'vault/index', left: 4 },
]
for (const { where, on, left } of FULL) {
  test(`a disk that is full ${where} is told, and reading goes on once there is room`, { skip, timeout: 120_000 }, async (t) => {
    const env = await surroundings()
    const disk = join(folder, on)
    const refused = smallDisk(disk, 64)
    if (refused) return t.skip(refused)
    try {
      await open(env, [join(samples, 'handbook.md')])
      await saying('1 added')
      // Another program fills the disk.
      const ballast = join(disk, 'ballast')
      const { bavail, bsize } = statfsSync(disk)
      writeFileSync(ballast, Buffer.alloc(bavail * bsize - left * 1024))
      start(program, ['larkspur-manual.pdf', 'master-services-agreement.pdf', 'wiki.xml'].map((name) => join(samples, name)), { env })
      const full = await saying('The disk is full', 12_000)
      assert.equal(await full.getTagName(), 'h2')
      await saying('Free some space on the disk that holds the vault, then continue.')
      await shot(`problem-disk-full-${FULL.findIndex((full) => full.where === where)}`)
      unlinkSync(ballast)
      await press('Continue')
      await saying('14 added')
      await saying('15 documents in 1 collection')
      await keys(Key.CONTROL, '1')
      await (await find('textarea')).sendKeys('How is the alarm of the Larkspur monitor paused?', Key.ENTER)
      await find('[aria-label="Evidence"] li:not(.bones)')
      await saying('Larkspur Bedside Monitor', 20_000)
    } finally {
      await close()
      spawnSync('umount', ['--lazy', disk])
    }
  })
}
