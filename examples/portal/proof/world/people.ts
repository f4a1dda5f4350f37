import type { Door } from './door.ts';
import type { Mark, Marks, Part } from './marks.ts';
import { type ProofServer, TEAM } from './server.ts';

const PASSWORD = 'a password of some length';

/** Who looks: two customers, who may look in on the first of them, somebody of the team, somebody with an account only, and a visitor. */
export const NAMES = ['anna', 'bram', 'dirk', 'staff', 'nobody', 'visitor'] as const;
export type Name = (typeof NAMES)[number];

/** What Dirk sees of Anna's. */
const LET_IN: Part[] = ['vehicle', 'timeline'];

/** Somebody who sends requests to a tenant. */
export interface Person {
  name: Name;
  tenant: string;
  email: string;
  door: Door;
  /** Number of the account of the content API; 0 for whoever has none. */
  account: number;
}

/** True if a person may see a mark, whatever they ask for. */
export function maySee(person: Person, mark: Mark): boolean {
  if (mark.tenant !== person.tenant) return false;
  if (person.name === 'staff') return true;
  if (mark.part === 'draft' || mark.part === 'sales') return false;
  if (mark.owner === person.name) return true;
  return person.name === 'dirk' && mark.owner === 'anna' && LET_IN.includes(mark.part);
}

/** Creates the accounts of a tenant, and signs everybody in. */
export async function addPeople(server: ProofServer, tenant: string, marks: Marks): Promise<Record<Name, Person>> {
  const root = server.door(tenant);
  const { roles } = await root.call<{ roles: { id: number; type: string }[] }>('GET', '/api/users-permissions/roles');
  const role = roles.find(({ type }) => type === 'authenticated')?.id;
  const people: Partial<Record<Name, Person>> = {};
  for (const name of ['anna', 'bram', 'dirk', 'nobody'] as const) {
    const username = marks.word(tenant, name, 'account');
    const email = `${username}@example.com`;
    const user = { username, email, password: PASSWORD, role, confirmed: true, emailVerified: true };
    const { id } = await root.call<{ id: number }>('POST', '/api/users', user);
    const body = { identifier: email, password: PASSWORD };
    const { jwt } = await root.for(undefined).call<{ jwt: string }>('POST', '/api/auth/local', body);
    people[name] = { name, tenant, email, door: root.for(jwt), account: id };
  }
  const staff = await server.signInAdmin(tenant, TEAM.email, TEAM.password);
  people.staff = { name: 'staff', tenant, email: TEAM.email, door: staff, account: 0 };
  people.visitor = { name: 'visitor', tenant, email: '', door: root.for(undefined), account: 0 };
  return people as Record<Name, Person>;
}
