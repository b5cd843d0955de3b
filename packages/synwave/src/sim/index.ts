/** synwave/sim: worlds of hosts, switches and cables in virtual time. */
export type { CodelOptions } from '../link/codel.ts';
export type {
  BurstLoss,
  Fault,
  FaultScript,
  Impairments,
  LossReason,
} from '../link/impair.ts';
export { Impairment, type Outlet } from '../link/impair.ts';
export type { RedOptions } from '../link/red.ts';
export { Cable, type CableCounters, type CableDrop, type CableEvent, type CableSettings } from './cable.ts';
export type { Calamity, ChaosOptions, Rate } from './chaos.ts';
export { describe } from './describe.ts';
export * from './explore/index.ts';
export type { MatchFault } from './fault-group.ts';
export { faultText, parseFault } from './fault-text.ts';
export { SimHost, type SimHostOptions } from './host.ts';
export { type Internet, type InternetOptions, internet } from './internet.ts';
export {
  MatchCounter,
  MatchError,
  type Matcher,
  type MatchKind,
  matchKinds,
  type PacketView,
  parseMatch,
} from './match.ts';
export type { Handed, Meddler, PacketFault } from './meddling.ts';
export type { Outcome } from './outcome.ts';
export type { Point } from './point.ts';
export { record } from './record.ts';
export { Recording } from './recording.ts';
export * from './scenario/index.ts';
export { Sight } from './sight.ts';
export { WorldStuckError } from './stuck.ts';
export {
  Switch,
  type SwitchCounters,
  type SwitchEntry,
  type SwitchOptions,
  type SwitchPort,
  type SwitchPortCounters,
} from './switch.ts';
export { type Act, type Change, Take, type TakeOptions, take } from './take.ts';
export { DivergedError } from './trail.ts';
export {
  type CableOptions,
  type Planned,
  type PlugOptions,
  type TrunkOptions,
  World,
  type WorldLimit,
  type WorldOptions,
  world,
} from './world.ts';
