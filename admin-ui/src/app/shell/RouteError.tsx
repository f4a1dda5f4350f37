import { Button, Group } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';

/** A page failed while it was drawn or read. The navigation around it goes on working. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation('frame');
  const router = useRouter();
  // After an update of the server the chunks of the older one are gone; another load of the page finds the new ones.
  const outdated = /dynamically imported module|Importing a module script failed/i.test(String(error));
  if (outdated) {
    return (
      <section>
        <PageTitle title={t('outdated.title')} />
        <p>{t('outdated.explanation')}</p>
        <Button onClick={() => window.location.reload()}>{t('outdated.reload')}</Button>
      </section>
    );
  }
  return (
    <section>
      <PageTitle title={t('failed.title')} />
      <ErrorMessage error={error} />
      <Group mt="md">
        <Button
          variant="default"
          onClick={() => {
            reset();
            void router.invalidate();
          }}
        >
          {t('failed.again')}
        </Button>
      </Group>
    </section>
  );
}
