import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { nameOfField } from '@/views/table/columns';
import type { ListView } from '../routes';
import type { ListState } from './useListState';
import { chosenField, viewField } from './viewKinds';

/** By which field a board, a calendar or a gallery is made. */
export function ViewFields({ type, view, state }: { type: ContentType; view: Exclude<ListView, 'table'>; state: ListState }) {
  const { t } = useTranslation(['list', 'views']);
  const { key, fields } = viewField(type, view);
  if (fields.length < 2) return null;
  return (
    <Select
      size="xs"
      w={170}
      aria-label={t(`list:choose.${key}`)}
      allowDeselect={false}
      data={fields.map((field) => ({ value: field, label: nameOfField(type, field, (own) => t(`views:own.${own}`)) }))}
      value={chosenField(type, view, state.search)}
      onChange={(field) => field && state.set({ [key]: field })}
    />
  );
}
