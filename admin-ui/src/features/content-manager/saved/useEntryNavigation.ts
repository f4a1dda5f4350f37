import { useNavigate, useRouter } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { EntryNavigation } from '@/views/dashboard/DashboardView';
import { entryTarget } from '../addresses';

/** The ways from a view to the pages of its entries. */
export function useEntryNavigation(): EntryNavigation {
  const navigate = useNavigate();
  const router = useRouter();
  return useMemo(
    () => ({
      href: (uid, entry) => router.buildLocation(entryTarget(uid, entry.documentId, entry.locale)).href,
      open: (uid, entry) => void navigate(entryTarget(uid, entry.documentId, entry.locale)),
    }),
    [navigate, router],
  );
}
