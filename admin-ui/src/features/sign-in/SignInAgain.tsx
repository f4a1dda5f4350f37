import { Anchor, Button, Group, Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setSignInHandler, type SignInReason } from '@/api/client';
import { setSession, useSession } from '@/api/session';
import { lazyPart } from '@/ui/lazyPart';

const SignInForm = lazyPart(async () => ({ default: (await import('./SignInForm')).SignInForm }));

/** Over whatever else is open: that waits for it. */
const ABOVE_DIALOGS = 1_000;

interface PendingSignIn {
  reason: SignInReason;
  resolve: (signedIn: boolean) => void;
}

/**
 * The session has ended in the middle of the work, or what is done asks who somebody is: asks for the password over the page, which keeps
 * what was typed in it. The requests that were refused wait, and are sent again.
 */
export function SignInAgain() {
  const { t } = useTranslation(['frame', 'common']);
  const queries = useQueryClient();
  const { me } = useSession();
  const [waiting, setWaiting] = useState<readonly PendingSignIn[]>([]);
  useEffect(() => {
    setSignInHandler((why) => new Promise((resolve) => setWaiting((others) => [...others, { reason: why, resolve }])));
    return () => setSignInHandler(undefined);
  }, []);
  const end = (signedIn: boolean) => {
    for (const { resolve } of waiting) resolve(signedIn);
    setWaiting([]);
  };
  // Without a session nothing goes on; without having shown who one is, everything else does.
  const ended = waiting.some(({ reason }) => reason === 'ended');
  const textKey = ended ? 'again' : 'lately';
  return (
    <Modal
      opened={waiting.length > 0}
      onClose={() => end(false)}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      zIndex={ABOVE_DIALOGS}
      title={t(`${textKey}.title`)}
    >
      <Text mb="md">{t(`${textKey}.explanation`)}</Text>
      <Suspense>
        <SignInForm
          email={me.email}
          onSignedIn={(session) => {
            // What waits was somebody else's to do.
            if (session.me?.id !== me.id) return window.location.reload();
            setSession(queries, session);
            end(true);
          }}
        />
      </Suspense>
      {ended ? (
        <Anchor component="button" type="button" size="sm" mt="md" onClick={() => window.location.reload()}>
          {t('again.other')}
        </Anchor>
      ) : (
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => end(false)}>
            {t('common:cancel')}
          </Button>
        </Group>
      )}
    </Modal>
  );
}
