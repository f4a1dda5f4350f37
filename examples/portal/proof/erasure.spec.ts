// @module-tag full
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../e2e/harness/cairn.ts';
import type { Door } from './world/door.ts';
import { type Mark, Marks } from './world/marks.ts';
import { addPeople, type Name, type Person } from './world/people.ts';
import { plant, setUp, until } from './world/plant.ts';
import { ProofServer } from './world/server.ts';
import { toTable } from './world/table.ts';

const marks = new Marks();
let server: ProofServer;
let admin: Door;
let people: Record<Name, Person>;

interface Erasure {
  id: number;
  state: string;
  sources: { source: string; state: string; erased: number }[];
}

interface Retained {
  kind: string;
  reason?: string;
  until?: string | null;
  title?: string | null;
}

beforeAll(async () => {
  server = await ProofServer.start(['default']);
  people = await addPeople(server, 'default', marks);
  await setUp(server, 'default');
  for (const name of ['anna', 'bram'] as const) await plant(server, people[name], people.staff, marks);
  admin = await server.admin('default');
}, 600_000);

afterAll(async () => {
  await server?.stop();
});

let left: Found[];

beforeAll(async () => {
  // An envelope that is still to be signed keeps its people until it is taken back.
  const path = '/admin/api/content/plugin::esign.envelope?filters[status]=sent';
  const envelopes = await admin.call<{ documentId: string; title: string }[]>('GET', path);
  const own = envelopes.filter(({ title }) => marks.find(title).some(({ owner }) => owner === 'anna'));
  expect(own.length).toBe(1);
  for (const { documentId } of own) {
    await people.staff.door.call('POST', `/api/esign/void/${documentId}`, { reason: 'Vervallen' });
  }
  const { erasure, retained } = await erase(people.anna.email);
  console.info(erasure.sources.map(({ source, state, erased }) => `${source}: ${state}, ${erased} erased`).join('\n'));
  const reasons = new Map<string, number>();
  for (const { kind, until: end } of retained) {
    const key = `${kind} until ${end?.slice(0, 10) ?? 'ever'}`;
    reasons.set(key, (reasons.get(key) ?? 0) + 1);
  }
  console.info('retained:', Object.fromEntries(reasons));
  expect(erasure.state).toBe('done');
  const folder = mkdtempSync(join(tmpdir(), 'cairn-proof-backup-'));
  const backup = join(folder, 'after.tar.gz');
  run(['backup', '--project', server.project, '--out', backup]);
  left = [...readTar(gunzipSync(readFileSync(backup)))].flatMap(([name, text]) => findMarks(text, name));
  rmSync(folder, { recursive: true });
  // The database is written out when the server ends.
  await server.end();
  console.info(toTable(summarize(left)));
}, 120_000);

test('the next backup has nothing of a customer but what accounts are kept for, and what the team uploaded', () => {
  expect(left.filter((found) => !mayStay(found))).toEqual([]);
});

test('no notice of the team names a customer', () => {
  expect(left.filter(({ where }) => where.includes('cairn_notifications'))).toEqual([]);
});

test('nothing of a customer is in the unused space of the database', () => {
  const stored = new Set(left.map(({ mark }) => mark));
  const unused = findInFolder(join(server.project, 'data')).filter(({ mark }) => !stored.has(mark));
  console.info(toTable(summarize(unused)));
  expect(unused).toEqual([]);
});

test('nothing of a customer is in the indexes of searches', () => {
  expect(findInFolder(join(server.project, 'data/tenants/default/search'))).toEqual([]);
});

test('whoever was not erased has everything', () => {
  const parts = new Set(findInFolder(join(server.project, 'data'), 'bram').map(({ mark }) => mark.part));
  const expected = [
    'vehicle',
    'timeline',
    'documents',
    'payments',
    'choices',
    'service',
    'journey',
    'sales',
    'signing',
  ];
  for (const part of expected) expect([...parts], part).toContain(part);
});

/** What may stay in a backup: the audit log names who did what; notices have a test of their own. */
function mayStay({ mark, where }: Found): boolean {
  return isRetained(mark) || isOfTheTeam(mark) || /cairn_(audit|notifications)/.test(where);
}

/** Amounts and numbers that accounts are kept for, without a name, and the vehicle with its numbers, for which its maker answers. */
function isRetained({ part, text }: Mark): boolean {
  return (
    part === 'payments' || part === 'documents' || part === 'vehicle' || part === 'reports' || /^7\d{3}\./.test(text)
  );
}

/** What the team uploaded or wrote about the vehicle itself. */
function isOfTheTeam({ part, isFile }: Mark): boolean {
  return isFile || part === 'serviceTitle';
}

/** The files of an archive, by their names. */
function readTar(bytes: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  for (let at = 0; at + 512 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 136), 8) || 0;
    if (name) files.set(name, bytes.toString('latin1', at + 512, at + 512 + size));
    at += 512 + 512 * Math.ceil(size / 512);
  }
  return files;
}

async function erase(address: string): Promise<{ erasure: Erasure; retained: Retained[] }> {
  const at = '/admin/api/personal-data/erasures';
  const { id } = await admin.call<Erasure>('POST', at, { address });
  await until('the erasure ends', async () => {
    const { state } = await admin.call<Erasure>('GET', `${at}/${id}`);
    return state !== 'running' && state !== 'pending';
  });
  const erasure = await admin.call<Erasure>('GET', `${at}/${id}`);
  return { erasure, retained: await admin.call<Retained[]>('GET', `${at}/${id}/retained`) };
}

interface Found {
  mark: Mark;
  /** The file, and what stands around the mark. */
  where: string;
}

function findInFolder(folder: string, owner = 'anna'): Found[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(folder, name);
    // Machine code of plugins, which servers share.
    if (name.startsWith('cache') || !statSync(path).isFile()) return [];
    return findMarks(`${name}\n${readFileSync(path).toString('latin1')}`, relative(server.project, path), owner);
  });
}

function findMarks(text: string, where: string, owner = 'anna'): Found[] {
  const lower = text.toLowerCase();
  return marks.all.flatMap((mark) => {
    if (mark.owner !== owner) return [];
    const at = lower.indexOf(mark.text.toLowerCase());
    if (at < 0) return [];
    const around = text.slice(Math.max(0, at - 60), at + 60).replace(/[^\x20-\x7e]+/g, ' ');
    return [{ mark, where: `${where}: ${around}` }];
  });
}

/** How many marks of each kind are where. */
function summarize(found: Found[]): { where: string; part: string; marks: number }[] {
  const counts = new Map<string, number>();
  for (const { mark, where } of found) {
    const key = `${where.split(': ')[0]}|${mark.part}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => {
    const [where = '', part = ''] = key.split('|');
    return { where, part, marks: count };
  });
}
