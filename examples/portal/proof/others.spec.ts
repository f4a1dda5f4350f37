// @module-tag full
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FILES, findDocuments, findFiles, missingId, type OwnedDocument, pickDocuments } from './sweep/documents.ts';
import { documentRequests, idOf, listPaths, routeRequests, targetOf } from './sweep/requests.ts';
import { type ContentType, type Route, readRoutes, readTypes } from './sweep/routes.ts';
import { Sweeper, SweepReport } from './sweep/sweep.ts';
import type { Door } from './world/door.ts';
import { Marks } from './world/marks.ts';
import { addPeople, NAMES, type Name, type Person } from './world/people.ts';
import { letIn, plant, setUp } from './world/plant.ts';
import { toTable } from './world/table.ts';
import { PLUGINS, ProofServer, policyTypes } from './world/server.ts';

const TENANTS = ['default', 'second'];
/** Documents of others that each person names to each route: of the other customer, and of the other tenant. */
const FOREIGN = 50;
/** Documents of its own that each content type is asked for. */
const OF_A_TYPE = 3;
/** Requests for what is somebody else's, and for what is not there, whose times are compared. */
const TIMED = 1_000;
/** How far the medians of the two may lie apart, in milliseconds. */
const APART = 1;
/** Routes that end the session of whoever calls them, or change what they sign in with. */
const OWN_SESSION = /\/(logout|me\/sessions|me\/password|me\/totp|me\/passkeys|change-password)(\/|$)/;

const marks = new Marks();
let server: ProofServer;
let routes: Route[];
let types: ContentType[];
const people = new Map<string, Record<Name, Person>>();
let documents: OwnedDocument[] = [];

beforeAll(async () => {
  server = await ProofServer.start(TENANTS);
  for (const tenant of TENANTS) {
    const all = await addPeople(server, tenant, marks);
    people.set(tenant, all);
    await setUp(server, tenant);
    const vehicle = await plant(server, all.anna, all.staff, marks);
    await plant(server, all.bram, all.staff, marks);
    await letIn(server.door(tenant), all.dirk, vehicle);
    await letReadAll(await server.admin(tenant));
  }
  const admin = await server.admin('default');
  routes = await readRoutes(admin);
  types = await readTypes(admin);
  for (const tenant of TENANTS) {
    // Files first: whoever picks some of each type has of them.
    documents = documents.concat(await findFiles(server.door(tenant), tenant, marks));
    documents = documents.concat(await findDocuments(await server.admin(tenant), tenant, types, marks));
  }
}, 600_000);

afterAll(() => server?.stop());

/** Gives everybody every permission on what a read policy hides: only the policies stand between people then. */
async function letReadAll(admin: Door): Promise<void> {
  const hidden = Object.values(PLUGINS).flatMap(policyTypes);
  const permissions = Object.fromEntries(hidden.map((uid) => [uid, ['find', 'findOne', 'create', 'update', 'delete']]));
  const files = { [FILES]: ['find', 'findOne'] };
  for (const role of ['public', 'authenticated']) {
    const account = role === 'public' ? {} : { 'plugin::users-permissions.user': ['me'] };
    await admin.call('PUT', `/admin/api/content-roles/${role}`, {
      permissions: { ...permissions, ...files, ...account },
    });
  }
}

function everybody(): Person[] {
  return TENANTS.flatMap((tenant) => NAMES.map((name) => people.get(tenant)?.[name] as Person));
}

/** Files are named in entries of every type, private ones of others among them. The team sees those of all customers. */
function filesOf(person: Person): OwnedDocument[] {
  const files = documents.filter(({ uid, tenant }) => uid === FILES && tenant === person.tenant);
  return files.filter(({ owner }) => !sees(person, owner)).slice(0, 8);
}

/** What is not a person's: of other customers, and of the other tenant. */
function foreignTo(person: Person): OwnedDocument[] {
  const near = documents.filter(({ tenant, owner }) => tenant === person.tenant && !sees(person, owner));
  // Numbers count in each tenant: that of another tenant's file is that of one here.
  const elsewhere = documents.filter(({ tenant }) => tenant !== person.tenant);
  const far = elsewhere.map((document) => ({ ...document, id: undefined }));
  const half = pickDocuments(near, FOREIGN / 2);
  return [...half, ...pickDocuments(far, FOREIGN - half.length)];
}

function sees({ name }: Person, owner: string): boolean {
  return name === 'staff' || owner === name || (name === 'dirk' && owner === 'anna');
}

test('everybody has marks, and sees their own', async () => {
  expect(documents.length).toBeGreaterThan(4 * FOREIGN);
  for (const tenant of TENANTS) {
    for (const owner of ['anna', 'bram']) {
      const kinds = new Set(
        documents.filter((own) => own.tenant === tenant && own.owner === owner).map(({ uid }) => uid),
      );
      for (const plugin of ['crm', 'esign', 'journey', 'portal']) {
        expect(
          [...kinds].some((uid) => uid.startsWith(`plugin::${plugin}.`)),
          `${plugin} of ${owner}`,
        ).toBe(true);
      }
    }
  }
  await expectOwnMarks();
});

