import { Button, Checkbox, Code, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconNotes } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LOG_LEVELS, type LogLevel, type LogLine, logsQuery } from '@/api/plugins';
import { MoreRows, QueryState, StateBadge, type BadgeTone } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { formatDateTime } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { pluginAddress } from '../addresses';
import classes from './LogTab.module.css';

const TONES: Record<LogLevel, BadgeTone> = {
  trace: 'off',
  debug: 'off',
  info: 'waiting',
  warn: 'warning',
  error: 'bad',
};

/** How often a log that is watched is asked for, in milliseconds. */
const REFRESH_MS = 2000;

/** What a plugin says, newest first; new lines by themselves where somebody watches. */
export function LogTab({ plugin }: { plugin: string }) {
  const { t } = useTranslation(['plugin', 'common']);
  const { level, q, live = false } = pluginAddress.useSearch();
  const setSearch = pluginAddress.useSetSearch();
  const [searchText, setSearchText] = useState(q ?? '');
  const search = useDebouncedCallback((typed: string) => setSearch({ q: typed.trim() || undefined }), 300);
  const filter = { ...(level ? { level } : {}), ...(q ? { search: q } : {}) };
  const pages = useInfiniteQuery({
    ...logsQuery(plugin, filter),
    // Whoever reads further back is not interrupted by what is new.
    refetchInterval: (query) => (live && (query.state.data?.pages.length ?? 1) <= 1 ? REFRESH_MS : false),
  });
  const lines = pages.data?.pages.flatMap((page) => page.data) ?? [];
  const filtered = level !== undefined || q !== undefined;
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <Select
          label={t('log.level')}
          data={LOG_LEVELS.map((value) => ({ value, label: t(`level.${value}`) }))}
          value={level ?? null}
          onChange={(value) => setSearch({ level: (value as LogLevel | null) ?? undefined })}
          placeholder={t('common:all')}
          clearable
          clearButtonProps={{ 'aria-label': t('clear') }}
          w={180}
        />
        <TextInput
          label={t('common:search')}
          type="search"
          value={searchText}
          maxLength={200}
          onChange={(event) => {
            setSearchText(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
          w={240}
        />
        <Checkbox
          label={t('log.live')}
          checked={live}
          onChange={(event) => setSearch({ live: event.currentTarget.checked || undefined })}
          mb={8}
        />
        {!live && (
          <Button variant="default" loading={pages.isRefetching} onClick={() => void pages.refetch()}>
            {t('refresh')}
          </Button>
        )}
      </Group>
      <QueryState query={pages}>
        {() =>
          lines.length === 0 ? (
            <EmptyState icon={IconNotes} title={t(filtered ? 'log.nothing' : 'log.none')}>
              {t(filtered ? 'log.nothingHint' : 'log.noneHint')}
            </EmptyState>
          ) : (
            <div>
              <ol className={classes.lines} aria-label={t('tab.log')}>
                {lines.map((line) => (
                  <LogRow key={line.id} line={line} />
                ))}
              </ol>
              <MoreRows pages={pages} count={lines.length} />
            </div>
          )
        }
      </QueryState>
    </Stack>
  );
}

function LogRow({ line }: { line: LogLine }) {
  const { t } = useTranslation('plugin');
  const fields = Object.entries(line.fields);
  return (
    <li className={classes.line}>
      <Group gap="xs">
        <Text size="xs" c="dimmed" span title={formatDateTime(line.at)}>
          <RelativeTime at={line.at} />
        </Text>
        <StateBadge tone={TONES[line.level]}>{t(`level.${line.level}`)}</StateBadge>
        {line.call && (
          <Text size="xs" c="dimmed" span>
            {t('log.call')} <Code>{line.call}</Code>
          </Text>
        )}
      </Group>
      <Text size="sm" className={classes.message}>
        {line.message}
      </Text>
      {fields.length > 0 && (
        <Text size="xs" c="dimmed" className={classes.message}>
          {fields
            .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
            .join(' ')}
        </Text>
      )}
    </li>
  );
}
