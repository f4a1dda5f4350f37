import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ApiError, csrfHeaders, OfflineError, request } from './client';

export const PLUGIN_STATES = ['installed', 'enabled', 'disabled', 'quarantined', 'upgrading', 'removed'] as const;

export type PluginState = (typeof PLUGIN_STATES)[number];

/** A plugin in the list. */
export interface PluginSummary {
  id: string;
  name: string;
  description: string | null;
  version: string;
  state: PluginState;
  /** Why it is in its state, in the server's words. */
  reason: string | null;
  /** `ed25519:…`; none of a package that nobody signed. */
  publisher: string | null;
  /** Whether the process that answered runs it. */
  running: boolean;
  /** Why it is not run though it is switched on. */
  problem: string | null;
  /** Failed calls that are kept. */
  failures: number;
  installedAt: string;
  changedAt: string;
  /** The version that a roll back leads to. */
  previous: string | null;
}

/** Something that a plugin asks for. */
export interface GrantLine {
  index: number;
  capability: string;
  /** What it may do, as the server says it. */
  sentence: string;
  /** Why, in the author's words. */
  reason: string | null;
  optional: boolean;
  granted: boolean;
}

/** How one of a plugin's exports has done. */
export interface CallHealth {
  export: string;
  name: string;
  calls: number;
  failures: number;
  /** In microseconds. */
  p50Us: number | null;
  p99Us: number | null;
  /** Of the breaker. Open: it is left alone until `until`. */
  state: 'closed' | 'open' | 'halfOpen';
  until: string | null;
}

export interface PluginHealth {
  calls: CallHealth[];
}

export interface PluginDetail extends PluginSummary {
  license: string | null;
  homepage: string | null;
  /** Line of the contract it was made for. */
  api: string;
  digest: string;
  grants: GrantLine[];
  contentTypes: { uid: string; displayName: string; documents: number; path: string }[];
  hooks: { name: string; phase: 'prepare' | 'before'; on: string[]; onFailure: string }[];
  /** `lag`: events that wait for it. */
  subscriptions: { name: string; to: string[]; lag: number | null; dead: number }[];
  jobs: { name: string }[];
  schedules: { job: string; cron: string; zone: string; next: string | null }[];
  routes: { name: string; method: string; path: string; auth: string }[];
  views: { name: string; title: string; kind: string; path: string | null }[];
  permissions: { name: string; title: string }[];
  hasSettings: boolean;
  secrets: { name: string; set: boolean }[];
  health: PluginHealth;
  upgrade: { version: string; progress: string | null } | null;
}

/** A package that the server has looked through and not installed. */
export interface Staged {
  digest: string;
  id: string;
  name: string;
  description: string | null;
  version: string;
  license: string | null;
  publisher: string | null;
  signed: boolean;
  decision: 'install' | 'upgrade' | 'same' | 'older' | 'refused';
  /** Why it is refused, and the way out. */
  reason: string | null;
  /** The version that is there. */
  installed: string | null;
  /** What has to be said with the installation. */
  needs: ('unsigned' | 'older')[];
  /** `isNew`: more than was granted before. */
  grants: (GrantLine & { isNew: boolean })[];
  contentTypes: { uid: string; displayName: string; isNew: boolean }[];
  needsRestart: boolean;
  warnings: { place: string; message: string }[];
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogLine {
  id: string | number;
  at: string;
  level: LogLevel;
  message: string;
  fields: Record<string, unknown>;
  /** The call that said it. */
  call: string | null;
}

/** A call that failed and is kept. */
export interface FailedCall {
  id: string | number;
  export: string;
  name: string;
  at: string;
  tookUs: number;
  kind: string;
  message: string;
  attempt: number;
}

export interface FailedCallDetail extends FailedCall {
  backtrace: string | null;
  input: unknown;
}

/** What a plugin's settings may be and are; `effective` with the defaults. */
export interface PluginSettings {
  schema: Record<string, unknown> | null;
  values: Record<string, unknown>;
  effective: Record<string, unknown>;
}

/** The most that a package may have, in bytes. */
export const PACKAGE_LIMIT = 64 * 1024 * 1024;

const PLUGINS = '/admin/api/plugins';

const of = (id: string, ...rest: (string | number)[]): string => [PLUGINS, ...[id, ...rest].map((part) => encodeURIComponent(part))].join('/');

export const pluginsQuery = queryOptions({
  queryKey: ['plugins'],
  queryFn: async ({ signal }) => (await request<{ data: PluginSummary[] }>('GET', PLUGINS, { signal })).data,
});

/** One plugin. Its health changes by itself, and so does an upgrade that is under way. */
export function pluginQuery(id: string) {
  return queryOptions({
    queryKey: ['plugins', id, 'detail'],
    queryFn: async ({ signal }) => (await request<{ data: PluginDetail }>('GET', of(id), { signal })).data,
    refetchInterval: (query) => (query.state.data?.state === 'upgrading' ? 2000 : 15_000),
  });
}

/** Sends a package to be looked through; nothing is installed by it. `onProgress` hears which share has been sent, from 0 to 1. */
export async function stagePackage(file: Blob, onProgress: (share: number) => void, signal?: AbortSignal): Promise<Staged> {
  // `fetch` does not tell how much of a body has been sent.
  const sending = new XMLHttpRequest();
  sending.open('POST', `${PLUGINS}/packages`);
  sending.setRequestHeader('Content-Type', 'application/octet-stream');
  for (const [name, value] of Object.entries(csrfHeaders())) sending.setRequestHeader(name, value);
  const body = await new Promise<{ data?: Staged; error?: Partial<ApiError> } | undefined>((done, failed) => {
    sending.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0));
    sending.addEventListener('load', () => done(parsed(sending.responseText)));
    sending.addEventListener('error', () => failed(new OfflineError('The server cannot be reached')));
    sending.addEventListener('abort', () => failed(new DOMException('aborted', 'AbortError')));
    signal?.addEventListener('abort', () => sending.abort());
    sending.send(file);
  });
  if (sending.status === 201 && body?.data) return body.data;
  const retryAfter = Number(sending.getResponseHeader('Retry-After'));
  throw new ApiError({
    status: sending.status,
    name: body?.error?.name ?? 'HttpError',
    message: body?.error?.message ?? sending.statusText,
    details: { ...body?.error?.details },
    reference: sending.getResponseHeader('X-Request-Id') ?? undefined,
    retryAfter: retryAfter > 0 ? retryAfter : undefined,
  });
}

