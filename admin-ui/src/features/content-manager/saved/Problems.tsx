import { Alert, List } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ViewProblem } from '@/views/problems';

/** Why a view cannot be shown any more: mostly because a field or a type that it names has gone. */
export function Problems({ problems }: { problems: readonly ViewProblem[] }) {
  const { t } = useTranslation('views');
  return (
    <Alert color="yellow" title={t('builder.broken')}>
      <List size="sm">
        {problems.map(({ path, key, params }) => (
          <List.Item key={`${path} ${key}`}>
            {path}: {t(`problem.${key}`, { ...params })}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
