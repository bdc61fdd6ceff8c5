// What pdf.js reads besides its code: character maps, the standard fonts, decoders of images. Copied into the bundle, so
// that nothing is fetched from elsewhere.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const FOLDERS: Record<string, RegExp> = {
  cmaps: /\.bcmap$/,
  standard_fonts: /\.(pfb|ttf)$/,
  wasm: /^(openjpeg|jbig2)/,
}
const source = fileURLToPath(new URL('./node_modules/pdfjs-dist/', import.meta.url))

export function pdfAssets(): Plugin {
  return {
    name: 'pdf-assets',
    generateBundle() {
      for (const [folder, wanted] of Object.entries(FOLDERS)) {
        for (const name of readdirSync(source + folder).filter((name) => wanted.test(name))) {
          this.emitFile({ type: 'asset', fileName: `pdfjs/${folder}/${name}`, source: readFileSync(`${source}${folder}/${name}`) })
        }
      }
    },
    configureServer(server) {
      server.middlewares.use('/pdfjs', (request, response, next) => {
        const [, folder = '', name = ''] = (request.url ?? '').split('/')
        if (!FOLDERS[folder]?.test(name) || !readdirSync(source + folder).includes(name)) return next()
        if (name.endsWith('.js')) response.setHeader('content-type', 'text/javascript')
        response.end(readFileSync(`${source}${folder}/${name}`))
      })
    },
  }
}
