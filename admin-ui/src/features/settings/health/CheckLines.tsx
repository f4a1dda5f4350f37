import { Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { HealthCheck, HealthLevel } from '@/api/health';
import { TextLink } from '../parts/TextLink';
import { repairTarget, checkTextKey } from './checks';

const SIGNS = {
  ok: { Icon: IconCheck, colour: 'green' },
  warning: { Icon: IconAlertTriangle, colour: 'yellow' },
  problem: { Icon: IconX, colour: 'red' },
} as const satisfies Record<HealthLevel, unknown>;

/** What was looked at, each a sentence; what is not well with the way to where it is mended. */
export function CheckLines({ checks, label }: { checks: readonly HealthCheck[]; label: string }) {
  const { t } = useTranslation('health');
  return (
    <Stack gap={6} component="ul" aria-label={label} m={0} p={0} style={{ listStyle: 'none' }}>
      {checks.map(({ code, level, count }) => {
        const { Icon, colour } = SIGNS[level];
        const text = checkTextKey(code);
        const to = level === 'ok' ? undefined : repairTarget(code);
        return (
          <Group key={code} component="li" gap={8} wrap="nowrap" align="flex-start">
            <Icon
              size={18}
              color={`var(--mantine-color-${colour}-text)`}
              role="img"
              aria-label={t(`level.${level}`)}
              style={{ flex: 'none', marginTop: 1 }}
            />
            <Text size="sm" component="div">
              {t(`check.${text}.${level === 'ok' ? 'ok' : 'bad'}`, { count: count ?? 0, code })}{' '}
              {to && (
                <TextLink inText {...to}>
                  {t(`check.${text}.mend`)}
                </TextLink>
              )}
            </Text>
          </Group>
        );
      })}
    </Stack>
  );
}
