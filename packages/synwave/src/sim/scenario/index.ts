/** Scenarios: files that tell what happens in a small network, step by step, and are played by the stack itself. */
export { type App, type AppContext, type AppMaker, AppSettings } from './app.ts';
export { apps } from './apps.ts';
export type {
  CableMoveEvent,
  CallEvent,
  ConnectionRef,
  HostDropEvent,
  HostMoveEvent,
  LostEvent,
  PacketFate,
  PacketRecord,
  ReturnEvent,
  RunEvent,
  SegmentRecord,
  SentEvent,
  SocketCall,
  StateMoveEvent,
  TcbMoveEvent,
  TimerMoveEvent,
} from './event.ts';
export { placeOf } from './event.ts';
export type { StepSeen } from './judge.ts';
export {
  flagNames,
  type Label,
  type LabelledSegment,
  type LabelMode,
  Labels,
  labelModes,
  type Meaning,
} from './labels.ts';
export { parseDeed, parseScenario } from './parse.ts';
export { type EventPattern, parsePattern } from './pattern.ts';
export {
  hasProgram,
  type ProgramRef,
  type ProgramScenario,
  parseProgramRef,
  parseProgramScenario,
} from './program.ts';
export { ScenarioError } from './reader.ts';
export { connectionText, type Moment } from './recorder.ts';
export {
  type ConnectionView,
  type HostView,
  type Intervention,
  type ListenerView,
  type PlayOptions,
  play,
  Run,
  type Verdict,
} from './run.ts';
export type {
  Action,
  AppPlan,
  Challenge,
  Content,
  Deed,
  DeedName,
  FaultPlan,
  HostPlan,
  LinkPlan,
  Misconception,
  Plot,
  Prediction,
  ProgramDeed,
  Question,
  Scenario,
  StepPlan,
  Variant,
  When,
} from './scenario.ts';
export { isProgramDeed } from './scenario.ts';
export { parseSpan, spanText } from './units.ts';
export { type Language, languages, type Words } from './words.ts';
export { deedValue, impairmentsValue, type Json, matchOf } from './write.ts';
