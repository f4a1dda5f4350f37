import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../e2e/harness/cairn.ts';
import type { Door } from '../world/door.ts';
import { PLUGINS } from '../world/server.ts';

/** A door of the server: the method, and the path with its parameters, as `/api/portal/me/vehicles/{id}`. */
export interface Route {
  method: string;
  path: string;
}

/** A content type, as the running server describes it. */
export interface ContentType {
  uid: string;
  /** Path below `/api`. */
  route: string;
  attributes: Record<string, { type: string; target?: string; enum?: string[] }>;
}

/** Routes of all plugins, of the content API and of the admin's API, as the running product tells them. */
export async function readRoutes(admin: Door): Promise<Route[]> {
  const ofPlugins = Object.keys(PLUGINS).map((id) =>
    admin.call<{ routes: Route[] }>('GET', `/admin/api/plugins/${id}`),
  );
  const plugins = (await Promise.all(ofPlugins)).flatMap(({ routes }) => routes);
  const openapi = await admin.call<{ paths: Record<string, object> }>('GET', '/admin/api/openapi.json');
  const described = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
  return [...plugins, ...described, ...readCoreRoutes()].map(({ method, path }) => ({ method, path }));
}

/** Routes of the content API, which has no description of its own: from the table that the server routes by. */
function readCoreRoutes(): Route[] {
  const source = readFileSync(join(ROOT, 'core/content-api/src/routes.rs'), 'utf8');
  const routes: Route[] = [];
  for (const part of source.split('.route(').slice(1)) {
    const path = part.split('"')[1] ?? '';
    if (!path.startsWith('/')) continue;
    const handlers = part.slice(part.indexOf(',')).split('.layer(')[0] ?? '';
    for (const [, method] of handlers.matchAll(/\b(get|post|put|patch|delete)\(/g)) {
      routes.push({ method: (method ?? '').toUpperCase(), path });
    }
  }
  if (routes.length < 25) throw new Error(`the routes are not read right: ${JSON.stringify(routes)}`);
  return routes;
}

/** Content types of plugins, and those of files and users. */
export async function readTypes(admin: Door): Promise<ContentType[]> {
  const { contentTypes } = await admin.call<{ contentTypes: ContentType[] }>('GET', '/admin/api/content-types');
  return contentTypes.filter(({ uid, route }) => uid.startsWith('plugin::') && route);
}
