/** Settings of the operator, by environment variables. */
export interface SiteSettings {
  /** Address of Cairn, as this server reaches it. */
  cairn: URL;
  host: string;
  port: number;
  /** Address by which visitors reach the site; without one, that of each request. */
  publicUrl: URL | undefined;
  /** Secret from which the keys of cookies and forms are derived. */
  secret: string;
  /** Time without a page or a click after which a session ends. */
  idleSeconds: number;
  /** True if a proxy in front of the site sets `X-Forwarded-For`. */
  behindProxy: boolean;
  /** True if `/components` shows the parts that pages are built of. */
  showsComponents: boolean;
}

const MIN_SECRET_CHARS = 32;
const MAX_IDLE_SECONDS = 24 * 60 * 60;

/** Reads the settings. Throws an error that names the variable and what to set. */
export function readSettings(env: Record<string, string | undefined>): SiteSettings {
  const secret = env.PORTAL_SECRET ?? '';
  if (secret.length < MIN_SECRET_CHARS) {
    throw new Error(
      `PORTAL_SECRET: set at least ${MIN_SECRET_CHARS} random characters, such as the output of "openssl rand -hex 32"`,
    );
  }
  const [host, port] = readListen(env.PORTAL_LISTEN ?? '127.0.0.1:3000');
  return {
    cairn: readUrl('CAIRN_URL', env.CAIRN_URL ?? 'http://127.0.0.1:1337'),
    host,
    port,
    publicUrl: env.PORTAL_URL ? readOrigin('PORTAL_URL', env.PORTAL_URL) : undefined,
    secret,
    idleSeconds: readSeconds(env.PORTAL_IDLE_SECONDS ?? '1800'),
    behindProxy: readSwitch('PORTAL_BEHIND_PROXY', env.PORTAL_BEHIND_PROXY ?? 'false'),
    showsComponents: readSwitch(
      'PORTAL_COMPONENTS',
      env.PORTAL_COMPONENTS ?? (env.NODE_ENV === 'development' ? 'true' : 'false'),
    ),
  };
}

function readUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.search || url.hash) {
    throw new Error(`${name}: "${text}" is not the address of a site; set one such as https://portal.example.com`);
  }
  return url;
}

function readOrigin(name: string, text: string): URL {
  const url = readUrl(name, text);
  if (url.pathname !== '/') throw new Error(`${name}: "${text}" has a path; the site needs a host of its own`);
  return url;
}

function readListen(text: string): [string, number] {
  const match = /^(.+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match?.[1] || port > 65_535) {
    throw new Error(`PORTAL_LISTEN: "${text}" is no address and port; set one such as 127.0.0.1:3000`);
  }
  return [match[1].replace(/^\[(.*)\]$/, '$1'), port];
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_IDLE_SECONDS) {
    throw new Error(`PORTAL_IDLE_SECONDS: "${text}" is no number from 1 to ${MAX_IDLE_SECONDS}`);
  }
  return seconds;
}

function readSwitch(name: string, text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new Error(`${name}: set "true" or "false", not "${text}"`);
  return text === 'true';
}
