import { expect, type Page, test } from '@playwright/test'
import { accessible, barriers } from '../barriers'

// Colours that are still on their way would be measured half-way.
test.use({ contextOptions: { reducedMotion: 'reduce' } })

test.describe('first start', () => {
  test('says what the app is, where data lies and how to check', async ({ page }) => {
    await page.goto('/?scenario=first&pace=0')
    await expect(page.getByRole('heading', { name: 'Ask your own documents' })).toBeVisible()
    await expect(page.getByText('/home/m.okafor/.local/share/citadel/vault')).toBeVisible()
    await page.getByText('How to check that').click()
    await expect(page.getByText('ss -tup | grep citadel')).toBeVisible()
  })

  test('speaks German at a click', async ({ page }) => {
    await page.goto('/?scenario=first&pace=0')
    await page.getByRole('button', { name: 'Deutsch' }).click()
    await expect(page.getByRole('heading', { name: 'Fragen Sie Ihre eigenen Dokumente' })).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  })

  test('reads the sample collection and goes to Ask', async ({ page }) => {
    await page.goto('/?scenario=first&pace=10')
    await page.getByRole('button', { name: 'Try it with a sample collection' }).click()
    await expect(page.getByRole('progressbar', { name: 'Reading the sample collection' })).toBeVisible()
    await expect(page.getByRole('heading', { name: 'Ask your own documents' })).toBeHidden()
    await expect(page.getByRole('navigation').first()).toBeVisible()
  })

  test('goes to the Library with files that are chosen or dropped', async ({ page }) => {
    await page.goto('/?scenario=first&pace=0')
    await expect(page.getByRole('heading', { name: 'Ask your own documents' })).toBeVisible()
    await page.evaluate(() => window.fake.drop(['/home/a/contract.pdf']))
    await expect(page.getByRole('heading', { name: 'Library', level: 1 })).toBeVisible()
    await expect(page.getByText('1 document in 1 collection')).toBeVisible()
  })
})

test.describe('problems', () => {
  const TITLES = {
    locked: 'Another program has the vault open',
    newer: 'This vault is from a newer Citadel',
    damaged: 'The vault is damaged',
    'no-models': 'The language models are missing',
    crashed: 'The engine stopped unexpectedly',
  }
  for (const [scenario, title] of Object.entries(TITLES)) {
    test(`${scenario}: what happened and what to do`, async ({ page }) => {
      await page.goto(`/?scenario=${scenario}&pace=0`)
      await expect(page.getByRole('heading', { level: 1, name: title })).toBeFocused()
      await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
      await page.getByText('Technical details').click()
      await expect(page.getByText(/^Code: /)).toBeVisible()
      await accessible(page)
    })
  }

  for (const scenario of ['locked', 'crashed']) {
    test(`${scenario}: is over when it is tried again`, async ({ page }) => {
      await page.goto(`/?scenario=${scenario}&pace=0`)
      await page.getByRole('button', { name: 'Try again' }).click()
      await expect(page.getByRole('navigation').first()).toBeVisible()
      await page.getByRole('navigation').getByRole('button', { name: /^library/i }).click()
      await expect(page.getByText('41 documents in 4 collections')).toBeVisible()
    })
  }

  test('newer: an empty vault is begun only after a question', async ({ page }) => {
    await page.goto('/?scenario=newer&pace=0')
    await page.getByRole('button', { name: 'Begin an empty vault…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Begin an empty vault?' })
    await expect(dialog).toContainText('set aside, not deleted')
    await dialog.getByRole('button', { name: 'Begin an empty vault' }).click()
    await expect(page.getByRole('heading', { name: 'Ask your own documents' })).toBeVisible()
  })

  test('damaged: a back-up is restored', async ({ page }) => {
    await page.goto('/?scenario=damaged&pace=0')
    await page.getByRole('button', { name: 'Restore a back-up…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Choose a back-up…' }).click()
    await expect(page.getByText('The back-up was restored.')).toBeVisible()
  })
})

for (const scheme of ['light', 'dark'] as const) {
  test(`no barrier at the first start in ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme })
    await page.goto('/?scenario=first&pace=0')
    await page.getByText('How to check that').click()
    expect(await barriers(page)).toEqual([])
  })
}
