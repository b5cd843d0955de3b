/** Exploration: a program's runs are searched for one that fails, and what it takes to fail is shrunk. */
export { type Attempt, attempt, type Ground, type Setup, type Trap } from './attempt.ts';
export { type Explored, type ExploreOptions, explore, type Shard } from './explore.ts';
export { type Failure, PropertyError } from './failure.ts';
export type { MischiefKind, MischiefOptions, Mix } from './mischief.ts';
export { sentence, type ToldFault } from './retell.ts';
export { type Failed, type Found, Search, type SearchOptions, type Smallest } from './search.ts';
export type { Program, Property, Subject, WorldMaker } from './subject.ts';
export { fileId, type Shrunk, scenarioText, type TestRunner, testText } from './write.ts';
