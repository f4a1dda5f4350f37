import { Button, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Why nothing more of this version can be loaded, and the way out, which a person takes when what they write is saved. */
export function Outdated() {
  const { t } = useTranslation('frame');
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm">{t('outdated.explanation')}</Text>
      <Button size="xs" onClick={() => window.location.reload()}>
        {t('outdated.reload')}
      </Button>
    </Stack>
  );
}
