import { ActionIcon, Button, Group, Input, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Webhook } from '@/api/webhooks';

/** A header as it is edited. Of one that is kept the value is not known. */
export interface HeaderRow {
  name: string;
  /** `null`: as it is kept. */
  value: string | null;
}

/** Kept headers, to be edited. */
export function toHeaderRows(headers: Webhook['headers']): HeaderRow[] {
  return Object.keys(headers ?? {}).map((name) => ({ name, value: null }));
}

/** What is sent: values that are not known stay. */
export function toHeaders(rows: readonly HeaderRow[]): Record<string, string | true> | null {
  const named = rows.filter((row) => row.name.trim());
  return named.length > 0 ? Object.fromEntries(named.map((row) => [row.name.trim(), row.value ?? true])) : null;
}

interface Props {
  rows: HeaderRow[];
  onChange: (rows: HeaderRow[]) => void;
  error: string | undefined;
}

/** Headers that go with what is sent. Values that are kept are never shown, only replaced. */
export function HeadersInput({ rows, onChange, error }: Props) {
  const { t } = useTranslation('settings');
  const set = (at: number, part: Partial<HeaderRow>): void =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...part } : row)));
  return (
    <Input.Wrapper
      label={t('webhooks.headers')}
      description={t('webhooks.headersHint')}
      error={error}
      labelElement="div"
    >
      <Stack gap="xs" mt={6}>
        {rows.map((row, at) => (
          <Group key={at} gap="xs" align="flex-end" wrap="nowrap">
            <TextInput
              flex={1}
              aria-label={t('webhooks.headerName', { number: at + 1 })}
              placeholder="Authorization"
              value={row.name}
              onChange={(event) => set(at, { name: event.currentTarget.value, value: row.value ?? '' })}
            />
            {row.value === null ? (
              <Group flex={2} gap="xs" wrap="nowrap">
                <Text size="sm" c="dimmed">
                  {t('webhooks.headerKept')}
                </Text>
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => set(at, { value: '' })}
                  aria-label={t('webhooks.headerReplace', { name: row.name })}
                >
                  {t('webhooks.replace')}
                </Button>
              </Group>
            ) : (
              <TextInput
                flex={2}
                aria-label={t('webhooks.headerValue', { number: at + 1 })}
                value={row.value}
                onChange={(event) => set(at, { value: event.currentTarget.value })}
                autoComplete="off"
              />
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              size={32}
              aria-label={t('webhooks.headerRemove', { name: row.name || String(at + 1) })}
              onClick={() => onChange(rows.filter((_, index) => index !== at))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => onChange([...rows, { name: '', value: '' }])}
          style={{ alignSelf: 'flex-start' }}
        >
          {t('webhooks.headerAdd')}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
