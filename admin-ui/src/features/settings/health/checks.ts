import type { HealthCheck, HealthCode, HealthLevel } from '@/api/health';
import type { Target } from '@/app/feature';

const at = (to: string, search: Record<string, unknown> = {}): Target => ({ to, params: {}, search });

/** Where what a check found is mended. */
const MENDED: Record<HealthCode, Target> = {
  'database.slow': at('/settings/jobs', { state: 'running' }),
  'disk.low': at('/media', { trash: true }),
  'mail.unset': at('/settings/mail'),
  'mail.failed': at('/settings/mail', { tab: 'sent', state: 'failed' }),
  'jobs.failed': at('/settings/jobs', { state: 'dead' }),
  'webhooks.disabled': at('/settings/webhooks'),
  'webhooks.failing': at('/settings/webhooks'),
  deadLetters: at('/settings/deliveries'),
  'events.behind': at('/settings/deliveries'),
};

/** Whether it is one that is known here: a newer server may tell more. */
function isKnown(code: string): code is HealthCode {
  return code in MENDED;
}

export function mendedAt(code: string): Target | undefined {
  return isKnown(code) ? MENDED[code] : undefined;
}

/** The texts of a check: `check.disk_low`; of one that is not known a general one. */
export function textOf(code: string): string {
  return isKnown(code) ? code.replace('.', '_') : 'other';
}

const RANK: Record<HealthLevel, number> = { problem: 0, warning: 1, ok: 2 };

/** What is worst comes first. */
export function worstFirst(checks: readonly HealthCheck[]): HealthCheck[] {
  return checks.toSorted((a, b) => RANK[a.level] - RANK[b.level]);
}

/** What somebody should look at. */
export function notOk(checks: readonly HealthCheck[]): HealthCheck[] {
  return worstFirst(checks).filter((check) => check.level !== 'ok');
}
