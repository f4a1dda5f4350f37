import { useTranslation } from 'react-i18next';
import type { Problem } from '../types';

/** A problem as a sentence. */
export function useProblemText(): (problem: Problem) => string {
  const { t } = useTranslation('fields');
  return (problem) => t(`problem.${problem.key}`, problem.params ?? {});
}
