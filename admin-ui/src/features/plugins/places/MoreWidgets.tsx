import { lazy, Suspense } from 'react';
import { usePluginViews } from './useViews';

const Widgets = lazy(() => import('./Widgets'));

/** What plugins show on the home page, after all else. */
export default function MoreWidgets() {
  const any = usePluginViews().some(({ kind }) => kind === 'widget');
  return any ? (
    <Suspense>
      <Widgets />
    </Suspense>
  ) : null;
}
