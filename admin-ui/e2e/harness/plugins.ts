import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The package of an example, signed by nobody. `cargo xtask wasm` has made its component. */
export function packageOf(example: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-e2e-plugin-'));
  cpSync(join(ROOT, 'examples/plugins', example), folder, { recursive: true, filter: (path) => !/\/(target|node_modules)$/.test(path) });
  copyFileSync(join(ROOT, 'target/plugins', `${example}.wasm`), join(folder, 'plugin.wasm'));
  execFileSync(process.env.CAIRN_BINARY ?? 'cairn', ['plugin', 'pack', folder, '--out', folder], { stdio: 'pipe' });
  return join(folder, `${example}-1.0.0.cairnplugin`);
}
