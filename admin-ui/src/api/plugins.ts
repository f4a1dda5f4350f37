import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ApiError, changeHeaders, OfflineError, request } from './client';
import type { Schemas } from './schemas';

/** A plugin in the list. */
export type PluginSummary = Schemas['PluginSummary'];

/** Something that a plugin asks for. */
export type GrantLine = Schemas['GrantLine'];

/** What a plugin leaves to choose, such as content types of the project. */
export type PluginChoice = Schemas['PluginChoice'];

/** How one of a plugin's exports has done. */
export type CallHealth = Schemas['PluginCalls'];

/** What a plugin says of its own health. */
export type HealthReport = Schemas['PluginHealthReport'];

/** How much of something a plugin has, and how much it may have. */
export type Quota = Schemas['PluginQuota'];

export type PluginDetail = Schemas['PluginDetail'];

/** A package that the server has looked through and not installed. */
export type StagedPackage = Schemas['Staged'];

export type LogLevel = Schemas['LogLevel'];

/** From the least to the worst. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[];

export type LogLine = Schemas['PluginLog'];

/** A call that failed and is kept. */
export type FailedCall = Schemas['PluginCall'];

export type FailedCallDetail = Schemas['WholePluginCall'];

/** What a plugin's settings may be and are; `effective` with the defaults. */
export type PluginSettings = Schemas['PluginSettings'];

/** The most that a package may have, in bytes. */
export const MAX_PACKAGE_BYTES = 64 * 1024 * 1024;

const PLUGINS = '/admin/api/plugins';

const pluginPath = (id: string, ...rest: (string | number)[]): string =>
  [PLUGINS, ...[id, ...rest].map((part) => encodeURIComponent(part))].join('/');

export const pluginsQuery = queryOptions({
  queryKey: ['plugins'],
  queryFn: async ({ signal }) => (await request<{ data: PluginSummary[] }>('GET', PLUGINS, { signal })).data,
});

/** What a plugin says of its own health. */
export function healthReportQuery(id: string) {
  return queryOptions({
    queryKey: ['plugins', id, 'health-report'],
    queryFn: async ({ signal }) =>
      (await request<{ data: HealthReport }>('GET', pluginPath(id, 'health-report'), { signal })).data,
    refetchInterval: 60_000,
  });
}

/** One plugin. Its health changes by itself, and so does an upgrade that is under way. */
export function pluginQuery(id: string) {
  return queryOptions({
    queryKey: ['plugins', id, 'detail'],
    queryFn: async ({ signal }) => (await request<{ data: PluginDetail }>('GET', pluginPath(id), { signal })).data,
    refetchInterval: (query) => (query.state.data?.state === 'upgrading' ? 2000 : 15_000),
  });
}

