import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { listEntries, readEntry } from '@/api/content';
import { type ContentType, contentTypeOf } from '@/api/model';
import { entryTarget } from '@/features/content-manager';
import { DescriptionList, StateBadge, TextLink } from '@/features/settings';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { useZone } from '@/ui/zone';
import { ValueCell } from '@/views/cells/EntryCell';
import { resolveField, valueAt } from '@/views/fieldPath';
import { selectFields } from '@/views/selection';
import { fieldHeading } from '@/views/table/columns';
import { useLabels, useView } from '../context';
import { BADGES } from '@/views/tones';
import type { BlockOf, DocumentRef } from '../types';
import { valueOf } from '../values';
import { BlockSection } from './BlockSection';
import { MissingContentType } from './MissingContentType';

/** Names and values: given, or fields of a document. */
export function FieldsBlock({ block }: { block: BlockOf<'fields'> }) {
  const label = useLabels();
  return (
    <BlockSection label={label(block.label)}>
      {block.items && <ValueList items={block.items} />}
      {block.document && block.fields && <DocumentFields document={block.document} fields={block.fields} />}
    </BlockSection>
  );
}

function ValueList({ items }: { items: NonNullable<BlockOf<'fields'>['items']> }) {
  const { t } = useTranslation('common');
  const label = useLabels();
  const zone = useZone();
  return (
    <DescriptionList
      facts={items.map((item) => {
        const value = valueOf(item, { yes: t('yes'), no: t('no') }, zone);
        const toned =
          item.tone && item.tone !== 'neutral' && item.format !== 'badge' && value !== null ? (
            <StateBadge tone={BADGES[item.tone]}>{value}</StateBadge>
          ) : (
            value
          );
        return [
          label(item.label),
          item.document ? (
            <TextLink
              key="value"
              inText
              {...entryTarget(item.document.type, item.document.documentId, item.document.locale)}
            >
              {toned}
            </TextLink>
          ) : (
            (toned ?? '–')
          ),
        ];
      })}
    />
  );
}

function DocumentFields({ document, fields }: { document: DocumentRef; fields: string[] }) {
  const { model } = useView();
  const type = contentTypeOf(model, document.type);
  return type ? (
    <LoadedFields type={type} document={document} fields={fields} />
  ) : (
    <MissingContentType type={document.type} />
  );
}

function LoadedFields({ type, document, fields }: { type: ContentType; document: DocumentRef; fields: string[] }) {
  const { t } = useTranslation(['views', 'pluginView']);
  const { model } = useView();
  const { documentId } = document;
  const locale = type.localized ? document.locale : undefined;
  const selection = useMemo(() => selectFields(model, type, fields), [model, type, fields]);
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
  if (entry.error) return <ErrorMessage error={entry.error} retry={() => void entry.refetch()} />;
  if (entry.data === undefined) {
    return (
      <DelayedContent>
        <Skeleton h={64} />
      </DelayedContent>
    );
  }
  const loadedEntry = entry.data;
  if (loadedEntry === null) {
    return (
      <Text size="sm" c="dimmed">
        {t('pluginView:noDocument')}
      </Text>
    );
  }
  return (
    <DescriptionList
      facts={fields.flatMap((field): [string, React.ReactNode][] => {
        const at = resolveField(model, type, field);
        return at
          ? [
              [
                fieldHeading(type, field, (own) => t(`views:own.${own}`)),
                <ValueCell key={field} attribute={at.attribute} value={valueAt(loadedEntry, field)} many={at.many} />,
              ],
            ]
          : [];
      })}
    />
  );
}
