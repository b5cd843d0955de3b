/** RFC 2131 §3.4, §4.4.3: a host that has its address by other means asks how to use the network (DHCPINFORM). */
import { fail, SynwaveError } from '../base/errors.ts';
import type { Host } from '../socket/host.ts';
import {
  DHCP_CLIENT_PORT,
  DHCP_SERVER_PORT,
  DhcpFault,
  DhcpMessage,
  DhcpType,
  readDhcp,
  writeDhcp,
} from '../wire/dhcp.ts';
import { MOST_TRIES, waitAfter } from './backoff.ts';
import { Deadline } from './deadline.ts';
import { type Configuration, configurationOf } from './lease.ts';
import { ownAddresses } from './own.ts';
import { type AskerOptions, askerOf, informMessage, secondsSince } from './requests.ts';

/**
 * Asks the servers of an interface's link what they tell of it; nothing of it is done to the host. Resolves to the first
 * answer. Rejects with SynwaveError: EINVAL (no such interface, or one without a MAC address), EADDRNOTAVAIL (it has no
 * IPv4 address), EADDRINUSE (a client is at work there), ETIMEDOUT (no answer to 4 questions, in 60 seconds).
 */
export async function inform(host: Host, interfaceIndex: number, options: AskerOptions = {}): Promise<Configuration> {
  const asker = askerOf(host, interfaceIndex, options);
  const own =
    ownAddresses(host, interfaceIndex)[0] ?? fail('EADDRNOTAVAIL', `DHCPINFORM on interface ${interfaceIndex}`);
  const random = host.chance('dhcp inform');
  const exchange = { xid: random.next(), began: host.now() };
  const socket = host.udp({ address: '0.0.0.0', port: DHCP_CLIENT_PORT, interface: interfaceIndex, broadcast: true });
  return new Promise((resolve, reject) => {
    let tries = 0;
    const ask = (): void => {
      if (tries === MOST_TRIES) {
        socket.close();
        reject(new SynwaveError('ETIMEDOUT', `DHCPINFORM on interface ${interfaceIndex}`));
        return;
      }
      tries++;
      const secs = secondsSince(exchange.began, host.now());
      socket.trySend(
        writeDhcp(informMessage(asker, { xid: exchange.xid, secs }, own)),
        '255.255.255.255',
        DHCP_SERVER_PORT,
      );
      deadline.set(host.now() + waitAfter(tries, random));
    };
    const deadline = new Deadline(host.driver, ask);
    socket.handler = {
      readable: () => {
        for (let datagram = socket.tryReceive(); datagram !== null; datagram = socket.tryReceive()) {
          const message = new DhcpMessage();
          const fault = readDhcp(message, datagram.octets, 0, datagram.octets.length);
          if (fault !== DhcpFault.None || message.type !== DhcpType.Ack) continue;
          if (message.xid !== exchange.xid || message.chaddr !== asker.mac) continue;
          const configuration = configurationOf(message, own);
          if (configuration === null) continue;
          deadline.clear();
          socket.close();
          resolve(configuration);
        }
      },
    };
    ask();
  });
}