function parsed(text: string): { data?: Staged; error?: Partial<ApiError> } | undefined {
  try {
    return JSON.parse(text) as { data?: Staged; error?: Partial<ApiError> };
  } catch {
    return undefined;
  }
}

/** Forgets a package that was sent. */
export async function forgetPackage(digest: string): Promise<void> {
  await request('DELETE', of('packages', digest));
}

/** Installs what was sent, or upgrades to it, and switches it on. `grants`: which of its lines are granted, by their index. */
export async function installPackage(body: { digest: string; grants: number[]; unsigned?: true; older?: true }): Promise<PluginDetail> {
  return (await request<{ data: PluginDetail }>('POST', PLUGINS, { body })).data;
}

export async function switchPlugin(id: string, to: 'enable' | 'disable' | 'rollback'): Promise<PluginDetail> {
  return (await request<{ data: PluginDetail }>('POST', of(id, to), { body: {} })).data;
}

export async function uninstallPlugin(id: string, data: 'keep' | 'delete'): Promise<void> {
  await request('DELETE', of(id), { query: { data } });
}

/** The address of an archive of what a plugin has stored. */
export function exportAddress(id: string): string {
  return of(id, 'export');
}

export async function setGrants(id: string, grants: number[]): Promise<PluginDetail> {
  return (await request<{ data: PluginDetail }>('PUT', of(id, 'grants'), { body: { grants } })).data;
}

export function pluginSettingsQuery(id: string) {
  return queryOptions({
    queryKey: ['plugins', id, 'settings'],
    queryFn: async ({ signal }) => (await request<{ data: PluginSettings }>('GET', of(id, 'settings'), { signal })).data,
  });
}

export async function saveSettings(id: string, values: Record<string, unknown>): Promise<PluginSettings> {
  return (await request<{ data: PluginSettings }>('PUT', of(id, 'settings'), { body: { values } })).data;
}

export async function setSecret(id: string, name: string, value: string): Promise<void> {
  await request('PUT', of(id, 'secrets', name), { body: { value } });
}

export async function removeSecret(id: string, name: string): Promise<void> {
  await request('DELETE', of(id, 'secrets', name));
}

/** Lines of a plugin's log, newest first. */
export function logsQuery(id: string, filter: { level?: LogLevel; search?: string }) {
  return infiniteQueryOptions({
    queryKey: ['plugins', id, 'logs', filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      request<{ data: LogLine[]; next: string | null }>('GET', of(id, 'logs'), { query: { ...filter, limit: 100, before: pageParam }, signal }),
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

/** Calls that failed, newest first. */
export function failedCallsQuery(id: string, kind: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['plugins', id, 'calls', kind ?? ''],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      request<{ data: FailedCall[]; next: string | null }>('GET', of(id, 'calls'), { query: { kind, limit: 50, before: pageParam }, signal }),
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

export function failedCallQuery(id: string, call: string) {
  return queryOptions({
    queryKey: ['plugins', id, 'calls', 'one', call],
    queryFn: async ({ signal }) => (await request<{ data: FailedCallDetail }>('GET', of(id, 'calls', call), { signal })).data,
  });
}

/** Forgets one failed call, or all of them. */
export async function forgetCalls(id: string, call?: string | number): Promise<void> {
  await request('DELETE', call === undefined ? of(id, 'calls') : of(id, 'calls', call));
}
