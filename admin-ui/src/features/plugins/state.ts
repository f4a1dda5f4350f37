import type { PluginSummary } from '@/api/plugins';
import type { BadgeTone } from '@/features/settings';

/** The state of a plugin for people: a text of `plugin:state`, and its tone. */
export interface PluginStateLabel {
  state: 'running' | 'failing' | 'starting' | 'off' | 'quarantined' | 'upgrading' | 'installed' | 'removed';
  tone: BadgeTone;
}

/** What is to be known of a plugin at a glance. Switched on is not yet running. */
export function pluginStateLabel({
  state,
  running,
  problem,
}: Pick<PluginSummary, 'state' | 'running' | 'problem'>): PluginStateLabel {
  switch (state) {
    case 'enabled':
      if (problem !== null) return { state: 'failing', tone: 'bad' };
      return running ? { state: 'running', tone: 'good' } : { state: 'starting', tone: 'waiting' };
    case 'disabled':
      return { state: 'off', tone: 'off' };
    case 'quarantined':
      return { state: 'quarantined', tone: 'bad' };
    case 'upgrading':
      return { state: 'upgrading', tone: 'waiting' };
    case 'installed':
      return { state: 'installed', tone: 'off' };
    case 'removed':
      return { state: 'removed', tone: 'off' };
  }
}

/** The end of a publisher's key, by which people tell one from another. */
export function shortKey(publisher: string): string {
  const [kind, key = ''] = publisher.split(':');
  return key.length > 16 ? `${kind}:${key.slice(0, 8)}…${key.slice(-4)}` : publisher;
}
