import type { ReleaseState } from '@/api/releases';

/** Whether a release has been published, so that nothing of it can be changed any more. */
export function isClosed(state: ReleaseState): boolean {
  return state === 'done' || state === 'rolled-back';
}
