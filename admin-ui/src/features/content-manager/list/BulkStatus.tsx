import { Alert, Button, CloseButton, Group, List, Progress, Spoiler, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconCircleCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatNumber } from '@/ui/format';
import { entryTarget } from '../addresses';
import { bulkResultText } from './bulkResultText';
import type { BulkRun } from './useBulk';

/** How work on many documents goes, what came of it, and the way back. Stays until it is put away. */
export function BulkStatus({ type, bulk }: { type: ContentType; bulk: BulkRun }) {
  const { t } = useTranslation(['list', 'common']);
  const { t: tl } = useTranslation('list');
  const { state } = bulk;
  if (state.phase === 'idle') return null;
  if (state.phase === 'running' || state.phase === 'undoing') {
    const title = state.phase === 'running' ? t(`list:bulk.running.${state.action.kind}`) : t('list:bulk.undoing');
    return (
      <Alert mb="xs" py="xs" color="accent" role="status">
        <Group wrap="nowrap">
          <Text size="sm">{title}</Text>
          <Progress flex={1} value={state.total === 0 ? 0 : (state.done / state.total) * 100} aria-label={title} />
          {state.phase === 'running' && (
            <>
              <Text size="sm">
                {formatNumber(state.done)} / {formatNumber(state.total)}
              </Text>
              <Button size="compact-sm" variant="default" onClick={bulk.cancel}>
                {t('list:bulk.stop')}
              </Button>
            </>
          )}
        </Group>
      </Alert>
    );
  }
  const { result } = state;
  const failed = state.phase === 'done' ? result.failures.length : state.failed;
  return (
    <Alert
      mb="xs"
      py="xs"
      role="status"
      color={failed > 0 ? 'red' : 'teal'}
      icon={failed > 0 ? <IconAlertTriangle aria-hidden /> : <IconCircleCheck aria-hidden />}
    >
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Text size="sm" fw={500}>
            {state.phase === 'done' ? bulkResultText(tl, result) : t('list:bulk.undone')}
          </Text>
          {state.phase === 'done' && result.final > 0 && (
            <Text size="sm" c="dimmed">
              {t('list:bulk.final', { count: result.final })}
            </Text>
          )}
          {state.phase === 'undone' && failed > 0 && (
            <Text size="sm">{t('list:bulk.notUndone', { count: failed })}</Text>
          )}
          {state.phase === 'undone' && state.error !== undefined && <ErrorMessage error={state.error} />}
          {state.phase === 'done' && failed > 0 && (
            <>
              <Text size="sm">{t('list:bulk.failed', { count: failed })}</Text>
              <Spoiler maxHeight={96} showLabel={t('common:more')} hideLabel={t('list:bulk.less')}>
                <List size="sm">
                  {result.failures.slice(0, 100).map(({ documentId, title, message }) => (
                    <List.Item key={documentId}>
                      <Link {...entryTarget(type.uid, documentId)}>{title ?? documentId}</Link>: {message}
                    </List.Item>
                  ))}
                </List>
              </Spoiler>
            </>
          )}
        </div>
        <Group gap="xs" wrap="nowrap">
          {state.phase === 'done' && result.undo.length > 0 && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconArrowBackUp size={14} aria-hidden />}
              onClick={() => void bulk.undo()}
            >
              {t('common:undo')}
            </Button>
          )}
          <CloseButton size={28} aria-label={t('common:close')} onClick={bulk.dismiss} />
        </Group>
      </Group>
    </Alert>
  );
}
