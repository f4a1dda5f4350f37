import { Alert, Drawer, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type AssetDetail, assetQuery } from '@/api/assets';
import { safeUrl } from '@/fields/media/files';
import { closeOnEscape } from '@/ui/closeOnEscape';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatBytes, formatDateTime } from '@/ui/format';
import classes from './Assets.module.css';
import { AddressSection } from './detail/AddressSection';
import { DetailsForm } from './detail/DetailsForm';
import { FateSection } from './detail/FateSection';
import { RightsSection } from './detail/RightsSection';
import { UsagesSection } from './detail/UsagesSection';
import { VersionsSection } from './detail/VersionsSection';
import { Thumbnail } from './Thumbnail';

interface Props {
  documentId: string;
  trash: boolean;
  onClose: () => void;
}

/** One file: what it is, what is said of it, where it is used, who may use it, what it was. */
export function AssetDrawer({ documentId, trash, onClose }: Props) {
  const { t } = useTranslation('media');
  const asset = useQuery(assetQuery(documentId));
  return (
    <Drawer
      opened
      onClose={onClose}
      closeOnEscape={false}
      onKeyDown={closeOnEscape(onClose)}
      size="lg"
      title={asset.data?.name ?? t('file')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {asset.error && <ErrorMessage error={asset.error} retry={() => void asset.refetch()} />}
      {asset.isPending && (
        <DelayedContent>
          <Skeleton h={300} />
        </DelayedContent>
      )}
      {asset.data && (
        <Stack gap="lg">
          <AssetPreview file={asset.data} />
          <AssetDetails file={asset.data} />
          {!trash && !asset.data.deletedAt && (
            <>
              <DetailsForm file={asset.data} />
              <UsagesSection documentId={documentId} />
              <RightsSection documentId={documentId} />
              {asset.data.url && <AddressSection file={asset.data} url={asset.data.url} />}
              <VersionsSection file={asset.data} />
            </>
          )}
          <FateSection file={asset.data} onGone={onClose} />
        </Stack>
      )}
    </Drawer>
  );
}

function AssetPreview({ file }: { file: AssetDetail }) {
  const url = safeUrl(file.url);
  if (!url || file.deletedAt) return null;
  return (
    <div className={classes.preview}>
      {file.kind === 'image' ? (
        <img src={url} alt={file.alternativeText ?? ''} />
      ) : file.kind === 'video' ? (
        // oxlint-disable-next-line jsx-a11y/media-has-caption -- a file of the library has none of its own
        <video src={url} controls preload="metadata" />
      ) : file.kind === 'audio' ? (
        // oxlint-disable-next-line jsx-a11y/media-has-caption -- a file of the library has none of its own
        <audio src={url} controls preload="metadata" />
      ) : (
        <Thumbnail file={file} />
      )}
    </div>
  );
}

function AssetDetails({ file }: { file: AssetDetail }) {
  const { t } = useTranslation('media');
  const rows: [string, string][] = [
    [t('facts.kind'), `${t(`kind.${file.kind}`)} (${file.mime})`],
    [t('facts.size'), formatBytes(file.bytes)],
    ...(file.width && file.height ? [[t('facts.pixels'), `${file.width} × ${file.height}`] as [string, string]] : []),
    [t('facts.added'), [formatDateTime(file.addedAt), file.addedBy.name].filter(Boolean).join(', ')],
    ...(file.deletedAt ? [[t('facts.deleted'), formatDateTime(file.deletedAt)] as [string, string]] : []),
  ];
  return (
    <div>
      <dl className={classes.facts}>
        {rows.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {file.duplicates > 0 && (
        <Alert color="yellow" mt="xs">
          {t('duplicates.of', { count: file.duplicates })}
        </Alert>
      )}
    </div>
  );
}
