import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ContentType, Model } from '@/api/model';
import { fieldHeading } from '@/views/table/columns';
import type { ListView } from '../addresses';
import type { ListState } from './useListState';
import { useToolbarChoice } from './useToolbarChoice';
import { endField, groupingField, laneField, endFields, laneFields, NO_END, viewField } from './viewKinds';

/** By which fields a board, a calendar, a timeline or a gallery is made. */
export function ViewFields({
  model,
  type,
  view,
  staged,
  state,
}: {
  model: Model;
  type: ContentType;
  view: Exclude<ListView, 'table'>;
  staged: boolean;
  state: ListState;
}) {
  const { t } = useTranslation(['list', 'views']);
  const { named: choice } = useToolbarChoice();
  const { key, fields } = viewField(type, view, staged);
  const date = groupingField(type, view, state.search, staged);
  const named = (names: readonly string[]): { value: string; label: string }[] =>
    names.map((field) => ({ value: field, label: fieldHeading(model, type, field, (own) => t(`views:own.${own}`)) }));
  const ends = view === 'timeline' ? endFields(type, date) : [];
  return (
    <>
      {fields.length > 1 && (
        <Select
          {...choice(t(`list:choose.${view === 'timeline' ? 'begin' : key}`), 160)}
          allowDeselect={false}
          data={named(fields)}
          value={date}
          onChange={(field) => field && state.set({ [key]: field, ...(view === 'timeline' ? { end: undefined } : {}) })}
        />
      )}
      {ends.length > 0 && (
        <Select
          {...choice(t('list:choose.end'), 160)}
          allowDeselect={false}
          data={[{ value: NO_END, label: t('list:choose.noEnd') }, ...named(ends)]}
          value={endField(type, state.search) ?? NO_END}
          onChange={(end) => end && state.set({ end })}
        />
      )}
      {view === 'timeline' && laneFields(type).length > 0 && (
        <Select
          {...choice(t('list:choose.lanes'), 160)}
          allowDeselect={false}
          data={[{ value: '', label: t('list:choose.noLanes') }, ...named(laneFields(type))]}
          value={laneField(type, state.search) ?? ''}
          onChange={(group) => state.set({ group: group || undefined })}
        />
      )}
    </>
  );
}
