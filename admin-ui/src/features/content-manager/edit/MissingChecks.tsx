import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { setUnchecked, subscribeToUnchecked, uncheckedPlugins } from '@/api/withoutChecks';
import { pluginAddress } from '@/features/plugins';
import { TextLink, useHasPermission } from '@/features/settings';

/** The plugins that check changes to these entries and do not run: what that means, and the ways out. */
export default function MissingChecks({ type }: { type: ContentType }) {
  const { t } = useTranslation('editor');
  const unchecked = useSyncExternalStore(subscribeToUnchecked, uncheckedPlugins);
  const mayLook = useHasPermission('plugins.read');
  const mayBypass = useHasPermission('plugins.bypass');
  return type.missingChecks.map(({ plugin, name, cause }) => {
    const without = unchecked.includes(plugin);
    return (
      <Alert
        key={plugin}
        role="alert"
        mb="md"
        color={without ? 'orange' : 'yellow'}
        icon={<IconPlugConnectedX aria-hidden />}
        title={t(`unchecked.cause.${cause}`, { name })}
      >
        <Stack gap="xs" align="flex-start">
          <Text size="sm">{t(without ? 'unchecked.without' : 'unchecked.refused', { name })}</Text>
          {(mayLook || mayBypass) && (
            <Group gap="xs">
              {mayLook && <TextLink {...pluginAddress.to({ plugin }, {})}>{t('unchecked.open', { name })}</TextLink>}
              {mayBypass && (
                <Button size="xs" variant="default" onClick={() => setUnchecked(plugin, !without)}>
                  {t(without ? 'unchecked.stop' : 'unchecked.start', { name })}
                </Button>
              )}
            </Group>
          )}
        </Stack>
      </Alert>
    );
  });
}
