import { Alert, Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatDateTime } from '@/ui/format';
import { withLanguage } from './withLanguage';
import type { LocalCopy } from './localCopy';
import type { EntrySession } from './session';

/** What an earlier page left on this device, and did not send. */
export default function RecoverNote({
  session,
  copy,
  onDone,
  language,
}: {
  session: EntrySession;
  copy: LocalCopy;
  onDone: () => void;
  /** Said where two languages are on the page. */
  language?: string;
}) {
  const { t } = useTranslation('editor');
  return (
    <Alert title={withLanguage(t('recover.title'), language)} color="blue" mb="md" role="alert">
      <Text size="sm">{t('recover.text', { at: formatDateTime(copy.at) })}</Text>
      <Group mt="xs" gap="xs">
        <Button
          size="xs"
          onClick={() => {
            session.recover(copy);
            onDone();
          }}
        >
          {t('recover.do')}
        </Button>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            void session.forget();
            onDone();
          }}
        >
          {t('recover.forget')}
        </Button>
      </Group>
    </Alert>
  );
}
