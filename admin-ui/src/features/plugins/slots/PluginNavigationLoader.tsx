import { Suspense } from 'react';
import { lazyPart } from '@/ui/lazyPart';
import { usePluginViews } from './useViews';

const Navigation = lazyPart(() => import('./Navigation'));

/** The pages of plugins in the navigation; their icons come only where there is one. */
export default function PluginNavigationLoader() {
  const any = usePluginViews().some(({ kind, path }) => kind === 'page' && path !== null);
  return any ? (
    <Suspense>
      <Navigation />
    </Suspense>
  ) : null;
}
