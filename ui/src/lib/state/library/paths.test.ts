import { describe, expect, it } from 'vitest'
import { fileName, folderOf, foldersAbove, pastedPaths, withoutSlash } from './paths'

describe('paths', () => {
  it('takes names and folders apart', () => {
    expect(fileName('/home/a/Lease (2024).pdf')).toBe('Lease (2024).pdf')
    expect(fileName('C:\\Akten\\Vertrag.docx')).toBe('Vertrag.docx')
    expect(fileName('/home/a/wiki/')).toBe('wiki')
    expect(folderOf('/home/a/b.pdf')).toBe('/home/a')
    expect(folderOf('/b.pdf')).toBe('/')
  })

  it('names the folders above, the nearest first', () => {
    expect([...foldersAbove('/a/b/c.pdf')]).toEqual(['/a/b', '/a'])
    expect([...foldersAbove('C:\\Akten\\a.pdf')]).toEqual(['C:\\Akten', 'C:'])
    expect(withoutSlash('/a/b/')).toBe('/a/b')
  })

  it('reads what a file manager copies', () => {
    expect(pastedPaths('file:///home/a/My%20Lease.pdf\r\nfile:///home/a/wiki\r\n', '')).toEqual([
      '/home/a/My Lease.pdf',
      '/home/a/wiki',
    ])
    expect(pastedPaths('file:///C:/Akten/a.pdf', '')).toEqual(['C:/Akten/a.pdf'])
  })

  it('reads plain paths, once each', () => {
    expect(pastedPaths('file:///home/a/b.pdf', '/home/a/b.pdf\n"/home/a/c d.pdf"')).toEqual(['/home/a/b.pdf', '/home/a/c d.pdf'])
  })

  it('takes ordinary text for no path', () => {
    expect(pastedPaths('', 'either/or\nhttps://example.org/a\n// comment\nWhat is the notice period?')).toEqual([])
    expect(pastedPaths('file://%', '')).toEqual([])
  })
})
