import { type CairnApi, hasStatus } from './api.ts';
import type {
  Dashboard,
  HelpArticle,
  HelpHit,
  JourneyItem,
  Page,
  ServiceRecord,
  TimelineEntry,
  User,
  Vehicle,
  VehicleDocument,
  VehiclePerson,
} from './types.ts';

/** Where a list with pages stands. */
export interface ListResponse<T> {
  data: T[];
  meta: { pagination: { page: number; pageCount: number; total: number } };
}

/** Reads the dashboard of a customer. */
export async function getDashboard(api: CairnApi): Promise<Dashboard> {
  return (await api.get<{ data: Dashboard }>('/portal/me')).data;
}

/** A vehicle with its parts, and for its owner the people who see it. */
export type VehicleView = Vehicle & { service?: ServiceRecord[]; people?: VehiclePerson[] };

/** Reads a vehicle. Throws a `CairnError` (404) for one that is not theirs. */
export async function getVehicle(api: CairnApi, id: string): Promise<VehicleView> {
  return (await api.get<{ data: VehicleView }>(`/portal/me/vehicles/${encode(id)}`)).data;
}

/** Adds the files to service records. Without them where the role of customers may not read them. */
export async function addServiceFiles(api: CairnApi, records: ServiceRecord[]): Promise<ServiceRecord[]> {
  if (records.length === 0) return [];
  const ids = records.map(({ documentId }) => documentId);
  try {
    const found = await api.findParts<ServiceRecord>('service-records', ids, ['files']);
    const files = new Map(found.map((record) => [record.documentId, record.files]));
    return records.map((record) => ({ ...record, files: files.get(record.documentId) ?? null }));
  } catch (error) {
    if (hasStatus(error, 403)) return records;
    throw error;
  }
}

/** A page of a vehicle's timeline, newest first. */
export async function listTimeline(
  api: CairnApi,
  vehicle: string,
  page: number,
  pageSize: number,
): Promise<Page<TimelineEntry>> {
  return toPage(await api.get(`/portal/me/vehicles/${encode(vehicle)}/timeline`, { page, pageSize }));
}

/** A page of a vehicle's documents, newest first. */
export async function listDocuments(
  api: CairnApi,
  vehicle: string,
  page: number,
  pageSize: number,
): Promise<Page<VehicleDocument>> {
  return toPage(await api.get(`/portal/me/vehicles/${encode(vehicle)}/documents`, { page, pageSize }));
}

/** Confirms a choice. Throws a `CairnError`: 409 when it can no longer change. */
export async function confirmChoice(api: CairnApi, id: string, option: string, note: string): Promise<void> {
  await api.post(`/portal/me/choices/${encode(id)}/confirm`, { option, note });
}

/** Rates a step. Throws a `CairnError`: 409 for a step that cannot be rated (any more). */
export async function rateStep(
  api: CairnApi,
  vehicle: string,
  rating: { step: string; score: number; text: string },
): Promise<void> {
  await api.post(`/portal/me/vehicles/${encode(vehicle)}/ratings`, rating);
}

/** The account of whoever is signed in. */
export async function getUser(api: CairnApi): Promise<User> {
  return api.get<User>('/users/me');
}

/** Articles that a search finds; without a text, those that are promoted. */
export async function searchHelp(
  api: CairnApi,
  search: { q: string; language: string; page: number },
): Promise<Page<HelpHit>> {
  const query = { q: search.q || undefined, locale: search.language, page: search.page, pageSize: 12 };
  return toPage(await api.get('/kb/search', query));
}

/** An article. Throws a `CairnError` (404) if there is none, or the caller may not see it. */
export async function getArticle(api: CairnApi, slug: string, space: string | undefined): Promise<HelpArticle> {
  return (await api.get<{ data: HelpArticle }>(`/kb/read/${encode(slug)}`, { space })).data;
}

/** Says whether an article helped. */
export async function voteArticle(
  api: CairnApi,
  slug: string,
  space: string | undefined,
  helpful: boolean,
): Promise<void> {
  await api.post(`/kb/read/${encode(slug)}/vote`, { helpful }, { space });
}

/** Content of the customer's journeys that is published, newest first. Nothing where the plugin `journey` is not installed. */
export async function listJourneyItems(api: CairnApi): Promise<JourneyItem[]> {
  try {
    const { data } = await api.get<{ data: { content: JourneyItem[] }[] }>('/journey/me', { past: 0, upcoming: 0 });
    const items = new Map(data.flatMap(({ content }) => content.map((item) => [item.documentId, item])));
    return [...items.values()].sort((a, b) => (b.publishedAt ?? '').localeCompare(a.publishedAt ?? ''));
  } catch (error) {
    if (hasStatus(error, 403, 404, 503)) return [];
    throw error;
  }
}

/** A page of a list as the site uses it. */
export function toPage<T>({ data, meta }: ListResponse<T>): Page<T> {
  const { page, pageCount, total } = meta.pagination;
  return { rows: data, page, pageCount, total };
}

/** An id as a part of an address. */
export function encode(id: string): string {
  return encodeURIComponent(id);
}
