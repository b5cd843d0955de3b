/** DHCP: what is written is read, options in pieces and in borrowed fields are put together, nothing throws. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../src/base/address-text.ts';
import { DhcpFault, DhcpMessage, DhcpOp, DhcpType, dhcpFaults, readDhcp, writeDhcp } from '../../src/wire/dhcp.ts';
import * as arbitrary from './arbitrary.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

/** RFC 2131 §2, figure 1: a request with everything but the options. */
const FIXED = `01 01 06 00 deadbeef 0004 8000 0a000001 0a000002 0a000003 0a000004 020000000001 ${'00'.repeat(10)}`;
const COOKIE = '63825363';
const DISCOVER = '35 01 01';

/** A message with these options, and what is to stand in the fields `sname` and `file`. */
function message(options: string, sname = '', file = '', fixed = FIXED): Uint8Array {
  const field = (hex: string, length: number): string =>
    octets(hex)
      .reduce(twoDigits, '')
      .padEnd(2 * length, '0');
  return octets(`${fixed} ${field(sname, 64)} ${field(file, 128)} ${COOKIE} ${options}`);
}

function twoDigits(text: string, octet: number): string {
  return text + octet.toString(16).padStart(2, '0');
}

function read(bytes: Uint8Array): DhcpMessage {
  const into = new DhcpMessage();
  expect(readDhcp(into, bytes, 0, bytes.length)).toBe(DhcpFault.None);
  return into;
}

const texts = (addresses: DhcpMessage['routers']): string[] => addresses.map(formatAddress);

test('every fault has its number and its sentence', () => {
  expect(Object.values(DhcpFault)).toEqual(dhcpFaults.map((_, index) => index));
});

