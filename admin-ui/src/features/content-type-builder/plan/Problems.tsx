import { Alert, Anchor, List } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type FileProblem, uidOfFile } from '@/api/schemaChanges';
import { definitionAddress } from '../addresses';
import { Sentence } from '@/ui/Sentence';

/** What is wrong in the definitions, each with a way to where it is mended. */
export function Problems({ problems }: { problems: readonly FileProblem[] }) {
  const { t } = useTranslation('builder');
  return (
    <Alert
      color="red"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('problems', { count: problems.length })}
    >
      <List size="sm" spacing={4}>
        {problems.map((problem) => {
          const uid = uidOfFile(problem.file);
          const [first, name] = problem.path.split('.');
          const location = uid
            ? `${uid}${problem.path ? ` · ${problem.path}` : ''}`
            : `${problem.file} ${problem.path}`;
          return (
            <List.Item key={`${problem.file} ${problem.path} ${problem.message}`}>
              {uid ? (
                <Anchor
                  renderRoot={(props) => (
                    <Link
                      {...definitionAddress.to({ uid }, first === 'attributes' && name ? { field: name } : {})}
                      {...props}
                    />
                  )}
                  size="sm"
                >
                  {location}
                </Anchor>
              ) : (
                <b>{location}</b>
              )}
              : <Sentence text={problem.message} inline />
            </List.Item>
          );
        })}
      </List>
    </Alert>
  );
}
