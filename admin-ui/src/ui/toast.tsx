import { Button, Group, Text } from '@mantine/core';
import { notifications, useNotifications } from '@mantine/notifications';
import i18next from 'i18next';
import { useState } from 'react';
import { explainError } from './explainError';
import { lazyPart } from './lazyPart';
import { PartBoundary } from './PartBoundary';
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
    ...(failed ? { autoClose: false } : {}),
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
    const { title, hint, detail } = explainError(cause, i18next.getFixedT(null, 'common'));
    showToast({ message: `${title}. ${detail ?? hint}`, failed: true });
  });
}

/** The corner that toasts are shown in, fetched before the first of them; the frame has one. */
export function Toasts() {
  const waiting = useNotifications().notifications.length > 0;
  const [needed, setNeeded] = useState(waiting);
  if (waiting && !needed) setNeeded(true);
  return needed ? (
    <PartBoundary quiet>
      <ToastCorner fallback={null} />
    </PartBoundary>
  ) : null;
}

/** Fetches the corner before there is anything to show in it. */
export const preloadToasts = ToastCorner.preload;
