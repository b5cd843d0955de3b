/** Where the states stand in the state diagram: that of RFC 9293 figure 5, lying on its side, in hundredths of its size. */

/** `END` is CLOSED once more: where connections end. */
export const places: Readonly<Record<string, readonly [number, number]>> = {
  CLOSED: [5, 50],
  LISTEN: [19, 14],
  'SYN-SENT': [19, 86],
  'SYN-RECEIVED': [35, 14],
  ESTABLISHED: [47, 50],
  'FIN-WAIT-1': [60, 14],
  'FIN-WAIT-2': [77, 14],
  CLOSING: [71, 50],
  'TIME-WAIT': [88, 32],
  'CLOSE-WAIT': [60, 86],
  'LAST-ACK': [78, 86],
  END: [95, 74],
};

/** The arrows of figure 5. Beside them a reset, an abort or a time-out leads from anywhere to CLOSED. */
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
  ['LAST-ACK', 'END'],
  ['TIME-WAIT', 'END'],
];

/** Whether a way through the states goes along an arrow. */
export function isOnPath(path: readonly string[], from: string, to: string): boolean {
  const end = to === 'END' ? 'CLOSED' : to;
  return path.some((each, i) => each === from && path[i + 1] === end);
}
