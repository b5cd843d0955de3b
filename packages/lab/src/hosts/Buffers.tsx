/** The byte ruler: what is in flight, what waits, what may still be sent; and what has come in. */
import type { JSX } from 'preact';
import type { TcpInfo } from 'synwave';
import { text } from '../text/texts.ts';

interface Piece {
  readonly name: string;
  readonly octets: number;
  readonly kind: string;
}

export function Buffers({ info: { snd, rcv } }: { readonly info: TcpInfo }): JSX.Element {
  const t = text.value;
  const may = Math.max(0, snd.wnd - snd.flight - (Number.isNaN(snd.unsent) ? 0 : snd.unsent));
  const send: Piece[] = [
    { name: t.inFlight, octets: snd.flight, kind: 'flight' },
    { name: t.unsent, octets: snd.unsent, kind: 'unsent' },
    { name: t.maySend, octets: may, kind: 'may' },
  ];
  const receive: Piece[] = [
    { name: t.readable, octets: rcv.readable, kind: 'readable' },
    { name: t.ahead, octets: rcv.ahead, kind: 'ahead' },
    { name: t.free, octets: rcv.wnd, kind: 'may' },
  ];
  return (
    <div class="buffers">
      <Ruler title={t.sendBuffer} pieces={send} />
      <Ruler title={t.receiveBuffer} pieces={receive} />
    </div>
  );
}

function Ruler({ title, pieces: all }: { readonly title: string; readonly pieces: readonly Piece[] }): JSX.Element {
  // What a capture does not tell is NaN.
  const pieces = all.filter(({ octets }) => !Number.isNaN(octets));
  const sum = pieces.reduce((most, { octets }) => most + octets, 0);
  const said = pieces.map(({ name, octets }) => `${name} ${octets}`).join(', ');
  const shown = pieces.filter(({ octets, kind }) => octets > 0 && kind !== 'may');
  return (
    <div class="ruler" title={said}>
      <span>{title}</span>
      <span class="number">
        {shown.length === 0
          ? `${pieces.at(-1)?.name} ${pieces.at(-1)?.octets}`
          : shown.map(({ name, octets }) => `${name} ${octets}`).join(' · ')}
      </span>
      <div class="ruler-bar" role="img" aria-label={`${title}: ${said}`}>
        {pieces.map(({ kind, octets }) =>
          octets === 0 ? null : (
            <i key={kind} class={kind} style={{ flexGrow: Math.max(octets / Math.max(sum, 1), 0.012) }} />
          ),
        )}
      </div>
    </div>
  );
}
