// nodemailer's pool, which keeps no queue on disk. node nodemailer_peer.cjs PORT LETTERS
"use strict";
const nodemailer = require("nodemailer");

const port = Number(process.argv[2]);
const letters = Number(process.argv[3]);
const line = "I am writing as a constituent, and I ask you to vote no on this bill.\n";
const pool = nodemailer.createTransport({
  host: "127.0.0.1", port, secure: false, ignoreTLS: true, name: "act.example.org",
  pool: true, maxConnections: 5, maxMessages: 100,
});

async function main() {
  const start = performance.now();
  await Promise.all(Array.from({ length: letters }, (_, number) => pool.sendMail({
    from: "Mai Example via Example Org <letters@act.example.org>",
    to: `rep.${number % 132}@legis.example`,
    envelope: { from: `b+${number}@act.example.org`, to: `rep.${number % 132}@legis.example` },
    subject: "Oppose AB 969 - a constituent in 53703",
    text: line.repeat(22),
  })));
  const end = performance.now();
  pool.close();
  console.log(JSON.stringify({ start: start / 1000, end: end / 1000, letters }));
}

main().catch((error) => { console.error(error.message); process.exit(1); });
