import type { TFunction } from 'i18next';
import type { OwnerInput } from '@/api/owners';
import { formatList } from '@/ui/format';
import { durationOf } from './owner';

/** How types, people and roles are called. */
export interface Names {
  type: (uid: string) => string;
  person: (id: number) => string;
  role: (code: string) => string;
}

/** Hours in words: `3 days`. */
function duration(t: TFunction, hours: number): string {
  const { amount, unit } = durationOf(hours);
  return t(`owners:duration.${unit}`, { count: amount });
}

/** An owner in words: whose what is, and to whom it goes when it waits for too long. */
export function sentence(t: TFunction, owner: OwnerInput, names: Names): string {
  const { contentType, phase, user, role, team, escalation } = owner;
  const what = contentType
    ? phase
      ? t('owners:say.typeInPhase', { type: names.type(contentType), phase })
      : t('owners:say.type', { type: names.type(contentType) })
    : t('owners:say.phase', { phase: phase ?? '…' });
  const who = [
    ...(user ? [names.person(user)] : []),
    ...(role ? [t('owners:say.role', { role: names.role(role) })] : []),
    ...(team ? [t('owners:say.team', { team })] : []),
  ];
  const belongs = t('owners:say.belongs', { what, who: who.length > 0 ? formatList(who) : '…' });
  const { overdueAfterHours, unreviewedAfterHours, users = [], roles = [] } = escalation ?? {};
  if (!overdueAfterHours && !unreviewedAfterHours) return belongs;
  const told = [...users.map(names.person), ...roles.map((code) => t('owners:say.role', { role: names.role(code) }))];
  const parts = {
    overdue: overdueAfterHours ? duration(t, overdueAfterHours) : '',
    unreviewed: unreviewedAfterHours ? duration(t, unreviewedAfterHours) : '',
    whom: told.length > 0 ? formatList(told) : '…',
  };
  const how = overdueAfterHours
    ? unreviewedAfterHours
      ? t('owners:say.either', parts)
      : t('owners:say.overdue', parts)
    : t('owners:say.unreviewed', parts);
  return `${belongs} ${how}`;
}
