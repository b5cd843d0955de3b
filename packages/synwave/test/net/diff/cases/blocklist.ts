/** BlockList and SocketAddress: plain values, no connection in sight. */
import { onceEach } from '../case.ts';
import type { Item } from '../items.ts';

const V4 = ['10.0.0.0', '10.0.0.5', '10.0.0.255', '10.0.1.0', '9.255.255.255', '127.0.0.1'] as const;
const V6 = ['fd00::', 'fd00::5', 'fd00::ffff', 'fd00:0:0:1::', '::1', '::ffff:10.0.0.5'] as const;

const ADDRESSES: readonly object[] = [
  {},
  { address: '10.0.0.1' },
  { address: '10.0.0.1', port: 80 },
  { address: '::1', family: 'ipv6' },
  { address: '::1', family: 'IPv6', port: 65535, flowlabel: 1 },
  { address: '2001:DB8:0:0::1', family: 'ipv6', flowlabel: 0xfffff },
  { family: 'ipv6' },
  { family: 'ipv4' },
  { family: 'IPV4' },
  { port: 0 },
];

const BAD_ADDRESSES: readonly unknown[] = [
  5,
  'x',
  null,
  { address: 5 },
  { address: 'x' },
  { address: '::1' },
  { address: '10.0.0.1', family: 'ipv6' },
  { family: 'ipv5' },
  { family: 6 },
  { port: -1 },
  { port: 65536 },
  { port: 'x' },
  { flowlabel: -1 },
  { flowlabel: 2 ** 32 },
  { family: 'ipv6', flowlabel: 'x' },
];

