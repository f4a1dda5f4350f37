import type { PluginSummary } from '@/api/plugins';
import type { Tone } from '@/features/settings';

/** How a plugin stands: a word of the texts (`plugin:state`) and its tone. */
export interface Standing {
  word: 'running' | 'failing' | 'starting' | 'off' | 'quarantined' | 'upgrading' | 'installed' | 'removed';
  tone: Tone;
}

/** What is to be known of a plugin at a glance. Switched on is not yet running. */
export function standingOf({
  state,
  running,
  problem,
}: Pick<PluginSummary, 'state' | 'running' | 'problem'>): Standing {
  switch (state) {
    case 'enabled':
      if (problem !== null) return { word: 'failing', tone: 'bad' };
      return running ? { word: 'running', tone: 'good' } : { word: 'starting', tone: 'waiting' };
    case 'disabled':
      return { word: 'off', tone: 'off' };
    case 'quarantined':
      return { word: 'quarantined', tone: 'bad' };
    case 'upgrading':
      return { word: 'upgrading', tone: 'waiting' };
    case 'installed':
      return { word: 'installed', tone: 'off' };
    case 'removed':
      return { word: 'removed', tone: 'off' };
  }
}

/** The end of a publisher's key, by which people tell one from another. */
export function shortKey(publisher: string): string {
  const [kind, key = ''] = publisher.split(':');
  return key.length > 16 ? `${kind}:${key.slice(0, 8)}…${key.slice(-4)}` : publisher;
}
