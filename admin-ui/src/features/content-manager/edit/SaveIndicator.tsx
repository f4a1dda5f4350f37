import { IconAlertTriangle, IconCheck, IconCloudOff, IconLoader2, IconPencil, IconUpload } from '@tabler/icons-react';
import { Anchor } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { goToField } from '@/fields/form/reveal';
import { formatTime } from '@/ui/format';
import classes from './Edit.module.css';
import type { EntrySession, SaveState } from './session';

const icon = { size: 16, 'aria-hidden': true } as const;

interface SaveIndicatorProps {
  session: EntrySession;
  save: SaveState;
  /** It is to be published as soon as everything has arrived. */
  publishing: boolean;
  /** Shows a field, where it is not one of the form of the page. */
  goTo?: (path: string) => void;
}

/** Where what is shown is: on the server, on its way, on this device. */
export function SaveIndicator({ session, save, publishing, goTo }: SaveIndicatorProps) {
  const { t } = useTranslation('editor');
  const { store, autosaves } = session;
  const uploading = useSyncExternalStore(store.uploads.subscribe, () => store.uploads.count);
  const problems = useSyncExternalStore(store.subscribeErrors, () => store.problems);
  const [first] = problems.keys();
  const message = (() => {
    if (uploading > 0)
      return { Icon: IconUpload, text: t(publishing ? 'uploads.publish' : 'uploads.running', { count: uploading }) };
    switch (save.is) {
      case 'saved':
        if (first !== undefined)
          return {
            Icon: IconAlertTriangle,
            text: (
              <Anchor
                component="button"
                type="button"
                inherit
                underline="always"
                onClick={() => (goTo ? goTo(first) : goToField(store, first))}
              >
                {t('save.problems', { count: problems.size })}
              </Anchor>
            ),
          };
        return {
          Icon: IconCheck,
          text: save.at === null ? t('save.nothing') : t('save.saved', { at: formatTime(save.at) }),
        };
      case 'changed':
        return { Icon: IconPencil, text: t(autosaves ? 'save.changed' : 'save.unsaved') };
      case 'saving':
        return { Icon: IconLoader2, text: t('save.saving') };
      case 'offline':
        return { Icon: IconCloudOff, text: t('save.offline') };
      case 'conflict':
        return { Icon: IconAlertTriangle, text: t('save.conflict') };
      case 'refused':
        return {
          Icon: IconAlertTriangle,
          text: save.held ? t('save.held', { count: save.held }) : t('save.refused'),
        };
    }
  })();
  return (
    <span className={classes.state} role="status" data-save={save.is}>
      <message.Icon {...icon} />
      {message.text}
    </span>
  );
}
