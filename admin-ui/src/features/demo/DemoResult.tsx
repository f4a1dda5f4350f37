import { List, Text } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Section, TextLink } from '@/features/settings';
import { announce } from '@/ui/live';
import type { Target } from '@/app/address';
import { AUTHORS, ARTICLES, CATEGORIES, type Fate, PICTURES } from './content';
import type { CreatedRecord } from './progress';
import { ARTICLE, type Scope } from './steps';

const countByFate = (fate: Fate): number => ARTICLES.filter((article) => article.fate === fate).length;

const listTarget = (uid: string): Target => ({ to: '/content/$uid', params: { uid }, search: {} });

/** What was made, with the way to it. */
export function DemoResult({ made: created, scope }: { made: Record<string, CreatedRecord>; scope: Scope }) {
  const { t } = useTranslation('demo');
  useEffect(() => announce(t('done.title')), [t]);
  const scheduled = created[`article:${ARTICLES.find(({ fate }) => fate === 'scheduled')?.slug}`]?.documentId;
  const locale = scope.languages[0]?.code;
  return (
    <Section title={t('done.title')} lead={t('done.lead')}>
      <List size="sm" spacing="xs">
        <List.Item>
          <TextLink inText to="/content-types" params={{}} search={{}}>
            {t('done.types')}
          </TextLink>
        </List.Item>
        <List.Item>
          <TextLink inText to="/media" params={{}} search={created.folder?.id ? { folder: created.folder.id } : {}}>
            {t('done.pictures', { count: PICTURES.length })}
          </TextLink>
        </List.Item>
        <List.Item>
          <TextLink inText {...listTarget(ARTICLE)}>
            {t('done.articles', { count: ARTICLES.length })}
          </TextLink>{' '}
          {t('done.fates', {
            published: countByFate('published') + countByFate('modified'),
            drafts: countByFate('draft'),
          })}
        </List.Item>
        <List.Item>
          <TextLink inText {...listTarget('api::category.category')}>
            {t('done.categories', { count: CATEGORIES.length })}
          </TextLink>
          {', '}
          <TextLink inText {...listTarget('api::author.author')}>
            {t('done.authors', { count: AUTHORS.length })}
          </TextLink>
          {', '}
          <TextLink inText {...listTarget('api::front-page.front-page')}>
            {t('done.page')}
          </TextLink>
        </List.Item>
        {scheduled && (
          <List.Item>
            <TextLink
              to="/content/$uid/$documentId"
              params={{ uid: ARTICLE, documentId: scheduled }}
              search={locale ? { locale } : {}}
            >
              {t('done.scheduled')}
            </TextLink>{' '}
            <TextLink to="/calendar" params={{}} search={{}}>
              {t('done.calendar')}
            </TextLink>
          </List.Item>
        )}
        {created.release?.id && (
          <List.Item>
            <TextLink inText to="/releases/$id" params={{ id: String(created.release.id) }} search={{}}>
              {t('done.release', { count: countByFate('release') })}
            </TextLink>
          </List.Item>
        )}
      </List>
      <Text size="sm" c="dimmed" mt="sm">
        {t('done.remove')}
      </Text>
    </Section>
  );
}
