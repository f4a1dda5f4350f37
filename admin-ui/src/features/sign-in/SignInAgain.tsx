import { Anchor, Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { onSessionEnd } from '@/api/client';
import { adopt, useSession } from '@/api/session';

const SignInForm = lazy(async () => ({ default: (await import('./SignInForm')).SignInForm }));

interface Waiting {
  resolve: () => void;
}

/**
 * The session has ended in the middle of the work: asks for the password over the page, which keeps what was typed in it. The
 * requests that were refused wait, and are sent again.
 */
export function SignInAgain() {
  const { t } = useTranslation('frame');
  const queries = useQueryClient();
  const { me } = useSession();
  const [waiting, setWaiting] = useState<readonly Waiting[]>([]);
  useEffect(() => {
    onSessionEnd(() => new Promise((resolve) => setWaiting((others) => [...others, { resolve }])));
    return () => onSessionEnd(undefined);
  }, []);
  return (
    <Modal
      opened={waiting.length > 0}
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('again.title')}
    >
      <Text mb="md">{t('again.explanation')}</Text>
      <Suspense>
        <SignInForm
          email={me.email}
          onSignedIn={(session) => {
            adopt(queries, session);
            for (const { resolve } of waiting) resolve();
            setWaiting([]);
          }}
        />
      </Suspense>
      <Anchor component="button" type="button" size="sm" mt="md" onClick={() => window.location.reload()}>
        {t('again.other')}
      </Anchor>
    </Modal>
  );
}
