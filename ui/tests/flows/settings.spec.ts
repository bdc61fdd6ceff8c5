import { expect, type Page, test } from '@playwright/test'
import { barriers } from '../barriers'

test.use({ contextOptions: { reducedMotion: 'reduce' } })

async function settings(page: Page, pace = 0): Promise<void> {
  await page.goto(`/?scenario=usual&pace=${pace}`)
  await page.getByRole('navigation').getByRole('button', { name: /^settings/i }).click()
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible()
}

test('language and theme change at once and are kept', async ({ page }) => {
  await settings(page)
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true })
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.getByRole('radio', { name: 'High contrast' }).check({ force: true })
  await expect(page.locator('html')).toHaveAttribute('data-contrast', 'more')
  await page.getByRole('radio', { name: 'Deutsch' }).check({ force: true })
  await expect(page.getByRole('heading', { name: 'Einstellungen', level: 1 })).toBeVisible()
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
})

test('threads are automatic or a number', async ({ page }) => {
  await settings(page)
  const threads = page.getByRole('radiogroup', { name: 'Processor threads' })
  await expect(page.getByRole('spinbutton')).toBeHidden()
  await threads.getByRole('radio', { name: 'Number' }).check({ force: true })
  await page.getByRole('spinbutton').fill('999')
  await page.getByRole('spinbutton').blur()
  await expect(page.getByRole('spinbutton')).toHaveValue('256')
  await page.getByRole('switch', { name: 'Let other programs go first' }).check()
  await expect(page.getByRole('switch')).toBeChecked()
})

test('a model is used, measured and added', async ({ page }) => {
  await settings(page, 2)
  const card = page.getByRole('listitem').filter({ hasText: 'smollm2-135m-instruct' })
  await card.getByRole('button', { name: 'Measure the speed of smollm2-135m-instruct' }).click()
  await card.getByRole('button', { name: 'Stop' }).click()
  await expect(card.getByRole('button', { name: /Measure/ })).toBeEnabled()
  await card.getByRole('button', { name: /Measure/ }).click()
  await expect(card).toContainText('writes 11.8 tokens a second')
  await card.getByRole('button', { name: 'Use' }).click()
  await expect(card).toContainText('In use')
  const unusable = page.getByRole('listitem').filter({ hasText: 'gemma-experimental' })
  await expect(unusable).toContainText('Cannot be used')
  await expect(unusable.getByRole('button')).toHaveCount(0)
  await page.getByRole('button', { name: 'Add a GGUF file…' }).click()
  await expect(page.getByRole('heading', { name: 'phi-3.5-mini-instruct' })).toBeVisible()
})

test('the vault is backed up and restored', async ({ page }) => {
  await settings(page)
  await page.getByRole('button', { name: 'Back up…' }).click()
  await expect(page.getByText('Backed up to /media/m.okafor/BACKUP/citadel-2026-11-22.citadel')).toBeVisible()
  await page.getByRole('button', { name: 'Restore…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Choose a back-up…' }).click()
  await expect(page.getByText('The back-up was restored.')).toBeVisible()
})

test('health, connections and licences are shown', async ({ page }) => {
  await settings(page)
  await page.getByRole('button', { name: 'Check now' }).click()
  await expect(page.getByText('One finding needs attention.')).toBeVisible()
  await expect(page.getByText('close other programs, or use a smaller model')).toBeVisible()
  await expect(page.getByText('No connection is open')).toBeVisible()
  await page.getByRole('button', { name: 'Licences…' }).click()
  await expect(page.getByRole('dialog', { name: 'Licences' })).toContainText('tantivy')
  // The texts for what is in the window follow, as the build found them.
  await expect(page.getByRole('dialog', { name: 'Licences' })).toContainText('Copyright 2016 The Inter Project Authors')
})

for (const scheme of ['light', 'dark'] as const) {
  test(`no barrier in ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme })
    await settings(page)
    await page.getByRole('button', { name: 'Check now' }).click()
    await expect(page.getByText('One finding needs attention.')).toBeVisible()
    expect(await barriers(page)).toEqual([])
  })
}