describe('a message', () => {
  test('that is written is read, from the middle of other octets, into a record that held another', () => {
    fc.assert(
      fc.property(arbitrary.dhcps, arbitrary.dhcps, fc.nat(9), (sent, held, before) => {
        const bytes = writeDhcp(sent);
        expect(bytes.length).toBeGreaterThanOrEqual(300);
        const around = new Uint8Array(before + bytes.length + 7).fill(0xff);
        around.set(bytes, before);
        expect(readDhcp(held, around, before, before + bytes.length)).toBe(DhcpFault.None);
        expect(held).toEqual(sent);
      }),
    );
  });

  test('stands octet for octet as RFC 2131 and RFC 2132 have it', () => {
    const sent = new DhcpMessage();
    Object.assign(sent, { op: DhcpOp.Reply, type: DhcpType.Ack, xid: 0xdead_beef, secs: 4, broadcast: true });
    sent.chaddr = 0x0200_0000_0001;
    const v4 = (text: string) => parseAddress(text) ?? sent.giaddr;
    sent.ciaddr.copy(v4('10.0.0.1'));
    sent.yiaddr.copy(v4('10.0.0.2'));
    sent.siaddr.copy(v4('10.0.0.3'));
    sent.giaddr.copy(v4('10.0.0.4'));
    Object.assign(sent, { requestedAddress: v4('10.0.0.9'), serverId: v4('10.0.0.254'), subnetMask: 20 });
    Object.assign(sent, { leaseTime: 3600, t1: 1800, t2: 3150, mtu: 1400 });
    Object.assign(sent, { routers: [v4('10.0.0.254')], dns: [v4('10.0.0.53'), v4('192.0.2.53')] });
    Object.assign(sent, { domainName: 'example.org', hostName: 'alice', message: 'hi' });
    Object.assign(sent, { clientId: octets('01 020000000001'), parameters: [1, 3, 6] });
    const options = `35 01 05 32 04 0a000009 36 04 0a0000fe 33 04 00000e10 3a 04 00000708 3b 04 00000c4e
      01 04 fffff000 03 04 0a0000fe 06 08 0a000035 c0000235 0f 0b 6578616d706c652e6f7267 0c 05 616c696365 38 02 6869
      1a 02 0578 3d 07 01020000000001 37 03 010306 ff`;
    const expected = message(options, '', '', FIXED.replace(/^01/, '02'));
    expect(writeDhcp(sent)).toEqual(Uint8Array.of(...expected, ...new Uint8Array(300).subarray(expected.length)));
    expect(read(expected)).toEqual(sent);
  });

  test('says nothing beyond its type where no option does', () => {
    const found = read(message(`${DISCOVER} ff`));
    const bare = new DhcpMessage();
    for (const name of ['ciaddr', 'yiaddr', 'siaddr', 'giaddr'] as const) bare[name].copy(found[name]);
    Object.assign(bare, { type: 1, xid: 0xdead_beef, secs: 4, broadcast: true, chaddr: 0x0200_0000_0001 });
    expect(found).toEqual(bare);
  });

  test.each<[string, Uint8Array, DhcpFault]>([
    ['nothing', new Uint8Array(0), DhcpFault.Short],
    ['no room for options', message('').subarray(0, 239), DhcpFault.Short],
    ['neither request nor reply', message(DISCOVER, '', '', FIXED.replace(/^01/, '03')), DhcpFault.Op],
    ['a reply that discovers', message(DISCOVER, '', '', FIXED.replace(/^01/, '02')), DhcpFault.Op],
    ['a request that offers', message('35 01 02'), DhcpFault.Op],
    ['another hardware', message(DISCOVER, '', '', FIXED.replace('01 01 06', '01 06 06')), DhcpFault.Hardware],
    ['addresses of 16 octets', message(DISCOVER, '', '', FIXED.replace('01 01 06', '01 01 10')), DhcpFault.Hardware],
    [
      'BOOTP with options of another kind',
      octets(`${FIXED} ${'00'.repeat(192)} 63825364 ${DISCOVER}`),
      DhcpFault.Cookie,
    ],
    ['an option without a length', message(`${DISCOVER} 0c`), DhcpFault.Option],
    ['an option past the end', message(`${DISCOVER} 0c 02 61`), DhcpFault.Option],
    [
      'an option past the end of a borrowed field',
      message(`${DISCOVER} 34 01 01 ff`, '', `0c 7f 61`),
      DhcpFault.Option,
    ],
    ['BOOTP without a type', message('ff'), DhcpFault.Type],
    ['a type of two octets', message('35 02 0101 ff'), DhcpFault.Type],
    ['a type in two pieces, which are one of two octets', message('35 01 01 35 01 01 ff'), DhcpFault.Type],
    ['type 0', message('35 01 00 ff'), DhcpFault.Type],
    ['type 9', message('35 01 09 ff'), DhcpFault.Type],
  ])('refused: %s', (_name, bytes, fault) => {
    expect(readDhcp(new DhcpMessage(), bytes, 0, bytes.length)).toBe(fault);
  });

  test('of any octets is read without throwing; what is read is written and read again', () => {
    const option = fc
      .tuple(fc.constantFrom(0, 1, 3, 6, 12, 15, 26, 50, 51, 52, 53, 54, 55, 56, 58, 59, 61, 82, 255), arbitrary.texts)
      .map(([code, value]) => [code, value.length, ...value]);
    const field = fc.array(option, { maxLength: 6 }).map((each) => each.flat());
    let whole = 0;
    fc.assert(
      fc.property(
        field,
        field,
        field,
        fc.nat(3),
        fc.nat(7),
        fc.nat(500),
        (options, file, sname, overload, type, cut) => {
          const op = [1, 4, 5].includes(type) ? '02' : '01';
          const bytes = message(
            `35 01 0${type + 1} 34 01 0${overload} ${options.reduce(twoDigits, '')}`,
            '',
            '',
            FIXED.replace(/^01/, op),
          );
          bytes.set(sname.slice(0, 64), 44);
          bytes.set(file.slice(0, 128), 108);
          const into = new DhcpMessage();
          const fault = readDhcp(into, bytes, 0, Math.max(0, bytes.length - Math.max(0, cut - 250)));
          expect(dhcpFaults[fault]).toBeTypeOf('string');
          if (fault !== DhcpFault.None) return;
          whole++;
          expect(read(writeDhcp(into))).toEqual(into);
        },
      ),
      { numRuns: 500 },
    );
    expect(whole).toBeGreaterThan(50);
  });
});

