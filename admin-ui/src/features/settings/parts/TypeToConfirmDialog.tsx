import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will be gone, with how many are affected. */
  children: ReactNode;
  /** Has to be typed. */
  word: string;
  /** What the button says. */
  action: string;
  onConfirm: () => Promise<unknown>;
  /** Whether what `children` ask for is there; says at them what is missing. */
  check?: (() => boolean) | undefined;
}

/** Asks for what cannot be undone: the name has to be typed. */
export function TypeToConfirmDialog({ opened, onClose, ...rest }: Props) {
  const { t } = useTranslation('common');
  return (
    <Modal opened={opened} onClose={onClose} title={rest.title} closeButtonProps={{ 'aria-label': t('close') }}>
      <Body {...rest} onClose={onClose} />
    </Modal>
  );
}

function Body({ onClose, children, word, action, onConfirm, check }: Omit<Props, 'opened' | 'title'>) {
  const { t } = useTranslation(['settings', 'common']);
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const confirm = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const isComplete = check?.() ?? true;
        if (typed.trim() !== word) setWrong(true);
        else if (isComplete) confirm.mutate();
      }}
    >
      <Stack gap="md">
        {confirm.error && <ErrorMessage error={confirm.error} />}
        <Text size="sm" component="div">
          {children}
        </Text>
        <TextInput
          label={t('confirm.type', { word })}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setWrong(false);
          }}
          error={wrong ? t('confirm.wrong', { word }) : undefined}
          autoComplete="off"
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button type="submit" color="red" loading={confirm.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
