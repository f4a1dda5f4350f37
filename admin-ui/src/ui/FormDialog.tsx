import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from './ErrorMessage';

interface Props {
  title: string;
  onClose: () => void;
  /** The form was sent, by its button or by Enter. */
  onSubmit: () => void;
  /** It is on its way. */
  pending?: boolean;
  /** Why it did not work. */
  error?: unknown;
  /** What the button says; left out: "Save". */
  submit?: string;
  /** It cannot be sent as it stands. */
  disabled?: boolean;
  /** It takes something away. */
  danger?: boolean;
  /** The form tells what is wrong itself, not the browser. */
  noValidate?: boolean;
  size?: string;
  children: ReactNode;
}

/** A dialog that asks for something: its fields, what went wrong, and two buttons. The first field has `data-autofocus`. */
export function FormDialog({
  title,
  onClose,
  onSubmit,
  pending = false,
  error,
  submit,
  disabled = false,
  danger = false,
  noValidate = false,
  size,
  children,
}: Props) {
  const { t } = useTranslation('common');
  return (
    <Modal opened onClose={onClose} title={title} size={size} closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        noValidate={noValidate}
        onSubmit={(event) => {
          event.preventDefault();
          // A form in a portal bubbles to the one of the page.
          event.stopPropagation();
          onSubmit();
        }}
      >
        <Stack gap="sm">
          {error !== undefined && error !== null && <ErrorMessage error={error} />}
          {children}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={pending} disabled={disabled} color={danger ? 'red' : undefined}>
              {submit ?? t('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
