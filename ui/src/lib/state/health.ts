// What the doctor found, and what it says of the devices that models run on.

import type { Finding } from '$lib/backend/backend'

/** What stands in the engine's words of a device (`crates/generate/src/device.rs`). */
export const READY = 'device 0 answers'
export const NOT_BUILT = 'not compiled in'

export const DEVICES = ['cpu', 'cuda', 'metal'] as const
export type DeviceName = (typeof DEVICES)[number]
/** `silent`: this build could use it, but the machine does not offer it. */
export type DeviceState = 'ready' | 'silent' | 'absent'

export function isDevice(name: string): name is DeviceName {
  return DEVICES.some((known) => known === name)
}

/** The processor always works. */
export function deviceState({ what, found }: Finding): DeviceState {
  if (what === 'cpu' || found.startsWith(READY)) return 'ready'
  return found.startsWith(NOT_BUILT) ? 'absent' : 'silent'
}

export function devices(findings: Finding[]): { name: DeviceName; state: DeviceState; found: string }[] {
  return findings.flatMap((finding) =>
    isDevice(finding.what) ? [{ name: finding.what, state: deviceState(finding), found: finding.found }] : [],
  )
}
