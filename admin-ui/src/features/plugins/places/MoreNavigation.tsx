import { lazy, Suspense } from 'react';
import { usePluginViews } from './useViews';

const Navigation = lazy(() => import('./Navigation'));

/** The pages of plugins in the navigation; their icons come only where there is one. */
export default function MoreNavigation() {
  const any = usePluginViews().some(({ kind, path }) => kind === 'page' && path !== null);
  return any ? (
    <Suspense>
      <Navigation />
    </Suspense>
  ) : null;
}
