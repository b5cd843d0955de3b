/** What build/scenarios.ts makes. */
declare module 'virtual:scenarios' {
  import type { Words } from 'synwave/sim';

  export interface ScenarioEntry {
    readonly id: string;
    readonly number: number | null;
    readonly title: Words;
    readonly summary: Words;
    readonly variants: readonly { readonly id: string; readonly title: Words }[];
  }

  /** All scenarios, in their order. */
  export const list: readonly ScenarioEntry[];

  /** Loads the JSON value of a file. */
  export const files: Readonly<Record<string, () => Promise<unknown>>>;
}

declare module '*.css';
