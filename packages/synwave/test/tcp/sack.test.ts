/** Selective acknowledgment: what we report (RFC 2018 §4, RFC 2883), and what we make of reports (RFC 2018 §5, RFC 8985). */
import { test } from 'vitest';
import { established, type Script, wrapping } from './harness.ts';

/** A receiver with SACK; the peer's segments are of 100 octets. */
function receiver(): Script {
  return established({ sack: true });
}

wrapping('reporting (RFC 2018 §4)', () => {
  test('the block that changed last comes first', () => {
    receiver()
      .inject('. 101:201 ack 1')
      .expect('. 1:1 ack 1 <sack 101:201>')
      .inject('. 301:401 ack 1')
      .expect('. 1:1 ack 1 <sack 301:401 101:201>')
      .inject('. 501:601 ack 1')
      .expect('. 1:1 ack 1 <sack 501:601 301:401 101:201>')
      .inject('. 201:301 ack 1')
      .expect('. 1:1 ack 1 <sack 101:401 501:601>')
      .inject('. 1:101 ack 1')
      .expect('. 1:1 ack 401 <sack 501:601>')
      .inject('. 401:501 ack 1')
      .expect('. 1:1 ack 601 <>')
      .read(600);
  });

  test('the others follow by when they were reported, the latest first', () => {
    receiver()
      .inject('. 501:601 ack 1')
      .expect('. 1:1 ack 1 <sack 501:601>')
      .inject('. 301:401 ack 1')
      .expect('. 1:1 ack 1 <sack 301:401 501:601>')
      .inject('. 101:201 ack 1')
      .expect('. 1:1 ack 1 <sack 101:201 301:401 501:601>')
      .inject('. 701:801 ack 1')
      .expect('. 1:1 ack 1 <sack 701:801 101:201 301:401 501:601>')
      .inject('. 901:1001 ack 1')
      .expect('. 1:1 ack 1 <sack 901:1001 701:801 101:201 301:401>');
  });

  test('three blocks beside timestamps', () => {
    established({ sack: true, timestamps: true })
      .inject('. 101:201 ack 1')
      .expect('. 1:1 ack 1 <TS val 100 ecr 5100,sack 101:201>')
      .burst('. 301:401 ack 1', '. 501:601 ack 1', '. 701:801 ack 1')
      .expect(
        '. 1:1 ack 1 <TS val 100 ecr 5100,sack 701:801 501:601 301:401>',
        '. 1:1 ack 1 <TS val 100 ecr 5100,sack 701:801 501:601 301:401>',
        '. 1:1 ack 1 <TS val 100 ecr 5100,sack 701:801 501:601 301:401>',
      );
  });

  test('none where the SYNs did not agree on it', () => {
    established({ sack: true, peer: '<mss 1000>' }).inject('. 101:201 ack 1').expect('. 1:1 ack 1 <>');
    established().inject('. 101:201 ack 1').expect('. 1:1 ack 1 <>');
  });

  test('data of ours does not hide the report', () => {
    receiver()
      .inject('. 101:201 ack 1')
      .expect('. 1:1 ack 1 <sack 101:201>')
      .burst('. 301:401 ack 1')
      .expect('. 1:1 ack 1 <sack 301:401 101:201>');
  });
});

wrapping('reporting duplicates (RFC 2883 §4)', () => {
  test('a segment that came twice', () => {
    receiver()
      .inject('. 1:101 ack 1')
      .within(500, '. 1:1 ack 101 <>')
      .inject('. 1:101 ack 1')
      .expect('. 1:1 ack 101 <sack 1:101>')
      .inject('. 201:301 ack 1')
      .expect('. 1:1 ack 101 <sack 201:301>'); // reported once
  });

  test('a segment held out of order that came twice', () => {
    receiver()
      .inject('. 201:301 ack 1')
      .expect('. 1:1 ack 1 <sack 201:301>')
      .inject('. 201:301 ack 1')
      .expect('. 1:1 ack 1 <sack 201:301 201:301>');
  });

  test('a part of a segment, at its beginning and at its end', () => {
    receiver()
      .inject('. 201:301 ack 1')
      .expect('. 1:1 ack 1 <sack 201:301>')
      .inject('. 251:351 ack 1')
      .expect('. 1:1 ack 1 <sack 251:301 201:351>')
      .inject('. 151:251 ack 1')
      .expect('. 1:1 ack 1 <sack 201:251 151:351>');
  });

  test('a duplicate left of RCV.NXT beside a hole', () => {
    receiver()
      .inject('. 1:101 ack 1')
      .within(500, '. 1:1 ack 101 <>')
      .inject('. 201:301 ack 1')
      .expect('. 1:1 ack 101 <sack 201:301>')
      .inject('. 51:151 ack 1')
      .expect('. 1:1 ack 151 <sack 51:101 201:301>');
  });
});

/** A sender: `n` full segments in flight at 0, the round trip is 100 ms. */
function sender(n: number): Script {
  const script = established({ sack: true }).write(n * 1000);
  script.expect(
    ...Array.from({ length: n }, (_, i) => `${i === n - 1 ? 'P.' : '.'} ${i * 1000 + 1}:${i * 1000 + 1001} ack 1`),
  );
  return script.after(100);
}

