import { Suspense } from 'react';
import { lazyPart } from '@/ui/lazyPart';
import type { EntrySession } from './session';
import type { EntryActions } from './useEntryActions';

const BeforePublishing = lazyPart(() => import('./BeforePublishing'));
const ConflictScreen = lazyPart(() => import('./ConflictScreen'));

interface EntryDialogsProps {
  session: EntrySession;
  actions: EntryActions;
  save: EntrySession['save'];
  /** Said where two languages are on the page. */
  language: string | undefined;
}

/** What saving or publishing a language of an entry asks: whether it is published as it is, and which of two changes stays. */
export function EntryDialogs({ session, actions, save, language }: EntryDialogsProps) {
  return (
    <Suspense>
      {actions.concerns && (
        <BeforePublishing
          session={session}
          concerns={actions.concerns}
          language={language}
          onClose={actions.leaveIt}
          onPublish={actions.publishAnyway}
        />
      )}
      {save.is === 'conflict' && (
        <ConflictScreen
          model={session.model}
          type={session.type}
          language={language}
          conflicts={save.conflicts}
          by={save.by}
          at={save.at}
          onResolve={(choices) => session.resolve(choices)}
        />
      )}
    </Suspense>
  );
}
