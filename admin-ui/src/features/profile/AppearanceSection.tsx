import { SegmentedControl, Stack, Switch, Text, useMantineColorScheme } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { usePreference } from '@/api/preferences';
import { readDensity, readShortcuts } from '@/app/appearance';
import type { Density } from '@/ui/theme';
import { Section } from './Section';

/** Colours, density, shortcuts: each counts at once. */
export function AppearanceSection() {
  const { t } = useTranslation('profile');
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [density, setDensity] = usePreference<Density>('appearance.density', readDensity);
  const [shortcuts, setShortcuts] = usePreference('shortcuts.enabled', readShortcuts);
  const scheme = useId();
  const dense = useId();
  return (
    <Section title={t('look.title')} lead={t('look.lead')}>
      <Stack gap="md" align="flex-start">
        <div>
          <Text size="sm" fw={500} mb={4} id={scheme}>
            {t('look.scheme')}
          </Text>
          <SegmentedControl
            aria-labelledby={scheme}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as 'auto' | 'light' | 'dark')}
            data={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`look.${value}`) }))}
          />
        </div>
        <div>
          <Text size="sm" fw={500} mb={4} id={dense}>
            {t('look.density')}
          </Text>
          <SegmentedControl
            aria-labelledby={dense}
            value={density}
            onChange={(value) => setDensity(readDensity(value))}
            data={(['comfortable', 'compact'] as const).map((value) => ({ value, label: t(`look.${value}`) }))}
          />
        </div>
        <Switch
          id="shortcuts"
          label={t('look.shortcuts')}
          description={t('look.shortcutsHint')}
          checked={shortcuts}
          onChange={(event) => setShortcuts(event.currentTarget.checked)}
        />
      </Stack>
    </Section>
  );
}
