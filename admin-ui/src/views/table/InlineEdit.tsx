import { Button, Group, Paper, Portal, Stack, Text } from '@mantine/core';
import { useClickOutside, useFocusTrap, useMergedRef } from '@mantine/hooks';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attribute } from '@/api/model';
import { registry } from '@/fields/registry';
import { InPlaceLists } from '../InPlaceLists';
import { ErrorMessage } from '@/ui/ErrorMessage';

interface Props {
  /** Where the cell is. */
  box: DOMRect;
  label: string;
  attribute: Attribute;
  value: unknown;
  save: (value: unknown) => Promise<void>;
  close: () => void;
}

const WIDTH = 320;

/** The field's own input over its cell: Enter saves, Escape leaves. What was typed stays when saving fails. */
export function InlineEdit({ box, label, attribute, value, save, close }: Props) {
  const { t } = useTranslation(['views', 'fields', 'common']);
  const [typed, setTyped] = useState(value);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const outside = useClickOutside(() => {
    if (typed === value) close();
  });
  const ref = useMergedRef(outside, useFocusTrap(true));
  const { Input, check } = registry[attribute.type];
  const problem = check(attribute, typed);
  const submit = (): void => {
    if (pending || problem) return;
    if (typed === value) return close();
    setPending(true);
    setError(undefined);
    save(typed).then(close, (cause: unknown) => {
      setError(cause);
      setPending(false);
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (
      event.key === 'Enter' &&
      !event.shiftKey &&
      !event.defaultPrevented &&
      (event.target as HTMLElement).tagName === 'INPUT'
    ) {
      event.preventDefault();
      submit();
    }
  };
  const left = Math.max(8, Math.min(box.left, window.innerWidth - WIDTH - 8));
  const below = box.top + 220 < window.innerHeight;
  return (
    <Portal>
      <Paper
        ref={ref}
        role="dialog"
        aria-label={t('views:inline.title', { label })}
        withBorder
        shadow="md"
        p="sm"
        w={WIDTH}
        onKeyDown={onKeyDown}
        style={{
          position: 'fixed',
          zIndex: 300,
          left,
          ...(below ? { top: box.top } : { bottom: window.innerHeight - box.bottom }),
        }}
      >
        <Stack gap="xs">
          <InPlaceLists>
            <Input
              name={`inline.${label}`}
              label={label}
              attribute={attribute}
              value={typed as never}
              onChange={setTyped as never}
              error={problem ? t(`fields:problem.${problem.key}`, problem.params) : undefined}
              autoFocus
            />
          </InPlaceLists>
          {error !== undefined && <ErrorMessage error={error} title={t('views:inline.failed')} />}
          <Group justify="space-between" wrap="nowrap">
            <Text size="xs" c="dimmed">
              {t('views:inline.draft')}
            </Text>
            <Group gap="xs" wrap="nowrap">
              <Button size="xs" variant="default" onClick={close}>
                {t('common:cancel')}
              </Button>
              <Button size="xs" onClick={submit} loading={pending} disabled={problem !== null}>
                {t('common:save')}
              </Button>
            </Group>
          </Group>
        </Stack>
      </Paper>
    </Portal>
  );
}
