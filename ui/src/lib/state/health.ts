// What the doctor found, and what it says of the devices that models run on.

import type { DeviceState, Finding } from '$lib/backend/backend'

export const DEVICES = ['cpu', 'cuda', 'metal'] as const
export type DeviceName = (typeof DEVICES)[number]
export function isDevice(name: string): name is DeviceName {
  return DEVICES.some((known) => known === name)
}

export function devices(findings: Finding[]): { name: DeviceName; state: DeviceState; found: string }[] {
  return findings.flatMap(({ what, device, found }) => (isDevice(what) && device ? [{ name: what, state: device, found }] : []))
}
