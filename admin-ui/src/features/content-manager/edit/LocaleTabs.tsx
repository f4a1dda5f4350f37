import { Button, Menu } from '@mantine/core';
import {
  IconChevronDown,
  IconCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleHalf2,
  IconPlus,
} from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { languageName } from '@/ui/format';
import { useFirstLine } from '@/ui/useFirstLine';
import { entryAddress } from './addresses';
import classes from './LocaleTabs.module.css';
import type { EntrySession } from './session';
import { type Side, statesOf } from './side-by-side/side';

interface LocaleTabsProps {
  session: EntrySession;
  locales: readonly { code: string }[];
  /** The locale that stands beside the fields. */
  beside: string | undefined;
  side?: Side | null | undefined;
  mayWrite: boolean;
}

/** A shape for each state: colour alone tells nobody who does not see it. */
const SHAPES = {
  draft: IconCircle,
  modified: IconCircleHalf2,
  published: IconCircleCheck,
  missing: IconCircleDashed,
  create: IconPlus,
};

/** The language that was chosen here. Its page is a new one, on which its tab has the focus again. */
let chosen: string | undefined;

const sendUnsaved = (session: EntrySession | undefined) => (session?.unsaved ? session.flush('auto') : undefined);

/** The languages of an entry and how each stands. As many as there is room for, the others in a menu. */
export function LocaleTabs({ session, locales, beside, side, mayWrite }: LocaleTabsProps) {
  const { t } = useTranslation('editor');
  const { t: tc } = useTranslation('common');
  const setSearch = entryAddress.useSetSearch();
  const statuses = statesOf(session, side);
  const { list: row, count } = useFirstLine<HTMLDivElement>();
  // The language of the page has a tab in any case. It stays in front: by its place alone it would not have fitted.
  const [inFront, setInFront] = useState(false);
  const at = locales.findIndex(({ code }) => code === session.locale);
  if (at >= count && !inFront) setInFront(true);
  const ordered = inFront && at > 0 ? [locales[at] as { code: string }, ...locales.toSpliced(at, 1)] : locales;

  useEffect(() => {
    if (chosen === session.locale) row.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
    chosen = undefined;
  }, [session, row]);

  const choose = (code: string) => {
    if (code === session.locale) return;
    chosen = code;
    // What is typed is sent first. A language that was only looked at is not made by that.
    void Promise.all([sendUnsaved(session), sendUnsaved(side?.session)]).finally(() =>
      setSearch({ locale: code, ...(beside === code ? { beside: session.locale } : {}) }, { replace: false }),
    );
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const tabs = [...(row.current?.children ?? [])].slice(0, count) as HTMLElement[];
    const now = tabs.indexOf(event.target as HTMLElement);
    const steps: Record<string, number> = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: tabs.length - 1 };
    const to = steps[event.key];
    if (to === undefined || now < 0) return;
    event.preventDefault();
    tabs.at(to % tabs.length)?.focus();
  };
  const describe = (code: string): { shape: keyof typeof SHAPES | null; text: string } => {
    const status = statuses.get(code);
    if (status) {
      // Where nothing is published apart from saving, there is nothing to say.
      return session.type.draftAndPublish ? { shape: status, text: tc(`status.${status}`) } : { shape: null, text: '' };
    }
    if (code === session.locale) return { shape: 'missing', text: t(session.documentId ? 'locale.none' : 'new') };
    return mayWrite ? { shape: 'create', text: t('locale.create') } : { shape: 'missing', text: t('locale.none') };
  };
  const content = (code: string) => {
    const { shape, text } = describe(code);
    const Shape = shape && SHAPES[shape];
    return (
      <>
        <span className={classes.name}>{languageName(code)}</span>
        {text && (
          <span className={classes.state} data-state={shape}>
            {Shape && <Shape size={14} aria-hidden />}
            <span>{text}</span>
          </span>
        )}
      </>
    );
  };
  const rest = ordered.slice(count);
  return (
    <>
      <div
        ref={row}
        role="tablist"
        aria-label={t('locale.label')}
        tabIndex={-1}
        className={classes.tabs}
        onKeyDown={onKeyDown}
      >
        {ordered.map(({ code }, index) => (
          <button
            key={code}
            type="button"
            role="tab"
            aria-selected={code === session.locale}
            tabIndex={code === session.locale ? 0 : -1}
            className={classes.tab}
            data-hidden={index >= count || undefined}
            onClick={() => choose(code)}
          >
            {content(code)}
          </button>
        ))}
      </div>
      {rest.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button
              size="compact-sm"
              variant="subtle"
              className={classes.more}
              aria-label={t('locale.moreLabel', { count: rest.length })}
              rightSection={<IconChevronDown size={14} aria-hidden />}
            >
              {t('locale.more', { count: rest.length })}
            </Button>
          </Menu.Target>
          <Menu.Dropdown className={classes.menu}>
            {rest.map(({ code }) => (
              <Menu.Item key={code} onClick={() => choose(code)}>
                <span className={classes.item}>{content(code)}</span>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}
