import { request } from './client';

/** A file with all that Strapi knows of it, as `GET /admin/api/upload/files/:id` answers it. */
export async function readFile(id: number): Promise<Record<string, unknown>> {
  return request<Record<string, unknown>>('GET', `/admin/api/upload/files/${id}`);
}
