import type { Server } from './server';

/** The token with which tests prepare their content. */
export const TOKEN = 'a-token-for-the-content-api-of-32-signs';

/** Of the token with which they prepare what only the admin API has. */
export const ADMIN_TOKEN = 'cairn_adt_of-the-goals-0123456789abcdef0123456789';

/** Every right that an admin token can have. */
const ACTIONS = [
  'content-types.read',
  'content-types.change',
  'media.read',
  'media.create',
  'media.update',
  'media.delete',
  'media.rights',
  'releases.read',
  'releases.manage',
  'releases.publish',
  'calendar.read',
  'calendar.manage',
  'review.comment',
  'review.act',
  'history.erase',
  'content-users.read',
  'settings.locales',
  'settings.seals',
  'settings.personal-data',
  'settings.theme',
  'settings.mail',
  'settings.webhooks',
  'settings.workflows',
  'settings.calendars',
  'settings.owners',
  'settings.tenants',
  'events.read',
  'events.manage',
  'jobs.read',
  'jobs.manage',
  'plugins.read',
  'plugins.manage',
  'plugins.bypass',
  'backups.manage',
  'audit.read',
  'system.read',
];
const CONTENT = ['find', 'findOne', 'create', 'update', 'delete'];

/** Settings that let `Api` into the admin API. */
export const ADMIN_TOKENS = {
  adminTokens: [
    {
      name: 'tests',
      token: ADMIN_TOKEN,
      actions: ACTIONS,
      permissions: { '*': [...CONTENT, 'publish'], 'plugin::users-permissions.user': CONTENT },
      expiresAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    },
  ],
};

/** Settings that let `Api` in. */
export const TOKENS = { ...ADMIN_TOKENS, apiTokens: [{ name: 'tests', type: 'full-access', token: TOKEN }] };

/** What the server answered. */
export interface ApiResponse<Data> {
  status: number;
  headers: Headers;
  data: Data;
  meta: Record<string, unknown>;
}

/** Asks a server what the pages do not: to prepare content, and to see what has become of it. */
export class Api {
  constructor(
    private readonly server: () => Server,
    private readonly person?: Record<string, string>,
  ) {}

  /** What is sent: of somebody who signed in, else the token of the API that is asked. */
  private credentials(path: string): Record<string, string> {
    return this.person ?? { Authorization: `Bearer ${path.startsWith('/admin/api') ? ADMIN_TOKEN : TOKEN}` };
  }

  /** Signs somebody in: what only people may do is asked as them. */
  async as({ email, password }: { email: string; password: string }): Promise<Api> {
    const answer = await this.ask<{ csrf: string }>('POST', '/admin/api/login', { email, password });
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
    return new Api(this.server, { Cookie: cookies.join('; '), 'X-CSRF-Token': answer.data.csrf });
  }

  /** Asks below the server's address, and answers whatever comes. */
  async ask<Data = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse<Data>> {
    // What prepares content means whatever is there.
    const changes = method !== 'GET' && /^\/admin\/api\/(content|history)\//.test(path);
    const answer = await fetch(`${this.server().base}${path}`, {
      method,
      headers: {
        ...this.credentials(path),
        ...(changes ? { 'If-Match': '*' } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = (text === '' ? {} : JSON.parse(text)) as { data?: Data; meta?: Record<string, unknown> };
    return { status: answer.status, headers: answer.headers, data: (json.data ?? json) as Data, meta: json.meta ?? {} };
  }

  /** Asks the admin API; anything but success is an error. */
  async admin<Data = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Data> {
    const answer = await this.ask<Data>(method, `/admin/api${path}`, body, headers);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.data)}`);
    return answer.data;
  }

  /** Writes an entry; answers its document. */
  async write(uid: string, data: object, locale?: string): Promise<string> {
    const query = locale ? `?locale=${locale}` : '';
    return (await this.admin<{ documentId: string }>('POST', `/content/${uid}${query}`, { data })).documentId;
  }

  /** Uploads a file; answers its number, by which media fields name it. */
  async upload(name: string, bytes: Uint8Array, type = 'image/png'): Promise<{ id: number; documentId: string }> {
    const form = new FormData();
    form.append('files', new Blob([new Uint8Array(bytes)], { type }), name);
    // A session is known below `/admin` only.
    const path = this.person ? '/admin/api/upload' : '/api/upload';
    const answer = await fetch(`${this.server().base}${path}`, {
      method: 'POST',
      headers: this.credentials(path),
      body: form,
    });
    if (!answer.ok) throw new Error(`upload of ${name}: ${answer.status} ${await answer.text()}`);
    const [file] = (await answer.json()) as { id: number; documentId: string }[];
    if (!file) throw new Error(`upload of ${name}: no file was answered`);
    return file;
  }

  /** What an entry holds as a draft. */
  entry(uid: string, documentId: string, query = ''): Promise<Record<string, unknown>> {
    return this.admin('GET', `/content/${uid}/${documentId}${query}`);
  }
}
