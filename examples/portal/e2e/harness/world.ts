import type { TestApi } from './api.ts';

export const PASSWORD = 'a car that is built by hand';

/** Ids of the content that the tests find. */
export interface World {
  /** Vehicles by their customers. */
  vehicles: Record<'anna' | 'annaOld' | 'bram' | 'cora', string>;
  /** A document of Anna's, with a file. */
  document: string;
  entry: string;
}

const DAY = 86_400_000;

function inDays(days: number): string {
  return new Date(Date.now() + days * DAY).toISOString();
}

const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);

/**
 * Customers and their vehicles: Anna has something on every page and an older vehicle; Bram and Cora have one each, which tests change; Dirk sees
 * the timeline of Anna's; Eva has none.
 */
export async function createWorld(api: TestApi): Promise<World> {
  await Promise.all(['anna', 'bram', 'cora', 'dirk', 'eva'].map((name) => api.createUser(name, PASSWORD)));
  const annaOld = await order(api, 'anna', 'Anna de Vries', 'D8-0415', 'D8 GTO – Anna');
  const anna = await order(api, 'anna', 'Anna de Vries', 'F22-0131', 'F22 – Anna');
  const bram = await order(api, 'bram', 'Bram Smit', 'F22-0132', 'F22 – Bram');
  const cora = await order(api, 'cora', 'Cora Vos', 'F22-0133', 'F22 – Cora');
  await reportSteps(api, 'F22-0131', 2);
  await reportSteps(api, 'F22-0132', 1);
  await reportSteps(api, 'F22-0133', 1);
  const entry = await writeTimeline(api, anna);
  const document = await addParts(api, anna);
  for (const vehicle of [bram, cora]) await addChoice(api, vehicle, 'Kleur van het leer', 20);
  await api.create('accesses', {
    vehicle: anna,
    name: 'Dirk Kok',
    email: 'dirk@example.com',
    role: 'delegate',
    seesTimeline: true,
    seesDocuments: false,
    seesPayments: false,
    seesChoices: false,
    seesService: false,
  });
  await writeArticles(api);
  return { vehicles: { anna, annaOld, bram, cora }, document, entry };
}

async function order(api: TestApi, user: string, name: string, orderNo: string, title: string): Promise<string> {
  const owner = { name, email: `${user}@example.com`, language: 'nl' };
  const body = { orderNo, title, model: title.split(' – ')[0], amount: 292_500, currency: 'EUR', owner };
  return (await api.send<{ vehicle: string }>('POST', '/api/portal/orders', body)).vehicle;
}

async function reportSteps(api: TestApi, orderNo: string, done: number): Promise<void> {
  const steps = ['ontwerp', 'engineering', 'productie'];
  for (const [at, step] of steps.slice(0, done + 1).entries()) {
    const state = at < done ? 'done' : 'started';
    await api.send('POST', '/api/portal/steps', { id: `${orderNo}/${step}`, orderNo, step, state });
  }
}

async function writeTimeline(api: TestApi, vehicle: string): Promise<string> {
  const [chassis, sketch] = [await api.uploadPicture('chassis'), await api.uploadPicture('sketch')];
  const film = await api.uploadFilm('light');
  const write = (title: string, step: string, body: string, photos: number[], films: number[] = []) =>
    api.create('timeline-entries', { vehicle, title, step, body, photos, films });
  for (let day = 1; day <= 10; day += 1)
    await write(`Dag ${day} van het ontwerp`, 'ontwerp', 'Er is **verder getekend**.', []);
  const hostile =
    'Kijk op [onze site](https://example.com) <img src=x onerror=alert(1)>\n\n![kaart](https://example.org/map.png)';
  await write('Het ontwerp is af', 'ontwerp', hostile, [sketch]);
  return write('Je chassis is binnen', 'engineering', 'De eerste lijnen staan.\n\n- stijf\n- licht', [chassis], [film]);
}

async function addParts(api: TestApi, vehicle: string): Promise<string> {
  await api.create('payments', {
    vehicle,
    title: 'Aanbetaling',
    amount: 29_250,
    dueOn: '2026-01-10',
    paidOn: '2026-01-09',
  });
  await api.create('payments', { vehicle, title: 'Start productie', amount: 117_000, dueOn: '2026-02-01' });
  await api.create('payments', { vehicle, title: 'Restbedrag', amount: 146_250, dueOn: inDays(300).slice(0, 10) });
  await addChoice(api, vehicle, 'Kleur van het leer', 20);
  await addChoice(api, vehicle, 'Velgen', 40);
  await addService(api, vehicle);
  const file = await api.upload('specificatie-F22.pdf', 'application/pdf', PDF);
  await api.create('documents', { vehicle, kind: 'manual', title: 'Handleiding', file, issuedOn: '2026-02-02' });
  const specification = { vehicle, kind: 'specification', title: 'Specificatie F22', number: 'S-131', file };
  return api.create('documents', { ...specification, issuedOn: '2026-03-01' });
}

async function addService(api: TestApi, vehicle: string): Promise<void> {
  const file = await api.upload('verslag-beurt.pdf', 'application/pdf', PDF);
  const next = { nextOn: '2027-10-01', nextMileage: 15_000 };
  const service = { vehicle, title: 'Eerste beurt', servicedOn: '2026-10-01', mileage: 1_500, ...next };
  const description = 'De remmen zijn **nagekeken**.';
  await api.create('service-records', { ...service, description, files: [file] });
}

async function addChoice(api: TestApi, vehicle: string, title: string, days: number): Promise<void> {
  const options = ['Cognac', 'Zwart', 'Rood'];
  await api.create('choices', {
    vehicle,
    group: 'Interieur',
    title,
    options,
    option: 'Cognac',
    deadline: inDays(days),
  });
}

async function writeArticles(api: TestApi): Promise<void> {
  const article = { language: 'nl', kind: 'howto', promoted: true, title: 'Onderhoud van je auto' };
  const body = 'Laat je auto **elk jaar** nakijken.\n\n## Banden\n\nControleer de spanning.';
  const data = { ...article, excerpt: 'Wanneer je auto een beurt nodig heeft.', body };
  await api.send('POST', '/api/kb/articles', { data });
  // An article is found about a second after it was published.
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await api.send<object[]>('GET', '/api/kb/search?q=onderhoud')).length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the article is not found');
}
