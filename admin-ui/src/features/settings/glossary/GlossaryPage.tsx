import { Button, FileButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconDownload, IconPlus, IconSearch, IconUpload, IconVocabulary } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { downloadBlob } from '@/api/download';
import { type GlossaryTerm, type GlossaryTerms, glossaryQuery, saveTerms, wordIn } from '@/api/glossary';
import { useSession } from '@/api/session';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { showToast } from '@/ui/toast';
import { QueryState } from '../parts/QueryState';
import { useHasPermission } from '../parts/useHasPermission';
import { readCsv, toCsv } from './csv';
import { TermDialog } from './TermDialog';
import { TermTable } from './TermTable';

/** The words that a team has agreed on, in each language of the site. */
export default function GlossaryPage() {
  const { t } = useTranslation('glossary');
  const queries = useQueryClient();
  const { locales: all } = useSession();
  const locales = [all.default, ...all.available.map(({ code }) => code).filter((code) => code !== all.default)];
  const mayChange = useHasPermission('settings.locales');
  const glossary = useQuery(glossaryQuery);
  const [search, setSearch] = useState('');
  const [dialog, setDialog] = useState<{ key: string; term: GlossaryTerm } | 'new' | null>(null);
  const store = (changes: Record<string, GlossaryTerm | null>) =>
    saveTerms(changes).then((terms) => queries.setQueryData(glossaryQuery.queryKey, terms));
  const remove = useMutation({
    mutationFn: ([key]: readonly [string, GlossaryTerm]) => store({ [key]: null }),
    onSuccess: (_, [key, term]) =>
      showToast({
        message: t('removed', { word: Object.values(term.words)[0] }),
        undo: async () => void (await store({ [key]: term })),
      }),
  });
  const [isUnreadable, setUnreadable] = useState(false);
  const resetFile = useRef<() => void>(null);
  const importFile = useMutation({
    // The same file can be chosen again, once it is mended.
    onSettled: () => resetFile.current?.(),
    mutationFn: async (file: File) => {
      const terms = await queries.fetchQuery(glossaryQuery);
      const found = readCsv(await file.text(), terms, locales);
      setUnreadable(found === 'noLanguage');
      if (found === 'noLanguage') return;
      const { changes, added, changed, skipped } = found;
      const keys = Object.keys(changes);
      if (keys.length > 0) await store(changes);
      const before = Object.fromEntries(keys.map((key) => [key, terms[key] ?? null]));
      const told = [
        t('imported.added', { count: added }),
        t('imported.changed', { count: changed }),
        ...(skipped.length > 0 ? [t('imported.skipped', { count: skipped.length })] : []),
      ];
      showToast({
        message: told.join(' '),
        ...(keys.length > 0 ? { undo: async () => void (await store(before)) } : {}),
      });
    },
  });
  const exportFile = (terms: GlossaryTerms) =>
    downloadBlob('glossary.csv', new Blob([toCsv(terms, locales)], { type: 'text/csv;charset=utf-8' }));
  const add = mayChange && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setDialog('new')}>
      {t('add')}
    </Button>
  );
  const upload = mayChange && (
    <FileButton
      resetRef={resetFile}
      accept=".csv,.tsv,.txt,text/csv"
      onChange={(file) => file && importFile.mutate(file)}
    >
      {(props) => (
        <Button
          {...props}
          variant="default"
          leftSection={<IconUpload size={16} aria-hidden />}
          loading={importFile.isPending}
        >
          {t('import')}
        </Button>
      )}
    </FileButton>
  );
  const error = remove.error ?? importFile.error;
  return (
    <Stack gap="md">
      <PageTitle title={t('title')} actions={Object.keys(glossary.data ?? {}).length > 0 ? add : undefined}>
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      {!mayChange && (
        <Text size="sm" c="dimmed">
          {t('readOnly')}
        </Text>
      )}
      {error && <ErrorMessage error={error} />}
      {isUnreadable && (
        <Text size="sm" c="red" role="alert">
          {t('noLanguage', { codes: locales.join(', ') })}
        </Text>
      )}
      <QueryState query={glossary}>
        {(terms) =>
          Object.keys(terms).length === 0 ? (
            <EmptyState
              icon={IconVocabulary}
              title={t('empty')}
              action={
                <Group justify="center">
                  {add}
                  {upload}
                </Group>
              }
            >
              {t('emptyHint')}
            </EmptyState>
          ) : (
            <>
              <Group>
                <TextInput
                  flex="1 1 12rem"
                  maw={360}
                  aria-label={t('search')}
                  placeholder={t('search')}
                  leftSection={<IconSearch size={16} aria-hidden />}
                  value={search}
                  onChange={(event) => setSearch(event.currentTarget.value)}
                />
                {upload}
                <Button
                  variant="default"
                  leftSection={<IconDownload size={16} aria-hidden />}
                  onClick={() => exportFile(terms)}
                >
                  {t('export')}
                </Button>
              </Group>
              <Found terms={terms} locales={locales} search={search}>
                {(found) => (
                  <TermTable
                    terms={found}
                    locales={locales}
                    mayChange={mayChange}
                    isBusy={remove.isPending}
                    onEdit={(key, term) => setDialog({ key, term })}
                    onRemove={(key, term) => remove.mutate([key, term])}
                  />
                )}
              </Found>
            </>
          )
        }
      </QueryState>
      {dialog && (
        <TermDialog edited={dialog === 'new' ? undefined : dialog} locales={locales} onClose={() => setDialog(null)} />
      )}
    </Stack>
  );
}

interface FoundProps {
  terms: GlossaryTerms;
  locales: readonly string[];
  search: string;
  children: (found: readonly (readonly [string, GlossaryTerm])[]) => React.ReactNode;
}

/** The terms that have what is looked for, in the order of the default language. */
function Found({ terms, locales, search, children }: FoundProps) {
  const { t, i18n } = useTranslation('glossary');
  const nameOf = (term: GlossaryTerm) => locales.map((locale) => wordIn(term, locale)).find(Boolean) ?? '';
  const wanted = search.trim().toLowerCase();
  const compare = new Intl.Collator(i18n.language).compare;
  const found = Object.entries(terms)
    .filter(([, { words, note = '' }]) =>
      [...Object.values(words), note].some((text) => text.toLowerCase().includes(wanted)),
    )
    .toSorted(([, a], [, b]) => compare(nameOf(a), nameOf(b)));
  return (
    <>
      <Text size="sm" c="dimmed" role="status">
        {t('count', { count: found.length })}
      </Text>
      {found.length > 0 && children(found)}
    </>
  );
}
