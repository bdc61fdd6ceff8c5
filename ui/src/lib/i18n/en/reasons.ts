// Why a file could not be read, or an ingest ended early, by the engine's code. The engine says it in English itself, with
// what was found in the file, so that little stands here; the German catalogue has a sentence for every code.

type ByCode = Readonly<Record<string, string>>

export const reasons = {
  files: {
    // The engine names an option of the command line.
    encrypted: 'It is protected by a password.',
  } as ByCode,
  problems: {} as ByCode,
}
