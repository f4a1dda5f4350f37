import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ContentType, Model } from '@/api/model';
import { useTableColumns } from './useListColumns';
import type { ListState } from './useListState';

interface Props {
  model: Model;
  type: ContentType;
  state: ListState;
}

/** The order of a list on a phone, whose cards have no headings to choose it by. */
export function PhoneSort({ model, type, state }: Props) {
  const { t } = useTranslation('list');
  const columns = useTableColumns(model, type, state.columns);
  const sortable = columns.filter((column) => column.sortable);
  const data = sortable.flatMap(({ field, label }) =>
    (['asc', 'desc'] as const).map((direction) => ({
      value: `${field}:${direction}`,
      label: t(`sort.${direction}`, { field: label }),
    })),
  );
  // An order that an address asks for and no column has is shown as it is.
  const options = data.some(({ value }) => value === state.sort)
    ? data
    : [{ value: state.sort, label: state.sort.replace(':', ' ') }, ...data];
  return (
    <Select
      label={t('sort.label')}
      allowDeselect={false}
      value={state.sort}
      data={options}
      onChange={(value) => value && state.set({ sort: value as ListState['sort'] })}
    />
  );
}
