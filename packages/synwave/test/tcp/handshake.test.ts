/** Opening a connection: RFC 9293 §3.5 with its figures, and what goes wrong on the way. */
import { expect, test } from 'vitest';
import { Refusal } from '../../src/tcp/calls.ts';
import { Failure, News } from '../../src/tcp/failure.ts';
import { State } from '../../src/tcp/state.ts';
import {
  accepted,
  closed,
  established,
  listening,
  synReceived,
  synReceivedActive,
  synSent,
  wrapping,
} from './harness.ts';

const { Closed, Listen, SynSent, SynReceived, Established, FinWait1 } = State;

wrapping('the three-way handshake (figure 6)', () => {
  test('the active side: SYN, then ACK, then data', () => {
    synSent()
      .after(100)
      .inject('S. 0:0 ack 1 <mss 1000>')
      .expect('. 1:1 ack 1')
      .state(Established)
      .hears(News.Connected)
      .write(10)
      .expect('P. 1:11 ack 1');
  });

  test('the passive side: SYN,ACK, and the ACK of it establishes', () => {
    synReceived().after(100).inject('. 1:1 ack 1').quiet().state(Established).hears(News.Connected);
  });

  test('the SYN announces everything that we can, its window not scaled (RFC 7323 §2.2)', () => {
    closed({ windowScale: true, timestamps: true, sack: true, mss: 1460 })
      .connect()
      .expect('S 0:0 win 65535 <mss 1460,sackOK,TS val 0 ecr 0,wscale 5>');
  });

  test.each([
    ['<mss 900>', '<mss 1460>'],
    ['<mss 900,sackOK>', '<mss 1460,sackOK>'],
    ['<mss 900,wscale 3>', '<mss 1460,wscale 5>'],
    ['<mss 900,TS val 77 ecr 0>', '<mss 1460,TS val 0 ecr 77>'],
    ['<wscale 0,sackOK,TS val 77 ecr 0>', '<mss 1460,sackOK,TS val 0 ecr 77,wscale 5>'],
  ])('the SYN,ACK to %s announces %s: what the SYN did', (peer, ours) => {
    listening({ windowScale: true, timestamps: true, sack: true, mss: 1460 })
      .inject(`S 0:0 ${peer}`)
      .expect(`S. 0:0 ack 1 ${ours}`);
  });

  test('data that was sent early goes out with the ACK', () => {
    synSent().write(10).quiet().inject('S. 0:0 ack 1 <mss 1000>').expect('P. 1:11 ack 1');
  });

  test('a RST refuses the connection [MUST-12]', () => {
    synSent().inject('R. 0:0 ack 1').quiet().state(Closed).failed(Failure.Refused).hears(News.Closed);
  });

  test('text and FIN on the SYN,ACK are taken (§3.10.7.3)', () => {
    synSent().inject('S. 0:100 ack 1 <mss 1000>').expect('. 1:1 ack 101').state(Established).read(100);
    synSent().inject('FS. 0:100 ack 1 <mss 1000>').expect('. 1:1 ack 102').state(State.CloseWait).read(100);
  });

  test('text on a SYN is not acknowledged before the handshake is over, and not lost', () => {
    listening()
      .inject('S 0:100 <mss 1000>')
      .expect('S. 0:0 ack 1')
      .inject('P. 1:101 ack 1')
      .within(500, '. 1:1 ack 101')
      .read(100);
  });
});

wrapping('a handshake with losses', () => {
  test('the SYN is lost', () => {
    synSent().expectAt(1000, 'S 0:0').expectAt(3000, 'S 0:0').inject('S. 0:0 ack 1 <mss 1000>').expect('. 1:1 ack 1');
  });

  test('the SYN,ACK is lost, and comes again', () => {
    synReceived().expectAt(1000, 'S. 0:0 ack 1').inject('. 1:1 ack 1').quiet().state(Established);
  });

  test('the SYN,ACK is lost, and the SYN comes again', () => {
    synReceived().after(900).inject('S 0:0 <mss 1000>').expect('S. 0:0 ack 1').inject('. 1:1 ack 1').state(Established);
  });

  test('the third ACK is lost, and data repairs it', () => {
    synReceived().inject('P. 1:101 ack 1').state(Established).within(500, '. 1:1 ack 101').read(100);
  });

  test('the third ACK carries a FIN', () => {
    synReceived().inject('FP. 1:101 ack 1').expect('. 1:1 ack 102').state(State.CloseWait).read(100);
  });

  test('the SYN,ACK comes a second time: a challenge ACK tells the peer what it missed (RFC 5961 §4.2)', () => {
    established().inject('S. 0:0 ack 1 <mss 1000>').expect('. 1:1 ack 1').state(Established);
  });
});

