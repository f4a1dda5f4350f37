import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { explainError } from '@/ui/explainError';
import { announce } from '@/ui/live';

/** Says that something is done, with ten seconds to take it back. */
export function useUndo(): (sentence: string, undo: () => Promise<unknown>) => void {
  const { t } = useTranslation('common');
  return (sentence, undo) => {
    announce(sentence);
    const id = notifications.show({
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">{sentence}</Text>
          <Button
            size="compact-sm"
            variant="default"
            flex="none"
            onClick={() => {
              notifications.hide(id);
              undo().then(
                () => announce(t('done')),
                (error: unknown) => {
                  const explanation = explainError(error, t);
                  notifications.show({
                    color: 'red',
                    title: explanation.title,
                    message: explanation.detail ?? explanation.hint,
                    autoClose: false,
                  });
                },
              );
            }}
          >
            {t('undo')}
          </Button>
        </Group>
      ),
    });
  };
}
