import { expect, type Page, test } from '@playwright/test'
import { barriers } from '../barriers'

// The bench shows the Reader by itself; its buttons stand for the chips of an answer.
const QUOTES = [
  'twelve months’ notice to the end of March or the end of September',
  'Notice must be given in writing and signed by hand',
  'adjusted once a year, on 1 January',
  'CHF 404,460',
  'archive free of charge',
]

async function open(page: Page, doc: string, quotes: string[] = [], more = '') {
  await page.goto(`/bench.html?doc=${doc}&pace=1&quotes=${encodeURIComponent(quotes.join('|'))}${more}`)
}
const reader = (page: Page) => page.getByRole('region', { name: 'Reader' })
const spoken = (page: Page) => reader(page).locator('p[role=status]')

/** The box of words in the unseen text that pdf.js lays over the page. */
function wordsBox(page: Page, number: number, words: string) {
  return page.locator(`[data-page="${number}"] .words`).evaluate((layer, words) => {
    const walker = document.createTreeWalker(layer, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent!.indexOf(words)
      if (at < 0) continue
      const range = document.createRange()
      range.setStart(node, at)
      range.setEnd(node, at + words.length)
      const { x, y, width, height } = range.getBoundingClientRect()
      return { x, y, width, height }
    }
    return null
  }, words)
}

async function expectMarked(page: Page, number: number, words: string) {
  const mark = page.locator(`[data-page="${number}"] .cited`).first()
  await expect(mark).toBeInViewport()
  await expect.poll(() => wordsBox(page, number, words)).not.toBeNull()
  await expect(async () => {
    const box = (await wordsBox(page, number, words))!
    const found = (await mark.boundingBox())!
    for (const [one, other] of [
      [found.x, box.x],
      [found.x + found.width, box.x + box.width],
      [found.y + found.height / 2, box.y + box.height / 2],
    ] as const) {
      expect(Math.abs(one - other)).toBeLessThan(5)
    }
  }).toPass()
}

test('a citation opens its page with the words marked', async ({ page }) => {
  await open(page, 'lease.pdf', QUOTES)
  await page.getByRole('button', { name: 'Citation 1' }).click()
  await expect(reader(page).getByRole('heading', { name: 'Office lease, Lindenhof 4' })).toBeVisible()
  await expectMarked(page, 4, QUOTES[0]!)
  await expect(reader(page).getByLabel('Page', { exact: true })).toHaveValue('4')
  await expect(spoken(page)).toHaveText('Page 4, printed 2, passage marked')
  // The other citation on the page is marked too, fainter.
  await expect(page.locator('[data-page="4"] .other')).toHaveCount(1)
})

test('a page that is shown turned is marked in the right place', async ({ page }) => {
  await open(page, 'lease.pdf', QUOTES)
  await page.getByRole('button', { name: 'Citation 4' }).click()
  await expectMarked(page, 10, 'CHF 404,460')
})

test('marks stay in place when the scale changes', async ({ page }) => {
  await open(page, 'lease.pdf', QUOTES)
  await page.getByRole('button', { name: 'Citation 1' }).click()
  await expectMarked(page, 4, QUOTES[0]!)
  await page.keyboard.press('Control++')
  await expect(page.getByRole('button', { name: /^\d+%: Fit the width/ })).toBeVisible()
  await expectMarked(page, 4, QUOTES[0]!)
  await page.keyboard.press('Control+-')
  await page.keyboard.press('Control+-')
  await expectMarked(page, 4, QUOTES[0]!)
  await page.keyboard.press('Control+0')
  await expect(page.getByRole('button', { name: 'Width: Real size' })).toBeVisible()
  await expectMarked(page, 4, QUOTES[0]!)
})

test('J and K step through the citations, Escape closes, the focus goes back', async ({ page }) => {
  await open(page, 'lease.pdf', QUOTES)
  await page.getByRole('button', { name: 'Citation 1' }).focus()
  await page.keyboard.press('Enter')
  await expectMarked(page, 4, QUOTES[0]!)
  await page.keyboard.press('j')
  await expect(reader(page).getByText('Citation 2 of 5')).toBeAttached()
  await expectMarked(page, 4, QUOTES[1]!)
  await page.keyboard.press('j')
  await expectMarked(page, 5, 'adjusted once a year, on 1')
  await page.keyboard.press('k')
  await page.keyboard.press('k')
  await page.keyboard.press('k')
  await expectMarked(page, 4, QUOTES[0]!)
  await expect(reader(page).getByRole('button', { name: 'Previous citation (K)' })).toBeDisabled()
  // In a text field J is a letter.
  await page.getByLabel('Question').fill('')
  await page.getByLabel('Question').press('j')
  await expect(page.getByLabel('Question')).toHaveValue('j')
  await expect(reader(page).getByText('Citation 1 of 5')).toBeAttached()
  await reader(page).getByLabel('Page', { exact: true }).focus()
  await page.keyboard.press('Escape')
  await expect(reader(page)).toHaveCount(0)
})

