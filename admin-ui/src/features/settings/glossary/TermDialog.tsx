import { Switch, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type GlossaryTerm, glossaryQuery, saveTerms } from '@/api/glossary';
import { FormDialog } from '@/ui/FormDialog';
import { languageName } from '@/ui/format';
import { announce } from '@/ui/live';
import { problemAt } from '../parts/problems';
import { newTermKey } from './termKey';

interface Props {
  /** The term that is changed; without it a new one is made. */
  edited?: { key: string; term: GlossaryTerm } | undefined;
  /** The languages of the site, the default one first. */
  locales: readonly string[];
  onClose: () => void;
}

/** One term: its word in each language, and what people should know of it. */
export function TermDialog({ edited, locales, onClose }: Props) {
  const { t } = useTranslation('glossary');
  const queries = useQueryClient();
  const [words, setWords] = useState<Record<string, string>>(edited?.term.words ?? {});
  const [note, setNote] = useState(edited?.term.note ?? '');
  const [translate, setTranslate] = useState(edited?.term.translate ?? true);
  const [isWithoutWord, setWithoutWord] = useState(false);
  // A name needs one word: that of the default language, or the one that it has.
  const main = locales.find((locale) => words[locale]) ?? locales[0] ?? '';
  const shown = translate ? locales : [main];
  const own = Object.entries(words).flatMap(([locale, word]) =>
    word.trim() !== '' && (translate || locale === main) ? [[locale, word.trim()] as const] : [],
  );
  const save = useMutation({
    mutationFn: ([termKey, term]: readonly [string, GlossaryTerm]) => saveTerms({ [termKey]: term }),
    onSuccess: (all, [, term]) => {
      queries.setQueryData(glossaryQuery.queryKey, all);
      announce(t(edited ? 'saved' : 'added', { word: Object.values(term.words)[0] }));
      onClose();
    },
  });
  const at = save.variables?.[0] ?? '';
  const problemOf = (name: string) => problemAt(save.error, `${at}.${name}`);
  const hasFieldProblem = [...shown.map((locale) => `words.${locale}`), 'note'].some((name) => problemOf(name));
  const submit = () => {
    setWithoutWord(own.length === 0);
    const first = own[0]?.[1];
    if (first === undefined) return;
    const trimmed = note.trim();
    const term = { words: Object.fromEntries(own), ...(trimmed ? { note: trimmed } : {}), translate };
    save.mutate([edited?.key ?? newTermKey(first), term]);
  };
  return (
    <FormDialog
      title={edited ? t('edit') : t('add')}
      onClose={onClose}
      onSubmit={submit}
      pending={save.isPending}
      error={hasFieldProblem ? undefined : save.error}
      submit={edited ? undefined : t('add')}
      noValidate
    >
      {shown.map((locale, index) => (
        <TextInput
          key={locale}
          label={translate ? languageName(locale) : t('word')}
          value={words[locale] ?? ''}
          onChange={(event) => {
            setWords({ ...words, [locale]: event.currentTarget.value });
            setWithoutWord(false);
          }}
          error={problemOf(`words.${locale}`) ?? (isWithoutWord && index === 0 ? t('noWord') : undefined)}
          lang={translate ? locale : undefined}
          maxLength={100}
          autoComplete="off"
          data-autofocus={index === 0 || undefined}
        />
      ))}
      <Switch
        label={t('keep')}
        description={t('keepHint')}
        checked={!translate}
        onChange={(event) => setTranslate(!event.currentTarget.checked)}
      />
      <Textarea
        label={t('note')}
        description={t('noteHint')}
        value={note}
        // One line for the server, over as many as it takes here.
        onChange={(event) => setNote(event.currentTarget.value.replaceAll(/[\r\n]+/g, ' '))}
        error={problemOf('note')}
        maxLength={500}
        autosize
        minRows={1}
      />
    </FormDialog>
  );
}
