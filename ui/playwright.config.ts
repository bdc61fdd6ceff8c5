import { defineConfig } from '@playwright/test'

// The flows run over the fake backend in the system's Chromium; the real window is driven by `e2e/`.
const address = `http://127.0.0.1:${process.env.UI_PORT ?? 4173}`

export default defineConfig({
  testDir: './tests/flows',
  // Generous: a machine that does other things too must not fail them. What is timed is timed in benchmarks.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  reporter: [['list']],
  use: {
    baseURL: address,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  webServer: {
    command: 'npx vite build --mode fake && npx vite preview --mode fake --host 127.0.0.1',
    url: address,
    reuseExistingServer: !process.env.CI,
  },
})
