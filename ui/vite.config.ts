import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { licenceTexts } from './licences.ts'
import { pdfAssets } from './pdf-assets.ts'

// `vite --mode fake` and the flows run over the fake backend; the shipped bundle never contains it.
const port = Number(process.env.UI_PORT ?? 4173)

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), pdfAssets(), licenceTexts()],
  base: './',
  resolve: {
    alias: {
      $lib: fileURLToPath(new URL('./src/lib', import.meta.url)),
      $zones: fileURLToPath(new URL('./src/zones', import.meta.url)),
      '$backend': fileURLToPath(
        new URL(`./src/lib/backend/backend.${mode === 'production' ? 'tauri' : 'fake'}.ts`, import.meta.url),
      ),
    },
    // Component tests mount in a browser-like document.
    conditions: mode === 'test' ? ['browser'] : undefined,
  },
  build: {
    outDir: mode === 'production' ? 'dist' : 'dist-fake',
    target: 'safari16',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 3000,
    // The bench shows the Reader by itself, for its flows.
    rollupOptions: mode === 'fake' ? { input: ['index.html', 'bench.html'] } : {},
  },
  server: { port, strictPort: true },
  preview: { port, strictPort: true },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts', 'tests/**/*.test.ts'] },
}))
