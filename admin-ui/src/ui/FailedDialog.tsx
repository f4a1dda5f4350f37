import { Modal } from '@mantine/core';
import type { FallbackProps } from 'react-error-boundary';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from './ErrorMessage';
import { isOutdated } from './isOutdated';
import { Outdated } from './Outdated';

/** Why a dialog failed, in a dialog. */
export default function FailedDialog({ error, resetErrorBoundary, close }: FallbackProps & { close: () => void }) {
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
