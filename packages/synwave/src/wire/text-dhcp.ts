/** The text of DHCP, and of BOOTP under it, as tcpdump prints it without `-v`. */
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, DhcpOp } from './dhcp.ts';
import { macText } from './text-address.ts';
import type { Octets } from './text-options.ts';

const HARDWARE = 1;
const HARDWARE_LENGTH = 2;
const CLIENT_MAC = 28;

/** Hardware type and length of Ethernet's addresses. */
const ETHERNET = 1;
const MAC_OCTETS = 6;

/** Whether a datagram between these ports is taken for DHCP. */
export function isDhcp(srcPort: number, dstPort: number): boolean {
  return isDhcpPort(srcPort) || isDhcpPort(dstPort);
}

function isDhcpPort(port: number): boolean {
  return port === DHCP_SERVER_PORT || port === DHCP_CLIENT_PORT;
}

/** The message of `length` octets at `at`, of which the frame may hold fewer. */
export function dhcpText(frame: Octets, at: number, length: number): string {
  const { view } = frame;
  if (at >= frame.end) return ' [|bootp]';
  const op = view.getUint8(at);
  const start = `BOOTP/DHCP, ${opText(op)}`;
  if (at + HARDWARE_LENGTH >= frame.end) return `${start} [|bootp]`;
  const isMac = view.getUint8(at + HARDWARE) === ETHERNET && view.getUint8(at + HARDWARE_LENGTH) === MAC_OCTETS;
  if (!isMac || op !== DhcpOp.Request) return `${start}, length ${length}`;
  if (at + CLIENT_MAC + MAC_OCTETS > frame.end) return `${start} [|bootp]`;
  return `${start} from ${macText(frame.bytes, at + CLIENT_MAC)}, length ${length}`;
}

function opText(op: number): string {
  if (op === DhcpOp.Request) return 'Request';
  return op === DhcpOp.Reply ? 'Reply' : `unknown (0x${op.toString(16).padStart(2, '0')})`;
}
