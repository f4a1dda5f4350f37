import { Alert, List } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ViewProblem } from '@/views/problems';

/** In the place of what is about a content type that is not there, or not for this person. */
export function MissingContentType({ type }: { type: string }) {
  const { t } = useTranslation('pluginView');
  return <Alert color="gray">{t('noType', { type })}</Alert>;
}

/** In the place of a query that does not fit the content types as they are. */
export function InvalidQuery({ problems }: { problems: readonly ViewProblem[] }) {
  const { t } = useTranslation(['views', 'pluginView']);
  return (
    <Alert color="yellow" title={t('pluginView:wrong')}>
      <List size="sm">
        {problems.map(({ path, key, params }) => (
          <List.Item key={`${path} ${key}`}>
            {path}: {t(`views:problem.${key}`, { ...params })}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
