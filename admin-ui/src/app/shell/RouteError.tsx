import { Button, Group } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { isOutdated } from '@/ui/isOutdated';
import { PageTitle } from '@/ui/PageTitle';

/** A page failed while it was drawn or read. The navigation around it goes on working. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation('frame');
  const router = useRouter();
  if (isOutdated(error)) {
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
