/** Record: what befalls packets on the cables of a world, taken down. */
import { LinkType, type Recorder } from '../capture/record.ts';
import type { Cable } from './cable.ts';

/**
 * `recorder` takes down every packet on those cables as it arrives, or where it is lost, which a comment says then. Each
 * cable is an interface of its own. Answers how to stop.
 */
export function record(recorder: Recorder, cables: readonly Cable[]): () => void {
  const stops = cables.map((cable) => {
    const linkType = cable.ethernet ? LinkType.Ethernet : LinkType.Raw;
    const id = recorder.addInterface({ name: cable.name, linkType });
    return cable.watch(({ type, time, frame, reason }) => {
      if (type !== 'delivered' && type !== 'dropped') return;
      const comment = reason === null ? {} : { comment: `lost on the cable: ${reason}` };
      recorder.packet(id, BigInt(Math.round(time * 1000)), frame.copy(), comment);
    });
  });
  return () => {
    for (const stop of stops) stop();
  };
}
