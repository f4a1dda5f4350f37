import { useTranslation } from 'react-i18next';
import type { ValueProblem } from '../types';

/** A problem as a sentence. */
export function useProblemText(): (problem: ValueProblem) => string {
  const { t } = useTranslation('fields');
  return (problem) => t(`problem.${problem.key}`, problem.params ?? {});
}
