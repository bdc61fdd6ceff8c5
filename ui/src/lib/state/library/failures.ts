// Files that could not be read: what names them.

import type { IngestedFile, LibraryFailure } from '$lib/backend/backend'

/** A failure with a name of its own: a file may have lost several parts, and two parts may have one name. */
export type Failure = LibraryFailure & { key: string }

/** Names a file of the vault. */
export function fileKey({ collection, path }: IngestedFile): string {
  return `${collection}\n${path}`
}

export function keyed(failures: LibraryFailure[]): Failure[] {
  const seen = new Map<string, number>()
  return failures.map((failure) => {
    const name = `${fileKey(failure)}\n${failure.part ?? ''}`
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    return { ...failure, key: `${name}\n${before}` }
  })
}

/** The files of failures, each once. */
export function filesOf(failures: LibraryFailure[]): IngestedFile[] {
  const files = new Map(failures.map(({ collection, path }) => [fileKey({ collection, path }), { collection, path }]))
  return [...files.values()]
}
