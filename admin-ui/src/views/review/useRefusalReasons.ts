import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { serverProblemText } from '@/fields/form/serverProblem';
import { obstaclesOfRefusal } from './obstacles';
import { useObstacleText } from './useObstacleText';

/** Why the server does not do something, or would not. */
interface Refusal {
  message: string;
  details?: Readonly<Record<string, unknown>> | undefined;
}

export interface RefusalReason {
  /** The field that it is about, as the server names it; empty where it is about none. */
  path: readonly string[];
  text: string;
}

/** Puts a refusal into the reader's words, reason by reason. */
export function useRefusalReasons(): (refusal: Refusal) => RefusalReason[] {
  const { t } = useTranslation('fields');
  const describe = useObstacleText();
  return useCallback(
    ({ message, details = {} }) => {
      const obstacles = obstaclesOfRefusal(details);
      if (obstacles.length > 0) return obstacles.map((obstacle) => ({ path: [], text: describe(obstacle) }));
      const { errors } = details as { errors?: { path?: (string | number)[]; message: string }[] };
      if (!errors?.length) return [{ path: [], text: message }];
      return errors.map((error) => ({
        path: (error.path ?? []).map(String),
        text: serverProblemText(t, error.message),
      }));
    },
    [t, describe],
  );
}
