import { createServer as createWebServer, type Server as WebServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';

/** A mail as it arrived. */
interface ReceivedMail {
  to: string;
  /** Headers and bodies, as they were sent. */
  raw: string;
}

/** A mail server of one test, which takes every mail. It speaks as much SMTP (RFC 5321) as a sender needs. */
export class MailReceiver {
  private readonly received: ReceivedMail[] = [];
  private web: WebServer | undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<MailReceiver> {
    const server = createServer();
    const receiver = new MailReceiver(server);
    server.on('connection', (socket) => receiver.receive(socket));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return receiver;
  }

  /** The part of `cairn.toml` that sends mails here. */
  get config(): string {
    return `[mail]\nsmtp_url = "smtp://127.0.0.1:${portOf(this.server)}"\nfrom = "site@example.com"\n`;
  }

  /** Serves the plain texts of the mails so far, as JSON: tests run in other processes. Returns the address. */
  async serve(): Promise<string> {
    this.web = createWebServer((_, response) => {
      response.end(JSON.stringify(this.received.map((mail) => ({ to: mail.to, text: textOf(mail) }))));
    });
    await new Promise<void>((done) => this.web?.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${portOf(this.web)}`;
  }

  stop(): void {
    this.server.close();
    this.web?.close();
  }

  private receive(socket: Socket): void {
    let buffered = '';
    let to = '';
    let mail: string[] | undefined;
    const answer = (line: string) => socket.write(`${line}\r\n`);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1');
      for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        if (mail) {
          if (line === '.') {
            this.received.push({ to, raw: mail.join('\r\n') });
            mail = undefined;
            answer('250 stored');
          } else mail.push(line.startsWith('.') ? line.slice(1) : line);
          continue;
        }
        const word = line.split(/[ :]/)[0]?.toUpperCase();
        if (word === 'RCPT') to = /<([^>]*)>/.exec(line)?.[1] ?? '';
        if (word === 'DATA') mail = [];
        if (word === 'QUIT') {
          answer('221 bye');
          socket.end();
        } else answer(word === 'DATA' ? '354 go on' : '250 ok');
      }
    });
    answer('220 test ready');
  }
}

/** The text of the newest mail to an address, once it is one that is wanted; throws if none comes. `mails`: where a receiver serves them. */
export async function findMail(mails: string, email: string, isWanted: (text: string) => boolean): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const all = (await (await fetch(mails)).json()) as { to: string; text: string }[];
    const text = all.filter(({ to }) => to === email).at(-1)?.text;
    if (text && isWanted(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no such mail to ${email}`);
}

function portOf(server: Server | WebServer): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** The plain text of a mail. */
function textOf({ raw }: ReceivedMail): string {
  const part = raw.slice(raw.search(/content-type: text\/plain/i));
  const [head = '', body = ''] = part.split('\r\n\r\n');
  if (/transfer-encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/transfer-encoding: quoted-printable/i.test(head)) return part;
  const whole = part.slice(head.length).replaceAll('=\r\n', '');
  const bytes = whole.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
