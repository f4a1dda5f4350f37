import { useQuery } from '@tanstack/react-query';
import type { ContentType } from '@/api/model';
import { type Workflow, workflowsQuery } from '@/api/workflows';

/** The review that documents of a type go through; `undefined` where there is none. */
export function useWorkflow(type: Pick<ContentType, 'uid' | 'draftAndPublish'>): Workflow | undefined {
  const { data } = useQuery({ ...workflowsQuery, staleTime: 5 * 60_000, enabled: type.draftAndPublish });
  return data?.find(({ contentTypes }) => contentTypes.includes(type.uid));
}
