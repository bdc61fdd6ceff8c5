import { use } from '$lib/state/context'
import { Models } from '$lib/state/models.svelte'
import type { App } from '$lib/state/app.svelte'

/** One for the window, so that a measured speed is still known when the settings are opened again. */
const known = new WeakMap<App, Models>()

export function useModels(): Models {
  const { app } = use()
  let models = known.get(app)
  if (!models) {
    models = new Models(app)
    known.set(app, models)
  }
  return models
}
