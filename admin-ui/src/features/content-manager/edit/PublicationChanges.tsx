import { Anchor, Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type DocumentStatus, type Entry, readEntry } from '@/api/content';
import { compareVersions, type Difference, type Subject } from '@/api/editorial';
import { type ContentType, contentTypeOf, type Model } from '@/api/model';
import { usagesQuery } from '@/api/usages';
import { labelOf } from '@/fields/label';
import { isEmpty } from '@/fields/shared/checks';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { lazyPart } from '@/ui/lazyPart';
import { entryAddress } from './addresses';
import classes from './Edit.module.css';
import { findPublishedPair } from './publishedPair';
import { toPlainText } from './toPlainText';
import { UsageList } from './UsageList';

const DifferenceDetails = lazyPart(() => import('./DifferenceDetails'));

interface Props {
  model: Model;
  subject: Subject;
  action: 'publish' | 'unpublish';
  /** How the entry stands now. */
  status: DocumentStatus | undefined;
}

/** What readers see differently once an entry is published, or is published no more: field by field, each with a link to it. */
export default function PublicationChanges({ model, subject, action, status }: Props) {
  const type = contentTypeOf(model, subject.uid);
  if (!type) return null;
  if (action === 'unpublish') return <LeftLinks subject={subject} />;
  if (status === 'draft') return <FirstVersion model={model} type={type} subject={subject} />;
  return <ChangedFields model={model} type={type} subject={subject} />;
}

interface VersionProps {
  model: Model;
  type: ContentType;
  subject: Subject;
}

/** The fields in which the draft differs from what is published. */
function ChangedFields({ model, type, subject }: VersionProps) {
  const { t } = useTranslation('editor');
  const changes = useQuery({
    queryKey: ['entry-history', 'changes', subject.uid, subject.documentId, subject.locale ?? ''],
    staleTime: 0,
    queryFn: async ({ signal }): Promise<readonly Difference[] | null> => {
      const pair = await findPublishedPair(subject, signal);
      if (!pair) return null;
      return pair.from.id === pair.to.id ? [] : (await compareVersions(pair.from.id, pair.to.id, signal)).differences;
    },
  });
  if (changes.isError) return <ErrorMessage error={changes.error} retry={() => void changes.refetch()} />;
  if (changes.isPending) return <Loader size="xs" />;
  if (changes.data === null) return <Text size="sm">{t('diff.gone')}</Text>;
  if (changes.data.length === 0) return <Text size="sm">{t('history.same')}</Text>;
  return (
    <>
      {changes.data.some(hasSides) && (
        <div className={classes.sides}>
          <Text size="xs" c="dimmed">
            {t('changes.before')}
          </Text>
          <Text size="xs" c="dimmed">
            {t('changes.after')}
          </Text>
        </div>
      )}
      <ul className={classes.list}>
        {changes.data.map((difference) => (
          <FieldLine key={difference.attribute} type={type} subject={subject} name={difference.attribute}>
            <DifferenceDetails
              model={model}
              attribute={type.attributes[difference.attribute]}
              difference={difference}
              fallback={null}
            />
          </FieldLine>
        ))}
      </ul>
    </>
  );
}

/** Whether a difference is shown as one value beside the other. */
function hasSides({ text, added, removed, items, fields }: Difference): boolean {
  return !text && !added && !removed && !items && !fields?.length;
}

/** The fields of an entry that readers have not seen, or see no more. */
function FirstVersion({ model, type, subject }: VersionProps) {
  const { t } = useTranslation('editor');
  const entry = useQuery({
    queryKey: ['content', subject.uid, 'draft to be published', subject.documentId, subject.locale ?? ''],
    queryFn: async ({ signal }) =>
      (await readEntry(type, subject.documentId, { locale: subject.locale, signal })).entry,
  });
  if (entry.isError) return <ErrorMessage error={entry.error} retry={() => void entry.refetch()} />;
  if (entry.isPending) return <Loader size="xs" />;
  const names = filledFields(type, entry.data);
  if (names.length === 0) return <Text size="sm">{t('changes.empty')}</Text>;
  return (
    <ul className={classes.list}>
      {names.map((name) => {
        const attribute = type.attributes[name];
        const value = (entry.data as Record<string, unknown>)[name];
        return (
          <FieldLine key={name} type={type} subject={subject} name={name}>
            <div className={classes.value}>{toPlainText(value, { model, attribute })}</div>
          </FieldLine>
        );
      })}
    </ul>
  );
}

/** The fields of an entry that have something to show, in the order of the type. */
function filledFields(type: ContentType, entry: Entry): string[] {
  return Object.entries(type.attributes).flatMap(([name, attribute]) => {
    const value = (entry as Record<string, unknown>)[name];
    return attribute.type === 'password' || isEmpty(value) ? [] : [name];
  });
}

/** The published entries that would lead nowhere. */
function LeftLinks({ subject }: { subject: Subject }) {
  const { t } = useTranslation('editor');
  const usages = useQuery(usagesQuery(subject.uid, subject.documentId));
  if (usages.isError) return <ErrorMessage error={usages.error} retry={() => void usages.refetch()} />;
  if (usages.isPending) return <Loader size="xs" />;
  const published = (usages.data?.usages ?? []).filter((usage) => usage.status === 'published');
  if (published.length === 0) return <Text size="sm">{t('changes.noLinks')}</Text>;
  return (
    <>
      <Text size="sm" mb={4}>
        {t('changes.leftLinks', { count: usages.data?.published ?? published.length })}
      </Text>
      <UsageList usages={published} />
    </>
  );
}

interface LineProps {
  type: ContentType;
  subject: Subject;
  name: string;
  children: ReactNode;
}

/** One field, named by a link to it. */
function FieldLine({ type, subject, name, children }: LineProps) {
  const { uid, documentId, locale } = subject;
  const target = entryAddress.to({ uid, documentId }, { field: name, ...(locale ? { locale } : {}) });
  return (
    <li>
      <Anchor size="sm" fw={500} renderRoot={(props) => <Link {...target} {...props} />}>
        {labelOf(name, type.attributes[name])}
      </Anchor>
      {children}
    </li>
  );
}
