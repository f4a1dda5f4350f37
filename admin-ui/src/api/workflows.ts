import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** A stage of a review. */
export type Stage = Schemas['WorkflowStage'];

/** Through which stages documents go, and whose approvals they need. */
export type WorkflowDefinition = Schemas['WorkflowDefinition'];

export type Workflow = Schemas['Workflow'];

const PATH = '/admin/api/workflows';

export const workflowsQuery = queryOptions({
  queryKey: ['workflows'],
  queryFn: async ({ signal }) => (await request<{ data: Workflow[] }>('GET', PATH, { signal })).data,
});

/** Makes the workflow of that name, or changes it. */
export async function saveWorkflow(name: string, definition: WorkflowDefinition): Promise<Workflow> {
  return (await request<{ data: Workflow }>('PUT', `${PATH}/${encodeURIComponent(name)}`, { body: definition })).data;
}

export async function removeWorkflow(name: string): Promise<void> {
  await request('DELETE', `${PATH}/${encodeURIComponent(name)}`);
}
