/** ServerHandle: what stands between a Server of `net` and a listener of the stack. */
import { type ErrorCode, SynwaveError } from '../base/errors.ts';
import type { TcpListener } from '../socket/tcp-listener.ts';
import { type EndPoint, endPoint, Handle, isIpv4 } from './handle.ts';
import type { Realm } from './realm.ts';
import { lacksZone, unzoned, zoneOf } from './zone.ts';

/** Connections that may wait to be accepted, as Node has it. */
const BACKLOG = 511;

export class ServerHandle {
  /** A connection has come in: called in a turn of its own. */
  onconnection: (handle: Handle) => void = () => undefined;
  private readonly listener: TcpListener;
  private readonly zone: string;
  private readonly v6: boolean;
  private closed = false;
  private referenced = true;

  private constructor(realm: Realm, listener: TcpListener, address: string) {
    this.listener = listener;
    this.zone = zoneOf(address);
    this.v6 = address.includes(':');
    const scope = realm.platform.scope('SYNWAVE_TCP_SERVER');
    const accept = (handle: Handle): void => {
      if (this.closed) handle.reset();
      else this.onconnection(handle);
    };
    listener.onConnection = (socket) => {
      scope.runInAsyncScope(() => {
        const handle = new Handle(realm, socket, this.v6, this.zone);
        realm.turns.arrive(() => scope.runInAsyncScope(() => accept(handle)));
      });
    };
  }

  /** Listens; without an address, on all of both families. Answers why that cannot be. */
  static listen(
    realm: Realm,
    address: string | null,
    port: number,
    backlog: unknown,
    ipv6Only: boolean,
  ): ServerHandle | ErrorCode {
    const waiting = Number(backlog);
    const six = address?.includes(':') ?? true;
    if (address !== null && (lacksZone(address) || (six && ipv6Only && isIpv4(unzoned(address))))) return 'EINVAL';
    try {
      const listener = realm.host.listen({
        port,
        ...(address === null ? {} : { address: unzoned(address) }),
        ipv6Only,
        backlog: Number.isInteger(waiting) && waiting > 0 ? waiting : BACKLOG,
      });
      return new ServerHandle(realm, listener, address ?? '::');
    } catch (error) {
      if (error instanceof SynwaveError) return error.code;
      throw error;
    }
  }

  /** Fills in where it listens. */
  getsockname(out: Partial<EndPoint>): void {
    const { listener, v6, zone } = this;
    Object.assign(out, endPoint(listener.address, listener.port, v6, zone));
  }

  /** No more connections. */
  close(): void {
    this.closed = true;
    this.listener.close();
  }

  ref(): void {
    this.referenced = true;
    this.listener.ref();
  }

  unref(): void {
    this.referenced = false;
    this.listener.unref();
  }

  hasRef(): boolean {
    return this.referenced && !this.closed;
  }
}
