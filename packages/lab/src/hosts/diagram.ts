/** Where the eleven states stand in the state diagram, as RFC 9293 Figure 5 draws them: in hundredths of its size. */
export const places: Readonly<Record<string, readonly [number, number]>> = {
  CLOSED: [50, 6],
  LISTEN: [50, 24],
  'SYN-RECEIVED': [16, 38],
  'SYN-SENT': [84, 38],
  ESTABLISHED: [50, 50],
  'FIN-WAIT-1': [16, 64],
  'CLOSE-WAIT': [84, 64],
  'FIN-WAIT-2': [16, 90],
  CLOSING: [46, 76],
  'LAST-ACK': [84, 88],
  'TIME-WAIT': [50, 94],
};

/** The arrows that the small diagram shows: those of figure 5. A reset leads from anywhere to CLOSED. */
export const arrows: readonly (readonly [string, string])[] = [
  ['CLOSED', 'LISTEN'],
  ['CLOSED', 'SYN-SENT'],
  ['LISTEN', 'SYN-RECEIVED'],
  ['LISTEN', 'SYN-SENT'],
  ['SYN-SENT', 'SYN-RECEIVED'],
  ['SYN-SENT', 'ESTABLISHED'],
  ['SYN-RECEIVED', 'ESTABLISHED'],
  ['SYN-RECEIVED', 'FIN-WAIT-1'],
  ['ESTABLISHED', 'FIN-WAIT-1'],
  ['ESTABLISHED', 'CLOSE-WAIT'],
  ['FIN-WAIT-1', 'FIN-WAIT-2'],
  ['FIN-WAIT-1', 'CLOSING'],
  ['FIN-WAIT-1', 'TIME-WAIT'],
  ['FIN-WAIT-2', 'TIME-WAIT'],
  ['CLOSING', 'TIME-WAIT'],
  ['CLOSE-WAIT', 'LAST-ACK'],
];
