import { useTranslation } from 'react-i18next';
import { NoValue } from '../shared/Cells';
import type { CellProps } from '../types';

/** Yes or no, as a word. */
export function Cell({ value }: CellProps) {
  const { t } = useTranslation('fields');
  return typeof value === 'boolean' ? <>{t(value ? 'boolean.true' : 'boolean.false')}</> : <NoValue />;
}
