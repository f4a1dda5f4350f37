import { ErrorBoundary } from 'react-error-boundary';
import { useTranslation } from 'react-i18next';
import type { PluginView, ViewDocument } from '@/api/pluginViews';
import type { ViewChoices } from '../view/context';
import classes from './DocumentView.module.css';
import { FailedPluginPart } from './FailedPluginPart';
import { Panels } from './Panels';
import { PluginViewContent } from './PluginViewContent';
import { isFor, usePluginViews } from './useViews';

interface Props {
  view: PluginView;
  document: ViewDocument;
  choices: ViewChoices;
}

/** What a plugin shows of a document as its page, and beside it the panels that plugins have for it. */
export default function DocumentView({ view, document, choices }: Props) {
  const { t } = useTranslation('pluginView');
  const hasPanels = usePluginViews().some((other) => isFor(other, 'panel', document.contentType));
  return (
    <div className={classes.columns} data-panels={hasPanels ? '' : undefined}>
      <div className={classes.main}>
        <ErrorBoundary FallbackComponent={FailedPluginPart}>
          <PluginViewContent view={view} choices={choices} document={document} page />
        </ErrorBoundary>
      </div>
      {hasPanels && (
        <aside className={classes.side} aria-label={t('panels')}>
          <Panels document={document} />
        </aside>
      )}
    </div>
  );
}
