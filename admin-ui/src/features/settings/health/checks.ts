import type { HealthCheck, HealthCode, HealthLevel } from '@/api/health';
import type { Target } from '@/app/address';

const routeTarget = (to: string, search: Record<string, unknown> = {}): Target => ({ to, params: {}, search });

/** Where what a check found is mended. */
const REPAIR_TARGETS: Record<HealthCode, Target> = {
  'database.slow': routeTarget('/settings/jobs', { state: 'running' }),
  'disk.low': routeTarget('/media', { trash: true }),
  'mail.unset': routeTarget('/settings/mail'),
  'mail.failed': routeTarget('/settings/mail', { tab: 'sent', state: 'failed' }),
  'jobs.failed': routeTarget('/settings/jobs', { state: 'dead' }),
  'webhooks.disabled': routeTarget('/settings/webhooks'),
  'webhooks.failing': routeTarget('/settings/webhooks'),
  deadLetters: routeTarget('/settings/deliveries'),
  'events.behind': routeTarget('/settings/deliveries'),
};

/** Whether it is one that is known here: a newer server may tell more. */
function isKnown(code: string): code is HealthCode {
  return code in REPAIR_TARGETS;
}

export function repairTarget(code: string): Target | undefined {
  return isKnown(code) ? REPAIR_TARGETS[code] : undefined;
}

/** The texts of a check: `check.disk_low`; of one that is not known a general one. */
export function checkTextKey(code: string): string {
  return isKnown(code) ? code.replace('.', '_') : 'other';
}

const LEVEL_RANK: Record<HealthLevel, number> = { problem: 0, warning: 1, ok: 2 };

/** What is worst comes first. */
export function sortBySeverity(checks: readonly HealthCheck[]): HealthCheck[] {
  return checks.toSorted((a, b) => LEVEL_RANK[a.level] - LEVEL_RANK[b.level]);
}

/** What somebody should look at. */
export function failingChecks(checks: readonly HealthCheck[]): HealthCheck[] {
  return sortBySeverity(checks).filter((check) => check.level !== 'ok');
}
