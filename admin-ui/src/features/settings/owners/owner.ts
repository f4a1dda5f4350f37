import type { Owner, OwnerInput } from '@/api/owners';
import type { Attribute, ContentType } from '@/api/model';

/** Hours as they are said. */
export interface Duration {
  amount: number;
  unit: DurationUnit;
}

export const DURATION_UNITS = ['hours', 'days', 'weeks'] as const;

export type DurationUnit = (typeof DURATION_UNITS)[number];

const HOURS_PER_UNIT: Record<DurationUnit, number> = { hours: 1, days: 24, weeks: 168 };

/** In the largest unit that needs no fraction: 72 hours are 3 days. */
export function toDuration(hours: number): Duration {
  const unit = DURATION_UNITS.findLast((one) => hours % HOURS_PER_UNIT[one] === 0) ?? 'hours';
  return { amount: hours / HOURS_PER_UNIT[unit], unit };
}

export function toHours({ amount, unit }: Duration): number {
  return amount * HOURS_PER_UNIT[unit];
}

/** What is wrong with what was filled in, before it is sent. */
export type OwnerProblem = 'what' | 'who' | 'whom' | 'when';

/** Says what is owned and by whom, and of an escalation both when and to whom. */
export function validateOwner(draft: OwnerInput): OwnerProblem[] {
  const { escalation } = draft;
  const when = Boolean(escalation?.overdueAfterHours || escalation?.unreviewedAfterHours);
  const hasRecipients = Boolean(escalation?.users?.length || escalation?.roles?.length);
  return [
    ...(draft.contentType || draft.phase ? [] : ['what' as const]),
    ...(draft.user || draft.role || draft.team ? [] : ['who' as const]),
    ...(when && !hasRecipients ? ['whom' as const] : []),
    ...(hasRecipients && !when ? ['when' as const] : []),
  ];
}

const trimToNull = (value: string | null | undefined): string | null => value?.trim() || null;

/** As the server takes it: nothing that is empty, and a phase's attribute only of a type. */
export function trimOwnerInput(draft: OwnerInput): OwnerInput {
  const { escalation } = draft;
  const waits = escalation?.overdueAfterHours || escalation?.unreviewedAfterHours;
  return {
    contentType: draft.contentType ?? null,
    phase: trimToNull(draft.phase),
    phaseField: draft.contentType ? (draft.phaseField ?? null) : null,
    user: draft.user ?? null,
    role: draft.role ?? null,
    team: trimToNull(draft.team),
    escalation: waits && escalation ? escalation : null,
  };
}

/** What is sent to have a removed one back. */
export function toOwnerInput({ id: _id, ...owner }: Owner): OwnerInput {
  return owner;
}

const SINGLE_VALUE_TYPES = [
  'string',
  'text',
  'uid',
  'email',
  'enumeration',
  'integer',
  'biginteger',
  'boolean',
  'date',
];

const isSingleValue = (attribute: Attribute): boolean =>
  SINGLE_VALUE_TYPES.includes(attribute.type) && !attribute.private;

/** The attributes of a type that may hold a phase: those with one value, and those of a relation to one. */
export function phaseFields(type: ContentType, types: readonly ContentType[]): string[] {
  return Object.entries(type.attributes).flatMap(([name, attribute]) => {
    if (isSingleValue(attribute)) return [name];
    if (attribute.type !== 'relation' || attribute.private || !attribute.relation?.endsWith('ToOne')) return [];
    const target = types.find((one) => one.uid === attribute.target);
    return Object.entries(target?.attributes ?? {}).flatMap(([attributeName, its]) =>
      isSingleValue(its) ? [`${name}.${attributeName}`] : [],
    );
  });
}
