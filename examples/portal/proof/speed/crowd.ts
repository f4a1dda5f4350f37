import type { Door } from '../world/door.ts';
import { PICTURE, renderPdf } from '../world/plant.ts';

export const PASSWORD = 'a password of some length';
/** Requests of the set-up that run at a time. */
const AT_ONCE = 8;
const TIMELINE = 6;
const PAPERS = 4;
const PAYMENTS = 4;

/** A customer of the crowd. */
export interface Member {
  email: string;
  orderNo: string;
}

/** Creates so many customers with a vehicle each, which has a timeline, documents and payments. */
export async function createCrowd(root: Door, count: number): Promise<Member[]> {
  const { roles } = await root.call<{ roles: { id: number; type: string }[] }>('GET', '/api/users-permissions/roles');
  const role = roles.find(({ type }) => type === 'authenticated')?.id;
  const file = await root.upload('specificatie.pdf', 'application/pdf', renderPdf('a specification'));
  const photo = await root.upload('chassis.jpg', 'image/jpeg', PICTURE);
  const members = Array.from({ length: count }, (_, n) => ({
    email: `customer${n}@example.com`,
    orderNo: `F22-${String(n).padStart(5, '0')}`,
  }));
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) await addMember(root, members[n] as Member, n, role, file, photo);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return members;
}

async function addMember(
  root: Door,
  { email, orderNo }: Member,
  n: number,
  role: number | undefined,
  file: number,
  photo: number,
): Promise<void> {
  const user = { username: `customer${n}`, email, password: PASSWORD, role, confirmed: true, emailVerified: true };
  await root.call('POST', '/api/users', user);
  const order = { orderNo, title: `F22 ${n}`, model: 'F22', amount: 100_000, owner: { name: `Customer ${n}`, email } };
  const { vehicle } = await root.call<{ vehicle: string }>('POST', '/api/portal/orders', order);
  const create = (plural: string, data: object) =>
    root.call('POST', `/api/portal/${plural}`, { data: { vehicle, ...data } });
  for (let at = 0; at < TIMELINE; at += 1) {
    const photos = at === TIMELINE - 1 ? [photo] : [];
    await create('timeline-entries', {
      title: `Dag ${at}`,
      body: 'Er is **verder gebouwd**.',
      step: 'ontwerp',
      photos,
    });
  }
  for (let at = 0; at < PAPERS; at += 1) {
    await create('documents', { kind: 'specification', title: `Specificatie ${at}`, issuedOn: '2026-03-01', file });
  }
  for (let at = 0; at < PAYMENTS; at += 1) {
    await create('payments', { title: `Termijn ${at}`, amount: 20_000, dueOn: `2027-0${at + 1}-01` });
  }
}
