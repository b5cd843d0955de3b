/** synwave/drill: packet scripts against the stack, in virtual time. */
export { DrillError, ScriptError, Unsupported } from './errors.ts';
export { type Definitions, parseScript } from './parse.ts';
export { type ProfileName, profileNames } from './profile.ts';
export { type DrillPacket, type DrillResult, drill, type RunOptions, runScript } from './run.ts';
export type { Trace } from './runner.ts';
export type { Script, Step } from './script.ts';
