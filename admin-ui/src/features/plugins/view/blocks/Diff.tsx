import { diffLines, diffWordsWithSpace } from 'diff';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLabels } from '../context';
import type { BlockOf } from '../types';
import { BlockSection } from './BlockSection';
import classes from './Diff.module.css';

/** Texts up to so many signs are compared word by word, longer ones by lines. */
const MAX_WORD_DIFF_CHARS = 5000;

/** Two texts and what differs: what was taken away is struck through, what was added underlined. */
export default function Diff({ block }: { block: BlockOf<'diff'> }) {
  const { t } = useTranslation('pluginView');
  const label = useLabels();
  const { before, after, format } = block;
  const parts = useMemo(() => {
    const [from, to] = format === 'json' ? [formatJsonText(before), formatJsonText(after)] : [before, after];
    return format !== 'json' && from.length + to.length < MAX_WORD_DIFF_CHARS
      ? diffWordsWithSpace(from, to)
      : diffLines(from, to);
  }, [before, after, format]);
  const name = label(block.label);
  return (
    <BlockSection label={name} name={t('diff')}>
      {/* What scrolls has to be reached by the keyboard. */}
      <pre
        className={classes.diff}
        data-json={format === 'json' ? '' : undefined}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={name ?? t('diff')}
      >
        {parts.map((part, at) => {
          // eslint-disable-next-line react/no-array-index-key
          if (part.added) return <ins key={at}>{part.value}</ins>;
          // eslint-disable-next-line react/no-array-index-key
          if (part.removed) return <del key={at}>{part.value}</del>;
          // eslint-disable-next-line react/no-array-index-key
          return <span key={at}>{part.value}</span>;
        })}
      </pre>
    </BlockSection>
  );
}

function formatJsonText(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
