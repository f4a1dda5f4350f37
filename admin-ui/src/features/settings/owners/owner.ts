import type { Owner, OwnerInput } from '@/api/owners';
import type { Attribute, ContentType } from '@/api/model';

/** Hours as they are said. */
export interface Duration {
  amount: number;
  unit: Unit;
}

export const UNITS = ['hours', 'days', 'weeks'] as const;

export type Unit = (typeof UNITS)[number];

const HOURS: Record<Unit, number> = { hours: 1, days: 24, weeks: 168 };

/** In the largest unit that needs no fraction: 72 hours are 3 days. */
export function durationOf(hours: number): Duration {
  const unit = UNITS.findLast((one) => hours % HOURS[one] === 0) ?? 'hours';
  return { amount: hours / HOURS[unit], unit };
}

export function hoursOf({ amount, unit }: Duration): number {
  return amount * HOURS[unit];
}

/** What is wrong with what was filled in, before it is sent. */
export type Fault = 'what' | 'who' | 'whom' | 'when';

/** Says what is owned and by whom, and of an escalation both when and to whom. */
export function faultsOf(draft: OwnerInput): Fault[] {
  const { escalation } = draft;
  const when = Boolean(escalation?.overdueAfterHours || escalation?.unreviewedAfterHours);
  const whom = Boolean(escalation?.users?.length || escalation?.roles?.length);
  return [
    ...(draft.contentType || draft.phase ? [] : ['what' as const]),
    ...(draft.user || draft.role || draft.team ? [] : ['who' as const]),
    ...(when && !whom ? ['whom' as const] : []),
    ...(whom && !when ? ['when' as const] : []),
  ];
}

const text = (value: string | null | undefined): string | null => value?.trim() || null;

/** As the server takes it: nothing that is empty, and a phase's attribute only of a type. */
export function sent(draft: OwnerInput): OwnerInput {
  const { escalation } = draft;
  const waits = escalation?.overdueAfterHours || escalation?.unreviewedAfterHours;
  return {
    contentType: draft.contentType ?? null,
    phase: text(draft.phase),
    phaseField: draft.contentType ? (draft.phaseField ?? null) : null,
    user: draft.user ?? null,
    role: draft.role ?? null,
    team: text(draft.team),
    escalation: waits && escalation ? escalation : null,
  };
}

/** What is sent to have a removed one back. */
export function inputOf({ id: _id, ...owner }: Owner): OwnerInput {
  return owner;
}

const ONE_VALUE = ['string', 'text', 'uid', 'email', 'enumeration', 'integer', 'biginteger', 'boolean', 'date'];

const single = (attribute: Attribute): boolean => ONE_VALUE.includes(attribute.type) && !attribute.private;

/** The attributes of a type that may hold a phase: those with one value, and those of a relation to one. */
export function phaseFields(type: ContentType, types: readonly ContentType[]): string[] {
  return Object.entries(type.attributes).flatMap(([name, attribute]) => {
    if (single(attribute)) return [name];
    if (attribute.type !== 'relation' || attribute.private || !attribute.relation?.endsWith('ToOne')) return [];
    const target = types.find((one) => one.uid === attribute.target);
    return Object.entries(target?.attributes ?? {}).flatMap(([of, its]) => (single(its) ? [`${name}.${of}`] : []));
  });
}
