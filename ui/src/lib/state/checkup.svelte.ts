// The doctor's last report. It reads every model file, so it is asked only where someone wants to see it.

import type { DoctorReport } from '$lib/backend/backend'
import type { App } from './app.svelte'

export class Checkup {
  report = $state.raw<DoctorReport | null>(null)
  checking = $state(false)

  constructor(private readonly app: App) {}

  async check(): Promise<void> {
    if (this.checking) return
    this.checking = true
    this.report = (await this.app.attempt(this.app.backend.doctor())) ?? this.report
    this.checking = false
  }
}
