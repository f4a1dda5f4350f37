import { Button, Checkbox, Text } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permissions } from '@/api/roles';
import classes from './ActionGroups.module.css';
import { type Subject, withAll, withGrant } from './permissions';

interface Props {
  subjects: readonly Subject[];
  value: Permissions;
  onChange: (permissions: Permissions) => void;
}

/** What may be done with subjects whose actions are their own, which as columns of one table would be empty for all others: named boxes for each. */
export function ActionGroups({ subjects, value, onChange }: Props) {
  return (
    <div>
      {subjects.map((subject) => (
        <ActionGroup key={subject.uid} subject={subject} value={value} onChange={onChange} />
      ))}
    </div>
  );
}

function ActionGroup({ subject, value, onChange }: Omit<Props, 'subjects'> & { subject: Subject }) {
  const { t } = useTranslation('users');
  const id = useId();
  const granted = value[subject.uid] ?? {};
  const all = subject.actions.every((action) => granted[action]);
  const type = subject.label;
  return (
    <div role="group" aria-labelledby={id} className={classes.group}>
      <Text id={id} size="sm" fw={500}>
        {type}
      </Text>
      <div className={classes.actions}>
        {subject.actions.map((action) => {
          const name = subject.titles?.[action] ?? t(`action.${action}`, { defaultValue: action });
          return (
            <Checkbox
              key={action}
              label={name}
              aria-label={t('matrix.cell', { action: name, type })}
              checked={granted[action] !== undefined}
              onChange={(event) =>
                onChange(withGrant(value, subject.uid, action, event.currentTarget.checked ? {} : undefined))
              }
            />
          );
        })}
      </div>
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => onChange(withAll(value, subject, !all))}
        aria-label={t(all ? 'matrix.noneOf' : 'matrix.allOf', { type })}
      >
        {t(all ? 'matrix.nothing' : 'matrix.everything')}
      </Button>
    </div>
  );
}
