import type { FallbackProps } from 'react-error-boundary';
import { ErrorMessage } from '@/ui/ErrorMessage';

/** In the place of a plugin's view that could not be drawn: what is around it goes on. */
export function FailedPluginPart({ error, resetErrorBoundary }: FallbackProps) {
  return <ErrorMessage error={error} retry={resetErrorBoundary} />;
}
