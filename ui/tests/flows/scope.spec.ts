import { expect, type Page, test } from '@playwright/test'
import { accessible } from '../barriers'

test.use({ contextOptions: { reducedMotion: 'reduce' } })

test('an earlier refusal says where it was looked for, and that a document is gone', async ({ page }) => {
  await page.goto('/?pace=0')
  await page.getByRole('button', { name: /What is the company pension/ }).click()
  await expect(page.getByText('Searched in: Parental leave, a document that was removed')).toBeVisible()
  await accessible(page)
  await page.getByRole('button', { name: 'Use the words of the documents' }).click()
  await expect(page.getByRole('button', { name: 'Asking in: 1 document. Change' })).toBeVisible()
  await page.getByRole('button', { name: 'Ask in all documents', exact: true }).click()
  await expect(page.getByText(/Searched: All documents · \d+/)).toBeVisible()
})

test('asking for quotes only stays where it was asked', async ({ page }) => {
  await page.goto('/?pace=0')
  const rail = page.getByRole('group', { name: 'Asking in' })
  await rail.getByRole('checkbox', { name: 'Contracts' }).focus()
  await page.keyboard.press('Space')
  await page.getByLabel('Your question').fill('What pension do part-time staff get?')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Searched in: Contracts · 11 documents')).toBeVisible()
  await rail.getByRole('checkbox', { name: 'All documents' }).check()
  await page.getByRole('button', { name: 'Ask for quotes only' }).click()
  await expect(page.getByText('Searched in: Contracts · 11 documents')).toHaveCount(2)
})

test('an answer tells it in its foot line; one that was looked for everywhere says nothing', async ({ page }) => {
  await page.goto('/?pace=0')
  await page.getByRole('button', { name: /What hotel rate is reimbursed in Berlin/ }).click()
  await expect(page.locator('footer summary').last()).toContainText('in Staff handbook')
  await page.locator('footer summary').last().click()
  await expect(page.getByText('Searched in', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: /How do I end the Harbour Street lease/ }).click()
  await expect(page.getByRole('heading', { name: 'Who signs it?' })).toBeVisible()
  await page.locator('footer summary').last().click()
  await expect(page.getByText('In all', { exact: true }).last()).toBeVisible()
  await expect(page.getByText('Searched in', { exact: true })).toHaveCount(0)
})

test('everything stays ticked where nothing else is', async ({ page }) => {
  await page.goto('/?pace=0')
  const all = page.getByRole('group', { name: 'Asking in' }).getByRole('checkbox', { name: 'All documents' })
  await all.click()
  await expect(all).toBeChecked()
})

test('boxes are drawn in the window\u2019s colours, and by the system in its high-contrast schemes', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/?pace=0')
  const box = page.getByRole('group', { name: 'Asking in' }).getByRole('checkbox', { name: 'Contracts' })
  const style = () => box.evaluate((element) => [getComputedStyle(element).appearance, getComputedStyle(element).backgroundColor])
  expect(await style()).toEqual(['none', 'rgb(33, 31, 28)'])
  await box.focus()
  await page.keyboard.press('Space')
  expect(await style()).toEqual(['none', 'rgb(127, 196, 187)'])
  expect(await box.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid')
  await page.emulateMedia({ forcedColors: 'active' })
  expect((await style())[0]).toBe('auto')
})
