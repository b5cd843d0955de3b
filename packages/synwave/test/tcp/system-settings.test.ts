/** Settings by which systems differ: first ACKs, every second segment, RTO, SYN retries, persist, losses by count, corks. */
import { describe, test } from 'vitest';
import { Failure } from '../../src/tcp/failure.ts';
import { State } from '../../src/tcp/state.ts';
import { established, listening, synSent, wrapping } from './harness.ts';

wrapping('ACKs', () => {
  test('quickAcks: so many segments are acknowledged at once, then they wait for company', () => {
    const script = established({ quickAcks: 3 });
    for (let i = 0; i < 3; i++)
      script.inject(`P. ${1 + 100 * i}:${101 + 100 * i} ack 1`).expect(`. 1:1 ack ${101 + 100 * i}`);
    script.inject('P. 301:401 ack 1').quiet().expectAt(40, '. 1:1 ack 401');
  });

  test('an answer within the delay ends that: the program has something to say', () => {
    established({ quickAcks: 16 })
      .inject('P. 1:101 ack 1')
      .expect('. 1:1 ack 101')
      .write(50)
      .expect('P. 1:51 ack 101')
      .inject('P. 101:201 ack 51')
      .quiet()
      .expectAt(40, '. 51:51 ack 201');
  });

  test('ackEvery second: two small ones are enough', () => {
    established({ ackEvery: 'second' })
      .inject('P. 1:101 ack 1')
      .quiet()
      .inject('P. 101:201 ack 1')
      .expect('. 1:1 ack 201');
  });
});

wrapping('the retransmission timeout', () => {
  test('rtoVarianceMin: the variance counts for that at least', () => {
    established({ rtt: 40, rtoMin: 200_000, rtoVarianceMin: 200_000 })
      .write(100)
      .expect('P. 1:101 ack 1')
      .expectAt(240, 'P. 1:101 ack 1');
  });

  test('rtoSlop is added to the whole', () => {
    established({ rtt: 40, rtoMin: 30_000, rtoSlop: 200_000 })
      .write(100)
      .expect('P. 1:101 ack 1')
      .expectAt(320, 'P. 1:101 ack 1'); // 40 + 4 * 20 + 200
  });

  test('synRetries: the OPEN ends when the last of them has had its time', () => {
    synSent({ synRetries: 2 })
      .expectAt(1000, 'S 0:0 <mss 1000>')
      .expectAt(3000, 'S 0:0 <mss 1000>')
      .after(3999)
      .state(State.SynSent)
      .after(1)
      .failed(Failure.TimedOut);
  });

  test('openTimeout: or at its time', () => {
    synSent({ openTimeout: 2_500_000 })
      .expectAt(1000, 'S 0:0 <mss 1000>')
      .after(1499)
      .state(State.SynSent)
      .after(1)
      .failed(Failure.UserTimeout);
  });

  test('persistMin: a closed window is left alone for so long', () => {
    established({ persistMin: 5_000_000 })
      .inject('. 1:1 ack 1 win 0')
      .write(100)
      .after(4999)
      .quiet()
      .expectAt(5000, '. 1:2 ack 1');
  });
});

wrapping('losses by count (RFC 6675 §4)', () => {
  test('not before three segments above are SACKed, however late the lost one is', () => {
    established({ sack: true, lossDetection: 'count', tailProbe: false, peer: '<mss 1000,sackOK>' })
      .write(5000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', '. 3001:4001 ack 1', 'P. 4001:5001 ack 1')
      .after(100)
      .inject('. 1:1 ack 1 <sack 1001:2001>')
      .after(300)
      .inject('. 1:1 ack 1 <sack 1001:3001>')
      .after(300)
      .quiet()
      .inject('. 1:1 ack 1 <sack 1001:4001>')
      .expect('. 1:1001 ack 1')
      .inject('. 1:1 ack 5001')
      .quiet();
  });
});

wrapping('corks and changes in mid-connection', () => {
  test('corked: whole segments go, the rest waits 200 ms', () => {
    established()
      .configure({ corked: true })
      .write(1500)
      .expect('. 1:1001 ack 1')
      .inject('. 1:1 ack 1001')
      .quiet()
      .expectAt(200, 'P. 1001:1501 ack 1');
  });

  test('the cork is pulled: what waited goes', () => {
    established().configure({ corked: true }).write(500).quiet().configure({ corked: false }).expect('P. 1:501 ack 1');
  });

  test('a user timeout that is set with text in flight begins then', () => {
    established({ rtoInitial: 60_000_000 })
      .write(100)
      .expect('P. 1:101 ack 1')
      .after(500)
      .configure({ userTimeout: 300_000 })
      .after(299)
      .state(State.Established)
      .after(1)
      .failed(Failure.UserTimeout);
  });

  test('a smaller send buffer takes no more than that', () => {
    established({ sendBuffer: 100_000 })
      .configure({ sendBuffer: 2000 })
      .offer(5000, 2000)
      .expect('. 1:1001 ack 1', 'P. 1001:2001 ack 1');
  });
});

wrapping('options', () => {
  test('windowShift: offered although the buffer does not need it', () => {
    listening({ windowScale: true, windowShift: 7, receiveBuffer: 30_000 })
      .inject('S 0:0 <mss 1000,nop,wscale 2>')
      .expect('S. 0:0 ack 1 <mss 1000,nop,wscale 7>');
  });

  test('duplicateSack off: what came twice is not reported', () => {
    established({ sack: true, duplicateSack: false, peer: '<mss 1000,sackOK>' })
      .inject('P. 1:101 ack 1')
      .after(40)
      .expect('. 1:1 ack 101')
      .inject('P. 1:101 ack 1')
      .expect('. 1:1 ack 101');
  });
});

describe('info', () => {
  test("tells of the segments in flight, and what of the text is the user's", () => {
    established({ sack: true, peer: '<mss 1000,sackOK>' })
      .write(3000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', 'P. 2001:3001 ack 1')
      .inject('. 1:1 ack 1 <sack 1001:2001>')
      .value('segments', ({ segments }) => `${segments.flight} ${segments.sacked}`, '3 1')
      .value('queued', ({ snd }) => snd.queued, 3000);
  });
});
