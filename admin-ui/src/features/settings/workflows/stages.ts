import type { Workflow } from '@/api/workflows';

/** Renames a stage, and every mention of it. */
export function withStageName(workflow: Workflow, at: number, name: string): Workflow {
  const old = workflow.stages[at]?.name;
  const renamed = (one: string): string => (old && one === old ? name : one);
  return mapped(
    { ...workflow, stages: workflow.stages.map((stage, index) => (index === at ? { ...stage, name } : stage)) },
    (one) => [renamed(one)],
  );
}

/** Takes a stage away, and every mention of it. */
export function without(workflow: Workflow, at: number): Workflow {
  const gone = workflow.stages[at]?.name;
  return mapped({ ...workflow, stages: workflow.stages.filter((_, index) => index !== at) }, (one) =>
    one === gone ? [] : [one],
  );
}

/** Mentions of stages, each by what it becomes. Lists that become empty mean something else: they are left out. */
function mapped(workflow: Workflow, become: (name: string) => string[]): Workflow {
  const list = (names: string[] | undefined): string[] | undefined => {
    const next = names?.flatMap(become);
    return next && next.length > 0 ? next : undefined;
  };
  return {
    ...workflow,
    stages: workflow.stages.map((stage) => ({
      ...stage,
      next: list(stage.next),
      backTo: stage.backTo && become(stage.backTo)[0],
    })),
    approvals: workflow.approvals?.map((approval) => ({
      ...approval,
      before: approval.before && become(approval.before)[0],
    })),
    publishIn: list(workflow.publishIn),
  };
}
