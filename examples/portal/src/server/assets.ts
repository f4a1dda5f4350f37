import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Parts of the style sheet, in their order. */
const STYLES = ['base.css', 'frame.css', 'vehicle.css', 'lists.css', 'forms.css'];

interface Asset {
  bytes: Buffer;
  type: string;
  /** Address with a hash of the content, so that browsers need not ask again. */
  address: string;
}

/** The site's own files: styles, the script of the idle warning, pictures and fonts. All are read when the server starts. */
export class Assets {
  private readonly assets = new Map<string, Asset>();

  private constructor() {}

  /** Reads the files of the folder `public` and the font. Throws if one is missing. */
  static load(folder: string): Assets {
    const assets = new Assets();
    const fonts = '@fontsource-variable/archivo/files';
    const require = createRequire(import.meta.url);
    for (const subset of ['latin', 'latin-ext']) {
      const file = require.resolve(`${fonts}/archivo-${subset}-standard-normal.woff2`);
      assets.add(`archivo-${subset}.woff2`, readFileSync(file));
    }
    for (const name of ['hero.svg', 'film.svg', 'icon.svg', 'idle.js', 'copy.js', 'live.js'])
      assets.add(name, readFileSync(join(folder, name)));
    const css = STYLES.map((name) => readFileSync(join(folder, 'styles', name), 'utf8')).join('\n');
    // The addresses of fonts depend on their content.
    const resolved = css.replace(/url\("([\w.-]+)"\)/g, (_, name: string) => `url("${assets.address(name)}")`);
    assets.add('site.css', Buffer.from(resolved));
    return assets;
  }

  /** The address of a file. Throws for one that there is not. */
  address(name: string): string {
    const asset = this.assets.get(name);
    if (!asset) throw new Error(`public/${name} is not listed in assets.ts`);
    return asset.address;
  }

  /** The response for a path below `/assets/`; `undefined` where there is no such file. */
  respond(path: string): Response | undefined {
    for (const { bytes, type, address } of this.assets.values()) {
      if (address !== path) continue;
      const headers = { 'Content-Type': type, 'Cache-Control': 'public, max-age=31536000, immutable' };
      return new Response(new Uint8Array(bytes), { headers: { ...headers, 'X-Content-Type-Options': 'nosniff' } });
    }
    return undefined;
  }

  private add(name: string, bytes: Buffer): void {
    const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 12);
    const type = TYPES[extname(name)];
    if (!type) throw new Error(`${name}: no type is known for this file`);
    this.assets.set(name, { bytes, type, address: `/assets/${hash}-${name}` });
  }
}
