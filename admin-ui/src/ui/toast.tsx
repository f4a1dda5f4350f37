import { Button, Group, Text } from '@mantine/core';
import { Notifications, notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { explainError } from './explainError';

interface Toast {
  message: string;
  /** Takes back what the message says; offered as long as the toast is there. */
  undo?: () => void | Promise<void>;
  /** It says that something did not work: it stays until it is closed. */
  failed?: boolean;
}

/** Shows in a corner that something has happened, on whatever page, with the way back. Answers how to take it away. */
export function showToast({ message, undo, failed = false }: Toast): () => void {
  const t = i18next.getFixedT(null, 'common');
  const id = notifications.show({
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm">{message}</Text>
        {undo && (
          <Button
            size="compact-sm"
            variant="default"
            flex="none"
            onClick={() => {
              close();
              runUndo(undo);
            }}
          >
            {t('undo')}
          </Button>
        )}
      </Group>
    ),
    color: failed ? 'red' : undefined,
    closeButtonProps: { 'aria-label': t('close') },
    ...(failed ? { autoClose: false } : {}),
  });
  const close = () => notifications.hide(id);
  return close;
}

function runUndo(undo: () => void | Promise<void>): void {
  // The toast is gone by now: what its undo runs into is said by another one.
  Promise.resolve()
    .then(undo)
    .catch((cause: unknown) => {
      const { title, hint, detail } = explainError(cause, i18next.getFixedT(null, 'common'));
      showToast({ message: `${title}. ${detail ?? hint}`, failed: true });
    });
}

/** The corner that toasts are shown in; the frame has one. */
export function Toasts() {
  return <Notifications position="bottom-right" autoClose={10_000} limit={4} />;
}
