import { LOG_LEVELS, type LogLevel } from '@/api/plugins';
import { defineAddress, type Target } from '@/app/address';
import { readOneOf, readText } from '@/app/searchParams';

/** All plugins of this server. */
export const pluginsAddress = defineAddress({ path: '/plugins' });

const PLUGIN_TABS = ['overview', 'grants', 'settings', 'health', 'log', 'calls'] as const;

/** A tab of a plugin's page. */
export type PluginTab = (typeof PLUGIN_TABS)[number];

/** The part of a plugin's page that is open. */
export interface PluginSearch {
  tab?: PluginTab;
  /** Of the log: this level and above. */
  level?: LogLevel;
  /** Of the log: words. */
  q?: string;
  /** Of the log: new lines come by themselves. */
  live?: true;
  /** Of the failed calls: how they failed. */
  kind?: string;
  /** A failed call that is open. */
  call?: string;
}

/** One plugin, for who looks after the server. */
export const pluginAddress = defineAddress({
  path: '/plugins/$plugin',
  search: (raw): PluginSearch => ({
    tab: readOneOf(raw.tab, PLUGIN_TABS),
    level: readOneOf(raw.level, LOG_LEVELS),
    q: readText(raw.q),
    live: raw.live === true ? true : undefined,
    kind: readText(raw.kind),
    call: readText(raw.call),
  }),
});

/** The state that a page of a plugin keeps in its address. */
export interface ViewSearch {
  /** The tab that is open, and conditions of a filter bar, by where they stand in the view. */
  tab?: string;
  filters?: unknown;
  /** All others are parameters of the view. */
  parameters: Record<string, string>;
}

/** At most so many parameters of an address are handed to a plugin, and so long. */
const MAX_PARAMETERS = 20;
const MAX_PARAMETER_CHARS = 200;

/** Reads the search of a plugin's page: words that it has for itself, and parameters. */
export function readViewSearch(raw: Record<string, unknown>): Record<string, unknown> {
  const parameters: [string, unknown][] = [];
  for (const [name, value] of Object.entries(raw)) {
    if (parameters.length >= MAX_PARAMETERS) break;
    if (name === 'filters') {
      if (typeof value === 'object' && value !== null) parameters.push([name, value]);
    } else if (
      ['string', 'number', 'boolean'].includes(typeof value) &&
      String(value).length <= MAX_PARAMETER_CHARS &&
      /^[a-z0-9][a-z0-9-]{0,59}$/.test(name)
    )
      parameters.push([name, String(value)]);
  }
  return Object.fromEntries(parameters);
}

/** Tells apart the parts of a search that `readViewSearch` has read. */
export function viewSearchOf(search: Record<string, unknown>): ViewSearch {
  const { tab, filters, ...rest } = search;
  return {
    ...(typeof tab === 'string' ? { tab } : {}),
    ...(filters === undefined ? {} : { filters }),
    parameters: rest as Record<string, string>,
  };
}

/** A page that a plugin has. */
export const pluginPageAddress = defineAddress({ path: '/plugins/$plugin/pages/$', search: readViewSearch });

/** A plugin's view of the entries of a type. */
export const pluginListAddress = defineAddress({ path: '/content/$uid/with/$plugin/$view', search: readViewSearch });

/** The target of a page of a plugin: `path` as its manifest has it, `/board`. */
export function pluginPageTarget(plugin: string, path: string): Target {
  return { to: pluginPageAddress.path, params: { plugin, _splat: path.replace(/^\/+/, '') }, search: {} };
}
