/** Write: the way from a deed, or from a packet that something befell, back to the JSON of a scenario file. */
import type { Impairments } from '../../link/impair.ts';
import { ordinalText } from '../match.ts';
import type { PacketRecord } from './event.ts';
import type { AppPlan, Content, Deed } from './scenario.ts';
import { spanText } from './units.ts';

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** The JSON value of which `parseDeed` makes the same deed again. */
export function deedValue(deed: Deed): { readonly [name: string]: Json } {
  const value: Record<string, Json> = {};
  for (const [name, part] of Object.entries(deed) as [string, unknown][]) {
    if (part === null || (name === 'from' && part === 0)) continue;
    if (name === 'content') Object.assign(value, part as Content);
    else if (name === 'impairments') Object.assign(value, impairmentsValue(part as Impairments));
    else if (name === 'app') value['app'] = appValue(part as AppPlan);
    else if (name === 'peer') value['to'] = part as string;
    else if (name === 'every') value['every'] = spanText(part as number);
    else if (name === 'config') {
      if (Object.keys(part as object).length > 0) value['config'] = part as { readonly [name: string]: Json };
    } else value[name] = part as Json;
  }
  return value;
}

/** What a cable does to packets, in the units of scenario files. */
export function impairmentsValue(impairments: Impairments): { readonly [name: string]: Json } {
  const value: Record<string, Json> = {};
  for (const name of ['delay', 'jitter', 'reorderBy'] as const) {
    const span = impairments[name];
    if (span !== undefined) value[name] = spanText(span);
  }
  for (const name of ['loss', 'duplicate', 'reorder', 'corrupt'] as const) {
    const share = impairments[name];
    if (share !== undefined) value[name] = `${Number((share * 100).toFixed(6))}%`;
  }
  const { rate, queue, aqm, ecn } = impairments;
  if (rate !== undefined) value['rate'] = `${rate} bit/s`;
  if (queue !== undefined && Number.isFinite(queue)) value['queue'] = queue;
  if (aqm !== undefined) value['aqm'] = aqm;
  if (ecn !== undefined) value['ecn'] = ecn;
  return value;
}

/** A match text for one packet of a run: `11th packet from client to server`. */
export function matchOf(packet: PacketRecord, packets: readonly PacketRecord[]): string {
  const { from, to, id } = packet;
  const which = packets.filter((each) => each.from === from && each.to === to && each.id <= id).length;
  return `${ordinalText(which)} packet from ${from} to ${to}`;
}

function appValue({ name, settings }: AppPlan): Json {
  return Object.keys(settings).length === 0 ? name : { name, ...settings };
}