wrapping('using reports: RACK (RFC 8985 §6)', () => {
  test('three segments above a hole: it is lost, whatever the clock says', () => {
    sender(4)
      .inject('. 1:1 ack 1 <sack 1001:2001>')
      .inject('. 1:1 ack 1 <sack 1001:3001>')
      .quiet()
      .inject('. 1:1 ack 1 <sack 1001:4001>')
      .expect('. 1:1001 ack 1')
      .inject('. 1:1 ack 4001')
      .quiet();
  });

  test('fewer: it has a quarter of the round trip to arrive late', () => {
    sender(2).inject('. 1:1 ack 1 <sack 1001:2001>').quiet().expectAt(125, '. 1:1001 ack 1');
  });

  test('what arrives in that time is not sent again', () => {
    sender(2).inject('. 1:1 ack 1 <sack 1001:2001>').after(20).inject('. 1:1 ack 2001').quiet().after(5000).quiet();
  });

  test('several holes are filled, and what the peer holds is not sent again', () => {
    sender(8)
      .burst('. 1:1 ack 1 <sack 1001:2001>', '. 1:1 ack 1 <sack 3001:4001 1001:2001>')
      .burst('. 1:1 ack 1 <sack 3001:5001 1001:2001>', '. 1:1 ack 1 <sack 3001:8001 1001:2001>')
      .expect('. 1:1001 ack 1', '. 2001:3001 ack 1')
      .after(100)
      .inject('. 1:1 ack 8001')
      .quiet();
  });

  test('a retransmission that is lost as well is found by what was sent after it', () => {
    sender(8)
      .burst('. 1:1 ack 1 <sack 2001:3001>', '. 1:1 ack 1 <sack 2001:6001>', '. 1:1 ack 1 <sack 2001:8001>')
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1')
      .expectAt(210)
      .inject('. 1:1 ack 1 <sack 1001:8001>') // the second arrived, the first did not
      .within(50, '. 1:1001 ack 1')
      .inject('. 1:1 ack 8001')
      .quiet();
  });

  test('a report of what was never sent, or of nothing, is not believed', () => {
    sender(4)
      .inject('. 1:1 ack 1 <sack 5001:9001>')
      .inject('. 1:1 ack 1 <sack 3001:2001>')
      .inject('. 1:1 ack 1 <sack 2001:2001>')
      .quiet()
      .value('SACKed', ({ congestion }) => congestion.pipe, 4000);
  });

  test('the timer: the first goes out again, what the peer holds does not (§6.3)', () => {
    sender(3)
      .inject('. 1:1 ack 1 <sack 2001:3001>')
      .within(50, '. 1:1001 ack 1') // both are lost; PRR lets one out for the one that arrived
      .expectAt(1000, '. 1:1001 ack 1')
      .after(100)
      .inject('. 1:1 ack 1001 <sack 2001:3001>')
      .expect('. 1001:2001 ack 1')
      .inject('. 1:1 ack 3001')
      .quiet();
  });

  test('a peer that forgets what it reported is sent everything again after the timer (RFC 2018 §8)', () => {
    sender(3)
      .inject('. 1:1 ack 1 <sack 1001:2001>')
      .within(50, '. 1:1001 ack 1')
      .inject('. 1:1 ack 1001') // and not 2001: it has reneged
      .within(2000, '. 1001:2001 ack 1')
      .inject('. 1:1 ack 2001')
      .expect('P. 2001:3001 ack 1');
  });
});

wrapping('the tail loss probe (RFC 8985 §7)', () => {
  test('the end of a flight is probed after two round trips, before the timer', () => {
    established({ sack: true })
      .write(3000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', 'P. 2001:3001 ack 1')
      .expectAt(200, 'P. 2001:3001 ack 1')
      .after(100)
      .inject('. 1:1 ack 1 <sack 2001:3001>') // the probe tells that the first two are lost
      .within(50, '. 1:1001 ack 1')
      .inject('. 1:1 ack 1001 <sack 2001:3001>')
      .expect('. 1001:2001 ack 1')
      .inject('. 1:1 ack 3001')
      .quiet();
  });

  test('a single segment also waits for a delayed ACK', () => {
    established({ sack: true }).write(1000).expect('P. 1:1001 ack 1').expectAt(400, 'P. 1:1001 ack 1');
  });

  test('one probe for a flight; then it is the timer’s turn, counted from the probe', () => {
    established({ sack: true })
      .write(3000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', 'P. 2001:3001 ack 1')
      .expectAt(200, 'P. 2001:3001 ack 1')
      .expectAt(1200, '. 1:1001 ack 1');
  });

  test('none without SACK', () => {
    established().write(1000).expect('P. 1:1001 ack 1').after(999).quiet();
  });

  test('an ACK of everything turns it off', () => {
    established({ sack: true })
      .write(1000)
      .expect('P. 1:1001 ack 1')
      .timer('lossProbe', 400)
      .inject('. 1:1 ack 1001')
      .timer('lossProbe', null);
  });

  test('a probe that repaired a loss halves the window (§7.4.2), a probe in vain does not', () => {
    const probed = (): Script =>
      established({ sack: true, noDelay: true })
        .write(2000)
        .expect('. 1:1001 ack 1', 'P. 1001:2001 ack 1')
        .expectAt(200, 'P. 1001:2001 ack 1');
    probed()
      .inject('. 1:1 ack 2001')
      .write(10)
      .expect('P. 2001:2011 ack 1')
      .inject('. 1:1 ack 2011')
      .value('cwnd', ({ congestion }) => congestion.cwnd < 10_000, true);
    probed()
      .inject('. 1:1 ack 2001')
      .inject('. 1:1 ack 2001 <sack 1001:2001>')
      .write(10)
      .expect('P. 2001:2011 ack 1')
      .inject('. 1:1 ack 2011')
      .value('cwnd', ({ congestion }) => congestion.cwnd >= 10_000, true);
  });
});
