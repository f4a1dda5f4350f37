import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { type ReactNode, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { isEscapeFor } from './closeOnEscape';
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
  /** It cannot be sent as it stands; best said as what is still to be done: "Choose a date and time". */
  disabled?: boolean | string;
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
  const reason = typeof disabled === 'string' ? disabled : undefined;
  const reasonId = useId();
  const dialog = useRef<HTMLDivElement>(null);
  // On the window: the focus is lost when the button that was pressed is disabled.
  useWindowEvent('keydown', (event) => isEscapeFor(dialog.current, event) && onClose(), { capture: true });
  return (
    <Modal
      ref={dialog}
      opened
      onClose={onClose}
      closeOnEscape={false}
      title={title}
      size={size}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
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
            {reason !== undefined && (
              <Text size="sm" c="dimmed" id={reasonId} flex={1}>
                {reason}
              </Text>
            )}
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button
              type="submit"
              loading={pending}
              disabled={disabled !== false}
              aria-describedby={reason === undefined ? undefined : reasonId}
              color={danger ? 'red' : undefined}
            >
              {submit ?? t('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