test('citations in two documents are stepped through', async ({ page }) => {
  await open(page, 'lease.pdf', [QUOTES[0]!], '&also=wiki')
  await page.getByRole('button', { name: 'Citation 1' }).click()
  await expectMarked(page, 4, QUOTES[0]!)
  await page.keyboard.press('j')
  await expect(reader(page).getByRole('heading', { name: 'Infusion pumps' }).first()).toBeVisible()
  await expect(page.locator('mark.cited')).toBeInViewport()
  await page.keyboard.press('k')
  await expectMarked(page, 4, QUOTES[0]!)
})

test('the focus goes back to the chip', async ({ page }) => {
  await open(page, 'lease.pdf', QUOTES)
  await page.getByRole('button', { name: 'Citation 1' }).focus()
  await page.keyboard.press('Enter')
  await expect(reader(page).locator('[data-scroller]')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Citation 1' })).toBeFocused()
})

test('where the place is not certain nothing is marked, and that is said', async ({ page }) => {
  await open(page, 'lease.pdf', QUOTES)
  await page.getByRole('button', { name: 'Citation 5' }).click()
  await expect(reader(page).getByText('nothing is marked. The passage is on page 10')).toBeVisible()
  await expect(spoken(page)).toHaveText('The exact place is not known; nothing is marked.')
  await expect(reader(page).getByLabel('Page', { exact: true })).toHaveValue('10')
  await expect(page.locator('.cited')).toHaveCount(0)
})

test('search in a PDF marks the words found', async ({ page }) => {
  await open(page, 'lease.pdf')
  await page.getByRole('button', { name: 'Open' }).click()
  await expect(page.locator('[data-page="1"] canvas')).toBeVisible()
  await page.keyboard.press('Control+f')
  const field = reader(page).getByLabel('Search in this document').and(page.locator('input'))
  await expect(field).toBeFocused()
  await field.fill('ZURICH')
  await expect(reader(page).getByText('1 of 3')).toBeVisible()
  await expect(page.locator('[data-page="1"] .found-here')).toBeInViewport()
  await expect(page.locator('[data-page="1"] .found')).toHaveCount(1)
  await page.keyboard.press('Shift+Enter')
  await expect(reader(page).getByText('3 of 3')).toBeVisible()
  await expect(page.locator('[data-page="11"] .found-here')).toBeInViewport()
  await field.fill('no such words')
  await expect(reader(page).getByText('Not found')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(field).toHaveCount(0)
  await expect(page.locator('.found-here')).toHaveCount(0)
  await expect(reader(page)).toBeVisible()
})

test('thumbnails show where citations are and lead there, by keyboard too', async ({ page }) => {
  await open(page, 'lease.pdf', QUOTES)
  await page.getByRole('button', { name: 'Citation 1' }).click()
  await reader(page).getByRole('button', { name: 'Show the pages' }).click()
  const strip = page.getByRole('navigation', { name: 'Pages' })
  const fourth = strip.getByRole('button', { name: 'Page 4, printed 2, 2 citations' })
  await expect(fourth).toHaveAttribute('aria-current', 'page')
  await fourth.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect(strip.getByRole('button', { name: 'Page 6, printed 4' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(reader(page).getByLabel('Page', { exact: true })).toHaveValue('6')
})

test('a page is reached by its number', async ({ page }) => {
  await open(page, 'lease.pdf')
  await page.getByRole('button', { name: 'Open' }).click()
  await reader(page).getByLabel('Page', { exact: true }).fill('7')
  await page.keyboard.press('Enter')
  await expect(reader(page).getByText('This page could not be read and was not searched: The image of the page is damaged.')).toBeInViewport()
  await reader(page).getByLabel('Page', { exact: true }).fill('5')
  await page.keyboard.press('Enter')
  await expect(reader(page).getByText('Text recognised from an image, 93% sure')).toBeInViewport()
})

test('a wiki page is clean text with the words marked', async ({ page }) => {
  await open(page, 'wiki', ['Close the clamp before you open…in this order.', 'Insulin (rapid) | 1 unit/ml', 'label of the syringe…Read the rate'].map((quote) => quote.replace('|', '…')))
  await page.getByRole('button', { name: 'Citation 1' }).click()
  await expect(page.locator('mark.cited')).toHaveText('Close the clamp before you open the pump door. Otherwise the pressure in the line is released as a bolus to the patient. Then look for a kink, a closed stopcock or a blocked filter, in this order.')
  await expect(page.locator('mark.cited')).toBeInViewport()
  await expect(spoken(page)).toHaveText('Passage marked')
  await expect(reader(page).getByText('Alarms›Occlusion')).toBeVisible()
  await expect(reader(page).getByRole('columnheader', { name: 'Concentration' })).toBeAttached()
  await page.keyboard.press('Control+f')
  await page.keyboard.type('naive')
  await expect(page.locator('mark.found-here')).toHaveText('Naïve')
  await expect(page.locator('mark.found-here')).toBeInViewport()
})

test('a passage over two blocks is marked in both', async ({ page }) => {
  await open(page, 'wiki', ['label of the syringe…Read the rate'])
  await page.getByRole('button', { name: 'Citation 1' }).click()
  await expect(page.locator('mark.cited')).toHaveText([/^label of the syringe with .* the display\.$/, 'Read the rate'])
})

for (const [doc, words] of [
  ['lease-changed', 'The file has changed since'],
  ['lease-moved', 'The file is no longer where it was'],
  ['lease-inside', 'The file lies inside an archive'],
  ['lease-broken', 'The pages of the file cannot be drawn'],
] as const) {
  test(`the text is shown as it was read, and why: ${doc}`, async ({ page }) => {
    await open(page, doc, QUOTES)
    await page.getByRole('button', { name: 'Citation 3' }).click()
    await expect(reader(page).getByText(words)).toBeVisible()
    await expect(page.locator('mark.cited')).toHaveText(QUOTES[2]!)
    await expect(page.locator('mark.cited')).toBeInViewport()
    await expect(reader(page).getByText('Page 5, printed 3', { exact: true })).toBeAttached()
  })
}

test('a superseded version says so', async ({ page }) => {
  await open(page, 'wiki-old')
  await page.getByRole('button', { name: 'Open' }).click()
  await expect(reader(page).getByText('A newer version of this document exists')).toBeVisible()
  await expect(spoken(page)).toHaveText('Infusion pumps: handover and alarms is open')
})

test('a document that is gone, and one that can be tried again', async ({ page }) => {
  await open(page, 'gone')
  await page.getByRole('button', { name: 'Open' }).click()
  await expect(reader(page).getByRole('alert')).toContainText('This document is no longer here')
  await reader(page).getByRole('button', { name: 'Close', exact: true }).click()
  await expect(reader(page)).toHaveCount(0)
  await open(page, 'fails')
  await page.getByRole('button', { name: 'Open' }).click()
  await reader(page).getByRole('button', { name: 'Try again' }).click()
  await expect(reader(page).getByRole('alert')).toContainText('The catalogue could not be read.')
})

test('a text of 100,000 blocks opens at once and is marked far down', async ({ page }) => {
  await open(page, 'endless', ['Questions and answers (3500)'])
  await page.getByRole('button', { name: 'Citation 1' }).click()
  await expect(page.locator('mark.cited')).toHaveText('Questions and answers (3500)')
  await expect(page.locator('mark.cited')).toBeInViewport()
  expect(await reader(page).locator('[data-block]').count()).toBeLessThan(500)
})

test('a thousand pages: only those in view are drawn', async ({ page }) => {
  await open(page, 'volume')
  await page.getByRole('button', { name: 'Open' }).click()
  await reader(page).getByLabel('Page', { exact: true }).fill('731')
  await page.keyboard.press('Enter')
  await expect(page.locator('[data-page="731"] canvas')).toBeVisible()
  await expect(page.locator('[data-page="731"] .words')).toContainText('Lease 147 of 200')
  expect(await page.locator('[data-page]').count()).toBeLessThan(8)
})

test('pages are drawn under the policy of the window, and nothing is asked of elsewhere', async ({ page }) => {
  const elsewhere: string[] = []
  const refused: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith('http://127.0.0.1') && !request.url().startsWith('blob:') && !request.url().startsWith('data:')) elsewhere.push(request.url())
  })
  page.on('console', (message) => message.text().includes('Content Security Policy') && refused.push(message.text()))
  await page.route('**/bench.html*', async (route) => {
    const response = await route.fetch()
    const policy = "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'"
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } })
  })
  await open(page, 'lease.pdf', QUOTES)
  await page.getByRole('button', { name: 'Citation 1' }).click()
  await expectMarked(page, 4, QUOTES[0]!)
  await expect(page.locator('[data-page="4"] canvas')).toBeVisible()
  expect(elsewhere).toEqual([])
  expect(refused).toEqual([])
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`accessible in ${colorScheme}`, async ({ page }) => {
    test.slow()
    await page.emulateMedia({ colorScheme })
    for (const [doc, citation] of [
      ['lease.pdf', 'Citation 1'],
      ['lease.pdf', 'Citation 5'],
      ['wiki-old', 'Open'],
      ['lease-changed', 'Citation 3'],
      ['gone', 'Open'],
    ] as const) {
      await open(page, doc, QUOTES, '&w=36rem')
      await page.getByRole('button', { name: citation, exact: true }).click()
      await expect(reader(page)).toBeVisible()
      if (doc === 'lease.pdf') {
        await expect(page.locator('[data-page] canvas').first()).toBeVisible()
        await reader(page).getByRole('button', { name: 'Show the pages' }).click()
        await page.keyboard.press('Control+f')
        await page.keyboard.type('notice')
        await expect(reader(page).getByText('of 7')).toBeVisible()
      }
      expect(await barriers(page, '.reader'), `${doc} ${citation}`).toEqual([])
    }
  })
}