wrapping('simultaneous open (figure 7, MUST-10)', () => {
  test('the SYNs cross, and so do the SYN,ACKs', () => {
    synSent()
      .inject('S 0:0 <mss 1000>')
      .expect('S. 0:0 ack 1')
      .state(SynReceived)
      .inject('S. 0:0 ack 1 <mss 1000>')
      .quiet()
      .state(Established)
      .write(10)
      .expect('P. 1:11 ack 1')
      .inject('P. 1:11 ack 11')
      .within(500, '. 11:11 ack 11')
      .read(10);
  });

  test('the options of the SYNs hold', () => {
    synReceivedActive({ sack: true, timestamps: true, peer: '<mss 900,sackOK,TS val 5000 ecr 0>' })
      .after(100)
      .inject('S. 0:0 ack 1 <mss 900,sackOK,TS val 5001 ecr 0>')
      .state(Established)
      .inject('. 101:201 ack 1')
      .expect('. 1:1 ack 1 <TS val 100 ecr 5001,sack 101:201>');
  });

  test('a RST ends it, and does not lead to LISTEN (MUST-11)', () => {
    synReceivedActive().inject('R 1:1').state(Closed).failed(Failure.Refused);
  });
});

wrapping('old duplicates (figures 8 and 11)', () => {
  test('figure 8, peer A: the ACK of another SYN is answered by a RST that its sender believes', () => {
    synSent()
      .inject('S. 300:300 ack -9 <mss 1000>')
      .expect('R -9:-9')
      .state(SynSent)
      .inject('S. 400:400 ack 1 <mss 1000>')
      .expect('. 1:1 ack 401')
      .state(Established);
  });

  test('figure 8, peer B: the RST leads back to LISTEN, and the true SYN is answered', () => {
    listening()
      .inject('S -10:-10 <mss 1000>')
      .expect('S. 0:0 ack -9')
      .inject('R -9:-9')
      .quiet()
      .state(Listen)
      .inject('S 0:0 <mss 1000>')
      .expect('S. 0:0 ack 1')
      .inject('. 1:1 ack 1')
      .quiet()
      .state(Established);
  });

  test('figure 11, peer A: a SYN,ACK in LISTEN is reset', () => {
    listening().inject('S. 0:0 ack 100').expect('R 100:100').state(Listen);
  });
});

wrapping('half-open connections (figures 9 and 10)', () => {
  test('figure 9, peer B: the SYN of a peer that has rebooted is challenged; its RST aborts', () => {
    established()
      .inject('S 400:400 <mss 1000>')
      .expect('. 1:1 ack 1')
      .state(Established)
      .inject('R 1:1')
      .quiet()
      .state(Closed)
      .failed(Failure.Reset)
      .hears(News.Closed);
  });

  test('figure 9, peer A: an ACK that acknowledges nothing of ours is reset, and the SYN comes again', () => {
    synSent()
      .inject('. 300:300 ack -99')
      .expect('R -99:-99')
      .state(SynSent)
      .expectAt(1000, 'S 0:0')
      .inject('S. 300:300 ack 1 <mss 1000>')
      .expect('. 1:1 ack 301');
  });

  test('figure 10: data to a peer that has forgotten everything', () => {
    closed().inject('. 300:310 ack 100').expect('R 100:100');
    established().write(10).expect('P. 1:11 ack 1').inject('R 1:1').quiet().state(Closed).failed(Failure.Reset);
  });
});

wrapping('calls before ESTABLISHED', () => {
  test('CLOSE in SYN-SENT deletes the connection without a word (§3.10.4)', () => {
    synSent().close().quiet().state(Closed).failed(Failure.None).after(10_000).quiet();
  });

  test('ABORT in SYN-SENT says nothing, in SYN-RECEIVED it resets (§3.10.5)', () => {
    synSent().abort().quiet().state(Closed);
    synReceived().abort().expect('R. 1:1 ack 1').state(Closed).failed(Failure.Aborted);
  });

  test('CLOSE in SYN-RECEIVED sends the FIN; a lost SYN,ACK still comes again as one', () => {
    const [first] = synReceived().close().expect('F. 1:1 ack 1').state(FinWait1).after(1000).sent();
    expect(first).toMatch(/^S\. 0:0 ack 1 /);
  });

  test('CLOSE in SYN-RECEIVED waits for what was sent before', () => {
    synReceived()
      .write(10)
      .close()
      .quiet()
      .state(SynReceived)
      .offer(1, Refusal.Closing)
      .inject('. 1:1 ack 1')
      .expect('FP. 1:11 ack 1')
      .state(FinWait1);
  });

  test('RECEIVE waits, and is refused once the connection is refused', () => {
    synSent().readRefused(0).inject('R. 0:0 ack 1').readRefused(Refusal.Failed);
    accepted().readRefused(0);
  });
});
