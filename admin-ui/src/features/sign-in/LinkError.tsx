import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';

/** The link of a mail does not work, or what was sent with it does not. */
export function LinkError({ error }: { error?: unknown }) {
  const { t } = useTranslation('frame');
  const problems = error instanceof Error && 'problems' in error && Array.isArray(error.problems) ? error.problems : [];
  const status = error instanceof Error && 'status' in error ? error.status : 404;
  const token = problems.every((problem: { path: unknown[] }) => problem.path.at(-1) === 'token');
  if (token && [400, 401, 404, 410].includes(Number(status))) {
    return (
      <Alert role="alert" color="red" title={t('link.wrong')}>
        {t('link.wrongHint')}
      </Alert>
    );
  }
  return <ErrorMessage error={error} />;
}
