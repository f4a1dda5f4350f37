import type { Workflow } from '@/api/workflows';

/** Renames a stage, and every mention of it. */
export function withStageName(workflow: Workflow, at: number, name: string): Workflow {
  const old = workflow.stages[at]?.name;
  const renamed = (one: string): string => (old && one === old ? name : one);
  return mapStages(
    { ...workflow, stages: workflow.stages.map((stage, index) => (index === at ? { ...stage, name } : stage)) },
    (one) => [renamed(one)],
  );
}

/** Takes a stage away, and every mention of it. */
export function removeStage(workflow: Workflow, at: number): Workflow {
  const removed = workflow.stages[at]?.name;
  return mapStages({ ...workflow, stages: workflow.stages.filter((_, index) => index !== at) }, (one) =>
    one === removed ? [] : [one],
  );
}

/** The stage that approvals are needed before, if nobody says another: the first in which documents may be published, after the one they begin in. */
export function firstPublishingStage({ stages, publishIn = [] }: Workflow): string | undefined {
  return stages.slice(1).find(({ name }) => publishIn.includes(name))?.name;
}

/** Leaves out of each stage which come next where that is what holds without saying: the next one and all before it. */
export function leaveOutDefaults(workflow: Workflow): Workflow {
  const names = workflow.stages.map(({ name }) => name);
  const isDefault = (next: readonly string[], at: number): boolean => {
    const without = [...names.slice(0, at), ...names.slice(at + 1, at + 2)];
    return next.length === without.length && without.every((name) => next.includes(name));
  };
  return {
    ...workflow,
    stages: workflow.stages.map((stage, at) =>
      stage.next && isDefault(stage.next, at) ? { ...stage, next: undefined } : stage,
    ),
  };
}

/** Mentions of stages, each by what it becomes. Lists that become empty mean something else: they are left out. */
function mapStages(workflow: Workflow, replace: (name: string) => string[]): Workflow {
  const list = (names: string[] | undefined): string[] | undefined => {
    const next = names?.flatMap(replace);
    return next && next.length > 0 ? next : undefined;
  };
  return {
    ...workflow,
    stages: workflow.stages.map((stage) => ({
      ...stage,
      next: list(stage.next),
      backTo: stage.backTo && replace(stage.backTo)[0],
    })),
    approvals: workflow.approvals?.map((approval) => ({
      ...approval,
      before: approval.before && replace(approval.before)[0],
    })),
    publishIn: list(workflow.publishIn),
  };
}
