// When pages are drawn. Apart from `pdf.ts`, which is loaded only when a PDF is opened.

import type { Drawing, PdfFile } from './pdf'

type PdfPage = Awaited<ReturnType<PdfFile['page']>>

/**
 * Draws a page after a rest, so that pages that only pass by are not drawn; gives what stops it. Once it was stopped,
 * neither `done` nor `failed` is told.
 */
export function drawLater(
  file: PdfFile,
  page: number,
  rest: number,
  begin: (page: PdfPage) => Drawing,
  done?: () => void,
  failed?: () => void,
): () => void {
  let drawing: Drawing | undefined
  let stopped = false
  const timer = setTimeout(async () => {
    try {
      const opened = await file.page(page)
      if (stopped) return
      drawing = begin(opened)
      await drawing.done
      if (!stopped) done?.()
    } catch {
      if (!stopped) failed?.()
    }
  }, rest)
  return () => {
    stopped = true
    clearTimeout(timer)
    drawing?.stop()
  }
}
