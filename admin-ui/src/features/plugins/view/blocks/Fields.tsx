import { Skeleton, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { listEntries, readEntry } from '@/api/content';
import { type ContentType, contentTypeOf } from '@/api/model';
import { entryTarget } from '@/features/content-manager';
import { Facts, StateBadge, TextLink } from '@/features/settings';
import { Delayed } from '@/ui/Delayed';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { ValueCell } from '@/views/cells/EntryCell';
import { attributeAt, valueAt } from '@/views/fieldPath';
import { selectionOf } from '@/views/selection';
import { nameOfField } from '@/views/table/columns';
import { HeadingContext, useLabels, useView } from '../context';
import { BADGES } from '../tones';
import type { BlockOf, DocumentRef } from '../types';
import { valueOf } from '../values';
import { Missing } from './Missing';

/** Names and values: given, or fields of a document. */
export function FieldsBlock({ block }: { block: BlockOf<'fields'> }) {
  const label = useLabels();
  const order = useContext(HeadingContext);
  return (
    <section aria-label={label(block.label)}>
      {block.label && (
        <Title order={order} size="h4" mb="xs">
          {label(block.label)}
        </Title>
      )}
      {block.items && <Given items={block.items} />}
      {block.document && block.fields && <OfDocument document={block.document} fields={block.fields} />}
    </section>
  );
}

function Given({ items }: { items: NonNullable<BlockOf<'fields'>['items']> }) {
  const { t } = useTranslation('common');
  const label = useLabels();
  return (
    <Facts
      facts={items.map((item) => {
        const value = valueOf(item, { yes: t('yes'), no: t('no') });
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

function OfDocument({ document, fields }: { document: DocumentRef; fields: string[] }) {
  const { model } = useView();
  const type = contentTypeOf(model, document.type);
  return type ? <Read type={type} document={document} fields={fields} /> : <Missing type={document.type} />;
}

function Read({ type, document, fields }: { type: ContentType; document: DocumentRef; fields: string[] }) {
  const { t } = useTranslation(['views', 'pluginView']);
  const { model } = useView();
  const { documentId } = document;
  const locale = type.localized ? document.locale : undefined;
  const asked = useMemo(() => selectionOf(model, type, fields), [model, type, fields]);
  const entry = useQuery({
    queryKey: ['content', type.uid, 'entry-fields', documentId, locale ?? '', asked],
    queryFn: async ({ signal }) =>
      type.kind === 'singleType'
        ? (await readEntry(type, documentId, { locale, signal })).entry
        : ((
            await listEntries(
              type,
              {
                filters: { documentId: { $eq: documentId } },
                ...(locale ? { locale } : {}),
                ...asked,
                pagination: { pageSize: 1 },
              },
              signal,
            )
          ).entries[0] ?? null),
  });
  if (entry.error) return <ErrorMessage error={entry.error} retry={() => void entry.refetch()} />;
  if (entry.data === undefined) {
    return (
      <Delayed>
        <Skeleton h={64} />
      </Delayed>
    );
  }
  const found = entry.data;
  if (found === null) {
    return (
      <Text size="sm" c="dimmed">
        {t('pluginView:noDocument')}
      </Text>
    );
  }
  return (
    <Facts
      facts={fields.flatMap((field): [string, React.ReactNode][] => {
        const at = attributeAt(model, type, field);
        return at
          ? [
              [
                nameOfField(type, field, (own) => t(`views:own.${own}`)),
                <ValueCell key={field} attribute={at.attribute} value={valueAt(found, field)} many={at.many} />,
              ],
            ]
          : [];
      })}
    />
  );
}
