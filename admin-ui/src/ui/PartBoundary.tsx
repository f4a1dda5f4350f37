import { Alert } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { type ReactNode, Suspense } from 'react';
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from './ErrorMessage';
import { isOutdated } from './isOutdated';
import { lazyPart } from './lazyPart';
import { Outdated } from './Outdated';
import { fetchWhenIdle } from './whenIdle';

const FailedDialog = fetchWhenIdle(lazyPart(() => import('./FailedDialog')));

interface Props {
  /** Rendered while a chunk or data of the part loads. */
  fallback?: ReactNode;
  /** Renders nothing if the part fails: for what is only a help. */
  quiet?: boolean;
  /** Closes the dialog that the part is: its error is shown in a dialog in its place, as nobody would find it in the page. */
  closeDialog?: () => void;
  children: ReactNode;
}

/** Contains a part that can fail or load late without the page around it: its error is shown in its place, with a button to try again. */
export function PartBoundary({ fallback = null, quiet = false, closeDialog, children }: Props) {
  const renderFailure = quiet ? renderNothing : closeDialog ? inDialog(closeDialog) : renderInPlace;
  return (
    <ErrorBoundary fallbackRender={renderFailure}>
      <Suspense fallback={fallback}>{children}</Suspense>
    </ErrorBoundary>
  );
}

const renderNothing = () => null;
const renderInPlace = (failure: FallbackProps) => <FailedPart {...failure} />;
const inDialog = (close: () => void) => (failure: FallbackProps) => (
  // Where not even that can be loaded, the page says why.
  <ErrorBoundary fallbackRender={() => <FailedPart {...failure} />}>
    <FailedDialog {...failure} close={close} fallback={null} />
  </ErrorBoundary>
);

function FailedPart({ error, resetErrorBoundary }: FallbackProps) {
  const { t } = useTranslation('frame');
  if (!isOutdated(error)) return <ErrorMessage error={error} retry={resetErrorBoundary} />;
  return (
    <Alert role="alert" color="yellow" icon={<IconRefresh aria-hidden />} title={t('outdated.title')}>
      <Outdated />
    </Alert>
  );
}