export const blocklistCases = onceEach(
  {
    name: 'an empty list blocks nobody',
    covers: ['net.BlockList', 'BlockList.check', 'BlockList.rules'],
    run: (net, on) => {
      const list = new net.BlockList();
      for (const address of V4) on.note('list', address, list.check(address));
      on.note('list', 'rules', list.rules);
    },
  },
  {
    name: 'addAddress',
    covers: ['BlockList.addAddress', 'BlockList.check', 'BlockList.rules'],
    run: (net, on) => {
      const list = new net.BlockList();
      on.call('list', 'v4', () => list.addAddress('10.0.0.5'));
      on.call('list', 'v6', () => list.addAddress('fd00::5', 'ipv6'));
      for (const address of V4) on.note('list', address, list.check(address), list.check(address, 'ipv4'));
      for (const address of V6) on.note('list', address, list.check(address, 'ipv6'));
      on.note('list', 'rules', list.rules);
    },
  },
  {
    name: 'addRange',
    covers: ['BlockList.addRange', 'BlockList.check', 'BlockList.rules'],
    run: (net, on) => {
      const list = new net.BlockList();
      on.call('list', 'v4', () => list.addRange('10.0.0.1', '10.0.0.10'));
      on.call('list', 'v6', () => list.addRange('fd00::1', 'fd00::10', 'ipv6'));
      for (const address of V4) on.note('list', address, list.check(address));
      for (const address of V6) on.note('list', address, list.check(address, 'ipv6'));
      on.note('list', 'rules', list.rules);
    },
  },
  [8, 24, 25, 32, 0].map((prefix) => ({
    name: `addSubnet /${prefix}`,
    covers: ['BlockList.addSubnet', 'BlockList.check', 'BlockList.rules'] as Item[],
    run: (net, on) => {
      const list = new net.BlockList();
      on.call('list', 'v4', () => list.addSubnet('10.0.0.0', prefix));
      for (const address of V4) on.note('list', address, list.check(address));
      on.note('list', 'rules', list.rules);
    },
  })),
  [64, 112, 128, 0].map((prefix) => ({
    name: `addSubnet /${prefix} of IPv6`,
    covers: ['BlockList.addSubnet', 'BlockList.check', 'BlockList.rules'] as Item[],
    run: (net, on) => {
      const list = new net.BlockList();
      on.call('list', 'v6', () => list.addSubnet('fd00::', prefix, 'ipv6'));
      for (const address of V6) on.note('list', address, list.check(address, 'ipv6'));
      on.note('list', 'rules', list.rules);
    },
  })),
  {
    name: 'a mapped address is its IPv4 address',
    covers: ['BlockList.check', 'BlockList.addAddress'],
    run: (net, on) => {
      const list = new net.BlockList();
      list.addAddress('10.0.0.5');
      on.note('list', 'mapped', list.check('::ffff:10.0.0.5', 'ipv6'), list.check('::ffff:a00:5', 'ipv6'));
      on.note('list', 'other', list.check('::ffff:10.0.0.6', 'ipv6'));
    },
  },
  {
    name: 'a list takes SocketAddress objects',
    covers: [
      'BlockList.addAddress',
      'BlockList.addRange',
      'BlockList.addSubnet',
      'BlockList.check',
      'net.SocketAddress',
    ],
    run: (net, on) => {
      const of = (address: string): InstanceType<typeof net.SocketAddress> => new net.SocketAddress({ address });
      const list = new net.BlockList();
      list.addAddress(of('1.1.1.1'));
      list.addRange(of('2.2.2.2'), of('2.2.2.9'));
      list.addSubnet(of('3.3.3.0'), 24);
      for (const address of ['1.1.1.1', '2.2.2.5', '2.2.2.10', '3.3.3.3', '3.3.4.3']) {
        on.note('list', address, list.check(of(address)));
      }
      on.note('list', 'rules', list.rules);
    },
  },
  [
    ['addAddress', ['x']],
    ['addAddress', [5]],
    ['addAddress', ['::1']],
    ['addAddress', ['10.0.0.1', 'ipv6']],
    ['addAddress', ['10.0.0.1', 'ipv5']],
    ['addAddress', ['10.0.0.1', 4]],
    ['addAddress', []],
    ['addRange', ['10.0.0.9', '10.0.0.1']],
    ['addRange', ['10.0.0.1', 'x']],
    ['addRange', ['10.0.0.1', 5]],
    ['addRange', ['10.0.0.1', '::1']],
    ['addSubnet', ['10.0.0.0', 33]],
    ['addSubnet', ['10.0.0.0', -1]],
    ['addSubnet', ['10.0.0.0', 'x']],
    ['addSubnet', ['fd00::', 129, 'ipv6']],
    ['addSubnet', ['10.0.0.0']],
    ['check', [5]],
    ['check', ['x']],
    ['check', ['::1', 'ipv4']],
    ['check', ['::1', 'ipv5']],
  ].map(([method, values]) => ({
    name: `${String(method)}(${JSON.stringify(values).slice(1, -1)}) is looked at`,
    covers: [
      `BlockList.${String(method)}` as Item,
      'ERR_INVALID_ARG_TYPE',
      'ERR_INVALID_ARG_VALUE',
      'ERR_OUT_OF_RANGE',
      'ERR_INVALID_ADDRESS_FAMILY',
    ] as Item[],
    run: (net, on) => {
      const list = new net.BlockList() as unknown as Record<string, (...values: unknown[]) => unknown>;
      on.call('list', String(method), () => list[String(method)]?.(...(values as unknown[])));
      on.note('list', 'rules', list['rules']);
    },
  })),
  ADDRESSES.map((options) => ({
    name: `new SocketAddress(${JSON.stringify(options)})`,
    covers: [
      'new SocketAddress',
      'SocketAddress.address',
      'SocketAddress.family',
      'SocketAddress.flowlabel',
      'SocketAddress.port',
    ] as Item[],
    run: (net, on) => {
      on.call('address', 'new', () => {
        const made = new net.SocketAddress(options);
        return [made.address, made.family, made.port, made.flowlabel, JSON.stringify(made)];
      });
    },
  })),
  BAD_ADDRESSES.map((options) => ({
    name: `new SocketAddress refuses ${JSON.stringify(options)}`,
    covers: ['new SocketAddress', 'ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_SOCKET_BAD_PORT'] as Item[],
    run: (net, on) => {
      on.call('address', 'new', () => {
        const made = new net.SocketAddress(options as never);
        return [made.address, made.family, made.port, made.flowlabel];
      });
    },
  })),
  {
    name: 'a SocketAddress of nothing',
    covers: ['new SocketAddress', 'SocketAddress.address', 'SocketAddress.family', 'SocketAddress.port'],
    run: (net, on) => {
      const made = new net.SocketAddress({});
      on.note('address', 'new', made.address, made.family, made.port, made.flowlabel);
      on.call('address', 'without new', () => (net.SocketAddress as unknown as () => unknown)());
      on.call('address', 'set', () => {
        (made as { port: number }).port = 5;
      });
      on.note('address', 'port', made.port);
    },
  },
  {
    name: 'BlockList without new',
    covers: ['net.BlockList'],
    run: (net, on) => {
      on.call('list', 'without new', () => (net.BlockList as unknown as () => unknown)());
    },
  },
);
