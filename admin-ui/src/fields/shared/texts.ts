import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { ValueProblem } from '../types';

/** A problem as a sentence. The function stays the same while the language does: what depends on it is told to others with each change. */
export function useProblemText(): (problem: ValueProblem) => string {
  const { t } = useTranslation('fields');
  return useCallback((problem) => t(`problem.${problem.key}`, problem.params ?? {}), [t]);
}
