import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** A secret that is told once: to be copied now. */
export function SecretOnce({ title, secret, hint }: { title: string; secret: string; hint: string }) {
  const { t } = useTranslation('common');
  return (
    <Alert role="status" color="yellow" icon={<IconKey aria-hidden />} title={title}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{hint}</Text>
        <Group gap="xs">
          <Code style={{ overflowWrap: 'anywhere' }}>{secret}</Code>
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button
                size="xs"
                variant="default"
                leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
                onClick={copy}
              >
                {copied ? t('copied') : t('copy')}
              </Button>
            )}
          </CopyButton>
        </Group>
      </Stack>
    </Alert>
  );
}
