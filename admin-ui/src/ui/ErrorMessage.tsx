import { Alert, Button, Code, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { explain } from './explain';

interface Props {
  error: unknown;
  /** What was tried: "The list could not be read". */
  title?: string;
  /** Tries again. */
  retry?: () => void;
}

/** What went wrong, why, what to do, and the reference by which the server's log has it. */
export function ErrorMessage({ error, title, retry }: Props) {
  const { t } = useTranslation('common');
  const said = explain(error, t);
  return (
    <Alert
      role="alert"
      color={said.offline ? 'yellow' : 'red'}
      icon={said.offline ? <IconCloudOff aria-hidden /> : <IconAlertTriangle aria-hidden />}
      title={title ?? said.title}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{title ? `${said.title}. ${said.hint}` : said.hint}</Text>
        {said.detail && <Text size="sm">{said.detail}</Text>}
        {said.reference && (
          <Text size="xs">
            {t('error.reference')} <Code>{said.reference}</Code>
          </Text>
        )}
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {t('retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
