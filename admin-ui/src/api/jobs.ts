import { request } from './client';
import { pagesQuery } from './pages';
import type { Schemas } from './schemas';

export const JOB_STATES = ['waiting', 'running', 'done', 'dead', 'cancelled'] as const satisfies readonly JobState[];

export type JobState = Schemas['JobState'];

/** Work that the server does by itself. */
export type Job = Schemas['Job'];

/** How many there are of each kind in each state. */
export type JobCounts = Pick<Schemas['JobsMeta'], 'counts'>;

export interface JobFilter {
  name?: string;
  state?: JobState;
}

export const jobsQuery = (filter: JobFilter) => pagesQuery<Job, JobCounts>('/admin/api/jobs', { ...filter });

export async function retryJob(id: number): Promise<void> {
  await request('POST', `/admin/api/jobs/${id}/retry`, { body: {} });
}

export async function cancelJob(id: number): Promise<void> {
  await request('POST', `/admin/api/jobs/${id}/cancel`, { body: {} });
}
