import { useTranslation } from 'react-i18next';
import { ChoiceFilter } from '../shared/filters';
import type { FilterProps } from '../types';

/** Yes or no. */
export function Filter(props: FilterProps) {
  const { t } = useTranslation('fields');
  const data = [
    { value: 'true', label: t('boolean.true') },
    { value: 'false', label: t('boolean.false') },
  ];
  return <ChoiceFilter {...props} data={data} />;
}
