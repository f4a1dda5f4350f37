import { IconVocabulary } from '@tabler/icons-react';
import { useCallback, useDeferredValue, useMemo, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { GlossaryTerms } from '@/api/glossary';
import type { Attribute } from '@/api/model';
import { labelOf } from '@/fields/label';
import type { EntrySession } from '../session';
import { listTexts } from './fieldTexts';
import { type FoundTerm, findMissing, findTerms } from './findTerms';
import classes from './GlossaryHints.module.css';

/** So many are listed below a field; a long text may have dozens. */
const MAX_MISSING = 5;
const MAX_OTHERS = 12;

interface GlossaryHintsProps {
  name: string;
  attribute: Attribute;
  glossary: GlossaryTerms;
  /** The language that is translated, and the one that translates it. */
  from: EntrySession;
  to: EntrySession;
}

/** Below the second language of a field: the terms of the site that it has, with their words, and which of these the translation lacks. */
export function GlossaryHints({ name, attribute, glossary, from, to }: GlossaryHintsProps) {
  const { t } = useTranslation('sides');
  const [source, translation] = [useText(from, name, attribute), useText(to, name, attribute)];
  const found = useMemo(
    () => findTerms(source, glossary, from.locale ?? '', to.locale ?? ''),
    [source, glossary, from.locale, to.locale],
  );
  const missing = useMemo(() => findMissing(translation, found), [translation, found]);
  if (found.length === 0) return null;
  const others = found.filter((term) => !missing.includes(term));
  return (
    <ul className={classes.terms} aria-label={t('glossary.of', { field: labelOf(name, attribute) })}>
      {missing.slice(0, MAX_MISSING).map((term) => (
        <li key={term.key} className={classes.missing} data-glossary="missing">
          <IconVocabulary size={14} aria-hidden className={classes.icon} />
          <span>
            {term.translate
              ? t('glossary.missing', { source: term.source, target: term.target })
              : t('glossary.kept', { source: term.source })}
            <Note term={term} />
          </span>
        </li>
      ))}
      {others.slice(0, MAX_OTHERS).map((term) => (
        <li key={term.key} data-glossary="found">
          {term.translate ? (
            <>
              <span lang={from.locale}>{term.source}</span> → <span lang={to.locale}>{term.target}</span>
            </>
          ) : (
            t('glossary.keep', { source: term.source })
          )}
          <Note term={term} />
        </li>
      ))}
      {found.length > Math.min(missing.length, MAX_MISSING) + Math.min(others.length, MAX_OTHERS) && (
        <li>
          {t('glossary.more', {
            count: Math.max(0, missing.length - MAX_MISSING) + Math.max(0, others.length - MAX_OTHERS),
          })}
        </li>
      )}
    </ul>
  );
}

function Note({ term }: { term: FoundTerm }) {
  return term.note ? ` (${term.note})` : null;
}

/** The texts of a field as they are typed. Looking for terms in them waits for the typing. */
function useText({ store, model }: EntrySession, name: string, attribute: Attribute): string {
  const subscribe = useCallback((listener: () => void) => store.subscribe(name, listener), [store, name]);
  const value = useDeferredValue(useSyncExternalStore(subscribe, () => store.get(name)));
  return useMemo(() => listTexts(model, attribute, value).join('\n'), [model, attribute, value]);
}
