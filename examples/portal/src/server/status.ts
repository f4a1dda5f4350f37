import { isRouteErrorResponse } from 'react-router';
import { hasStatus } from '../cairn/api.ts';

/** The status with which a page says what went wrong. */
export function statusOf(error: unknown): number {
  if (error instanceof Response || isRouteErrorResponse(error)) return error.status;
  // A thing that somebody may not see is not there for them.
  if (hasStatus(error, 403, 404)) return 404;
  if (hasStatus(error, 429)) return 429;
  if (hasStatus(error, 502, 503, 504) || isUnreachable(error)) return 503;
  return 500;
}

/** True if a request got no answer at all. */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || (error instanceof TypeError && error.message === 'fetch failed');
}
