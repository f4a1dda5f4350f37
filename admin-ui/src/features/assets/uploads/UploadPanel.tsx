import { ActionIcon, Anchor, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { describeError } from '@/ui/explainError';
import { formatBytes } from '@/ui/format';
import classes from '../Assets.module.css';
import { libraryAddress } from '../addresses';
import { type UploadItem, uploads, useUploads } from './uploads';

/** Files on their way: how far they are, and what can be done about each. */
export function UploadPanel() {
  const { t } = useTranslation('media');
  const items = useUploads();
  if (items.length === 0) return null;
  const done = items.filter((item) => item.state === 'done').length;
  return (
    <section className={classes.bar} style={{ position: 'static' }} aria-label={t('upload.title')}>
      <Group justify="space-between" mb="xs">
        <Text size="sm" fw={500} role="status">
          {t('upload.progress', { done, count: items.length })}
        </Text>
        {done > 0 && (
          <Button size="compact-xs" variant="default" onClick={() => uploads.clear()}>
            {t('upload.clear')}
          </Button>
        )}
      </Group>
      <Stack gap={6} mah={260} style={{ overflow: 'auto' }}>
        {items.map((item) => (
          <UploadRow key={item.key} item={item} />
        ))}
      </Stack>
    </section>
  );
}

function UploadRow({ item }: { item: UploadItem }) {
  const { t } = useTranslation('media');
  const { t: tc } = useTranslation('common');
  const share = item.size > 0 ? Math.round((item.sent / item.size) * 100) : item.state === 'done' ? 100 : 0;
  return (
    <div>
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" className={classes.grow}>
          {item.asset ? <UploadedLink documentId={item.asset.documentId} name={item.name} /> : item.name}
        </Text>
        <Text size="xs" c="dimmed">
          {t(`upload.state.${item.state}`, { sent: formatBytes(item.sent), size: formatBytes(item.size) })}
        </Text>
        {(item.state === 'sending' || item.state === 'waiting') && (
          <UploadAction
            label={t('upload.pause', { name: item.name })}
            icon={<IconPlayerPause size={16} aria-hidden />}
            onClick={() => uploads.pause(item.key)}
          />
        )}
        {item.state === 'paused' && (
          <UploadAction
            label={t('upload.resume', { name: item.name })}
            icon={<IconPlayerPlay size={16} aria-hidden />}
            onClick={() => uploads.resume(item.key)}
          />
        )}
        {item.state === 'failed' && (
          <UploadAction
            label={t('upload.retry', { name: item.name })}
            icon={<IconRefresh size={16} aria-hidden />}
            onClick={() => uploads.resume(item.key)}
          />
        )}
        {item.state !== 'done' && (
          <UploadAction
            label={t('upload.cancel', { name: item.name })}
            icon={<IconX size={16} aria-hidden />}
            onClick={() => uploads.cancel(item.key)}
          />
        )}
      </Group>
      {item.state !== 'done' && (
        <Progress
          value={share}
          size="sm"
          aria-label={t('upload.share', { name: item.name })}
          color={item.state === 'failed' ? 'red' : undefined}
        />
      )}
      {item.error && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {describeError(item.error, tc)}
        </Text>
      )}
      {item.asset && item.asset.duplicates > 0 && (
        <Text size="xs" c="dimmed">
          {t('upload.duplicate', { count: item.asset.duplicates })}
        </Text>
      )}
    </div>
  );
}

function UploadAction({ label, icon, onClick }: { label: string; icon: React.ReactNode; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
      {icon}
    </ActionIcon>
  );
}

function UploadedLink({ documentId, name }: { documentId: string; name: string }) {
  return (
    <Anchor size="sm" renderRoot={(props) => <Link {...libraryAddress.to({}, { file: documentId })} {...props} />}>
      {name}
    </Anchor>
  );
}