/** Sends a package to be looked through; nothing is installed by it. `onProgress` hears which share has been sent, from 0 to 1. */
export async function stagePackage(
  file: Blob,
  onProgress: (share: number) => void,
  signal?: AbortSignal,
): Promise<StagedPackage> {
  // `fetch` does not tell how much of a body has been sent.
  const sending = new XMLHttpRequest();
  sending.open('POST', `${PLUGINS}/packages`);
  sending.setRequestHeader('Content-Type', 'application/octet-stream');
  for (const [name, value] of Object.entries(changeHeaders())) sending.setRequestHeader(name, value);
  const body = await new Promise<{ data?: StagedPackage; error?: Partial<ApiError> } | undefined>((done, failed) => {
    sending.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0));
    sending.addEventListener('load', () => done(parseStageResponse(sending.responseText)));
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

function parseStageResponse(text: string): { data?: StagedPackage; error?: Partial<ApiError> } | undefined {
  try {
    return JSON.parse(text) as { data?: StagedPackage; error?: Partial<ApiError> };
  } catch {
    return undefined;
  }
}

/** The same package with what is chosen: what it then asks for and does. */
export async function previewPackage(digest: string, choices: Record<string, string[]>): Promise<StagedPackage> {
  const path = pluginPath('packages', digest, 'preview');
  return (await request<{ data: StagedPackage }>('POST', path, { body: { choices } })).data;
}

/** Forgets a package that was sent. */
export async function discardPackage(digest: string): Promise<void> {
  await request('DELETE', pluginPath('packages', digest));
}

/** Installs what was sent, or upgrades to it, and switches it on. `grants`: which of its lines are granted, by their index. */
export async function installPackage(body: {
  digest: string;
  grants: number[];
  choices?: Record<string, string[]>;
  opened?: string[];
  unsigned?: true;
  older?: true;
}): Promise<PluginDetail> {
  return (await request<{ data: PluginDetail }>('POST', PLUGINS, { body })).data;
}

export async function changePluginState(id: string, to: 'enable' | 'disable' | 'rollback'): Promise<PluginDetail> {
  return (await request<{ data: PluginDetail }>('POST', pluginPath(id, to), { body: {} })).data;
}

export async function uninstallPlugin(id: string, data: 'keep' | 'delete'): Promise<void> {
  await request('DELETE', pluginPath(id), { query: { data } });
}

/** The address of an archive of what a plugin has stored. */
export function exportAddress(id: string): string {
  return pluginPath(id, 'export');
}

export async function setGrants(id: string, grants: number[]): Promise<PluginDetail> {
  return (await request<{ data: PluginDetail }>('PUT', pluginPath(id, 'grants'), { body: { grants } })).data;
}

/** Stores what is chosen. `agreed`: what the 409 of the same request without it asks to be agreed to. */
export async function changeChoices(
  id: string,
  choices: Record<string, string[]>,
  agreed: string[],
): Promise<PluginDetail> {
  const body = { choices, agreed };
  return (await request<{ data: PluginDetail }>('PUT', pluginPath(id, 'choices'), { body })).data;
}

export function pluginSettingsQuery(id: string) {
  return queryOptions({
    queryKey: ['plugins', id, 'settings'],
    queryFn: async ({ signal }) =>
      (await request<{ data: PluginSettings }>('GET', pluginPath(id, 'settings'), { signal })).data,
  });
}

export async function saveSettings(id: string, values: Record<string, unknown>): Promise<PluginSettings> {
  return (await request<{ data: PluginSettings }>('PUT', pluginPath(id, 'settings'), { body: { values } })).data;
}

export async function setSecret(id: string, name: string, value: string): Promise<void> {
  await request('PUT', pluginPath(id, 'secrets', name), { body: { value } });
}

export async function removeSecret(id: string, name: string): Promise<void> {
  await request('DELETE', pluginPath(id, 'secrets', name));
}

/** Makes a signing key, or imports one from PEM, in place of the one that is there. */
export async function setSigningKey(id: string, name: string, pem: string | null): Promise<void> {
  await request('PUT', pluginPath(id, 'signing-keys', name), { body: { pem } });
}

export async function removeSigningKey(id: string, name: string): Promise<void> {
  await request('DELETE', pluginPath(id, 'signing-keys', name));
}

/** Lines of a plugin's log, newest first. */
export function logsQuery(id: string, filter: { level?: LogLevel; search?: string }) {
  return infiniteQueryOptions({
    queryKey: ['plugins', id, 'logs', filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      request<{ data: LogLine[]; next: string | null }>('GET', pluginPath(id, 'logs'), {
        query: { ...filter, limit: 100, before: pageParam },
        signal,
      }),
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

/** Calls that failed, newest first. */
export function failedCallsQuery(id: string, kind: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['plugins', id, 'calls', kind ?? ''],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      request<{ data: FailedCall[]; next: string | null }>('GET', pluginPath(id, 'calls'), {
        query: { kind, limit: 50, before: pageParam },
        signal,
      }),
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

export function failedCallQuery(id: string, call: string) {
  return queryOptions({
    queryKey: ['plugins', id, 'calls', 'one', call],
    queryFn: async ({ signal }) =>
      (await request<{ data: FailedCallDetail }>('GET', pluginPath(id, 'calls', call), { signal })).data,
  });
}

/** How a call that was made again went. */
export interface ReplayResult {
  /** `before`: what it was for had gone well already. */
  outcome: 'worked' | 'before' | 'failed';
  dryRun: boolean;
  message: string;
  answer: unknown;
  tookUs: number;
  /** Of a dry run, which keeps none. */
  logs: { level: LogLevel; message: string; fields: Record<string, unknown> }[];
}

/** Makes a call again that failed; with `dryRun` nothing of it stays. */
export async function replayCall(id: string, call: string | number, dryRun: boolean): Promise<ReplayResult> {
  return (await request<{ data: ReplayResult }>('POST', pluginPath(id, 'calls', call, 'replay'), { query: { dryRun } }))
    .data;
}

/** Forgets one failed call, or all of them. */
export async function deleteFailedCalls(id: string, call?: string | number): Promise<void> {
  await request('DELETE', call === undefined ? pluginPath(id, 'calls') : pluginPath(id, 'calls', call));
}
