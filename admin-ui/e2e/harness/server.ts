import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STEP_LIMIT } from './patience';

/** What a project begins with. */
export interface ProjectSetup {
  /** As `cairn apply` takes them; without any, nobody can sign in yet. */
  settings?: object;
  /** A folder with content types, below the repository's root. */
  contentTypes?: string;
  /** Its `cairn.toml`. */
  config?: string;
  /** An archive of a Strapi project that is imported first, below the repository's root. */
  strapiArchive?: string;
}

const ROOT = join(import.meta.dirname, '../../..');

/**
 * Lets the server load the machine code of plugins that a server of any other test has compiled, in place of compiling it for seconds in each
 * test. Files there are named by a hash of what they were made of, and appear whole.
 */
function shareCompiledPlugins(project: string): void {
  const shared = join(ROOT, 'target/plugins/compiled');
  const cache = join(project, 'data/cache');
  for (const folder of [shared, cache]) mkdirSync(folder, { recursive: true });
  symlinkSync(shared, join(cache, 'plugins'));
}

/** A real server on a project, and in a database, of its own. */
export class Server {
  private process: ChildProcess | undefined;

  private constructor(
    readonly base: string,
    readonly project: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Makes the project, applies its settings and starts. */
  static async start(setup: ProjectSetup = {}): Promise<Server> {
    const project = mkdtempSync(join(tmpdir(), 'cairn-e2e-'));
    if (setup.strapiArchive) {
      const archive = join(ROOT, setup.strapiArchive);
      execFileSync(binary(), ['import', 'strapi', archive, '--project', project, '--yes'], { stdio: 'pipe' });
    }
    shareCompiledPlugins(project);
    if (setup.contentTypes) cpSync(join(ROOT, setup.contentTypes), join(project, 'content-types'), { recursive: true });
    if (setup.config) writeFileSync(join(project, 'cairn.toml'), setup.config);
    const env: NodeJS.ProcessEnv = { ...process.env, CAIRN_ADMIN_UI: join(ROOT, 'admin-ui/dist') };
    delete env.CAIRN_DATABASE_URL;
    const database = process.env.CAIRN_TEST_DATABASE_URL;
    if (database) env.CAIRN_DATABASE_URL = `${database}?schema=e2e_${randomBytes(8).toString('hex')}`;
    const server = new Server(`http://127.0.0.1:${await freePort()}`, project, env);
    if (setup.settings) server.applySettings(setup.settings);
    await server.launch();
    return server;
  }

  /** Starts the process, and waits until it answers. */
  async launch(): Promise<void> {
    const log = openSync(join(this.project, 'cairn.log'), 'a');
    const listen = new URL(this.base).host;
    this.process = spawn(binary(), ['serve', '--project', this.project, '--listen', listen], {
      env: this.env,
      stdio: ['ignore', log, log],
    });
    const until = Date.now() + STEP_LIMIT;
    while (!(await this.answers())) {
      if (this.process.exitCode !== null || Date.now() > until) throw new Error(`cairn serve:\n${this.log()}`);
      // It tells nobody that it listens: it is asked again and again.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Applies a file of settings, as `cairn apply` does beside a server that runs. */
  applySettings(settings: object): void {
    const file = join(this.project, 'settings.json');
    writeFileSync(file, JSON.stringify(settings));
    execFileSync(binary(), ['apply', file, '--project', this.project], { env: this.env, stdio: 'pipe' });
  }

  /** Kills the process, as a machine that fails does. `launch` starts it again. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Starts it again with the admin of a folder, as an update does: the address, the sessions and the content stay. */
  async update(adminUi: string): Promise<void> {
    await this.end('SIGTERM');
    this.env.CAIRN_ADMIN_UI = adminUi;
    await this.launch();
  }

  /** Stops it and removes the project. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.project, { recursive: true, force: true });
  }

  /** What the server has logged. */
  log(): string {
    return readFileSync(join(this.project, 'cairn.log'), 'utf8');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const running = this.process;
    this.process = undefined;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }

  private async answers(): Promise<boolean> {
    return fetch(`${this.base}/_health`).then(
      (answer) => answer.status === 204,
      () => false,
    );
  }
}

function binary(): string {
  const path = process.env.CAIRN_BINARY;
  if (!path) throw new Error('CAIRN_BINARY is not set; run `cargo xtask test e2e`');
  return path;
}

async function freePort(): Promise<number> {
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
