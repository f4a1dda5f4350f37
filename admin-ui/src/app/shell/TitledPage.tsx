import { type ReactNode, useLayoutEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '@/api/session';
import { setDocumentTitle } from '@/ui/documentTitle';
import { hasPermission, type RequiredPermissions } from '../permissions';
import { NoPermissionPage } from './NoPermissionPage';

interface Props {
  /** A text key with its namespace. */
  title: string;
  needs?: RequiredPermissions;
  children: ReactNode;
}

/** A page under its name, for those who may see it. */
export function TitledPage({ title, needs, children }: Props) {
  const { t } = useTranslation(title.split(':')[0]);
  const name = t(title);
  // Before the page's own effects: it may have a better name.
  useLayoutEffect(() => setDocumentTitle(name), [name]);
  const { data } = useQuery(sessionQuery);
  return hasPermission(data?.permissions, needs) ? children : <NoPermissionPage needs={needs ?? []} />;
}
