import { Button, Checkbox, Group, Table, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import type { Permissions } from '@/api/roles';
import { TableScroll } from '@/features/settings';
import { GrantDialog } from './GrantDialog';
import classes from './PermissionMatrix.module.css';
import { isNarrowed, type Subject, withAll, withGrant } from './permissions';

interface Props {
  subjects: readonly Subject[];
  value: Permissions;
  onChange: (permissions: Permissions) => void;
  /** What may stand for a value in a condition. */
  variables: readonly string[];
  readOnly?: boolean;
  /** What it is about, for who hears it. */
  label: string;
}

/** What may be done: types × actions, each for all entries and attributes or for some. */
export function PermissionMatrix({ subjects, value, onChange, variables, readOnly = false, label }: Props) {
  const { t } = useTranslation('users');
  const model = useQuery(modelQuery).data;
  const [search, setSearch] = useState('');
  const [opened, setOpened] = useState<{ subject: Subject; action: string }>();
  const actions = [...new Set(subjects.flatMap((subject) => subject.actions))];
  const nameAction = (action: string): string => t(`action.${action}`, { defaultValue: action });
  const visible = subjects.filter((subject) =>
    subject.label.toLocaleLowerCase().includes(search.trim().toLocaleLowerCase()),
  );
  const every = value['*'];
  return (
    <div>
      {subjects.length > 8 && (
        <TextInput
          type="search"
          aria-label={t('matrix.search')}
          placeholder={t('matrix.search')}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          mb="xs"
          maw={320}
        />
      )}
      <TableScroll label={label}>
        <Table className={classes.matrix}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th className={classes.type}>{t('matrix.type')}</Table.Th>
              {actions.map((action) => (
                <Table.Th key={action}>{nameAction(action)}</Table.Th>
              ))}
              {!readOnly && <Table.Th className={classes.whole}>{t('matrix.whole')}</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {visible.map((subject) => {
              const granted = value[subject.uid] ?? {};
              const all = subject.actions.every((action) => granted[action]);
              return (
                <Table.Tr key={subject.uid}>
                  <Table.Th scope="row" className={classes.type}>
                    {subject.label}
                  </Table.Th>
                  {actions.map((action) => {
                    if (!subject.actions.includes(action)) return <Table.Td key={action} />;
                    const grant = granted[action];
                    const name = t('matrix.cell', {
                      action: nameAction(action),
                      type: subject.label,
                    });
                    const byEvery = subject.uid !== '*' && !grant && every?.[action] !== undefined;
                    return (
                      <Table.Td key={action}>
                        <Group gap={6} wrap="nowrap">
                          <Checkbox
                            aria-label={byEvery ? t('matrix.byEvery', { what: name }) : name}
                            indeterminate={byEvery}
                            // Not filled: it is nothing that this row allows.
                            {...(byEvery && { variant: 'outline', color: 'gray' })}
                            checked={grant !== undefined}
                            disabled={readOnly}
                            onChange={(event) =>
                              onChange(
                                withGrant(value, subject.uid, action, event.currentTarget.checked ? {} : undefined),
                              )
                            }
                          />
                          {grant && subject.type && model && (
                            <Button
                              size="compact-xs"
                              variant={isNarrowed(grant) ? 'light' : 'subtle'}
                              color={isNarrowed(grant) ? undefined : 'gray'}
                              onClick={() => setOpened({ subject, action })}
                              aria-label={`${t(isNarrowed(grant) ? 'matrix.some' : 'matrix.all')}. ${t('matrix.narrow', { what: name })}`}
                            >
                              {t(isNarrowed(grant) ? 'matrix.some' : 'matrix.all')}
                            </Button>
                          )}
                        </Group>
                      </Table.Td>
                    );
                  })}
                  {!readOnly && (
                    <Table.Td>
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => onChange(withAll(value, subject, !all))}
                        aria-label={t(all ? 'matrix.noneOf' : 'matrix.allOf', { type: subject.label })}
                      >
                        {t(all ? 'matrix.nothing' : 'matrix.everything')}
                      </Button>
                    </Table.Td>
                  )}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </TableScroll>
      {every && (
        <Text size="sm" c="dimmed" mt="xs">
          {t('matrix.dash')}
        </Text>
      )}
      {visible.length === 0 && (
        <Text size="sm" c="dimmed" role="status">
          {t('matrix.noSuch')}
        </Text>
      )}
      {opened && model && (
        <GrantDialog
          model={model}
          subject={opened.subject}
          action={opened.action}
          grant={value[opened.subject.uid]?.[opened.action] ?? {}}
          variables={variables}
          readOnly={readOnly}
          onClose={() => setOpened(undefined)}
          onChange={(grant) => onChange(withGrant(value, opened.subject.uid, opened.action, grant))}
        />
      )}
    </div>
  );
}
