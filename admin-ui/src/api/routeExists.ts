import { ApiError } from './ApiError';
import { request } from './client';

/** Whether an error says that a server has no such route, or not for this person. */
export function isAbsent(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 403);
}

/** Whether this server has a route, for this person: an older one may not. Any other failure is for the page to say. */
export async function routeExists(path: string): Promise<boolean> {
  try {
    await request('GET', path);
    return true;
  } catch (error) {
    return !isAbsent(error);
  }
}
