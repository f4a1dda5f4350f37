import { Suspense } from 'react';
import { lazyPart } from '@/ui/lazyPart';
import { usePluginViews } from './useViews';

const Widgets = lazyPart(() => import('./Widgets'));

/** What plugins show on the home page, after all else. */
export default function PluginWidgetsLoader() {
  const any = usePluginViews().some(({ kind }) => kind === 'widget');
  return any ? (
    <Suspense>
      <Widgets />
    </Suspense>
  ) : null;
}
