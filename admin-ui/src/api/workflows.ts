import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

/** A stage of a review. Replaced by the generated type once the route is described. */
export interface Stage {
  name: string;
  colour?: string;
  /** Stages that may follow. Left out: the next one, and all before it. */
  next?: string[];
  /** Roles of who may move a document in, and out. Left out: everybody. */
  enter?: string[];
  leave?: string[];
  /** Where a document is again once its content changes here. */
  backTo?: string;
}

export interface Approval {
  role: string;
  count?: number;
  /** The stage that cannot be entered without them. */
  before?: string;
}

/** Through which stages documents go, and whose approvals they need. */
export interface WorkflowDefinition {
  contentTypes: string[];
  stages: Stage[];
  approvals?: Approval[];
  /** Left out: in any. */
  publishIn?: string[];
  ownChanges?: boolean;
}

export interface Workflow extends WorkflowDefinition {
  name: string;
}

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
