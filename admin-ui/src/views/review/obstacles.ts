import type { TFunction } from 'i18next';
import type { Schemas } from '@/api/schemas';
import { formatAlternatives, formatList } from '@/ui/format';

/** A reason why a document cannot go to a stage, or be published. */
export type ReviewObstacle = Schemas['ReviewObstacle'];

/** Puts an obstacle into words. `t` is that of the namespace `views`; `roleName` names a role by its code. */
export function obstacleText(
  t: TFunction<'views'>,
  obstacle: ReviewObstacle,
  roleName: (code: string) => string,
): string {
  switch (obstacle.code) {
    case 'noWorkflow':
      return t('obstacle.noWorkflow');
    case 'unknownStage':
      return t('obstacle.unknownStage', { stage: obstacle.stage, stages: formatList(obstacle.stages) });
    case 'notNext':
      return obstacle.next.length === 0
        ? t('obstacle.lastStage', { stage: obstacle.from })
        : t('obstacle.notNext', { stage: obstacle.from, next: formatAlternatives(obstacle.next) });
    case 'leaveRole':
    case 'enterRole': {
      const roles = formatAlternatives(obstacle.roles.map(roleName));
      return t(`obstacle.${obstacle.code}`, { stage: obstacle.stage, roles });
    }
    case 'publishStage':
      return t('obstacle.publishStage', { stage: obstacle.stage, stages: formatAlternatives(obstacle.publishIn) });
    case 'approvals': {
      const { needed, have } = obstacle;
      const role = roleName(obstacle.role);
      return needed === 1
        ? t('obstacle.approval', { role })
        : t('obstacle.approvals', { role, have, needed, count: needed - have });
    }
  }
}

interface ReviewRefusal {
  stage: string;
  publishIn: string[] | null;
  missing: { role: string; needed: number; have: number }[];
}

/** What the review lacks, by the details of a refusal to publish; nothing where it was refused for another reason. */
export function obstaclesOfRefusal(details: Readonly<Record<string, unknown>>): ReviewObstacle[] {
  const { review } = details as { review?: ReviewRefusal };
  if (!review) return [];
  return [
    ...(review.publishIn ? [{ code: 'publishStage' as const, stage: review.stage, publishIn: review.publishIn }] : []),
    ...review.missing.map(({ role, needed, have }) => ({ code: 'approvals' as const, role, needed, have })),
  ];
}
