import { useTranslation } from 'react-i18next';
import { NoValue } from '../shared/Cells';
import type { CellProps } from '../types';

/** How many there are. */
export function Cell({ value }: CellProps) {
  const { t } = useTranslation('fields');
  const count = Array.isArray(value) ? value.length : value ? 1 : 0;
  return count === 0 ? <NoValue /> : <>{t('items.count', { count })}</>;
}