/** Anna sees everything of hers, Dirk what he was let in to, and who has nothing sees nothing. */
async function expectOwnMarks(): Promise<void> {
  for (const tenant of TENANTS) {
    const { anna, dirk, nobody } = people.get(tenant) as Record<Name, Person>;
    const seen = async (person: Person) => {
      const { body } = await person.door.send('GET', '/api/portal/me');
      return new Set(
        marks
          .find(body)
          .filter(({ owner }) => owner === 'anna')
          .map(({ part }) => part),
      );
    };
    for (const part of ['vehicle', 'timeline', 'documents', 'payments', 'choices', 'serviceTitle'] as const) {
      expect((await seen(anna)).has(part), part).toBe(true);
    }
    expect([...(await seen(dirk))].toSorted()).toEqual(['timeline', 'vehicle']);
    expect((await seen(nobody)).size).toBe(0);
  }
}

test('nobody sees anything of anybody else, at any door', async () => {
  const report = new SweepReport();
  const byUid = new Map(types.map((type) => [type.uid, type]));
  for (const person of everybody()) {
    const before = { requests: report.requests, at: performance.now() };
    const sweeper = new Sweeper(person, person.door, marks, report);
    const foreign = foreignTo(person);
    expect(foreign.length, `${person.name} of ${person.tenant}`).toBe(FOREIGN);
    const files = filesOf(person);
    expect(files.length > 1, `files that are not of ${person.name}: ${files.length}`).toBe(person.name !== 'staff');
    await sweeper.read(types.flatMap(listPaths));
    for (const type of types) {
      const own = documents.filter(
        ({ uid, tenant, owner }) => uid === type.uid && (tenant !== person.tenant || !sees(person, owner)),
      );
      const targets = [...pickDocuments(own, OF_A_TYPE), ...files, ...foreign.slice(0, 1)];
      await sweeper.compare(documentRequests(type, byUid), targets.map(targetOf));
    }
    for (const route of routes) {
      if (OWN_SESSION.test(route.path) || route.path.endsWith('/live') || route.path.endsWith('/setup')) continue;
      // Routes of the admin are closed for all but the team: a few documents tell that as well as fifty.
      const some = route.path.startsWith('/admin/') ? pickDocuments(foreign, person.name === 'staff' ? 3 : 1) : foreign;
      await sweeper.compare(routeRequests(route, some[0]?.uid ?? ''), some.map(targetOf));
    }
    const seconds = Math.round((performance.now() - before.at) / 1_000);
    console.info(`${person.name} of ${person.tenant}: ${report.requests - before.requests} requests in ${seconds} s`);
    if (report.leaks.length > 0) console.info(report.leaks.join('\n'));
  }
  console.info(
    `${report.requests} requests of ${everybody().length} people, by status:`,
    Object.fromEntries(report.statuses),
  );
  expect(report.leaks).toEqual([]);
  // With a plugin that has stopped, nobody would have seen anything.
  await expectOwnMarks();
});

test('what is somebody else’s takes as long as what is not there', async () => {
  const { anna } = people.get('default') as Record<Name, Person>;
  const ofBram = documents.filter(({ tenant, owner }) => tenant === 'default' && owner === 'bram');
  const rows: { request: string; foreign: number; missing: number }[] = [];
  for (const { method, path, uid } of timedDoors()) {
    const document = ofBram.find((own) => own.uid === uid);
    if (!document) throw new Error(`${path}: nothing of ${uid} is there`);
    const id = idOf(uid, targetOf(document));
    const body = method === 'GET' ? {} : { body: '{}' };
    // A door that is closed for customers, whatever they name.
    if ((await anna.door.send(method, path.replace('{id}', missingId(id)), body)).status === 403) continue;
    const times: [number[], number[]] = [[], []];
    for (let n = 0; n < 2 * TIMED; n += 1) {
      // By turns, so that whatever else the machine does meets both.
      const named = n % 2 === 0 ? id : /^\d+$/.test(id) ? String(1_000_000 + n) : missingId(id);
      const began = performance.now();
      const { status } = await anna.door.send(method, path.replace('{id}', named), body);
      times[n % 2 === 0 ? 0 : 1].push(performance.now() - began);
      expect(status, `${method} ${path}`).toBe(404);
    }
    const [foreign, missing] = times.map(median) as [number, number];
    rows.push({ request: `${method} ${path}`, foreign, missing });
  }
  const shown = rows.map(({ request, foreign, missing }) => ({ foreign, missing, apart: foreign - missing, request }));
  console.info(toTable(shown));
  for (const { request, foreign, missing } of rows) expect(Math.abs(foreign - missing), request).toBeLessThan(APART);
});

/** Doors at which customers name one thing, with the type that it is of. */
function timedDoors(): { method: string; path: string; uid: string }[] {
  const hidden = new Set(Object.values(PLUGINS).flatMap(policyTypes));
  const content = types
    .filter(({ uid }) => hidden.has(uid) && documents.some((own) => own.uid === uid && own.owner === 'bram'))
    .map(({ uid, route }) => ({ method: 'GET', path: `/api/${route}/{id}`, uid }));
  const named: [RegExp, string][] = [
    [/^\/api\/portal\/me\/vehicles\/\{id\}/, 'plugin::portal.vehicle'],
    [/^\/api\/portal\/me\/choices\/\{id\}/, 'plugin::portal.choice'],
    [/^\/api\/esign\/mine\/\{id\}/, 'plugin::esign.envelope'],
  ];
  const own = routes.flatMap(({ method, path }) => {
    const uid = named.find(([pattern]) => pattern.test(path))?.[1];
    // What is sent is read before anything is looked for: without a body that fits, nothing is.
    return uid && (method === 'GET' || /\/(confirm|link)$/.test(path)) ? [{ method, path, uid }] : [];
  });
  return [...own, ...content];
}

function median(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
