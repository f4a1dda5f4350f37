import { request } from './client';
import { pagesQuery } from './pages';

export const JOB_STATES = ['waiting', 'running', 'done', 'dead', 'cancelled'] as const;

export type JobState = (typeof JOB_STATES)[number];

/** Work that the server does by itself. Replaced by the generated type once the route is described. */
export interface Job {
  id: number;
  name: string;
  key: string | null;
  lane: string | null;
  state: JobState;
  due: string;
  attempt: number;
  error: string | null;
  createdAt: string;
  endedAt: string | null;
}

/** How many there are of each kind in each state. */
export interface JobCounts {
  counts: { name: string; state: JobState; count: number }[];
}

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
