import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../e2e/harness/cairn.ts';
import type { Door } from './door.ts';
import type { Marks, Part } from './marks.ts';
import type { Person } from './people.ts';
import type { ProofServer } from './server.ts';

/** Documents of each kind that a customer has. */
const MANY = 6;
export const PICTURE = readFileSync(join(ROOT, 'examples/donkervoort/pictures/sketch.jpg'));
const SEAL = join(ROOT, 'core/seals/tests/openssl/modern.p12');

/** A PDF of one page, with a comment. */
export function renderPdf(comment: string): Buffer {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>',
  ];
  let text = `%PDF-1.4\n%${comment}\n`;
  const offsets: string[] = [];
  for (const [at, object] of objects.entries()) {
    offsets.push(`${String(text.length).padStart(10, '0')} 00000 n \n`);
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
  }
  const table = `xref\n0 4\n0000000000 65535 f \n${offsets.join('')}`;
  return Buffer.from(`${text}${table}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`);
}

/** Sets the plugins of a tenant up as a company does, with a key to seal with. */
export async function setUp(server: ProofServer, tenant: string): Promise<void> {
  const admin = await server.admin(tenant);
  const set = (plugin: string, values: object) =>
    admin.call('PUT', `/admin/api/plugins/${plugin}/settings`, { values });
  const seal = { pkcs12: readFileSync(SEAL).toString('base64'), password: 'geheim' };
  await admin.call('PUT', '/admin/api/seal-profiles/contracts', seal);
  const forms = [{ key: 'bruiloft', pipeline: 'bruiloften', owner: 'role:sales', answer: 'full' }];
  await set('crm', { perMinute: 1000, companyName: 'Proof B.V.', forms });
  await set('esign', { companyName: 'Proof B.V.', language: 'nl' });
  await set('journey', { portalUrl: 'https://portal.example.test/', staff: 'role:product-manager', undoMinutes: 0 });
  await set('portal', { staff: 'role:account-manager' });
  const article = { title: 'Onderhoud van je auto', slug: 'onderhoud', language: 'nl', kind: 'howto' };
  await server.door(tenant).call('POST', '/api/kb/articles', { data: { ...article, body: 'Elk jaar.' } });
}

/** Plants something of a customer in everything that the plugins have. Returns the id of the vehicle. */
export async function plant(server: ProofServer, customer: Person, staff: Person, marks: Marks): Promise<string> {
  const { tenant, name } = customer;
  const root = server.door(tenant);
  const word = (part: Part) => marks.word(tenant, name, part);
  const create = async (type: string, data: object) =>
    (await root.call<{ documentId: string }>('POST', `/api/${type}`, { data })).documentId;
  const file = (part: Part) => marks.word(tenant, name, part, true);
  const upload = (part: Part) => {
    const mark = file(part);
    return root.upload(`${mark}.pdf`, 'application/pdf', renderPdf(mark));
  };
  const picture = (part: Part) => root.upload(`${file(part)}.jpg`, 'image/jpeg', PICTURE);

  const orderNo = word('vehicle');
  const order = { orderNo, title: word('vehicle'), model: 'F22', vin: marks.vin(tenant, name), amount: 90_000 };
  const owner = { name: word('account'), email: customer.email, language: 'nl' };
  const { vehicle } = await root.call<{ vehicle: string }>('POST', '/api/portal/orders', { ...order, owner });
  for (const state of ['started', 'done']) {
    const report = { id: word('reports'), sender: word('reports'), orderNo, step: 'ontwerp', state };
    await root.call('POST', '/api/portal/steps', report);
  }
  await root.call('POST', '/api/portal/steps', { id: word('reports'), orderNo, step: 'levering', state: 'done' });
  for (let n = 0; n < MANY; n += 1) {
    const photos = n < 2 ? [await picture('timeline')] : [];
    const entry = { vehicle, title: word('timeline'), body: word('timeline'), step: 'ontwerp', photos };
    await create('portal/timeline-entries', entry);
    const kind = ['contract', 'invoice', 'specification', 'manual'][n % 4];
    const paper = { vehicle, kind, title: word('documents'), number: word('documents'), issuedOn: '2026-03-01' };
    const scan = await upload('documents');
    await create('portal/documents', { ...paper, file: scan, amount: marks.amount(tenant, name, 'documents') });
    const amount = marks.amount(tenant, name, 'payments');
    await create('portal/payments', { vehicle, title: word('payments'), amount, dueOn: '2027-02-01' });
    const service = { vehicle, title: word('serviceTitle'), servicedOn: '2026-01-02', description: word('service') };
    await create('portal/service-records', n < 2 ? { ...service, files: [await upload('service')] } : service);
    const option = word('choices');
    const choice = { vehicle, group: word('choices'), title: word('choices'), options: [option, 'Rood'], option };
    const shown = n < 2 ? { picture: await picture('choices') } : {};
    const deadline = '2028-01-01T10:00:00Z';
    const id = await create('portal/choices', { ...choice, ...shown, description: word('choices'), deadline });
    const confirmed = { option: 'Rood', note: word('choices') };
    if (n === 0) await customer.door.call('POST', `/api/portal/me/choices/${id}/confirm`, confirmed);
  }
  const draft = { vehicle, title: word('draft'), body: word('draft'), step: 'ontwerp' };
  await root.call('POST', '/api/portal/timeline-entries?status=draft', { data: draft });
  const rating = { step: 'ontwerp', score: 7, text: word('ratings') };
  await customer.door.call('POST', `/api/portal/me/vehicles/${vehicle}/ratings`, rating);

  await sign(server, customer, marks, orderNo);
  await travel(server, customer, staff, marks);
  await buy(server, customer, marks);
  await ask(customer, marks);
  return vehicle;
}

