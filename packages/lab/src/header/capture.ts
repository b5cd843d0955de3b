/** Capture: a run's packets as pcapng, each once, when it is put on its cable; what befell it stands in its comment. */
import type { Recording } from '../worker/protocol.ts';

/** The blocks of the file. The writer is loaded when it is first needed. */
export async function captureOf(run: Recording): Promise<Uint8Array<ArrayBuffer>[]> {
  const { LinkType, PcapngWriter } = await import('synwave/pcapng');
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  const writer = new PcapngWriter({
    sink: (octets) => blocks.push(octets as Uint8Array<ArrayBuffer>),
    application: 'synwave lab',
  });
  const cables = new Map<string, number>();
  for (const { cable } of run.packets) {
    if (!cables.has(cable)) cables.set(cable, writer.addInterface({ name: cable, linkType: LinkType.Raw }));
  }
  for (const { cable, sentAt, octets, fates } of run.packets) {
    const comment = fates.length === 0 ? {} : { comment: fates.join(', ') };
    writer.packet(cables.get(cable) ?? 0, BigInt(Math.round(sentAt * 1000)), octets, comment);
  }
  return blocks;
}
