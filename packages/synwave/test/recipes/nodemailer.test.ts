/** docs/recipes/nodemailer.md: mail through nodemailer to smtp-server. */
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { describe, expect } from 'vitest';
import { body, close, listen, type Recipe, tested } from './places.ts';

interface Letter {
  readonly from: string | undefined;
  readonly to: readonly string[];
  readonly text: Buffer;
}

describe('a letter with an attachment after a password, and a recipient who is refused', () => {
  const recipe: Recipe = async ({ client, server, size }) => {
    const letters: Letter[] = [];
    const post = new SMTPServer({
      disableReverseLookup: true, // a question to the system's resolver, in real time
      hideSTARTTLS: true,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, callback) => {
        if (username === 'wave' && password === 'secret') callback(null, { user: username });
        else callback(new Error('who is that?'));
      },
      onRcptTo: ({ address }, _session, callback) => {
        if (address.endsWith('@server')) callback();
        else callback(Object.assign(new Error('nobody of that name'), { responseCode: 550 }));
      },
      onData: (stream, { envelope }, callback) => {
        const { mailFrom, rcptTo } = envelope;
        const from = mailFrom === false ? undefined : mailFrom.address;
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          letters.push({ from, to: rcptTo.map(({ address }) => address), text: Buffer.concat(chunks) });
          callback();
        });
      },
    });
    const listening = await listen(server, 25, (socket) => post.connect(socket));

    const transport = createTransport({
      host: 'server',
      port: 25,
      secure: false,
      auth: { user: 'wave', pass: 'secret' },
      getSocket: ({ host, port }, callback) => {
        const connection = client.connect(Number(port), String(host));
        connection.once('error', callback);
        connection.once('connect', () => callback(null, { connection }));
      },
    });
    const attachment = body((size * 3) / 4);
    const sent = await transport.sendMail({
      from: 'client@client',
      to: 'first@server, second@server',
      subject: '你好',
      text: 'A wave.',
      attachments: [{ filename: 'wave.bin', content: attachment }],
    });
    expect(sent.accepted).toEqual(['first@server', 'second@server']);
    expect(letters.map(({ from, to }) => ({ from, to }))).toEqual([
      { from: 'client@client', to: ['first@server', 'second@server'] },
    ]);
    const text = letters[0]?.text.toString() ?? '';
    expect(text).toContain('Subject: =?UTF-8?');
    expect(text.replaceAll('\r\n', '').includes(attachment.toString('base64'))).toBe(true);

    const refused = transport.sendMail({ from: 'client@client', to: 'nobody@nowhere', text: 'Hello?' });
    await expect(refused).rejects.toMatchObject({ code: 'EENVELOPE', responseCode: 550 });
    expect(letters.length).toBe(1);
    transport.close();
    await close(listening);
  };
  // The server greets when 100 ms have passed without a word of the client's.
  tested(recipe, { timers: true });
});
