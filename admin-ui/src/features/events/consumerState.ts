import type { Consumer } from '@/api/events';
import type { BadgeTone } from '@/features/settings';

/** How a consumer stands: what is dead weighs more than that it runs. */
export function toneOf(consumer: Consumer): BadgeTone {
  if (consumer.dead > 0 || (consumer.state !== 'active' && consumer.state !== 'paused')) return 'bad';
  if (consumer.state === 'paused') return 'off';
  return consumer.waiting > 0 ? 'warning' : 'good';
}
