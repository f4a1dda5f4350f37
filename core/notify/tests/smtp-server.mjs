// A mail server for tests: npm's smtp-server, told by the address of a mail what to do with it. Prints one line of JSON per
// thing that happened.
//
//   node smtp-server.mjs <folder with node_modules> [--tls key.pem cert.pem] [--auth user password] [--ascii]
//
// Addresses, before the "@":
//   later-2   refuses twice with 451, then takes it
//   gone      550 5.1.1          full     552 5.2.2       plain     550 without more
//   policy    554 5.7.1 after the contents
//   cut-1     ends the connection amid the contents, once
//   lost-1    takes the whole mail and ends the connection in place of answering, once
//   hang      never answers
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const [folder, ...rest] = process.argv.slice(2);
const { SMTPServer } = createRequire(path.join(folder, 'x.js'))('smtp-server');
const flag = (name, n) => {
  const at = rest.indexOf(name);
  return at < 0 ? null : rest.slice(at + 1, at + 1 + n);
};
const tls = flag('--tls', 2);
const auth = flag('--auth', 2);
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const seen = new Map();
const turn = (key) => {
  seen.set(key, (seen.get(key) ?? 0) + 1);
  return seen.get(key);
};
const refuse = (code, message) => Object.assign(new Error(message), { responseCode: code });
const local = (session) => session.envelope.rcptTo[0].address.split('@')[0];

const server = new SMTPServer({
  ...(tls ? { key: readFileSync(tls[0]), cert: readFileSync(tls[1]) } : {}),
  disabledCommands: [...(auth ? [] : ['AUTH']), ...(tls ? [] : ['STARTTLS'])],
  authOptional: !auth,
  hideSMTPUTF8: rest.includes('--ascii'),
  closeTimeout: 500,
  onAuth({ username, password }, session, callback) {
    const good = auth && username === auth[0] && password === auth[1];
    say({ event: 'auth', good, secure: session.secure });
    callback(good ? null : refuse(535, '5.7.8 wrong name or password'), { user: username });
  },
  onRcptTo({ address }, session, callback) {
    const [kind, n] = address.split('@')[0].split('-');
    const times = turn(`rcpt ${address}`);
    say({ event: 'rcpt', to: address, times });
    if (kind === 'later' && times <= Number(n)) return callback(refuse(451, '4.3.2 come back later'));
    if (kind === 'gone') return callback(refuse(550, '5.1.1 no such user'));
    if (kind === 'full') return callback(refuse(552, '5.2.2 mailbox full'));
    if (kind === 'plain') return callback(refuse(550, 'no'));
    if (kind === 'hang') return undefined;
    return callback();
  },
  onData(stream, session, callback) {
    const [kind, n] = local(session).split('-');
    const times = turn(`data ${local(session)}`);
    const end = () => server.connections.forEach((c) => c.id === session.id && c._socket.destroy());
    if (kind === 'cut' && times <= Number(n)) {
      stream.once('data', end);
      stream.resume();
      return;
    }
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => {
      const raw = Buffer.concat(parts).toString('utf8');
      const to = session.envelope.rcptTo.map((r) => r.address);
      say({ event: 'mail', to, from: session.envelope.mailFrom.address, raw, secure: session.secure, user: session.user ?? null, times });
      if (kind === 'lost' && times <= Number(n)) return end();
      if (kind === 'policy') return callback(refuse(554, '5.7.1 looks like spam'));
      return callback();
    });
  },
});
server.on('error', (error) => say({ event: 'error', message: error.message }));
server.listen(0, '127.0.0.1', () => say({ event: 'listening', port: server.server.address().port }));
process.stdin.on('end', () => process.exit(0)).resume();
