import { Agent, request } from 'node:http';

/** A response, as it came. */
export interface Answer {
  status: number;
  /** All headers, a line each, names in lower case. */
  headers: string;
  /** The bytes, each as a character: marks in files are found as those in texts are. */
  body: string;
}

/** What is sent besides method and path. */
export interface Sent {
  body?: string | undefined;
  type?: string;
  headers?: Record<string, string>;
}

/** How often a request is sent to a server that is too busy for it. */
const ATTEMPTS = 20;

/** One of the server's doors: a tenant, as one person with their token reaches it. */
export class Door {
  private static readonly agent = new Agent({ keepAlive: true, maxSockets: 32 });

  constructor(
    readonly base: string,
    readonly host: string,
    readonly token: string | undefined,
  ) {}

  /** The same door for somebody else. */
  for(token: string | undefined): Door {
    return new Door(this.base, this.host, token);
  }

  /** Sends a request, and returns the response whatever its status is. A server that is too busy (503) is asked again. */
  async send(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.sendOnce(method, path, sent);
      if (answer.status !== 503 || attempt === ATTEMPTS) return answer;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  private sendOnce(method: string, path: string, sent: Sent): Promise<Answer> {
    const { hostname, port } = new URL(this.base);
    const headers: Record<string, string> = { host: this.host, ...sent.headers };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (sent.body !== undefined) {
      headers['content-type'] = sent.type ?? 'application/json';
      headers['content-length'] = String(Buffer.byteLength(sent.body));
    }
    return new Promise((resolve, reject) => {
      const options = { agent: Door.agent, hostname, port, method, path, headers };
      const message = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const pairs: string[] = [];
          for (let at = 0; at < response.rawHeaders.length; at += 2) {
            pairs.push(`${response.rawHeaders[at]?.toLowerCase()}: ${response.rawHeaders[at + 1]}`);
          }
          const body = Buffer.concat(chunks).toString('latin1');
          resolve({ status: response.statusCode ?? 0, headers: pairs.toSorted().join('\n'), body });
        });
      });
      message.on('error', reject);
      message.end(sent.body);
    });
  }

  /** Sends a request that must succeed. Returns the response's `data`, or all of it where it has none. */
  async call<T>(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<T> {
    const sent = body ? JSON.stringify(body) : undefined;
    const answer = await this.send(method, path, { body: sent, ...(headers ? { headers } : {}) });
    const text = Buffer.from(answer.body, 'latin1').toString('utf8');
    if (answer.status < 200 || answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    const json = (text ? JSON.parse(text) : {}) as { data?: T };
    return json.data ?? (json as T);
  }

  /** Uploads a file; returns its numeric id. */
  async upload(name: string, type: string, bytes: Uint8Array): Promise<number> {
    const boundary = 'a-boundary-of-the-proof';
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\ncontent-type: ${type}\r\n\r\n`;
    const info = JSON.stringify({ private: true, alternativeText: name });
    const tail = `\r\n--${boundary}\r\ncontent-disposition: form-data; name="fileInfo"\r\n\r\n${info}\r\n--${boundary}--\r\n`;
    const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(tail)]);
    const response = await fetch(`${this.base}/api/upload`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.token}`,
        // Behind a proxy that is trusted: `fetch` sends no other host than that of the address.
        'x-forwarded-host': this.host,
        'content-type': `multipart/form-data; boundary=${boundary}`,
      },
      body,
    });
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    const [file] = (await response.json()) as { id: number }[];
    if (!file) throw new Error(`${name}: no file was stored`);
    return file.id;
  }
}