describe('options', () => {
  test.each<[string, string, Partial<DhcpMessage>]>([
    ['without an end', '0c 01 61', { hostName: 'a' }],
    ['behind padding', '00 00 0c 01 61 00 ff', { hostName: 'a' }],
    ['behind the end, which say nothing', 'ff 0c 01 61', { hostName: '' }],
    ['that are unknown', 'fa 03 010203 0c 01 61 ff', { hostName: 'a' }],
    ['with zeros at the end of a text', '0c 03 610000 ff', { hostName: 'a' }],
    ['with a text that is no UTF-8', '0c 02 61ff ff', { hostName: 'a\ufffd' }],
    ['with a mask that has zeros between its ones', '01 04 ff00ff00 ff', { subnetMask: -1 }],
    ['with a mask of all ones', '01 04 ffffffff ff', { subnetMask: 32 }],
    ['with a mask of none', '01 04 00000000 ff', { subnetMask: 0 }],
    ['with a mask cut short', '01 03 ffffff ff', { subnetMask: -1 }],
    ['with an address cut short', '32 03 0a0000 36 05 0a00000100 ff', { requestedAddress: null, serverId: null }],
    ['with a part of an address in a list', '03 06 0a0000010a00 06 01 0a ff', { routers: [], dns: [] }],
    ['with a time cut short', '33 02 0e10 3a 05 0000000e10 3b 00 ff', { leaseTime: -1, t1: -1, t2: -1 }],
    ['with a lease for ever', '33 04 ffffffff ff', { leaseTime: 0xffff_ffff }],
    ['with an MTU that is none', '1a 02 0043 ff', { mtu: 0 }],
    ['with the least MTU', '1a 02 0044 ff', { mtu: 68 }],
    ['with a client identifier of a type alone', '3d 01 01 ff', { clientId: null }],
  ])('%s', (_name, options, fields) => {
    expect(read(message(`${DISCOVER} ${options}`))).toMatchObject(fields);
  });

  test('in pieces are put together, wherever others stand between them (RFC 3396)', () => {
    const found = read(message(`03 02 0a00 ${DISCOVER} 0c 01 61 03 06 0001 0a000002 0c 01 62 ff`));
    expect(texts(found.routers)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(found.hostName).toBe('ab');
  });

  test.each<[string, string, string]>([
    ['none', '00', 'o'],
    ['file', '01', 'of'],
    ['sname', '02', 'os'],
    ['both, file first', '03', 'ofs'],
  ])('lie in borrowed fields as well: %s', (_name, overload, hostName) => {
    const bytes = message(`${DISCOVER} 34 01 ${overload} 0c 01 6f ff`, '0c 01 73 ff', '0c 01 66 ff');
    expect(read(bytes).hostName).toBe(hostName);
  });

  test('of a borrowed field borrow no other', () => {
    const bytes = message(`${DISCOVER} 34 01 01 ff`, '0c 01 73 ff', '34 01 02 0c 01 66 ff');
    expect(read(bytes).hostName).toBe('f');
  });

  test('longer than 255 octets go out in pieces', () => {
    const sent = Object.assign(new DhcpMessage(), { type: DhcpType.Discover, message: 'x'.repeat(300) });
    const bytes = writeDhcp(sent);
    expect([...bytes.subarray(243, 246)]).toEqual([56, 255, 0x78]);
    expect([...bytes.subarray(500, 503)]).toEqual([56, 45, 0x78]);
    expect(read(bytes).message).toBe(sent.message);
  });
});
