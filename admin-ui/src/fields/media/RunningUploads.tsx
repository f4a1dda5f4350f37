import { ActionIcon, Group, Progress } from '@mantine/core';
import { IconRefresh, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './Media.module.css';
import type { Uploads } from './useUploads';

/** Uploads with their progress, and those that failed. */
export function RunningUploads({ uploads: { running, stop } }: { uploads: Uploads }) {
  const { t } = useTranslation('fields');
  return (
    <div role="status">
      {running.map((run) => (
        <Group key={run.key} gap="xs" mt={4} wrap="nowrap">
          <span className={classes.name}>{run.name}</span>
          {run.error ? (
            <span className={classes.warning}>{run.error}</span>
          ) : (
            <Progress flex={1} value={run.share * 100} aria-label={t('media.uploading', { name: run.name })} />
          )}
          {run.retry && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('media.retry', { name: run.name })}
              onClick={run.retry}
            >
              <IconRefresh size={16} aria-hidden />
            </ActionIcon>
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('media.stop', { name: run.name })}
            onClick={() => stop(run)}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
    </div>
  );
}
