import { Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '@/ui/format';
import { checkContrast, darkenedShade } from './themeColours';

/** How well the colour can be read and seen, said again as it is changed; and what Cairn does about it. */
export function ContrastChecks({ accent }: { accent: string }) {
  const { t } = useTranslation('project');
  const shade = darkenedShade(accent);
  return (
    <Stack gap={4} role="status">
      {checkContrast(accent).map(({ id, ratio, needed, ok }) => (
        <Group key={id} gap={6} wrap="nowrap" align="flex-start">
          {ok ? (
            <IconCheck size={18} color="var(--mantine-color-green-text)" aria-hidden />
          ) : (
            <IconAlertTriangle size={18} color="var(--mantine-color-yellow-text)" aria-hidden />
          )}
          <Text size="sm">
            {t(ok ? 'appearance.check.ok' : 'appearance.check.low', {
              what: t(`appearance.check.${id}`),
              // Rounded down: 4.48 is not enough, and must not look as if it were.
              ratio: formatNumber(Math.floor(ratio * 10) / 10),
              needed: formatNumber(needed),
            })}
          </Text>
        </Group>
      ))}
      <Text size="sm" c="dimmed">
        {shade ? t('appearance.check.mended', { colour: shade }) : t('appearance.check.asItIs')}
      </Text>
    </Stack>
  );
}
