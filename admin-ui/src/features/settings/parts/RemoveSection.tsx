import { Button, Group } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from './Section';
import { TypeToConfirmDialog } from './TypeToConfirmDialog';

interface Props {
  /** What the section, its button and the dialog are called. */
  title: string;
  /** What will be gone. */
  lead: string;
  /** Has to be typed. */
  word: string;
  /** What the button of the dialog says; left out: "Delete". */
  action?: string;
  onConfirm: () => Promise<unknown>;
  /** What the dialog says; left out: the same. */
  children?: ReactNode;
  /** Whether what `children` ask for is there; says at them what is missing. */
  check?: () => boolean;
}

/** Takes away what a settings page is about, once its name was typed. */
export function RemoveSection({ title, lead, word, action, onConfirm, children = lead, check }: Props) {
  const { t } = useTranslation('common');
  const [asking, setAsking] = useState(false);
  return (
    <Section title={title} lead={lead}>
      <Group>
        <Button variant="outline" color="red" onClick={() => setAsking(true)}>
          {title}
        </Button>
      </Group>
      <TypeToConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={title}
        word={word}
        action={action ?? t('delete')}
        onConfirm={onConfirm}
        check={check}
      >
        {children}
      </TypeToConfirmDialog>
    </Section>
  );
}
