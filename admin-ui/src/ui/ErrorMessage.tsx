import { Alert, Button, Code, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { explainError } from './explainError';

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
  const explanation = explainError(error, t);
  return (
    <Alert
      role="alert"
      color={explanation.offline ? 'yellow' : 'red'}
      icon={explanation.offline ? <IconCloudOff aria-hidden /> : <IconAlertTriangle aria-hidden />}
      title={title ?? explanation.title}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{title ? `${explanation.title}. ${explanation.hint}` : explanation.hint}</Text>
        {explanation.detail && <Text size="sm">{explanation.detail}</Text>}
        {explanation.reference && (
          <Text size="xs">
            {t('error.reference')} <Code>{explanation.reference}</Code>
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
