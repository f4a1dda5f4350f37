import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The repository's folder. */
export const ROOT = join(import.meta.dirname, '../../../..');
const START_LIMIT = 30_000;

/** The plugins that the site reads, with their folders. */
const PLUGINS = { portal: 'plugins/portal', kb: 'plugins/knowledge-base' };

export const TOKEN = 'a-token-of-the-tests-0123456789abcdef';
export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery staple' };

/** A running program of the tests. */
export class Program {
  private constructor(
    private readonly process: ChildProcess,
    private readonly log: string,
  ) {}

  /** Starts a program, and waits until `address` answers. Throws with its log if it does not. */
  static async start(
    command: string,
    args: string[],
    env: NodeJS.ProcessEnv,
    log: string,
    address: string,
  ): Promise<Program> {
    const output = openSync(log, 'a');
    const program = new Program(spawn(command, args, { env, stdio: ['ignore', output, output] }), log);
    const until = Date.now() + START_LIMIT;
    while (!(await answers(address))) {
      if (program.process.exitCode !== null || Date.now() > until) throw new Error(program.readLog());
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return program;
  }

  readLog(): string {
    return readFileSync(this.log, 'utf8');
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    await ended;
  }

  /** Ends it in the middle of what it does, as a power failure would. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
  }
}

/** A Cairn on a project of its own, with the plugins. */
export interface CairnServer {
  base: string;
  project: string;
  program: Program;
}

/** Creates a project, installs the plugins and starts Cairn. */
export async function startCairn(settings: object, config: string): Promise<CairnServer> {
  const project = mkdtempSync(join(tmpdir(), 'cairn-portal-'));
  writeFileSync(join(project, 'cairn.toml'), config);
  writeFileSync(join(project, 'settings.json'), JSON.stringify(settings));
  shareCompiledPlugins(project);
  run(['apply', join(project, 'settings.json'), '--project', project]);
  for (const [id, folder] of Object.entries(PLUGINS)) {
    run(['plugin', 'install', packPlugin(id, folder), '--project', project, '--unsigned', '--yes']);
  }
  // Roles may name types of plugins once these are there.
  writeFileSync(join(project, 'roles.json'), JSON.stringify(ROLES));
  run(['apply', join(project, 'roles.json'), '--project', project]);
  const base = `http://127.0.0.1:${await freePort()}`;
  const args = ['serve', '--project', project, '--listen', new URL(base).host];
  const program = await Program.start(binary(), args, cairnEnvironment(), join(project, 'cairn.log'), `${base}/_health`);
  return { base, project, program };
}

/** The role of customers, as `README.md` asks for it. */
const ROLES = JSON.parse(readFileSync(join(import.meta.dirname, '../../roles.json'), 'utf8')) as object;

/** Removes the project of a Cairn that has stopped. */
export function removeProject(project: string): void {
  rmSync(project, { recursive: true, force: true });
}

/** Lets the server load the machine code of plugins that a server of an earlier run has compiled. */
export function shareCompiledPlugins(project: string): void {
  const shared = join(ROOT, 'target/plugins/compiled');
  const cache = join(project, 'data/cache');
  for (const folder of [shared, cache]) mkdirSync(folder, { recursive: true });
  symlinkSync(shared, join(cache, 'plugins'));
}

/**
 * The package of a plugin, from its folder and the component that `cargo xtask wasm` has built; `CAIRN_COMPONENTS` names another folder of these.
 * `change`: what to make of its manifest first. `key`: the file of the publisher's key; without it, the package is not signed.
 */
export function packPlugin(id: string, source: string, change = (manifest: string) => manifest, key?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-portal-plugin-'));
  cpSync(join(ROOT, source), folder, { recursive: true, filter: (path) => !/\/(target|\.cairn)$/.test(path) });
  const name = source.split('/').at(-1);
  const components = process.env.CAIRN_COMPONENTS ?? join(ROOT, 'target/plugins');
  copyFileSync(join(components, `${name}.wasm`), join(folder, 'plugin.wasm'));
  const manifest = join(folder, 'plugin.toml');
  writeFileSync(manifest, change(readFileSync(manifest, 'utf8')));
  const signed = key ? ['--key', key] : [];
  const packed = run(['plugin', 'pack', folder, '--out', folder, ...signed]).trim();
  if (!packed) throw new Error(`${id}: no package`);
  return packed;
}

/** Runs the program `cairn`; `databaseUrl`: where its data are, if not in the project. Returns what it prints; throws if it fails. */
export function run(args: string[], databaseUrl?: string): string {
  const env = cairnEnvironment(databaseUrl);
  return execFileSync(binary(), args, { env, stdio: 'pipe', encoding: 'utf8' });
}

/** The environment of a Cairn whose data are in that database, or in its project. */
export function cairnEnvironment(databaseUrl?: string): NodeJS.ProcessEnv {
  const env = { ...process.env };
  if (databaseUrl) env.CAIRN_DATABASE_URL = databaseUrl;
  else delete env.CAIRN_DATABASE_URL;
  return env;
}

/** The path of the program `cairn`. Throws if the environment does not name it. */
export function binary(): string {
  const path = process.env.CAIRN_BINARY;
  if (!path) throw new Error('CAIRN_BINARY is not set: the path of the program "cairn"');
  return path;
}

async function answers(address: string): Promise<boolean> {
  return fetch(address).then(
    ({ status }) => status < 500,
    () => false,
  );
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
