import { queryOptions } from '@tanstack/react-query';
import { request, requestFile } from './client';
import { pagesQuery } from './pages';
import type { Schemas } from './schemas';

const PATH = '/admin/api/personal-data';

/** What is stored about a person, counted by source. */
export type PersonSummary = Schemas['PersonSummary'];

/** An erasure of a person's data, and how far each source is. */
export type Erasure = Schemas['Erasure'];

/** Something that an erasure left, and why. */
export type RetainedRecord = Schemas['RetainedRecord'];

/** Counts what is stored about a person. The address is in the body: addresses of pages are logged. */
export const personSummaryQuery = (address: string) =>
  queryOptions({
    queryKey: ['personal-data', 'summary', address],
    queryFn: async ({ signal }) =>
      (await request<{ data: PersonSummary }>('POST', `${PATH}/summary`, { body: { address }, signal })).data,
    retry: false,
  });

/** The archive with all that is stored about a person. */
export async function fetchPersonArchive(address: string): Promise<Blob> {
  return await requestFile('POST', `${PATH}/export`, { body: { address } });
}

/** Begins to erase, or continues what could not be completed. */
export async function startErasure(address: string): Promise<Erasure> {
  return (await request<{ data: Erasure }>('POST', `${PATH}/erasures`, { body: { address } })).data;
}

export const erasureQuery = (id: number) =>
  queryOptions({
    queryKey: ['personal-data', 'erasures', id],
    queryFn: async ({ signal }) => (await request<{ data: Erasure }>('GET', `${PATH}/erasures/${id}`, { signal })).data,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1_000 : false),
  });

export const erasuresQuery = pagesQuery<Erasure>(`${PATH}/erasures`);

export const retainedQuery = (erasure: number) =>
  pagesQuery<RetainedRecord>(`${PATH}/erasures/${erasure}/retained`, {}, 'after');
