import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeProject, run } from '../e2e/harness/cairn.ts';
import type { Door } from './world/door.ts';
import { type Mark, Marks } from './world/marks.ts';
import { addPeople, type Name, type Person } from './world/people.ts';
import { plant, setUp, until } from './world/plant.ts';
import { ProofServer } from './world/server.ts';

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

afterAll(() => {
  if (server) removeProject(server.project);
});

test('nothing of a customer is left but what accounts are kept for', async () => {
  // An envelope that is still to be signed keeps its people until it is taken back.
  const envelopes = await admin.call<{ documentId: string; title: string }[]>(
    'GET',
    '/admin/api/content/plugin::esign.envelope?filters[status]=sent',
  );
  const own = envelopes.filter(({ title }) => marks.find(title).some(({ owner }) => owner === 'anna'));
  expect(own.length).toBe(1);
  for (const { documentId } of own) await people.staff.door.call('POST', `/api/esign/void/${documentId}`, { reason: 'Vervallen' });

  const { erasure, retained } = await erase(people.anna.email);
  console.log(erasure.sources.map(({ source, state, erased }) => `${source}: ${state}, ${erased} erased`).join('\n'));
  console.table(retained.map(({ kind, reason, until: end }) => ({ kind, reason, until: end })));
  expect(erasure.state).toBe('done');

  const backups = mkdtempSync(join(tmpdir(), 'cairn-proof-backup-'));
  const backup = join(backups, 'after.tar.gz');
  run(['backup', '--project', server.project, '--out', backup]);
  // The database is written out when the server ends.
  await server.end();
  const left = [
    ...findInFolder(join(server.project, 'data')),
    ...findMarks(gunzipSync(readFileSync(backup)).toString('latin1'), 'the backup'),
  ];
  rmSync(backups, { recursive: true });
  console.table(summarize(left));
  // Whoever was not erased has everything.
  const others = new Set(findInFolder(join(server.project, 'data'), 'bram').map(({ mark }) => mark.part));
  for (const part of ['vehicle', 'timeline', 'documents', 'payments', 'choices', 'service', 'journey', 'sales', 'signing'] as const) {
    expect(others.has(part), part).toBe(true);
  }
  expect(left.filter(({ mark }) => !isRetained(mark))).toEqual([]);
});

/** What may stay: numbers of contracts, invoices and payments for the accounts, and the vehicle with its numbers. */
function isRetained({ part }: Mark): boolean {
  return part === 'documents' || part === 'payments' || part === 'vehicle' || part === 'reports';
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
