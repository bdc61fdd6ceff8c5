// Paths as the system hands them over.

/** The last part of a path, of Unix or of Windows. */
export function fileName(path: string): string {
  return path.split(/[/\\]/).filter(Boolean).at(-1) ?? path
}

/** What stands before the last part. */
export function folderOf(path: string): string {
  const name = fileName(path)
  return path.slice(0, Math.max(0, path.lastIndexOf(name) - 1)) || '/'
}

/** A folder may be named with a slash at its end. */
export function withoutSlash(path: string): string {
  return path.replace(/[/\\]+$/, '')
}

/** The folders that a path lies in, the nearest first. */
export function* foldersAbove(path: string): Generator<string> {
  for (let at = path.length - 1; at > 0; at -= 1) {
    if (path[at] === '/' || path[at] === '\\') yield path.slice(0, at)
  }
}

/** Files in the clipboard: a file manager copies them as `file:` addresses, an editor as plain paths. */
export function pastedPaths(uriList: string, text: string): string[] {
  const paths: string[] = []
  for (const line of `${uriList}\n${text}`.split(/\r?\n/)) {
    const path = pathOf(line.trim())
    if (path && !paths.includes(path)) paths.push(path)
  }
  return paths
}

function pathOf(line: string): string | null {
  if (/^file:\/\//i.test(line)) {
    try {
      const path = decodeURIComponent(new URL(line).pathname)
      return path.replace(/^\/(?=[A-Za-z]:)/, '')
    } catch {
      return null
    }
  }
  const unquoted = line.replace(/^(["'])(.*)\1$/, '$2')
  return /^(\/[^/]|[A-Za-z]:[\\/]|\\\\[^\\])/.test(unquoted) ? unquoted : null
}
