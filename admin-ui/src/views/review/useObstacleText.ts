import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { obstacleText, type ReviewObstacle } from './obstacles';
import { useRoleName } from './useRoleName';

/** Puts what stands in the way of a document into the reader's words. */
export function useObstacleText(): (obstacle: ReviewObstacle) => string {
  const { t } = useTranslation('views');
  const roleName = useRoleName();
  return useCallback((obstacle) => obstacleText(t, obstacle, roleName), [t, roleName]);
}
