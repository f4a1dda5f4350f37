import {
  Button,
  Card,
  Group,
  MultiSelect,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { contentTypeOf, type ContentType, type Model } from '@/api/model';
import { WidgetContent } from '@/views/dashboard/DashboardView';
import { type DashboardViewDef, type DashboardWidgetDef, labelText } from '@/views/definition';
import { SYSTEM_FIELDS, readableFields, STATUS_FIELD } from '@/views/fieldPath';
import { FilterBar } from '@/views/filters/FilterBar';
import { NO_FILTER } from '@/views/filters/filter';
import { fieldHeading } from '@/views/table/columns';
import { endFields, viewField } from '../list/viewKinds';
import { OrderButtons } from './OrderButtons';
import { useViewer } from './useViewer';
import { useEntryNavigation } from './useEntryNavigation';
import { widgetKinds, moveItem, countableFields, type WidgetContentDef, showOf, type WidgetKind } from './widgets';

interface Props {
  model: Model;
  definition: DashboardViewDef;
  onChange: (definition: DashboardViewDef) => void;
}

/** A dashboard in the making: widgets, each with what it shows beside what it is made of. */
export function DashboardBuilder({ model, definition, onChange }: Props) {
  const { t } = useTranslation('views');
  const { widgets } = definition;
  const types = model.contentTypes.filter(({ kind, can }) => kind === 'collectionType' && can.find);
  const set = (next: readonly DashboardWidgetDef[]): void => onChange({ ...definition, widgets: next });
  const add = (): void => {
    const type = contentTypeOf(model, widgets.at(-1)?.show.type) ?? types[0];
    if (!type) return;
    let number = widgets.length + 1;
    while (widgets.some(({ id }) => id === `w${number}`)) number += 1;
    set([...widgets, { id: `w${number}`, label: type.info.displayName, span: 1, show: showOf('count', type) }]);
  };
  return (
    <Stack>
      {widgets.map((widget, at) => (
        <WidgetEditor
          key={widget.id}
          model={model}
          types={types}
          widget={widget}
          at={at}
          count={widgets.length}
          onChange={(next) => set(widgets.with(at, next))}
          move={(by) => set(moveItem(widgets, at, by))}
          remove={() => set(widgets.toSpliced(at, 1))}
        />
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        style={{ alignSelf: 'flex-start' }}
        onClick={add}
        disabled={types.length === 0}
      >
        {t('builder.addWidget')}
      </Button>
    </Stack>
  );
}

interface WidgetProps {
  model: Model;
  types: readonly ContentType[];
  widget: DashboardWidgetDef;
  at: number;
  count: number;
  onChange: (widget: DashboardWidgetDef) => void;
  move: (by: number) => void;
  remove: () => void;
}

function WidgetEditor({ model, types, widget, at, count, onChange, move, remove }: WidgetProps) {
  const { t, i18n } = useTranslation(['views', 'list']);
  const reader = useViewer(model);
  const ways = useEntryNavigation();
  const { show } = widget;
  const type = contentTypeOf(model, show.type);
  const label = labelText(widget.label, i18n.resolvedLanguage ?? 'en') ?? '';
  const name = label || t('views:builder.widget', { number: at + 1 });
  const filter = show.filters ?? NO_FILTER;
  if (!type) return null;
  const setKind = (kind: WidgetKind): void =>
    onChange({
      ...widget,
      show: showOf(kind, type, filter),
      span: kind === 'count' || kind === 'breakdown' ? (widget.span ?? 1) : 3,
    });
  const setType = (uid: string | null): void => {
    const next = contentTypeOf(model, uid ?? undefined);
    if (!next) return;
    const kind = widgetKinds(next).find((one) => one === show.kind) ?? 'count';
    // A name that was the type's own goes along with it.
    onChange({
      ...widget,
      label: label === type.info.displayName ? next.info.displayName : widget.label,
      show: showOf(kind, next),
    });
  };
  return (
    <Card withBorder padding="sm" role="group" aria-label={`${t('views:builder.widget', { number: at + 1 })}: ${name}`}>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Stack gap="xs">
          <Group align="flex-end" wrap="nowrap">
            <TextInput
              flex={1}
              label={t('views:builder.widgetName')}
              value={label}
              required
              onChange={(event) => onChange({ ...widget, label: event.currentTarget.value })}
            />
            <OrderButtons name={name} at={at} count={count} move={move} remove={remove} />
          </Group>
          <Group grow>
            <Select
              label={t('views:builder.of')}
              searchable
              allowDeselect={false}
              data={types.map(({ uid, info }) => ({ value: uid, label: info.displayName }))}
              value={type.uid}
              onChange={setType}
            />
            <Select
              label={t('views:builder.as')}
              allowDeselect={false}
              data={widgetKinds(type).map((kind) => ({
                value: kind,
                label:
                  kind === 'count' || kind === 'breakdown' ? t(`views:builder.kind.${kind}`) : t(`list:view.${kind}`),
              }))}
              value={show.kind}
              onChange={(kind) => kind && setKind(kind as WidgetKind)}
            />
          </Group>
          <ShowFields model={model} type={type} show={show} onChange={(next) => onChange({ ...widget, show: next })} />
          <FilterBar
            model={model}
            type={type}
            filter={filter}
            onChange={(filters) => onChange({ ...widget, show: { ...show, filters } })}
          />
          <Group gap="xs">
            <Text size="sm" fw={500} aria-hidden>
              {t('views:builder.width')}
            </Text>
            <SegmentedControl
              size="xs"
              aria-label={t('views:builder.width')}
              value={String(widget.span ?? 1)}
              data={(['1', '2', '3'] as const).map((value) => ({ value, label: t(`views:builder.span.${value}`) }))}
              onChange={(value) => onChange({ ...widget, span: Number(value) as 1 | 2 | 3 })}
            />
          </Group>
        </Stack>
        <div>
          <WidgetContent show={show} title={name} reader={reader} {...ways} />
        </div>
      </SimpleGrid>
    </Card>
  );
}

/** The fields that a widget of this kind is made by. */
function ShowFields({
  model,
  type,
  show,
  onChange,
}: {
  model: Model;
  type: ContentType;
  show: WidgetContentDef;
  onChange: (show: WidgetContentDef) => void;
}) {
  const { t } = useTranslation(['views', 'list']);
  const named = (fields: readonly string[]): { value: string; label: string }[] =>
    fields.map((field) => ({ value: field, label: fieldHeading(model, type, field, (own) => t(`views:own.${own}`)) }));
  switch (show.kind) {
    case 'count':
      return null;
    case 'breakdown':
      return (
        <FieldSelect
          label={t('views:builder.by')}
          data={named(countableFields(type))}
          value={show.groupBy}
          onChange={(groupBy) => onChange({ ...show, groupBy })}
        />
      );
    case 'table':
      return (
        <MultiSelect
          label={t('list:columns.title')}
          searchable
          data={named([...readableFields(type), ...(type.draftAndPublish ? [STATUS_FIELD] : []), ...SYSTEM_FIELDS])}
          value={(show.columns ?? []).map(({ field }) => field)}
          onChange={(fields) => onChange({ ...show, columns: fields.map((field) => ({ field })) })}
        />
      );
    case 'kanban':
      return (
        <FieldSelect
          label={t('list:choose.group')}
          data={named(viewField(type, 'kanban').fields)}
          value={show.groupBy}
          onChange={(groupBy) => onChange({ ...show, groupBy })}
        />
      );
    case 'gallery':
      return (
        <FieldSelect
          label={t('list:choose.cover')}
          data={named(viewField(type, 'gallery').fields)}
          value={show.cover}
          onChange={(cover) => onChange({ ...show, cover })}
        />
      );
    case 'tree':
      return (
        <FieldSelect
          label={t('list:choose.parent')}
          data={named(viewField(type, 'tree').fields)}
          value={show.parent}
          onChange={(parent) => onChange({ ...show, parent })}
        />
      );
    case 'calendar':
      return (
        <FieldSelect
          label={t('list:choose.date')}
          data={named(viewField(type, 'calendar').fields)}
          value={show.date}
          onChange={(date) => onChange({ ...show, date })}
        />
      );
    case 'timeline': {
      const { endDate: _, ...open } = show;
      const ends = endFields(type, show.date);
      return (
        <Group grow>
          <FieldSelect
            label={t('list:choose.begin')}
            data={named(viewField(type, 'timeline').fields)}
            value={show.date}
            onChange={(date) => onChange({ ...open, date })}
          />
          {ends.length > 0 && (
            <Select
              clearable
              label={t('list:choose.end')}
              placeholder={t('list:choose.noEnd')}
              data={named(ends)}
              value={show.endDate ?? null}
              onChange={(endDate) => onChange(endDate ? { ...show, endDate } : open)}
            />
          )}
        </Group>
      );
    }
  }
}

interface FieldSelectProps {
  label: string;
  data: { value: string; label: string }[];
  value: string | undefined;
  onChange: (value: string) => void;
}

function FieldSelect({ label, data, value, onChange }: FieldSelectProps) {
  return (
    <Select
      label={label}
      searchable
      allowDeselect={false}
      data={data}
      value={value ?? null}
      onChange={(next) => next && onChange(next)}
    />
  );
}
