import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { labelOf } from '@/fields/label';
import { languageName } from '@/ui/format';
import type { EntrySession } from './session';

interface ReplaceDialogProps {
  session: EntrySession;
  /** The language that is taken over, by its name. */
  language: string;
  /** The attributes that would lose what is written here. */
  names: readonly string[];
  onClose: () => void;
  onFill: (which: 'all' | 'empty') => void;
}

/** Asks before the texts of another language replace those of this one. */
export default function ReplaceDialog({ session, language, names, onClose, onFill }: ReplaceDialogProps) {
  const { t } = useTranslation('editor');
  const own = languageName(session.locale ?? '');
  const count = names.length;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('replace.title', { own, language })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack>
        <Text size="sm">{t('replace.text', { count, own })}</Text>
        <List size="sm">
          {names.map((name) => (
            <List.Item key={name}>{labelOf(name, session.type.attributes[name])}</List.Item>
          ))}
        </List>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('cancel')}
          </Button>
          <Button variant="default" onClick={() => onFill('empty')}>
            {t('replace.onlyEmpty')}
          </Button>
          <Button color="red" onClick={() => onFill('all')}>
            {t('replace.do', { count })}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
