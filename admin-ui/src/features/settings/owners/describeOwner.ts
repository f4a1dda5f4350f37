import type { TFunction } from 'i18next';
import type { OwnerInput } from '@/api/owners';
import { formatList } from '@/ui/format';
import { toDuration } from './owner';

/** How types, people and roles are called. */
export interface NameLookup {
  type: (uid: string) => string;
  person: (id: number) => string;
  role: (code: string) => string;
}

/** Hours in words: `3 days`. */
function formatHours(t: TFunction, hours: number): string {
  const { amount, unit } = toDuration(hours);
  return t(`owners:duration.${unit}`, { count: amount });
}

/** An owner in words: whose what is, and to whom it goes when it waits for too long. */
export function describeOwner(t: TFunction, owner: OwnerInput, names: NameLookup): string {
  const { contentType, phase, user, role, team, escalation } = owner;
  const subject = contentType
    ? phase
      ? t('owners:say.typeInPhase', { type: names.type(contentType), phase })
      : t('owners:say.type', { type: names.type(contentType) })
    : t('owners:say.phase', { phase: phase ?? '…' });
  const owners = [
    ...(user ? [names.person(user)] : []),
    ...(role ? [t('owners:say.role', { role: names.role(role) })] : []),
    ...(team ? [t('owners:say.team', { team })] : []),
  ];
  const belongs = t('owners:say.belongs', { what: subject, who: owners.length > 0 ? formatList(owners) : '…' });
  const { overdueAfterHours, unreviewedAfterHours, users = [], roles = [] } = escalation ?? {};
  if (!overdueAfterHours && !unreviewedAfterHours) return belongs;
  const recipients = [
    ...users.map(names.person),
    ...roles.map((code) => t('owners:say.role', { role: names.role(code) })),
  ];
  const parts = {
    overdue: overdueAfterHours ? formatHours(t, overdueAfterHours) : '',
    unreviewed: unreviewedAfterHours ? formatHours(t, unreviewedAfterHours) : '',
    whom: recipients.length > 0 ? formatList(recipients) : '…',
  };
  const conditions = overdueAfterHours
    ? unreviewedAfterHours
      ? t('owners:say.either', parts)
      : t('owners:say.overdue', parts)
    : t('owners:say.unreviewed', parts);
  return `${belongs} ${conditions}`;
}
