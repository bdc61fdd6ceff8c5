import { use } from '$lib/state/context'
import { Checkup } from '$lib/state/checkup.svelte'
import { Models } from '$lib/state/models.svelte'
import type { App } from '$lib/state/app.svelte'

/** One for the window, so that what was measured and checked is still known when the settings are opened again. */
function kept<T>(make: (app: App) => T): () => T {
  const known = new WeakMap<App, T>()
  return () => {
    const { app } = use()
    const one = known.get(app) ?? make(app)
    known.set(app, one)
    return one
  }
}

export const useModels = kept((app) => new Models(app))
export const useCheckup = kept((app) => new Checkup(app))
