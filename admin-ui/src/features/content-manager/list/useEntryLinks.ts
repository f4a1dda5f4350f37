import { useNavigate, useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { entryTarget } from '../addresses';

interface EntryLinks {
  /** The address of an entry's page. */
  href: (entry: Entry) => string;
  open: (entry: Entry, inNewTab: boolean) => void;
}

/** Leads from a list to the pages of its entries. */
export function useEntryLinks(type: ContentType, locale: string | undefined): EntryLinks {
  const navigate = useNavigate();
  const router = useRouter();
  const target = useCallback(
    (entry: Entry) => entryTarget(type.uid, entry.documentId, type.localized ? (entry.locale ?? locale) : undefined),
    [type, locale],
  );
  const href = useCallback((entry: Entry) => router.buildLocation(target(entry)).href, [router, target]);
  const open = useCallback(
    (entry: Entry, inNewTab: boolean) => {
      if (inNewTab) window.open(href(entry), '_blank', 'noopener');
      else void navigate(target(entry));
    },
    [target, href, navigate],
  );
  return { href, open };
}
