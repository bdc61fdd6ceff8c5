import { expect, test } from '@playwright/test'
import type { Page } from '@playwright/test'
import { accessible } from '../barriers'

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Your question').fill(question)
  await page.keyboard.press('Enter')
}

test('evidence comes first, then prose, then verdicts and citations', async ({ page }) => {
  await page.goto('/?pace=40')
  await ask(page, 'What notice ends the lease?')
  const evidence = page.getByRole('complementary', { name: 'Evidence' })
  await expect(evidence.getByText('Found, being read')).toBeVisible()
  await expect(page.getByText('Being written, not checked yet')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: /^Citation 1:/ })).toBeVisible({ timeout: 15_000 })
  await expect(evidence.getByText('Used in the answer')).toBeVisible()
  await expect(page.getByText('High confidence, 91')).toBeVisible()
  await expect(page.getByText('Answer ready: 3 sentences, 4 citations.')).toBeAttached()
})

test('a citation shows its quote and marks its card, by pointer and by keyboard', async ({ page }) => {
  await page.goto('/?pace=0')
  await ask(page, 'What notice ends the lease?')
  const chip = page.getByRole('button', { name: /^Citation 2:/ })
  await chip.hover()
  await expect(page.getByRole('tooltip')).toContainText('notice by e-mail is not sufficient')
  await page.mouse.move(0, 0)
  await expect(page.getByRole('tooltip')).toBeHidden()
  await page.getByRole('button', { name: /^Citation 1:/ }).focus()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('tooltip')).toBeVisible()
  await expect(page.locator('li.pointed')).toContainText('Lease agreement Harbour Street 14')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('tooltip')).toBeHidden()
})

test('a refusal says what was searched, shows the nearest passages and what to try', async ({ page }) => {
  await page.goto('/?pace=0')
  await ask(page, 'What pension do part-time staff get?')
  await expect(page.getByRole('heading', { name: 'The documents do not answer this' })).toBeVisible()
  await expect(page.getByText(/Searched: All documents · \d+/)).toBeVisible()
  await expect(page.getByText('The nearest passages')).toBeVisible()
  await page.getByRole('button', { name: 'Use the words of the documents' }).click()
  await expect(page.getByLabel('Your question')).toHaveValue('What pension do part-time staff get?')
  await expect(page.getByLabel('Your question')).toBeFocused()
  await accessible(page)
})

test('what the self-check took out can be seen, and what it doubts is said in words', async ({ page }) => {
  await page.goto('/?pace=0')
  await ask(page, 'What to do after a pump alarm?')
  await expect(page.locator('.prose').getByText('Not supported')).toBeVisible()
  await expect(page.getByText('silenced for 90 seconds')).toBeHidden()
  await page.getByText('1 sentence was taken out by the self-check').click()
  await expect(page.getByText('silenced for 90 seconds')).toBeVisible()
  await page.getByText(/^Self-check: 2 sentences supported, 1 not supported, 1 taken out/).click()
  await accessible(page)
})

