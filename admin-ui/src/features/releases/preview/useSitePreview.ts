import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { beginSeeAs } from '@/api/editorial';
import type { Release } from '@/api/releases';
import { showToast } from '@/ui/toast';
import type { ItemRef } from '../useItemEntries';
import { useReleasePermissions } from '../useReleasePermissions';

interface SitePreview {
  may: boolean;
  error: unknown;
  /** Opens the page of an entry in a new tab. */
  open: (item: ItemRef) => Promise<void>;
}

/** Opens the site as visitors will see it after a release: at its time, where it has one. */
export function useSitePreview(release: Release | undefined): SitePreview {
  const { t } = useTranslation('releasing');
  const { maySeeSite } = useReleasePermissions();
  const [error, setError] = useState<unknown>();
  const open = async ({ contentType, documentId, locale }: ItemRef): Promise<void> => {
    if (!release) return;
    setError(undefined);
    // Opened while the click counts: after the request, browsers take it for an advertisement.
    const tab = window.open('about:blank', '_blank');
    if (!tab) {
      showToast({ message: t('preview.blocked'), failed: true });
      return;
    }
    tab.opener = null;
    try {
      const subject = { uid: contentType, documentId, locale: locale ?? undefined };
      const { url } = await beginSeeAs(subject, { release: release.id, at: futureTime(release) });
      if (url && /^https?:\/\//.test(url)) {
        tab.location.replace(url);
        return;
      }
      showToast({ message: t('preview.noPage'), failed: true });
    } catch (cause) {
      setError(cause);
    }
    tab.close();
  };
  return { may: maySeeSite, error, open };
}

/** The time of a release that is to come; the present for all others. */
function futureTime({ state, due }: Release): string | undefined {
  return state === 'scheduled' && due && new Date(due) > new Date() ? due : undefined;
}
