import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type ContentUser, dependentsQuery } from '@/api/contentUsers';
import { modelQuery } from '@/api/contentTypes';
import { seeAsTarget } from '@/features/content-manager';
import { QueryState, Section, TextLink } from '@/features/settings';

/** The pages of the site that a preview can show as this user: single ones, and those of entries that refer to them. */
export function SeeAsSection({ user }: { user: ContentUser }) {
  const { t } = useTranslation('siteUsers');
  const model = useQuery(modelQuery);
  const dependents = useQuery(dependentsQuery(user.documentId));
  return (
    <Section title={t('seeAs.title')} lead={t('seeAs.lead')}>
      <QueryState query={model}>
        {({ contentTypes }) => {
          const shown = contentTypes.filter((type) => type.previewable);
          const pages = shown
            .filter((type) => type.kind === 'singleType')
            .map((type) => ({ uid: type.uid, documentId: 'single', name: type.info.displayName }));
          const own = (dependents.data?.entries ?? [])
            .filter((entry) => shown.some((type) => type.uid === entry.contentType))
            .map((entry) => ({
              uid: entry.contentType,
              documentId: entry.documentId,
              name: `${entry.typeName}: ${entry.title ?? entry.documentId}`,
            }));
          const all = [...new Map([...pages, ...own].map((page) => [`${page.uid} ${page.documentId}`, page])).values()];
          if (all.length === 0) return <Text size="sm">{t('seeAs.none')}</Text>;
          return (
            <ul style={{ margin: 0, paddingInlineStart: '1.1rem' }}>
              {all.map((page) => (
                <li key={`${page.uid} ${page.documentId}`}>
                  <TextLink {...seeAsTarget(page.uid, page.documentId, user.documentId)}>{page.name}</TextLink>
                </li>
              ))}
            </ul>
          );
        }}
      </QueryState>
    </Section>
  );
}
