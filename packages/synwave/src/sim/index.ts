/** synwave/sim: worlds of hosts and cables in virtual time. */
export type {
  BurstLoss,
  Fault,
  FaultScript,
  Impairments,
  LossReason,
} from '../link/impair.ts';
export { Impairment, type Outlet } from '../link/impair.ts';
export { Cable, type CableCounters, type CableDrop, type CableEvent, type CableSettings } from './cable.ts';
export { SimHost, type SimHostOptions } from './host.ts';
export { WorldStuckError } from './stuck.ts';
export { type CableOptions, type Planned, World, type WorldLimit, type WorldOptions, world } from './world.ts';
