// The licence texts of what ends up in the window, in one file beside it. They are read where the packages lie, and a
// package that `assets/THIRD-PARTY.md` does not name fails the build: neither can become stale.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const modules = here('./node_modules/')
const named = () => readFileSync(here('../assets/THIRD-PARTY.md'), 'utf8')

/** What pdf.js brings of others has licences of its own. */
const INSIDE: Record<string, string[]> = {
  'pdfjs-dist': ['cmaps/LICENSE', 'standard_fonts/LICENSE_FOXIT', 'standard_fonts/LICENSE_LIBERATION', 'wasm/LICENSE_OPENJPEG', 'wasm/LICENSE_JBIG2'],
}

/** The package that a bundled file came from. */
function packageOf(file: string): string | undefined {
  if (file.startsWith('\0vite/')) return 'vite'
  return /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file)?.[1]
}

function text(name: string): string {
  const { version, license } = JSON.parse(readFileSync(`${modules}${name}/package.json`, 'utf8')) as Record<string, string>
  const files = readdirSync(modules + name).filter((file) => /^licen[cs]e/i.test(file))
  if (files.length === 0) throw new Error(`${name} brings no licence text`)
  const texts = [...files, ...(INSIDE[name] ?? [])].map((file) => readFileSync(`${modules}${name}/${file}`, 'utf8'))
  // Vite names the licences of its tools below its own; only its own code is in the window.
  const own = texts.map((each) => each.split('# Licenses of bundled dependencies')[0]!.trim())
  return [`${name} ${version}: ${license}`, ...own].join('\n\n')
}

export function licenceTexts(): Plugin {
  return {
    name: 'licence-texts',
    generateBundle(_, bundle) {
      const files = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? Object.keys(part.modules) : part.originalFileNames))
      const packages = [...new Set(files.flatMap((file) => packageOf(file) ?? []))].sort()
      const missing = packages.filter((name) => !named().includes(`npm package ${name} `))
      if (missing.length > 0) this.error(`assets/THIRD-PARTY.md does not name ${missing.join(', ')}`)
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: packages.map(text).join('\n\n――――――――\n\n') })
    },
  }
}
