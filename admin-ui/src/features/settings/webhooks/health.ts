import type { Webhook } from '@/api/webhooks';
import type { BadgeTone } from '@/ui/StateBadge';

/** How a webhook stands, the worst first. */
export function webhookHealth(webhook: Webhook): {
  tone: BadgeTone;
  state: 'broken' | 'stopped' | 'off' | 'failing' | 'active';
} {
  if (webhook.problem) return { tone: 'bad', state: 'broken' };
  if (!webhook.enabled)
    return webhook.disabledReason ? { tone: 'bad', state: 'stopped' } : { tone: 'off', state: 'off' };
  if (webhook.failingSince) return { tone: 'warning', state: 'failing' };
  return { tone: 'good', state: 'active' };
}
