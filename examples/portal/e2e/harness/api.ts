import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN, TOKEN } from './cairn.ts';
import { drawPicture } from './picture.ts';

const PICTURES = join(import.meta.dirname, '../../../donkervoort/pictures');

/** Cairn's API, with a token that may do everything. */
export class TestApi {
  constructor(readonly base: string) {}

  /** Sends a request and returns the response's `data`, or the response where it has none. Throws for any status but 2xx. */
  async send<T>(method: string, path: string, body?: object, token = TOKEN): Promise<T> {
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: {
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    const json = (text ? JSON.parse(text) : {}) as { data?: T };
    return json.data ?? (json as T);
  }

  /** A part of a vehicle; returns its document id. */
  async create(plural: string, data: object): Promise<string> {
    const created = await this.send<{ documentId: string }>('POST', `/api/portal/${plural}`, { data });
    return created.documentId;
  }

  /** Uploads a picture; returns its id. It is small: the server makes it in every size and format that a page asks for. */
  async uploadPicture(name: string): Promise<number> {
    return this.upload(`${name}.png`, 'image/png', drawPicture(480, 320));
  }

  /** Uploads a film of the samples; returns its id. */
  async uploadFilm(name: string): Promise<number> {
    return this.upload(`${name}.webm`, 'video/webm', readFileSync(join(PICTURES, `${name}.webm`)));
  }

  /** Uploads a file; returns its id. */
  async upload(name: string, type: string, bytes: Uint8Array): Promise<number> {
    const form = new FormData();
    form.set('files', new File([new Uint8Array(bytes)], name, { type }));
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${this.base}/api/upload`, { method: 'POST', headers, body: form });
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    const [file] = (await response.json()) as { id: number }[];
    if (!file) throw new Error(`${name}: no file was stored`);
    return file.id;
  }

  /** Invites somebody, as the team does in the admin. */
  async invite(email: string): Promise<void> {
    await this.sendAsAdmin('POST', '/admin/api/content-users', { email, language: 'nl' });
  }

  /** Sets the settings of a plugin, as an administrator does. */
  async setSettings(plugin: string, settings: object): Promise<void> {
    await this.sendAsAdmin('PUT', `/admin/api/plugins/${plugin}/settings`, { values: settings });
  }

  private async sendAsAdmin(method: string, path: string, body: object): Promise<void> {
    const session = await this.send<{ token: string }>('POST', '/admin/api/login', { ...ADMIN, token: true }, '');
    await this.send(method, path, body, session.token);
  }

  /** Creates a customer's account. */
  async createUser(name: string, password: string): Promise<void> {
    const { roles } = await this.send<{ roles: { id: number; type: string }[] }>('GET', '/api/users-permissions/roles');
    const role = roles.find(({ type }) => type === 'authenticated')?.id;
    const email = `${name}@example.com`;
    await this.send('POST', '/api/users', { username: name, email, password, role, confirmed: true, emailVerified: true });
  }
}
