import { lazy, type ReactNode, Suspense, useState } from 'react';
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary';
import { ErrorMessage } from './ErrorMessage';
import type { Load } from './here';

interface Props {
  load: Load;
  /** While its chunk and its data come. */
  fallback?: ReactNode;
  /** Draws nothing where it failed: what is only a help there. */
  quiet?: boolean;
}

/** A part that another feature adds: fetched when it is drawn, and by itself when it fails: what is around it goes on. */
export function Deferred({ load, fallback = null, quiet = false }: Props) {
  const [Part] = useState(() => load.part ?? lazy(load));
  return (
    <ErrorBoundary FallbackComponent={quiet ? Nothing : Failed}>
      <Suspense fallback={fallback}>
        <Part />
      </Suspense>
    </ErrorBoundary>
  );
}

function Failed({ error, resetErrorBoundary }: FallbackProps) {
  return <ErrorMessage error={error} retry={resetErrorBoundary} />;
}

function Nothing() {
  return null;
}