test('an answer can be stopped, and asked again', async ({ page }) => {
  await page.goto('/?pace=60')
  await ask(page, 'What notice ends the lease?')
  await expect(page.getByText('Being written, not checked yet')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('heading', { name: 'You stopped this answer' })).toBeVisible()
  await expect(page.getByText('Nothing was stored.', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Ask again' }).click()
  await expect(page.getByText('Being written, not checked yet')).toBeVisible()
})

test('what went wrong is said with a way out', async ({ page }) => {
  await page.goto('/?pace=1')
  await ask(page, 'Please break the model')
  await expect(page.getByRole('alert')).toContainText('The language model stopped in mid-answer.')
  await expect(page.getByRole('button', { name: 'Ask again' })).toBeVisible()
})

test('follow-ups make a conversation, which history opens again', async ({ page }) => {
  await page.goto('/?pace=0')
  await page.getByRole('button', { name: /How do I end the Harbour Street lease/ }).click()
  await expect(page.getByRole('heading', { name: 'Who signs it?' })).toBeInViewport()
  await expect(page.locator('section[data-answer]')).toHaveCount(3)
  await ask(page, 'What hotel rate?')
  await expect(page.getByRole('heading', { name: 'What hotel rate?' })).toBeInViewport()
  await expect(page.locator('.prose').getByText('The documents differ')).toBeVisible()
  await page.getByRole('button', { name: 'Removed with its document' }).click()
  await expect(page.getByRole('heading', { name: 'This answer was removed with its document' })).toBeVisible()
})

test('forgetting asks first', async ({ page }) => {
  await page.goto('/?pace=0')
  await page.getByRole('button', { name: /What hotel rate is reimbursed in Berlin/ }).click()
  await page.getByRole('button', { name: 'Forget' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click()
  await expect(page.getByRole('button', { name: /What hotel rate is reimbursed in Berlin/ })).toBeHidden()
})

test('export of an answer and of a conversation', async ({ page }) => {
  await page.goto('/?pace=0')
  await page.getByRole('button', { name: /How do I end the Harbour Street lease/ }).click()
  await page.getByRole('button', { name: 'Export' }).last().click()
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('menuitem', { name: 'Word' }).first()).toBeFocused()
  await page.getByRole('group', { name: 'The whole conversation' }).getByRole('menuitem', { name: 'PDF' }).click()
  await expect(page.getByText('conversation.pdf')).toBeVisible()
})

test('copying takes the sources along', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto('/?pace=0')
  await ask(page, 'What notice ends the lease?')
  await page.getByRole('button', { name: 'Copy with citations' }).click()
  await expect(page.getByText('Copied, with its sources')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('[3] Side letter to the Harbour Street lease')
})

test('the scope is chosen by collection and by single document', async ({ page }) => {
  await page.goto('/?pace=0&scenario=huge')
  await page.getByRole('button', { name: /Asking in/ }).click()
  await page.getByRole('combobox', { name: 'Search by title or path' }).fill('corresp')
  await expect(page.getByRole('listbox', { name: 'Single documents' }).getByRole('option').first()).toBeVisible()
  expect(await page.getByRole('option').count()).toBeLessThan(60)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await accessible(page)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Asking in: 1 document. Change' })).toBeFocused()
  await page.getByRole('button', { name: 'Ask in all documents again' }).click()
  await expect(page.getByRole('button', { name: /Asking in: All documents/ })).toBeVisible()
})

test('too long a question is told before it is asked', async ({ page }) => {
  await page.goto('/?pace=0')
  await page.getByLabel('Your question').fill('x'.repeat(8010))
  await expect(page.getByRole('alert')).toContainText('10 characters too long')
  await expect(page.getByRole('button', { name: 'Ask', exact: true }).last()).toBeDisabled()
})

test('examples come from the library; an empty one invites to add documents', async ({ page }) => {
  await page.goto('/?pace=0')
  const example = page.getByRole('region', { name: 'For example' }).getByRole('button').first()
  await example.click()
  await expect(page.getByLabel('Your question')).toHaveValue(/say about $/)
  await page.goto('/?pace=0&scenario=empty')
  await expect(page.getByRole('heading', { name: 'Nothing to ask yet' })).toBeVisible()
})

test('a sweep counts what it found and what it could not read', async ({ page }) => {
  await page.goto('/?pace=20')
  await ask(page, 'Which documents mention notice?')
  await expect(page.getByText(/Looking through every document/).first()).toBeVisible()
  await expect(page.getByRole('region', { name: 'Every document was looked through' })).toContainText('409')
  await page.getByText('Documents that have it').click()
  await accessible(page)
})

test('forty sentences stream without holding the window up, and read in paragraphs', async ({ page }) => {
  test.slow()
  await page.goto('/?pace=4')
  await page.evaluate(() => {
    const tasks: number[] = []
    ;(window as unknown as { tasks: number[] }).tasks = tasks
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ entryTypes: ['longtask'] })
  })
  await ask(page, 'Tell me everything')
  await expect(page.getByText(/^Answer ready: 39 sentences/)).toBeAttached({ timeout: 40_000 })
  // The goal is none over 50 ms; a busy machine gets some leeway.
  const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks)
  test.info().annotations.push({ type: 'tasks over 50 ms', description: tasks.join(', ') })
  expect(Math.max(0, ...tasks)).toBeLessThan(250)
  expect(await page.locator('.prose p').count()).toBe(10)
  await accessible(page)
})

test('the empty page and an answer are accessible', async ({ page }) => {
  await page.goto('/?pace=0')
  await accessible(page)
  await ask(page, 'What notice ends the lease?')
  await expect(page.getByRole('button', { name: /^Citation 1:/ })).toBeVisible()
  await accessible(page)
})
