import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import type { Visitor } from './browser';

const ROOT = join(import.meta.dirname, '../../..');

/** Where plugins of this repository are. */
export type PluginFolder = 'examples/plugins' | 'plugins' | 'plugins/guests';

/** The package of a plugin, signed by nobody; `change`: what it has beyond that. `cargo xtask wasm` has made its component. */
function packageOf(id: string, parent: PluginFolder, change: (folder: string) => void = () => {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-e2e-plugin-'));
  cpSync(join(ROOT, parent, id), folder, { recursive: true, filter: (path) => !/\/(target|node_modules)$/.test(path) });
  copyFileSync(join(ROOT, 'target/plugins', `${id}.wasm`), join(folder, 'plugin.wasm'));
  change(folder);
  const pack = ['plugin', 'pack', folder, '--out', folder];
  // It prints where the package is.
  return execFileSync(process.env.CAIRN_BINARY ?? 'cairn', pack, { stdio: 'pipe', encoding: 'utf8' }).trim();
}

/** Installs a plugin of this repository, as an administrator does who is at the page of plugins. `change` is as in `packageOf`; `look` is done
 * before they agree. */
export async function installPlugin(
  { page }: Visitor,
  id: string,
  parent: PluginFolder,
  { change, look }: { change?: (folder: string) => void; look?: (dialog: Locator) => Promise<void> } = {},
): Promise<void> {
  await page.locator('input[type=file]').setInputFiles(packageOf(id, parent, change));
  const dialog = page.getByRole('dialog');
  await dialog.getByText('What it can do once you agree').waitFor();
  await look?.(dialog);
  await dialog.getByRole('checkbox', { name: /it is unsigned/ }).check();
  await dialog.getByRole('button', { name: 'Allow this and install' }).click();
  await page
    .getByText(/is installed and switched on/)
    .first()
    .waitFor();
}
