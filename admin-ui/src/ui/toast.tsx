import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { notifications, useNotifications } from '@mantine/notifications';
import i18next from 'i18next';
import { useState } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import { describeError } from './explainError';
import { lazyPart } from './lazyPart';
import { fetchWhenIdle } from './whenIdle';

const ToastCorner = fetchWhenIdle(lazyPart(() => import('./ToastCorner')));

type Action = () => void | Promise<void>;

interface Toast {
  message: string;
  /** What can be done next. The toast stays, with its way back. */
  next?: { label: string; run: Action } | undefined;
  /** Takes back what the message says; offered as long as the toast is there. */
  undo?: Action | undefined;
  /** It says that something did not work: it stays until it is closed. */
  failed?: boolean;
}

/** Shows in a corner that something has happened, on whatever page, with the way back. Answers how to take it away. */
export function showToast({ message, next, undo, failed = false }: Toast): () => void {
  const t = i18next.getFixedT(null, 'common');
  const takeBack = () => {
    close();
    return undo?.();
  };
  const id = notifications.show({
    message: (
      <Group gap={6} p={4}>
        {/* Two buttons need a line of their own. */}
        <Text size="sm" flex={next ? '1 1 100%' : '1 1 8rem'}>
          {message}
        </Text>
        {next && drawButton(next.label, next.run)}
        {undo && drawButton(t('undo'), takeBack)}
      </Group>
    ),
    color: failed ? 'red' : undefined,
    closeButtonProps: { 'aria-label': t('close') },
    autoClose: failed ? false : undefined,
  });
  const close = () => notifications.hide(id);
  return close;
}

function drawButton(label: string, run: Action) {
  return (
    <Button size="compact-sm" variant="default" flex="none" onClick={() => runAction(run)}>
      {label}
    </Button>
  );
}

function runAction(action: Action): void {
  // At once, while the click counts. The toast may be gone when it fails: another one says so.
  new Promise((resolve) => resolve(action())).catch((cause: unknown) => {
    showToast({ message: describeError(cause, i18next.getFixedT(null, 'common')), failed: true });
  });
}

/** The corner that toasts are shown in, fetched before the first of them; the frame has one. */
export function Toasts() {
  const waiting = useNotifications().notifications;
  const [needed, setNeeded] = useState(false);
  if (waiting[0] && !needed) setNeeded(true);
  return needed ? (
    // Each new toast tries again to fetch the corner.
    <ErrorBoundary FallbackComponent={PlainToasts} resetKeys={[waiting.at(-1)?.id]}>
      <ToastCorner fallback={<PlainToasts />} />
    </ErrorBoundary>
  ) : null;
}

/**
 * The toasts while their corner is fetched, and where it cannot be: a page that lost its server says that more than anything else. They stay until
 * they are closed.
 */
function PlainToasts() {
  return (
    // By its class it stands above the bar of the editor on a phone.
    <Stack className="mantine-Notifications-root plain-toasts">
      {useNotifications().notifications.map(({ id = '', message }) => (
        // By its class and its id the newest one is found for the focus.
        <Alert
          key={id}
          id={id}
          className="mantine-Notification-root"
          variant="default"
          withCloseButton
          closeButtonLabel={i18next.t('close')}
          onClose={() => notifications.hide(id)}
        >
          {message}
        </Alert>
      ))}
    </Stack>
  );
}

/** Fetches the corner before there is anything to show in it. */
export const preloadToasts = ToastCorner.preload;
