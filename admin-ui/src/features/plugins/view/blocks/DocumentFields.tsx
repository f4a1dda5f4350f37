import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Entry, listEntries, readEntry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { DescriptionList } from '@/features/settings';
import { NoValue } from '@/fields/shared/Cells';
import { isEmpty } from '@/fields/shared/checks';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatList } from '@/ui/format';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import { labelText } from '@/views/definition';
import { readableFields, resolveField, type ResolvedField, valueAt } from '@/views/fieldPath';
import { selectFields } from '@/views/selection';
import { fieldHeading, formatFields, type ColumnFormat, resolveFormat } from '@/views/table/columns';
import { useView } from '../context';
import { editableNames } from '../editableNames';
import type { DocumentRef, FieldItem } from '../types';
import { BlockSection } from './BlockSection';
import { FieldValue } from './FieldValue';

const FieldsEditor = lazyPart(() => import('./FieldsEditor'));

interface Props {
  type: ContentType;
  document: DocumentRef;
  fields: readonly (string | FieldItem)[];
  /** Which can be edited in place: all, none, or these. */
  edit: boolean | readonly string[];
  label: string | undefined;
  /** Above the fields, below the heading. */
  before: ReactNode;
}

/** A field of a document, ready to be shown. */
export interface ResolvedItem {
  field: string;
  label: string;
  at: ResolvedField;
  format: ColumnFormat | undefined;
}

/** Draws a value of a document. */
export type RenderValue = (entry: Entry, item: ResolvedItem) => ReactNode;

const renderValue: RenderValue = (entry, item) => <FieldValue entry={entry} item={item} />;

/** Fields of a document by their names, and a way to change them in place. */
export default function DocumentFields({ type, document, fields, edit, label, before }: Props) {
  const { t } = useTranslation(['pluginView', 'views', 'common']);
  const { model, language } = useView();
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  const { documentId } = document;
  const locale = type.localized ? document.locale : undefined;
  const items = useMemo(() => {
    const readable = readableFields(type);
    return fields
      .map((field): FieldItem => (typeof field === 'string' ? { field } : field))
      .flatMap((item): ResolvedItem[] => {
        const at = resolveField(model, type, item.field);
        // What the reader may not read is not in the answer: it would seem to be empty.
        if (!at || (at.first in type.attributes && !readable.includes(at.first))) return [];
        const name =
          labelText(item.label, language) ?? fieldHeading(model, type, item.field, (own) => t(`views:own.${own}`));
        return [{ field: item.field, label: name, at, format: resolveFormat(item, language) }];
      });
  }, [fields, model, type, language, t]);
  const selection = useMemo(
    () =>
      selectFields(
        model,
        type,
        items.flatMap(({ field, format }) => [field, ...formatFields(format)]),
      ),
    [model, type, items],
  );
  const names = useMemo(() => editableNames(type, items, edit), [type, items, edit]);
  const entry = useQuery({
    queryKey: ['content', type.uid, 'entry-fields', documentId, locale ?? '', selection],
    queryFn: async ({ signal }) =>
      type.kind === 'singleType'
        ? (await readEntry(type, documentId, { locale, signal })).entry
        : ((
            await listEntries(
              type,
              {
                filters: { documentId: { $eq: documentId } },
                ...(locale ? { locale } : {}),
                ...selection,
                pagination: { pageSize: 1 },
              },
              signal,
            )
          ).entries[0] ?? null),
  });
  // The button that opened the inputs has the focus again when they are gone.
  useEffect(() => {
    if (wasEditing.current && !editing) button.current?.focus();
    wasEditing.current = editing;
  }, [editing]);
  const canEdit = names.length > 0 && Boolean(entry.data);
  return (
    <BlockSection
      label={label}
      actions={
        canEdit &&
        !editing && (
          <Button
            ref={button}
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPencil size={14} aria-hidden />}
            aria-label={label ? t('pluginView:fields.editNamed', { name: label }) : undefined}
            onClick={() => setEditing(true)}
          >
            {t('pluginView:fields.edit')}
          </Button>
        )
      }
    >
      {before}
      {editing ? (
        <PartBoundary>
          <Suspense fallback={<Skeleton h={120} />}>
            <FieldsEditor
              type={type}
              documentId={documentId}
              locale={locale}
              names={names}
              items={items}
              renderValue={renderValue}
              label={label}
              onClose={() => setEditing(false)}
            />
          </Suspense>
        </PartBoundary>
      ) : (
        <FieldList entry={entry.data} error={entry.error} retry={() => void entry.refetch()} items={items} />
      )}
    </BlockSection>
  );
}

interface ListProps {
  /** `null`: it is not there. */
  entry: Entry | null | undefined;
  error: Error | null;
  retry: () => void;
  items: readonly ResolvedItem[];
}

/** Names and values. Empty ones come on demand where most are empty; JSON is for the form. */
function FieldList({ entry, error, retry, items }: ListProps) {
  const { t } = useTranslation('pluginView');
  const [expanded, setExpanded] = useState(false);
  if (error) return <ErrorMessage error={error} retry={retry} />;
  if (entry === undefined) {
    return (
      <DelayedContent>
        <Skeleton h={64} />
      </DelayedContent>
    );
  }
  if (entry === null) {
    return (
      <Text size="sm" c="dimmed">
        {t('noDocument')}
      </Text>
    );
  }
  const raw = items.filter(({ at, format }) => at.attribute.type === 'json' && !format);
  const readable = items.filter((item) => !raw.includes(item));
  const empty = readable.filter(({ field }) => isEmpty(valueAt(entry, field)));
  const collapses = empty.length > readable.length / 2;
  const shown = collapses && !expanded ? readable.filter((item) => !empty.includes(item)) : readable;
  const filledRaw = raw.filter(({ field }) => !isEmpty(valueAt(entry, field)));
  return (
    <Stack gap="xs" align="flex-start">
      <DescriptionList
        facts={shown.map((item): [string, ReactNode] => [
          item.label,
          empty.includes(item) ? <NoValue key="value" /> : renderValue(entry, item),
        ])}
      />
      {collapses && (
        <Button size="compact-sm" variant="subtle" aria-expanded={expanded} onClick={() => setExpanded(!expanded)}>
          {t(expanded ? 'fields.hideEmpty' : 'fields.showEmpty', { count: empty.length })}
        </Button>
      )}
      {filledRaw.length > 0 && (
        <Group gap="xs">
          <Text size="xs" c="dimmed">
            {t('fields.raw', { fields: formatList(filledRaw.map(({ label }) => label)) })}
          </Text>
        </Group>
      )}
    </Stack>
  );
}
