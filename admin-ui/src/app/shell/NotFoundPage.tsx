import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PageTitle } from '@/ui/PageTitle';

/** There is no page at this address. */
export function NotFoundPage() {
  const { t } = useTranslation('frame');
  return (
    <section>
      <PageTitle title={t('notFound.title')} />
      <Text mb="md">{t('notFound.explanation')}</Text>
      <Anchor renderRoot={(props) => <Link to="/" {...props} />}>{t('toHome')}</Anchor>
    </section>
  );
}
