import { request } from './client';
import type { Model } from './model';

/** Asks as somebody with that role alone would be answered. For super admins, and to look only. */
const viewAsHeaders = (role: string): Record<string, string> => ({ 'Cairn-View-As': role });

/** The content types, and what the role may do with them. */
export async function modelAs(role: string, signal?: AbortSignal): Promise<Model> {
  return (await request<{ data: Model }>('GET', '/admin/api/content-types', { headers: viewAsHeaders(role), signal }))
    .data;
}

/** The first entries of a type that the role sees, and how many there are. */
export async function entriesAs(
  role: string,
  uid: string,
  signal?: AbortSignal,
): Promise<{ entries: Record<string, unknown>[]; total: number }> {
  const answer = await request<{ data: Record<string, unknown>[]; meta: { pagination: { total: number } } }>(
    'GET',
    `/admin/api/content/${uid}`,
    {
      headers: viewAsHeaders(role),
      query: { pagination: { page: 1, pageSize: 10 } },
      signal,
    },
  );
  return { entries: answer.data, total: answer.meta.pagination.total };
}
