import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Assets } from './server/assets.ts';
import { createSiteServer } from './server/listener.ts';
import { renderPage } from './server/render.tsx';
import { Site } from './server/site.ts';
import { readSettings } from './settings.ts';

/** The folder of the site: that of `dist`. */
const FOLDER = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  const settings = readSettings(process.env);
  const site = new Site(settings, Assets.load(join(FOLDER, 'public')), renderPage, Date.now);
  const server = createSiteServer((request) => site.respond(request));
  server.on('error', (error) => {
    console.error(`cannot listen on ${settings.host}:${settings.port}: ${error.message}`);
    process.exit(1);
  });
  server.listen(settings.port, settings.host, () => {
    console.log(`The portal listens on http://${settings.host}:${settings.port}, for Cairn at ${settings.cairn.href}`);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close(() => process.exit(0)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
