import { Anchor, Skeleton, Text } from '@mantine/core';
import { IconFile, IconFileText } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { assetQuery } from '@/api/assets';
import { listEntries, readEntry } from '@/api/content';
import { type ContentType, contentTypeOf } from '@/api/model';
import { entryTarget } from '@/features/content-manager';
import { TextLink } from '@/features/settings';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatBytes } from '@/ui/format';
import { useLabels, useView } from '../context';
import type { BlockOf, DocumentRef } from '../types';
import classes from './Links.module.css';
import { MissingContentType } from './MissingContentType';

/** Leads to a document, by its title where nothing else is said. */
export function DocumentLinkBlock({ block }: { block: BlockOf<'document-link'> }) {
  const { model } = useView();
  const label = useLabels();
  const { document } = block;
  const type = contentTypeOf(model, document.type);
  if (!type) return <MissingContentType type={document.type} />;
  const text = label(block.label);
  return (
    <div>
      <TextLink {...entryTarget(type.uid, document.documentId, document.locale)}>
        {text ?? <DocumentTitle type={type} document={document} />}
      </TextLink>
    </div>
  );
}

/** What a document is called. Until that is known, and for who may not know it, its id. */
function DocumentTitle({ type, document }: { type: ContentType; document: DocumentRef }) {
  const field = type.titleField;
  const { documentId } = document;
  const locale = type.localized ? document.locale : undefined;
  const title = useQuery({
    queryKey: ['content', type.uid, 'title', documentId, locale ?? ''],
    enabled: Boolean(field),
    queryFn: async ({ signal }) => {
      const entry =
        type.kind === 'singleType'
          ? (await readEntry(type, documentId, { locale, signal })).entry
          : (
              await listEntries(
                type,
                {
                  fields: [field ?? 'documentId'],
                  filters: { documentId: { $eq: documentId } },
                  ...(locale ? { locale } : {}),
                  pagination: { pageSize: 1 },
                },
                signal,
              )
            ).entries[0];
      return String(entry?.[field ?? 'documentId'] ?? documentId);
    },
  });
  return <>{title.data ?? documentId}</>;
}

/** A file of the library. */
export function FileBlock({ block }: { block: BlockOf<'file'> }) {
  const { t } = useTranslation('pluginView');
  const label = useLabels();
  const file = useQuery(assetQuery(block.file));
  if (file.error) return <ErrorMessage error={file.error} title={t('noFile')} />;
  if (!file.data) {
    return (
      <DelayedContent>
        <Skeleton h={32} w={240} />
      </DelayedContent>
    );
  }
  const { name, url, bytes, mime, alternativeText } = file.data;
  const text = label(block.label) ?? name;
  if (url === null) return <Text size="sm">{t('fileInTrash', { name: text })}</Text>;
  if (block.as === 'image' && mime.startsWith('image/'))
    return <img className={classes.image} src={url} alt={alternativeText ?? text} loading="lazy" />;
  const Sign = block.as === 'document' ? IconFileText : IconFile;
  return (
    <Anchor href={url} target="_blank" rel="noopener noreferrer" size="sm" className={classes.file}>
      <Sign size={18} aria-hidden />
      <span>
        {text}{' '}
        <Text span size="xs" c="dimmed">
          {formatBytes(bytes)}
        </Text>
      </span>
    </Anchor>
  );
}
