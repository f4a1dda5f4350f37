import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType, Model } from '@/api/model';
import { splitPath } from '@/fields/form/values';
import { pathLabelOf } from '@/fields/label';
import { formatDateTime } from '@/ui/format';
import classes from './Edit.module.css';
import type { Conflict } from './merge';
import { toPlainText } from './toPlainText';
import { withLanguage } from './withLanguage';

interface ConflictScreenProps {
  model: Model;
  type: ContentType;
  /** Said where two languages are on the page. */
  language?: string | undefined;
  conflicts: readonly Conflict[];
  by: string | null;
  at: string | null;
  onResolve: (choices: ReadonlyMap<string, 'mine' | 'theirs'>) => void;
}

/** Where two people changed the same: what it was, what each made of it, and which counts. Nothing is thrown away before that is said. */
export default function ConflictScreen({ model, type, language, conflicts, by, at, onResolve }: ConflictScreenProps) {
  const { t } = useTranslation('editor');
  const [choices, setChoices] = useState<ReadonlyMap<string, 'mine' | 'theirs'>>(() => new Map());
  const all = (side: 'mine' | 'theirs') => setChoices(new Map(conflicts.map((conflict) => [conflict.path, side])));
  const otherPerson = by ?? t('conflict.somebody');
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      size="80rem"
      title={withLanguage(t('conflict.title'), language)}
    >
      <Stack>
        <Text size="sm">
          {at
            ? t('conflict.byAt', { who: otherPerson, at: formatDateTime(at) })
            : t('conflict.by', { who: otherPerson })}
        </Text>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => all('mine')}>
            {t('conflict.allMine')}
          </Button>
          <Button size="xs" variant="default" onClick={() => all('theirs')}>
            {t('conflict.allTheirs')}
          </Button>
        </Group>
        <ul className={classes.list}>
          {conflicts.map((conflict) => {
            const path = splitPath(conflict.path).filter((part) => !part.startsWith('#'));
            const label = pathLabelOf(model, type.attributes, path);
            const attribute = path.length === 1 ? type.attributes[path[0] ?? ''] : undefined;
            const plainText = (value: unknown): string => toPlainText(value, { model, attribute });
            return (
              <li key={conflict.path} className={classes.card}>
                <Radio.Group
                  label={label}
                  value={choices.get(conflict.path) ?? null}
                  onChange={(side) =>
                    setChoices(new Map(choices).set(conflict.path, side === 'mine' ? 'mine' : 'theirs'))
                  }
                >
                  <div className={classes.sides3}>
                    <div>
                      <Text size="xs" c="dimmed" py={4}>
                        {t('conflict.base')}
                      </Text>
                      <div className={classes.value}>{plainText(conflict.base)}</div>
                    </div>
                    <div>
                      <Radio value="mine" label={t('conflict.mine')} py={4} />
                      <div className={classes.value}>{plainText(conflict.mine)}</div>
                    </div>
                    <div>
                      <Radio value="theirs" label={t('conflict.theirs', { who: otherPerson })} py={4} />
                      <div className={classes.value}>{plainText(conflict.theirs)}</div>
                    </div>
                  </div>
                </Radio.Group>
              </li>
            );
          })}
        </ul>
        <Group justify="flex-end">
          <Text size="xs" c="dimmed">
            {t('conflict.undo')}
          </Text>
          <Button
            disabled={conflicts.some((conflict) => !choices.has(conflict.path))}
            onClick={() => onResolve(choices)}
          >
            {t('conflict.go')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
