import { Anchor, Button, Group, Modal, Text } from '@mantine/core';
import { useMounted } from '@mantine/hooks';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Session } from '@/api/session';
import { lazyPart } from '@/ui/lazyPart';

const SignInForm = lazyPart(async () => ({ default: (await import('./SignInForm')).SignInForm }));

/** Over whatever else is open: that waits for it. */
const ABOVE_DIALOGS = 1_000;

interface Props {
  opened: boolean;
  /** Whether the session has ended, rather than been too long ago for what is done. */
  ended: boolean;
  email: string;
  onSignedIn: (session: Session) => void;
  onCancel: () => void;
}

/** Asks for the password over the page. */
export default function SignInDialog({ opened, ended, email, onSignedIn, onCancel }: Props) {
  const { t } = useTranslation(['frame', 'common']);
  // Opened once it is there: it gives the focus back to what had it then.
  const ready = useMounted();
  const textKey = ended ? 'again' : 'lately';
  return (
    <Modal
      opened={ready && opened}
      onClose={onCancel}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      zIndex={ABOVE_DIALOGS}
      title={t(`${textKey}.title`)}
    >
      <Text mb="md">{t(`${textKey}.explanation`)}</Text>
      <Suspense>
        <SignInForm email={email} onSignedIn={onSignedIn} />
      </Suspense>
      {ended ? (
        <Anchor component="button" type="button" size="sm" mt="md" onClick={() => window.location.reload()}>
          {t('again.other')}
        </Anchor>
      ) : (
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onCancel}>
            {t('common:cancel')}
          </Button>
        </Group>
      )}
    </Modal>
  );
}
