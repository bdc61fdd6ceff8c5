// PDFs drawn by pdf.js from bytes that the engine hands over in pieces. Nothing of a PDF is run, followed or looked up:
// no scripts, no forms, no links. Loaded only when the first PDF is opened.

import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist'
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'
import type { PdfBytes } from '$lib/backend/backend'

export type PdfPage = PDFPageProxy

const PIECE = 256 * 1024
/** Above this a canvas is drawn coarser: WebKit refuses larger ones. */
const MOST_PIXELS = 4096 * 4096

export interface Drawing {
  done: Promise<void>
  stop(): void
}

export interface PdfFile {
  page(number: number): Promise<PdfPage>
  /** Draws a page as wide as `width` device pixels. */
  draw(page: PdfPage, canvas: HTMLCanvasElement, width: number): Drawing
  /** Width of a page as shown, in the units that the words are laid in. */
  units(page: PdfPage): number
  /** Lays the words over the page, unseen, to be selected. */
  words(page: PdfPage, into: HTMLElement): Drawing
  close(): void
}

export async function openPdf(bytes: PdfBytes): Promise<PdfFile> {
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs')
  pdfjs.GlobalWorkerOptions.workerSrc = workerUrl

  let fail: (reason: unknown) => void = () => {}
  const unreadable = new Promise<never>((_, reject) => (fail = reject))
  const range = new pdfjs.PDFDataRangeTransport(bytes.length, null)
  range.requestDataRange = (begin: number, end: number) => {
    readPieces(bytes, begin, end).then((data) => range.onDataRange(begin, data), fail)
  }

  const assets = (folder: string) => new URL(`pdfjs/${folder}/`, document.baseURI).href
  const task = pdfjs.getDocument({
    range,
    rangeChunkSize: PIECE,
    disableAutoFetch: true,
    disableStream: true,
    enableXfa: false,
    // Local files of the bundle, read by the window and not by the worker: the same way under `tauri:` and `http:`.
    useWorkerFetch: false,
    cMapUrl: assets('cmaps'),
    standardFontDataUrl: assets('standard_fonts'),
    wasmUrl: assets('wasm'),
    useSystemFonts: false,
    disableWorkerRendering: true,
    verbosity: 0,
  } as Parameters<typeof pdfjs.getDocument>[0])
  const file: PDFDocumentProxy = await Promise.race([task.promise, unreadable]).catch((error: unknown) => {
    void task.destroy()
    throw error
  })
  unreadable.catch(() => void task.destroy())

  return {
    page: (number) => file.getPage(number),
    draw(page, canvas, width) {
      const whole = page.getViewport({ scale: 1 })
      const pixels = Math.min(width / whole.width, Math.sqrt(MOST_PIXELS / (whole.width * whole.height)))
      const viewport = page.getViewport({ scale: pixels })
      canvas.width = Math.max(1, Math.round(viewport.width))
      canvas.height = Math.max(1, Math.round(viewport.height))
      const task = page.render({ canvas, viewport, annotationMode: pdfjs.AnnotationMode.ENABLE })
      return { done: task.promise, stop: () => task.cancel() }
    },
    units(page) {
      const { rawDims, rotation } = page.getViewport({ scale: 1 })
      const { pageWidth, pageHeight } = rawDims as { pageWidth: number; pageHeight: number }
      return rotation % 180 === 0 ? pageWidth : pageHeight
    },
    words(page, into) {
      const layer = new pdfjs.TextLayer({
        textContentSource: page.streamTextContent(),
        container: into,
        viewport: page.getViewport({ scale: 1 }),
      })
      return { done: layer.render(), stop: () => layer.cancel() }
    },
    close: () => void task.destroy(),
  }
}

async function readPieces(bytes: PdfBytes, begin: number, end: number): Promise<Uint8Array> {
  const whole = new Uint8Array(end - begin)
  for (let at = begin; at < end; at += PIECE) {
    whole.set(await bytes.read(at, Math.min(at + PIECE, end)), at - begin)
  }
  return whole
}
