import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'

test.use({ contextOptions: { reducedMotion: 'reduce' } })

async function settings(page: Page, scenario = 'usual'): Promise<void> {
  await page.goto(`/?scenario=${scenario}&pace=0`)
  await page.getByRole('navigation').getByRole('button', { name: /^settings|^einstellungen/i }).click()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
}
const summary = (page: Page) => page.getByText('Device, length of passages, passages per answer')

/** No violation in the light and in the dark. */
async function accessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.waitForTimeout(150)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map((v) => `${colorScheme} ${v.id}: ${v.nodes.map((n) => n.html).join(', ')}`)).toEqual([])
  }
}

test('advanced settings are closed at first, warn, and can be taken back one by one', async ({ page }) => {
  await settings(page)
  const length = page.getByRole('spinbutton', { name: 'Longest passage' })
  await expect(length).toBeHidden()
  await summary(page).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByText(/fitted with 5 passages of 512 tokens\. With other numbers/)).toBeVisible()
  await expect(page.getByRole('button', { name: /^Reset to recommended/ })).toHaveCount(0)
  await length.fill('9999')
  await length.blur()
  await expect(length).toHaveValue('512')
  await length.fill('64')
  await length.blur()
  await expect(length).toHaveValue('128')
  const passages = page.getByRole('spinbutton', { name: 'Passages an answer is written from' })
  await passages.fill('8')
  await passages.blur()
  await expect(page.getByText('8 passages', { exact: true })).toBeAttached()
  await accessible(page)
  await page.getByRole('button', { name: 'Reset to recommended: Longest passage' }).click()
  await expect(length).toHaveValue('512')
  await expect(length).toBeFocused()
  await expect(passages).toHaveValue('8')
  await expect(page.getByRole('button', { name: /^Reset to recommended/ })).toHaveCount(1)
})

test('where only the processor can be used it says so, and there is nothing to choose', async ({ page }) => {
  await settings(page)
  await summary(page).click()
  await expect(page.getByText('Only the processor can be used here')).toBeVisible()
  await expect(page.getByRole('list', { name: 'Devices of this build' })).toContainText('Graphics card (CUDA) Not part of this build')
  for (const name of ['The fastest device', 'The processor']) await expect(page.getByRole('radio', { name })).toBeDisabled()
})

test('a device is chosen where there are two, and holds after the vault was opened again', async ({ page }) => {
  await settings(page, 'huge')
  await summary(page).click()
  const reopen = page.getByRole('button', { name: 'Open the vault again' })
  await expect(page.getByRole('list', { name: 'Devices of this build' }).getByText('Models can run here')).toHaveCount(2)
  await expect(reopen).toBeHidden()
  await page.getByRole('radio', { name: 'The processor' }).check({ force: true })
  await expect(page.getByText('What you changed holds once the vault was opened again.')).toBeVisible()
  await reopen.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByText('The vault was opened again; your changes hold now.')).toBeVisible()
  await expect(reopen).toBeHidden()
  await expect(page.getByRole('heading', { name: 'Advanced' })).toBeFocused()
  await expect(page.getByRole('radio', { name: 'The processor' })).toBeChecked()
})

test('threads wait for it too; passages do not', async ({ page }) => {
  await settings(page)
  const computer = page.getByRole('region', { name: 'This computer' })
  await computer.getByRole('radio', { name: 'Number' }).check({ force: true })
  await expect(computer.getByRole('button', { name: 'Open the vault again' })).toBeVisible()
  await computer.getByRole('button', { name: /^Reset to recommended: Processor threads/ }).click()
  await expect(computer.getByRole('button', { name: 'Open the vault again' })).toBeHidden()
  await expect(computer.getByRole('radio', { name: 'Automatic' })).toBeChecked()
  await summary(page).click()
  await page.getByRole('spinbutton', { name: 'Passages an answer' }).fill('3')
  await page.getByRole('spinbutton', { name: 'Passages an answer' }).blur()
  await expect(page.getByRole('button', { name: 'Open the vault again' })).toHaveCount(0)
})

test('the doctor speaks German, with the words of the engine below', async ({ page }) => {
  await settings(page)
  await page.getByRole('radio', { name: 'Deutsch' }).check({ force: true })
  await page.getByRole('button', { name: 'Jetzt prüfen' }).click()
  const health = page.getByRole('region', { name: 'Zustand' })
  await expect(health.getByText('Das Modell passt nicht oder läuft hier nicht')).toBeVisible()
  await expect(health.getByText('close other programs, or use a smaller model')).toHaveAttribute('lang', 'en')
  await expect(health.getByText('Ungenutzt')).toHaveCount(2)
  await page.getByText('Gerät, Länge der Stellen, Stellen je Antwort').click()
  await accessible(page)
})
