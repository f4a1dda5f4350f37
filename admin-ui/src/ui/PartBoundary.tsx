import { Alert, Button, Modal, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { type ReactNode, Suspense } from 'react';
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from './ErrorMessage';
import { isOutdated } from './isOutdated';

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
const inDialog = (close: () => void) => (failure: FallbackProps) => <FailedDialog {...failure} close={close} />;

function FailedPart({ error, resetErrorBoundary }: FallbackProps) {
  const { t } = useTranslation('frame');
  if (!isOutdated(error)) return <ErrorMessage error={error} retry={resetErrorBoundary} />;
  return (
    <Alert role="alert" color="yellow" icon={<IconRefresh aria-hidden />} title={t('outdated.title')}>
      <Outdated />
    </Alert>
  );
}

function FailedDialog({ error, resetErrorBoundary, close }: FallbackProps & { close: () => void }) {
  const { t } = useTranslation(['frame', 'common']);
  const outdated = isOutdated(error);
  return (
    <Modal
      opened
      onClose={() => {
        close();
        resetErrorBoundary();
      }}
      title={outdated ? t('frame:outdated.title') : undefined}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {outdated ? <Outdated /> : <ErrorMessage error={error} retry={resetErrorBoundary} />}
    </Modal>
  );
}

/** Why nothing more of this version can be loaded, and the way out, which a person takes when what they write is saved. */
function Outdated() {
  const { t } = useTranslation('frame');
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm">{t('outdated.explanation')}</Text>
      <Button size="xs" onClick={() => window.location.reload()}>
        {t('outdated.reload')}
      </Button>
    </Stack>
  );
}
