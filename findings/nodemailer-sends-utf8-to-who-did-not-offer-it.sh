#!/usr/bin/env bash
# An address in Khmer goes, unmarked, to a server that never said it takes one.
#
# nodemailer 10.6.1 (npm; needs Node.js 20); run on 2026-11-28.
# Guess: a server that does not announce SMTPUTF8 gets no address with letters outside ASCII; the send fails with an error,
#        as in Python's smtplib (RFC 6531, section 3.2: the client must not send it).
# Seen:  nodemailer writes the raw UTF-8 into RCPT TO, without the parameter SMTPUTF8, which it adds only where the server
#        offers the extension, and reports what that server says: here, that the letter was accepted. What comes of it is up
#        to the server.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" nodemailer@10.6.1
cd "$folder"
cat >send.js <<'JAVASCRIPT'
const assert = require('node:assert');
const net = require('node:net');
const readline = require('node:readline');
const nodemailer = require('nodemailer');

const RECIPIENT = 'ពិសិដ្ឋ@example.org';

async function send(extension) {
  const commands = [];
  const answers = { EHLO: `250-mx.example.org\r\n250 ${extension}\r\n`, DATA: '354 Go on\r\n', QUIT: '221 Bye\r\n' };
  let inLetter = false;
  const answer = (line) => {
    if (inLetter) {
      inLetter = line !== '.';
      return inLetter ? '' : '250 OK\r\n';
    }
    commands.push(line);
    inLetter = line === 'DATA';
    return answers[line.split(' ')[0]] || '250 OK\r\n';
  };
  const server = net.createServer((socket) => {
    socket.write('220 mx.example.org\r\n');
    readline.createInterface({ input: socket }).on('line', (line) => socket.write(answer(line)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port: server.address().port, ignoreTLS: true });
  const { accepted } = await transport.sendMail({ from: 'org@example.org', to: RECIPIENT, text: 'Hello' });
  server.close();
  const envelope = commands.filter((line) => /^(MAIL|RCPT)/.test(line));
  console.log(`${extension}:`, ...envelope, '- accepted:', ...accepted);
  assert.deepEqual(accepted, [RECIPIENT]);
  return envelope;
}

async function main() {
  assert.deepEqual(await send('SMTPUTF8'), ['MAIL FROM:<org@example.org> SMTPUTF8', `RCPT TO:<${RECIPIENT}>`]);
  assert.deepEqual(await send('PIPELINING'), ['MAIL FROM:<org@example.org>', `RCPT TO:<${RECIPIENT}>`]);
  process.exit();
}

main();
JAVASCRIPT
node send.js
