import { Button, Group, Text } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { request } from '@/api/client';
import { useReachable } from '@/api/reachability';
import classes from './OfflineBanner.module.css';

/** The server cannot be reached: said at the top of every page until it can, since nothing is saved meanwhile. */
export function OfflineBanner() {
  const { t } = useTranslation('frame');
  const queries = useQueryClient();
  const reachable = useReachable();
  const [trying, setTrying] = useState(false);
  if (reachable) return null;
  const retry = async (): Promise<void> => {
    setTrying(true);
    try {
      await request('GET', '/admin/api/session');
      await queries.refetchQueries({ type: 'active' });
    } catch {
      // It stays as it is: the banner says so.
    } finally {
      setTrying(false);
    }
  };
  return (
    <Group className={classes.banner} role="alert" gap="sm" wrap="wrap">
      <IconCloudOff size={18} aria-hidden />
      <Text size="sm" flex="1 1 12rem">
        {t('offline.explanation')}
      </Text>
      <Button size="compact-sm" variant="default" loading={trying} onClick={() => void retry()}>
        {t('offline.retry')}
      </Button>
    </Group>
  );
}
