import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  ScrollArea,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ContentType, type Model, targetTypeOf } from '@/api/model';
import type { ColumnDef } from '@/views/definition';
import { LANGUAGES_FIELD, SYSTEM_FIELDS, readableFields, REVIEW_FIELDS, STATUS_FIELD } from '@/views/fieldPath';
import { fieldHeading } from '@/views/table/columns';
import type { ListState } from './useListState';
import { DENSITIES, type RowDensity, useRowDensity } from './useRowDensity';

export interface ColumnPanelProps {
  model: Model;
  type: ContentType;
  staged: boolean;
  state: ListState;
}

/** Which columns a list has, in what order, and how close its rows stand. */
export function ColumnPanel({ model, type, staged, state }: ColumnPanelProps) {
  const { t } = useTranslation(['list', 'views']);
  const [search, setSearch] = useState('');
  const [density, setDensity] = useRowDensity();
  const { columns } = state;
  const named = (own: string): string => t(`views:own.${own}`);
  const name = (field: string): string => fieldHeading(model, type, field, named);
  const visible = columns.map(({ field }) => field);
  const all = [
    ...readableFields(type),
    ...(type.draftAndPublish ? [STATUS_FIELD] : []),
    ...(staged ? REVIEW_FIELDS : []),
    ...(type.localized ? [LANGUAGES_FIELD] : []),
    ...SYSTEM_FIELDS,
    ...relatedPaths(model, type),
  ];
  const hidden = all.filter(
    (field) => !visible.includes(field) && name(field).toLowerCase().includes(search.trim().toLowerCase()),
  );
  const move = (at: number, by: number): void => {
    const next: ColumnDef[] = [...columns];
    const [moved] = next.splice(at, 1);
    if (moved) next.splice(at + by, 0, moved);
    state.setColumns(next);
  };
  return (
    <Stack gap="xs">
      <ScrollArea.Autosize mah={260} type="auto">
        <Text size="xs" fw={500} mb={4}>
          {t('list:columns.shown')}
        </Text>
        {columns.map(({ field }, at) => (
          <Group key={field} justify="space-between" wrap="nowrap" gap={4} mih={30}>
            <Checkbox
              size="xs"
              checked
              label={name(field)}
              disabled={columns.length === 1}
              onChange={() => state.changes.hide(field)}
            />
            <Group gap={0} wrap="nowrap">
              <ActionIcon
                variant="subtle"
                color="gray"
                size={26}
                disabled={at === 0}
                aria-label={t('list:columns.up', { name: name(field) })}
                onClick={() => move(at, -1)}
              >
                <IconArrowUp size={14} aria-hidden />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                color="gray"
                size={26}
                disabled={at === columns.length - 1}
                aria-label={t('list:columns.down', { name: name(field) })}
                onClick={() => move(at, 1)}
              >
                <IconArrowDown size={14} aria-hidden />
              </ActionIcon>
            </Group>
          </Group>
        ))}
      </ScrollArea.Autosize>
      <TextInput
        size="xs"
        type="search"
        aria-label={t('list:columns.search')}
        placeholder={t('list:columns.search')}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ScrollArea.Autosize mah={220} type="auto">
        {hidden.map((field) => (
          <Checkbox
            key={field}
            size="xs"
            py={5}
            checked={false}
            label={name(field)}
            onChange={() => state.setColumns([...columns, { field }])}
          />
        ))}
      </ScrollArea.Autosize>
      <SegmentedControl
        size="xs"
        aria-label={t('list:density.label')}
        value={density}
        data={DENSITIES.map((value) => ({ value, label: t(`list:density.${value}`) }))}
        onChange={(value) => setDensity(value as RowDensity)}
      />
      <Button size="compact-xs" variant="subtle" onClick={state.resetColumns} style={{ alignSelf: 'flex-start' }}>
        {t('list:columns.reset')}
      </Button>
    </Stack>
  );
}

/** One step through relations: `vehicle.name`. */
function relatedPaths(model: Model, type: ContentType): string[] {
  return readableFields(type).flatMap((name) => {
    const attribute = type.attributes[name];
    const target = attribute?.type === 'relation' ? targetTypeOf(model, attribute.target) : undefined;
    if (!target) return [];
    return readableFields(target)
      .filter(
        (below) =>
          !['relation', 'component', 'dynamiczone', 'media', 'blocks', 'richtext', 'json'].includes(
            target.attributes[below]?.type ?? '',
          ),
      )
      .map((below) => `${name}.${below}`);
  });
}
