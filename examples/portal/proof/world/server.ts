import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ADMIN,
  binary,
  cairnEnvironment,
  freePort,
  packPlugin,
  Program,
  ROOT,
  removeProject,
  run,
  shareCompiledPlugins,
} from '../../e2e/harness/cairn.ts';
import { MailReceiver } from '../../e2e/harness/mail-receiver.ts';
import { Door } from './door.ts';

/** All plugins that know customers, with their folders. The portal is last: it follows the events of the others. */
export const PLUGINS = {
  crm: 'plugins/crm',
  esign: 'plugins/esign',
  journey: 'plugins/journey',
  kb: 'plugins/knowledge-base',
  portal: 'plugins/portal',
};

/** Hosts by tenant. */
export const HOSTS: Record<string, string> = { default: 'one.example.test', second: 'two.example.test' };

/** The address that links in mails begin with. */
export const PUBLIC_URL = 'https://one.example.test';

const TOKEN = 'a-token-of-the-proof-0123456789abcdef';

/** Somebody of the team, who does what the roles of the plugins are for. */
export const TEAM = {
  email: 'team@example.com',
  password: 'a password of the team',
  roles: ['account-manager', 'administration', 'sales', 'contracts', 'product-manager'],
};

/** What a server is like. */
export interface ProofOptions {
  /** True if links in mails lead to this server, for a browser that follows them. */
  followsLinks?: boolean;
  /** The database; without it, a file in the project. */
  databaseUrl?: string | undefined;
}

/** A running Cairn with all plugins in each of its tenants. */
export class ProofServer {
  private constructor(
    readonly base: string,
    readonly project: string,
    readonly mails: MailReceiver,
    private program: Program,
    private readonly databaseUrl: string | undefined,
  ) {}

  /** Creates a project with these tenants, and starts it. */
  static async start(tenants: string[], options: ProofOptions = {}): Promise<ProofServer> {
    const { followsLinks, databaseUrl } = options;
    const mails = await MailReceiver.start();
    const project = mkdtempSync(join(tmpdir(), 'cairn-proof-'));
    const base = `http://127.0.0.1:${await freePort()}`;
    const server = `[server]\ntrusted_proxies = ["127.0.0.1"]\npublic_url = "${followsLinks ? base : PUBLIC_URL}"\n`;
    // A page of people who look at their dashboard comes from one address here.
    const live = '[live]\nmax_connections_per_address = 1000\n';
    writeFileSync(join(project, 'cairn.toml'), `${server}${live}${mails.config}`);
    shareCompiledPlugins(project);
    const key = join(project, 'publisher.key');
    run(['plugin', 'key', key]);
    // A tenant with hosts of its own answers to no other, such as that of a site's server.
    const put = (content: object, tenant?: string) => apply(project, databaseUrl, content, tenant);
    const call = (args: string[]) => run([...args, '--project', project], databaseUrl);
    put(tenants.length > 1 ? { ...settings(), tenants: hosts(tenants) } : settings());
    for (const tenant of tenants) {
      if (tenant !== 'default') put(settings(), tenant);
      for (const [id, folder] of Object.entries(PLUGINS)) {
        const packed = packPlugin(id, folder, raiseRates, key);
        call(['plugin', 'install', packed, '--tenant', tenant, '--yes']);
      }
      for (const folder of Object.values(PLUGINS)) {
        call(['apply', join(ROOT, folder, 'roles.json'), '--tenant', tenant]);
      }
      put({ adminUsers: [{ ...TEAM, active: true }] }, tenant);
    }
    return new ProofServer(base, project, mails, await serve(project, base, databaseUrl), databaseUrl);
  }

  /** The tenant, with a token that may do everything. */
  door(tenant: string): Door {
    return new Door(this.base, HOSTS[tenant] ?? '', TOKEN);
  }

  /** The tenant, as an admin who may do everything. */
  async admin(tenant: string): Promise<Door> {
    return this.signInAdmin(tenant, ADMIN.email, ADMIN.password);
  }

  /** The tenant, as somebody of the team. */
  async signInAdmin(tenant: string, email: string, password: string): Promise<Door> {
    const door = this.door(tenant).for(undefined);
    const body = { email, password, token: true };
    return door.for((await door.call<{ token: string }>('POST', '/admin/api/login', body)).token);
  }

  /** What the server has logged. */
  readLog(): string {
    return this.program.readLog();
  }

  /** Kills the server in the middle of what it does, and starts it again. */
  async killAndRestart(): Promise<void> {
    await this.program.kill();
    this.program = await serve(this.project, this.base, this.databaseUrl);
  }

  /** Ends the server, and leaves its project. */
  async end(): Promise<void> {
    await this.program.stop();
    this.mails.stop();
  }

  /** Ends the server, and removes its project. */
  async stop(): Promise<void> {
    await this.end();
    removeProject(this.project);
  }
}

function serve(project: string, base: string, databaseUrl: string | undefined): Promise<Program> {
  const env = cairnEnvironment(databaseUrl);
  const args = ['serve', '--project', project, '--listen', new URL(base).host];
  return Program.start(binary(), args, env, join(project, 'cairn.log'), `${base}/_health`);
}

function apply(project: string, databaseUrl: string | undefined, content: object, tenant = 'default'): void {
  const file = join(project, 'settings.json');
  writeFileSync(file, JSON.stringify(content));
  run(['apply', file, '--project', project, '--tenant', tenant], databaseUrl);
}

function hosts(tenants: string[]): object {
  return Object.fromEntries(tenants.map((tenant) => [tenant, { hosts: [HOSTS[tenant]] }]));
}

function settings(): object {
  return {
    locales: { default: 'nl', available: ['nl', 'en'] },
    auth: { registration: { open: false }, signInRateLimit: false },
    adminUsers: [{ ...ADMIN, roles: ['super-admin'], firstName: 'Ada', lastName: 'Min', active: true }],
    apiTokens: [{ name: 'proof', type: 'full-access', token: TOKEN }],
  };
}

/** A manifest whose routes have no limits that a proof reaches. */
export function raiseRates(manifest: string): string {
  return manifest.replace(/^(rate = .*limit = )\d+/gm, '$1100000');
}

/** Types whose documents a plugin's read policy hides, from its manifest. */
export function policyTypes(folder: string): string[] {
  const manifest = readFileSync(join(ROOT, folder, 'plugin.toml'), 'utf8');
  const policy = /\[read-policy\]\s*types = \[([^\]]*)\]/.exec(manifest)?.[1] ?? '';
  return [...policy.matchAll(/"(plugin::[^"]+)"/g)].map(([, type]) => type ?? '');
}
