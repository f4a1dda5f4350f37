import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The project of the tests of other clients, which has locales, drafts, components and a zone. */
const SUITE = path.join(process.env['CAIRN_REPOSITORY'] ?? '.', 'core/server/tests/clients');
const START_LIMIT = 60_000;

/** Starts a Cairn on an empty project with a full-access token. `stop` removes both. */
export async function startCairn(): Promise<{ url: string; token: string; stop: () => Promise<void> }> {
  const binary = process.env['CAIRN_BINARY'] ?? 'cairn';
  const project = mkdtempSync(path.join(tmpdir(), 'cairn-client-project-'));
  const token = 'full-0123456789abcdef0123456789abcdef';
  const { CAIRN_DATABASE_URL: _, ...rest } = process.env;
  // The settings of the suite have a second token, for its own tests.
  const env = { ...rest, TOKEN: token, READER: 'read-0123456789abcdef0123456789abcdef' };
  cpSync(path.join(SUITE, 'project'), project, { recursive: true });
  execFileSync(binary, ['apply', path.join(SUITE, 'settings.json'), '--project', project], { env, stdio: 'pipe' });
  const address = `127.0.0.1:${await findFreePort()}`;
  const log = path.join(project, 'cairn.log');
  const file = openSync(log, 'a');
  const server = spawn(binary, ['serve', '--project', project, '--listen', address], { env, stdio: ['ignore', file, file] });
  // Also where the tests end by an error of their own.
  process.once('exit', () => server.kill('SIGKILL'));
  await waitUntilReady(`http://${address}/_health`, server, log);
  const stop = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    rmSync(project, { recursive: true, force: true });
  };
  return { url: `http://${address}`, token, stop };
}

async function waitUntilReady(url: string, server: ChildProcess, log: string): Promise<void> {
  for (const end = Date.now() + START_LIMIT; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    if ((await fetch(url).catch(() => undefined))?.status === 204) return;
    if (server.exitCode !== null || Date.now() > end) throw new Error(`cairn serve is not ready:\n${readFileSync(log, 'utf8')}`);
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
