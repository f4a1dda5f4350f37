import { type CairnApi, readIfPresent } from './api.ts';
import { encode, type ListResponse, toPage } from './portal.ts';
import type { Page } from './types.ts';

/** What a channel measured in a run. */
export interface Channel {
  name: string;
  unit: string | null;
  /** Null for a channel of which nothing was measured. */
  min: number | null;
  max: number | null;
  mean: number | null;
  /** Rows with a value, and rows without one. */
  count?: number;
  missing?: number;
}

/** A part of a run: the values between one time and the next. */
export interface TelemetryPoint {
  /** Seconds since the beginning. */
  t: number;
  min: number | null;
  max: number | null;
  mean: number | null;
}

export interface TelemetryRun<C extends Channel = Channel> {
  id: string;
  title: string;
  ranAt: string | null;
  rows: number;
  seconds: number;
  channels: C[];
}

export type PlottedChannel = Channel & { points: TelemetryPoint[] };

/** A page of a vehicle's runs, newest first; `undefined` where the plugin has none, or they are not for this person. */
export async function findTelemetry(
  api: CairnApi,
  vehicle: string,
  page: number,
  pageSize: number,
): Promise<Page<TelemetryRun> | undefined> {
  const path = `/portal/me/vehicles/${encode(vehicle)}/telemetry`;
  return readIfPresent(async () => toPage(await api.get<ListResponse<TelemetryRun>>(path, { page, pageSize })));
}

/** A run with the points of its channels. Throws a `CairnError` (404) for one that is not theirs. */
export async function getTelemetryRun(api: CairnApi, id: string): Promise<TelemetryRun<PlottedChannel>> {
  return (await api.get<{ data: TelemetryRun<PlottedChannel> }>(`/portal/me/telemetry/${encode(id)}`)).data;
}
