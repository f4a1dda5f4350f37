import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { setSignInHandler, type SignInReason } from '@/api/client';
import { setSession, useSession } from '@/api/session';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import { fetchWhenIdle } from '@/ui/whenIdle';

const SignInDialog = fetchWhenIdle(lazyPart(() => import('./SignInDialog')));

interface PendingSignIn {
  reason: SignInReason;
  resolve: (signedIn: boolean) => void;
}

/**
 * The session has ended in the middle of the work, or what is done asks who somebody is: asks for the password over the page, which keeps
 * what was typed in it. The requests that were refused wait, and are sent again.
 */
export function SignInAgain() {
  const queries = useQueryClient();
  const { me } = useSession();
  const [waiting, setWaiting] = useState<readonly PendingSignIn[]>([]);
  const [needed, setNeeded] = useState(false);
  if (waiting.length > 0 && !needed) setNeeded(true);
  useEffect(() => {
    setSignInHandler((why) => new Promise((resolve) => setWaiting((others) => [...others, { reason: why, resolve }])));
    return () => setSignInHandler(undefined);
  }, []);
  const end = (signedIn: boolean) => {
    for (const { resolve } of waiting) resolve(signedIn);
    setWaiting([]);
  };
  if (!needed) return null;
  return (
    <PartBoundary closeDialog={() => end(false)}>
      <SignInDialog
        fallback={null}
        opened={waiting.length > 0}
        // Without a session nothing goes on; without having shown who one is, everything else does.
        ended={waiting.some(({ reason }) => reason === 'ended')}
        email={me.email}
        onSignedIn={(session) => {
          // What waits was somebody else's to do.
          if (session.me?.id !== me.id) return window.location.reload();
          setSession(queries, session);
          end(true);
        }}
        onCancel={() => end(false)}
      />
    </PartBoundary>
  );
}