/** A contract that is out for signature, and among the documents of the vehicle. */
async function sign(server: ProofServer, customer: Person, marks: Marks, orderNo: string): Promise<void> {
  const root = server.door(customer.tenant);
  const word = () => marks.word(customer.tenant, customer.name, 'signing');
  const mark = marks.word(customer.tenant, customer.name, 'signing', true);
  const document = await root.upload(`${mark}.pdf`, 'application/pdf', renderPdf(mark));
  const data = {
    reference: `order/${orderNo}`,
    // An envelope is shown with the documents of the vehicle, so it has their mark.
    title: marks.word(customer.tenant, customer.name, 'documents'),
    message: word(),
    document,
    recipients: [{ name: word(), email: customer.email }],
    fields: [{ signer: 1, page: 1, x: 72, y: 640, width: 170, height: 48 }],
  };
  await root.call('POST', '/api/esign/requests', { data });
  const sent = async () => {
    const found = await root.call<{ title: string; status: string }[]>('GET', '/api/esign/envelopes');
    return found.some((envelope) => envelope.title === data.title && envelope.status === 'sent');
  };
  await until('the envelope is sent', sent);
}

/** A journey with a message for this customer alone. */
async function travel(server: ProofServer, customer: Person, staff: Person, marks: Marks): Promise<void> {
  const word = () => marks.word(customer.tenant, customer.name, 'journey');
  const start = { definition: 'klantreis', customer: customer.email, title: word(), language: 'nl' };
  const { documentId: journey } = await staff.door.call<{ documentId: string }>('POST', '/api/journey/start', start);
  const admin = await server.admin(customer.tenant);
  const path = '/admin/api/content/plugin::journey.phase?pagination[pageSize]=50';
  const phases = await admin.call<{ documentId: string; key: string }[]>('GET', path);
  const phase = phases.find(({ key }) => key === 'orderbevestiging')?.documentId;
  const data = { title: word(), body: word(), kind: 'message', phases: { set: [phase] }, journeys: { set: [journey] } };
  const at = '/admin/api/content/plugin::journey.item';
  const item = await admin.call<{ documentId: string }>('POST', at, { data });
  await admin.call('POST', `${at}/${item.documentId}/actions/publish`, {}, { 'if-match': '*' });
}

/** An inquiry that became a deal, with a note of the team. */
async function buy(server: ProofServer, customer: Person, marks: Marks): Promise<void> {
  const word = () => marks.word(customer.tenant, customer.name, 'sales');
  const visitor = server.door(customer.tenant).for(undefined);
  const inquiry = { name: word(), email: customer.email, message: word(), eventVenue: word(), locale: 'nl' };
  const at = '/api/crm/intake/bruiloft';
  const lead = await visitor.call<{ documentId: string }>('POST', at, { ...inquiry, eventDate: '2027-03-28' });
  const admin = await server.admin(customer.tenant);
  await admin.call('POST', `/api/crm/qualify/${lead.documentId}`, {});
  const data = { kind: 'note', subject: word(), body: word(), lead: { set: [lead.documentId] } };
  await admin.call('POST', '/admin/api/content/plugin::crm.activity', { data });
}

/** Searches that are counted, and a vote. */
async function ask(customer: Person, marks: Marks): Promise<void> {
  const text = marks.word(customer.tenant, customer.name, 'help');
  for (let n = 1; n <= 3; n += 1) {
    await customer.door.call('GET', `/api/kb/search?locale=nl&q=${text}`, undefined, {
      'x-forwarded-for': `192.0.2.${n}`,
    });
  }
  await customer.door.call('POST', '/api/kb/read/onderhoud/vote', { helpful: true });
}

/** Waits until something holds. Throws after half a minute. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within half a minute: ${what}`);
}

/** Lets Dirk see the timeline of a vehicle, and nothing else. */
export async function letIn(root: Door, dirk: Person, vehicle: string): Promise<void> {
  const sees = {
    seesTimeline: true,
    seesDocuments: false,
    seesPayments: false,
    seesChoices: false,
    seesService: false,
  };
  const data = { vehicle, name: 'Dirk', email: dirk.email, role: 'delegate', ...sees };
  await root.call('POST', '/api/portal/accesses', { data });
}
