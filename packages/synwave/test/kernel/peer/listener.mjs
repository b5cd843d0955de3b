/** Listens at a Unix socket, until it is killed. */
import { createServer } from 'node:net';

const [path = ''] = process.argv.slice(2);
createServer(() => undefined).listen(path, () => process.stdout.write('listens\n'));
