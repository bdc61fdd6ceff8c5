import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'

async function library(page: Page, scenario = 'usual', pace = 0): Promise<void> {
  await page.goto(`/?scenario=${scenario}&pace=${pace}`)
  await page.getByRole('navigation').getByRole('button', { name: /^library/i }).click()
  await expect(page.getByRole('heading', { name: 'Library', level: 1 })).toBeVisible()
}

function drop(page: Page, paths: string[]): Promise<void> {
  return page.evaluate((dropped) => window.fake.drop(dropped), paths)
}

const grid = (page: Page) => page.getByRole('grid', { name: 'Documents' })

test.describe('documents', () => {
  test('are found, sorted and narrowed to a collection', async ({ page }) => {
    await library(page)
    await expect(page.getByText('41 documents in 4 collections')).toBeVisible()
    await page.getByRole('searchbox').fill('lease')
    await expect(page.getByText('2 of 41 documents')).toBeVisible()
    await page.getByRole('searchbox').fill('no such thing')
    await expect(page.getByRole('heading', { name: 'No title or path contains “no such thing”.' })).toBeVisible()
    await page.getByRole('searchbox').press('Escape')
    await page.getByRole('combobox', { name: 'Show collection' }).selectOption('Staff handbook')
    await expect(page.getByText('13 of 41 documents')).toBeVisible()
    await page.getByRole('button', { name: 'Title' }).click()
    await expect(page.getByRole('columnheader', { name: 'Title' })).toHaveAttribute('aria-sort', 'ascending')
    await expect(grid(page).getByRole('row').nth(1)).toContainText('Annual leave')
  })

  test('tell how each of their pages was read', async ({ page }) => {
    await library(page)
    await page.getByRole('searchbox').fill('mill lane')
    await expect(grid(page).getByRole('row').nth(1)).toContainText('4 of 24 pages not read')
    await grid(page).getByRole('row').nth(1).click()
    const details = page.getByRole('complementary', { name: 'Details of the document' })
    await expect(details.getByRole('heading', { name: 'Lease: Mill Lane archive store' })).toBeVisible()
    await expect(details.getByRole('button', { name: 'Page 13: Could not be read' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(details).toBeHidden()
  })

  test('are reached by keyboard alone', async ({ page }) => {
    await library(page)
    await grid(page).focus()
    await page.keyboard.press('End')
    const last = grid(page).getByRole('row').last()
    await expect(last).toHaveAttribute('aria-rowindex', '42')
    await expect(grid(page)).toHaveAttribute('aria-activedescendant', 'document-40')
    await page.keyboard.press('Home')
    await page.keyboard.press('Space')
    await page.keyboard.press('Shift+ArrowDown')
    await expect(page.locator('.selection')).toContainText('2 documents selected')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('complementary', { name: 'Details of the document' })).toBeVisible()
    await grid(page).focus()
    await page.keyboard.press('Delete')
    await expect(page.getByRole('dialog', { name: 'Remove 2 documents for good?' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toBeHidden()
  })

  test('are removed for good after a warning', async ({ page }) => {
    await library(page)
    await page.locator('[data-row="1"] .check').click()
    await page.locator('[data-row="3"] .check').click({ modifiers: ['Shift'] })
    await expect(grid(page).getByRole('checkbox', { checked: true })).toHaveCount(3)
    await page.locator('[data-row="1"] .check').click()
    await expect(grid(page).getByRole('checkbox', { checked: true })).toHaveCount(2)
    await page.locator('[data-row="1"] .check').click()
    await page.getByRole('button', { name: 'Remove for good…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Remove 3 documents for good?' })
    await expect(dialog).toContainText('The original files on your disk stay untouched.')
    await dialog.getByRole('button', { name: 'Remove for good' }).click()
    await expect(page.getByText('3 documents removed for good. 3 earlier answers were blanked.')).toBeVisible()
    await expect(page.getByText('38 documents in 4 collections')).toBeVisible()
  })
})

test.describe('reading', () => {
  test('shows a row per dropped path at once', async ({ page }) => {
    await library(page, 'usual', 200)
    const shown = page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const observer = new MutationObserver(() => {
            if (!document.body.textContent?.includes('broken-lease.pdf')) return
            observer.disconnect()
            requestAnimationFrame(() => resolve(performance.now() - (window.fake.dropped ?? 0)))
          })
          observer.observe(document.body, { childList: true, subtree: true })
          window.fake.drop(['/home/a/broken-lease.pdf', '/home/a/minutes'])
        }),
    )
    const milliseconds = await shown
    console.log(`drop to first row: ${milliseconds.toFixed(1)} ms`)
    expect(milliseconds).toBeLessThan(100)
  })

  test('is followed, and ends in a calm summary', async ({ page }) => {
    await library(page)
    await drop(page, ['/home/a/lease-scan.pdf', '/home/a/minutes', '/home/a/broken.pdf'])
    const card = page.getByRole('region', { name: 'Reading documents' })
    await expect(card.getByRole('heading')).toHaveText('8 added, 2 could not be read')
    await expect(card.getByRole('listitem').nth(0)).toContainText('1 page without text')
    await expect(card.getByRole('listitem').nth(1)).toContainText('7 documents')
    await expect(card.getByRole('listitem').nth(2)).toContainText('Could not be read')
    await expect(page.getByText('49 documents in 5 collections')).toBeVisible()
    await card.getByRole('button', { name: 'See what needs attention' }).click()
    await expect(page.getByRole('tab', { name: /Needs attention/ })).toHaveAttribute('aria-selected', 'true')
    await expect(page.getByText('broken-annex.pdf').first()).toBeVisible()
  })

  test('is paused, resumed and stopped', async ({ page }) => {
    await library(page, 'usual', 20)
    await drop(page, ['/home/a/minutes'])
    const card = page.getByRole('region', { name: 'Reading documents' })
    await card.getByRole('button', { name: 'Pause' }).click()
    await expect(card).toContainText('Paused')
    await card.getByRole('button', { name: 'Go on' }).click()
    await expect(card.getByRole('button', { name: 'Pause' })).toBeVisible()
    await card.getByRole('button', { name: 'Stop' }).click()
    await expect(card.getByRole('heading')).toContainText('Stopped. What was read is kept.')
  })

  test('waits its turn, and goes into the collection that was named', async ({ page }) => {
    await library(page, 'usual', 20)
    await page.getByRole('button', { name: 'More ways to add' }).click()
    await page.getByRole('combobox', { name: 'Into collection' }).fill('Suppliers')
    await page.getByRole('button', { name: 'Choose files or archives…' }).click()
    await drop(page, ['/home/a/second.pdf'])
    const cards = page.getByRole('region', { name: 'Reading documents' })
    await expect(cards.nth(0)).toContainText('Reading into “Suppliers”')
    await expect(cards.nth(1)).toContainText('Waits for the one before it')
    await expect(cards.nth(1).getByRole('heading')).toHaveText('1 added', { timeout: 10_000 })
    await page.getByRole('combobox', { name: 'Show collection' }).selectOption('Suppliers')
    await expect(page.getByText('4 of 45 documents')).toBeVisible()
  })

  test('survives a full disk, and goes on when there is space', async ({ page }) => {
    await library(page, 'disk-full')
    await drop(page, ['/home/a/minutes'])
    const card = page.getByRole('region', { name: 'Reading documents' })
    await expect(card.getByRole('heading')).toHaveText('The disk is full')
    await expect(card).toContainText('Free some space')
    await expect(card.getByRole('button', { name: 'Continue' })).toBeVisible()
    await expect(page.getByText('45 documents in 5 collections')).toBeVisible()
  })

  test('takes files that are pasted', async ({ page }) => {
    await library(page)
    await page.evaluate(() => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/uri-list', 'file:///home/a/My%20lease.pdf')
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    })
    await expect(page.getByRole('region', { name: 'Reading documents' })).toContainText('My lease.pdf')
  })
})

test.describe('what needs attention', () => {
  test('is locked files, which a password opens', async ({ page }) => {
    await library(page)
    await page.getByRole('tab', { name: /Needs attention/ }).click()
    await expect(page.getByRole('heading', { name: 'Locked with a password 2' })).toBeVisible()
    await page.getByPlaceholder('Password').fill('citadel')
    await page.getByRole('button', { name: 'Unlock and read' }).click()
    await expect(page.getByRole('region', { name: 'Reading documents' }).getByRole('heading')).toHaveText('2 added, 2 could not be read')
    await expect(page.getByRole('heading', { name: /Locked with a password/ })).toBeHidden()
  })

  test('is what was interrupted, lost or read in part', async ({ page }) => {
    await library(page)
    await page.getByRole('tab', { name: /Needs attention/ }).click()
    await expect(page.getByText('112 of 340 files read, into “Case files”')).toBeVisible()
    await page.getByRole('button', { name: 'Forget the rest' }).click()
    await expect(page.getByRole('heading', { name: /Interrupted/ })).toBeHidden()
    await page.getByRole('button', { name: 'Remove all…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove for good' }).click()
    await expect(page.getByRole('heading', { name: /Not on the disk any more/ })).toBeHidden()
    await expect(page.getByRole('heading', { name: 'Read in part 7' })).toBeVisible()
  })

  test('is nothing in an empty library', async ({ page }) => {
    await library(page, 'empty')
    await expect(page.getByRole('heading', { name: 'Nothing in the library yet' })).toBeVisible()
    await page.getByRole('tab', { name: /Needs attention/ }).click()
    await expect(page.getByRole('heading', { name: 'Nothing needs your attention' })).toBeVisible()
  })
})

test('folders are watched and left alone again', async ({ page }) => {
  await library(page)
  await page.getByRole('tab', { name: /Watched folders/ }).click()
  await page.getByLabel('Into collection').fill('Board')
  await page.getByRole('button', { name: 'Watch a folder…' }).click()
  await expect(page.getByText('/home/m.okafor/Documents/Board minutes')).toBeVisible()
  await page.getByRole('button', { name: 'Stop watching /home/m.okafor/Documents/Board minutes' }).click()
  await expect(page.getByText('/home/m.okafor/Documents/Board minutes')).toBeHidden()
})

test('10,000 documents scroll smoothly', async ({ page }) => {
  await library(page, 'huge')
  await expect(page.getByText('10,000 documents in 4 collections')).toBeVisible()
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '10001')
  expect(await grid(page).getByRole('row').count()).toBeLessThan(60)
  const frames = await page.evaluate(async () => {
    const scroller = document.querySelector<HTMLElement>('[role=grid] .scroll')!
    const times: number[] = []
    let last = await new Promise<number>(requestAnimationFrame)
    for (let frame = 0; frame < 180; frame += 1) {
      // As fast as a wheel spins, then jumps as of a dragged scrollbar.
      scroller.scrollTop += frame < 120 ? 240 : 9000
      const now = await new Promise<number>(requestAnimationFrame)
      times.push(now - last)
      last = now
    }
    return times.sort((a, b) => a - b)
  })
  const [median, slow, worst] = [0.5, 0.95, 1].map((share) => frames[Math.ceil(frames.length * share) - 1]!)
  console.log(`scroll frames of 10,000 documents: median ${median!.toFixed(1)}, 95 % ${slow!.toFixed(1)}, worst ${worst!.toFixed(1)} ms, ${frames.filter((time) => time > 50).length} of ${frames.length} over 50 ms`)
  // Half of the frames, since other work on the machine delays some of them.
  expect(median).toBeLessThan(34)
})

for (const scheme of ['light', 'dark'] as const) {
  test(`no barrier in ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await library(page, 'usual')
    const check = async (what: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    }
    await check('documents')
    await page.locator('[data-row="0"]').click()
    await expect(page.getByText('About the file')).toBeVisible()
    await check('details')
    await page.locator('[data-row="4"] .check').click()
    await page.getByRole('button', { name: 'More ways to add' }).click()
    await check('adding')
    await page.keyboard.press('Escape')
    await page.locator('.selection').getByRole('button', { name: 'Remove for good…' }).click()
    await check('removing')
    await page.keyboard.press('Escape')
    await drop(page, ['/home/a/lease-scan.pdf', '/home/a/broken.pdf'])
    await expect(page.getByRole('heading', { name: '1 added, 1 could not be read' })).toBeVisible()
    await check('reading')
    await page.getByRole('tab', { name: /Needs attention/ }).click()
    await check('attention')
    await page.getByRole('tab', { name: /Watched folders/ }).click()
    await check('folders')
  })
}
