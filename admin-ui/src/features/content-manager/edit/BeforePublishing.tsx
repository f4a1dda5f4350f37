import { Anchor, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconEyeOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { contentTypeOf } from '@/api/model';
import { useObstacleText } from '@/views/review/useObstacleText';
import type { PublishConcerns } from './concerns';
import classes from './Edit.module.css';
import { useFieldName } from './useFieldName';
import { entryAddress } from './addresses';
import { withLanguage } from './withLanguage';
import type { EntrySession } from './session';

interface BeforePublishingProps {
  session: EntrySession;
  concerns: PublishConcerns;
  /** Said where two languages are on the page. */
  language: string | undefined;
  onClose: () => void;
  onPublish: () => void;
}

/** What somebody wants to know before an entry is public: what the review asks for, and where its links lead nowhere. */
export default function BeforePublishing({ session, concerns, language, onClose, onPublish }: BeforePublishingProps) {
  const { t } = useTranslation('editor');
  const fieldName = useFieldName();
  const { beside } = entryAddress.useSearch();
  const setSearch = entryAddress.useSetSearch();
  const describe = useObstacleText();
  const { unpublished, review } = concerns;
  const { locale, model } = session;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={withLanguage(t('before.title'), language)}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack>
        {review && (
          <section className={classes.card} aria-label={t('before.review')}>
            <Group gap="xs" mb={4}>
              <IconAlertTriangle size={18} aria-hidden />
              <Text size="sm" fw={500}>
                {t('before.review')}
              </Text>
            </Group>
            <ul className={classes.plainList}>
              {review.publish.why.map(describe).map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </section>
        )}
        {unpublished.length > 0 && (
          <section className={classes.card} aria-label={t('before.unpublished', { count: unpublished.length })}>
            <Group gap="xs" mb={4} wrap="nowrap">
              <IconEyeOff size={18} aria-hidden />
              <Text size="sm" fw={500}>
                {t('before.unpublished', { count: unpublished.length })}
              </Text>
            </Group>
            <Stack gap="xs">
              <Text size="sm">{t('before.unpublishedText', { count: unpublished.length })}</Text>
              <ul className={classes.plainList}>
                {unpublished.map((related) => {
                  const target = entryAddress.to(
                    { uid: related.uid, documentId: related.documentId },
                    locale ? { locale } : {},
                  );
                  return (
                    <li key={`${related.uid} ${related.documentId}`}>
                      <Anchor
                        size="sm"
                        underline="always"
                        renderRoot={(props) => <Link {...target} target="_blank" {...props} />}
                      >
                        {related.title}
                      </Anchor>{' '}
                      <span className={classes.dim}>
                        {contentTypeOf(model, related.uid)?.info.displayName ?? related.uid} ·{' '}
                        {fieldName(session.type.uid, related.field)}
                      </span>
                    </li>
                  );
                })}
              </ul>
            </Stack>
          </section>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('cancel')}
          </Button>
          {review ? (
            <Button
              onClick={() => {
                onClose();
                // The panel is about the language that is open.
                const opened = locale !== undefined && locale === beside ? { locale, beside: undefined } : {};
                setSearch({ panel: 'review', preview: undefined, ...opened });
              }}
            >
              {t('before.toReview')}
            </Button>
          ) : (
            <Button onClick={onPublish}>{t('before.publish')}</Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
