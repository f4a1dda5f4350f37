import { type ReactNode, Suspense } from 'react';
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary';
import { ErrorMessage } from './ErrorMessage';

interface Props {
  /** Rendered while a chunk or data of the part loads. */
  fallback?: ReactNode;
  /** Renders nothing if the part fails: for what is only a help. */
  quiet?: boolean;
  children: ReactNode;
}

/** Contains a part that can fail or load late without the page around it: its error is shown in its place, with a button to try again. */
export function PartBoundary({ fallback = null, quiet = false, children }: Props) {
  return (
    <ErrorBoundary FallbackComponent={quiet ? EmptyFallback : FailedPart}>
      <Suspense fallback={fallback}>{children}</Suspense>
    </ErrorBoundary>
  );
}

function FailedPart({ error, resetErrorBoundary }: FallbackProps) {
  return <ErrorMessage error={error} retry={resetErrorBoundary} />;
}

function EmptyFallback() {
  return null;
}
