import { Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMatchRoute } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import type { ContentType } from '@/api/model';
import { useSession } from '@/api/session';
import lines from '@/app/NavigationLines.module.css';
import { listAddress } from '../addresses';
import { groupTypes, MAX_UNFILTERED, recentOf, type TypeGroup } from './groupTypes';
import { moveThroughLines } from './lineKeys';
import { usePins, useUnfolded } from './preferences';
import { useRecentTypes } from './recentTypes';
import { TypeLine } from './TypeLine';
import classes from './TypesMenu.module.css';

const HEADINGS = {
  pinned: 'types.pinned',
  recent: 'types.recent',
  collections: 'index.collections',
  singles: 'index.singles',
} as const;

/** What tells the lines of the menu apart: a type that was opened lately has two. */
function lineOf({ id }: TypeGroup, { uid }: ContentType): string {
  return id === 'recent' ? `recent ${uid}` : uid;
}

/** The content types in the menu, each one click away. Folded, only the one that is open stays: who is there sees where. */
export function TypesMenu() {
  const { t } = useTranslation('list');
  const id = useId();
  const { data: model } = useQuery(modelQuery);
  const [pins, togglePin] = usePins();
  const [unfolded, setUnfolded] = useUnfolded();
  const [words, setWords] = useState('');
  const [focused, setFocused] = useState<string>();
  const match = useMatchRoute()({ to: listAddress.path, fuzzy: true }) as { uid?: string } | false;
  const current = match ? match.uid : undefined;
  const recent = useRecentTypes(useSession().me.id, current);
  const list = useRef<HTMLDivElement>(null);
  const moved = useRef<string>(undefined);

  // A pinned line stands elsewhere: the focus goes along with its button.
  useEffect(() => {
    if (moved.current === undefined) return;
    const lineItems = [...(list.current?.querySelectorAll<HTMLElement>('[data-type-line]') ?? [])];
    lineItems
      .find((line) => line.dataset.typeLine === moved.current)
      ?.querySelector('button')
      ?.focus();
    moved.current = undefined;
  });

  // Of many types the one that is open may be out of view.
  const loaded = model !== undefined;
  useEffect(() => {
    if (loaded && current) list.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest' });
  }, [loaded, current]);

  const readable = model?.contentTypes.filter((type) => type.can.find) ?? [];
  if (readable.length === 0) return null;
  const filtered = readable.length > MAX_UNFILTERED;
  const sought = filtered ? words.trim() : '';
  const grouped = unfolded
    ? groupTypes(readable, pins, sought)
    : groupTypes(
        readable.filter(({ uid }) => uid === current),
        [],
      );
  // Below what is pinned. They stay in their own group too: where a type is found does not change with what was opened.
  const pinned = grouped[0]?.id === 'pinned' ? 1 : 0;
  const groups =
    unfolded && sought === ''
      ? grouped.toSpliced(pinned, 0, ...recentOf(readable, recent, [...pins, current]))
      : grouped;
  const shown = groups.flatMap((group) => group.types.map((type) => lineOf(group, type)));
  const own = shown.filter((line) => !line.startsWith('recent '));
  const stop = [focused, current].find((line) => line !== undefined && shown.includes(line)) ?? own[0];

  const filterKeys = (event: KeyboardEvent<HTMLInputElement>): void => {
    const first = list.current?.querySelector('a');
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape' && words !== '') {
      // Not also for the drawer that the menu is on a phone.
      event.stopPropagation();
      setWords('');
    } else if (event.key === 'ArrowDown' && first) {
      event.preventDefault();
      first.focus();
    } else if (event.key === 'Enter') first?.click();
  };

  return (
    <>
      <UnstyledButton
        className={classes.fold}
        aria-expanded={unfolded}
        aria-controls={id}
        aria-label={t('types.title')}
        title={t(unfolded ? 'types.fold' : 'types.unfold')}
        onClick={() => setUnfolded(!unfolded)}
      >
        <IconChevronDown size={16} aria-hidden className={classes.chevron} />
      </UnstyledButton>
      <div id={id}>
        {unfolded && filtered && (
          <TextInput
            type="search"
            size="xs"
            className={classes.filter}
            aria-label={t('types.filter')}
            placeholder={t('types.filter')}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
            onKeyDown={filterKeys}
          />
        )}
        {unfolded && (
          <Text size="xs" c="dimmed" role="status" className={classes.none}>
            {groups.length === 0 && t('types.none', { words: words.trim() })}
          </Text>
        )}
        {/* The keys of the links and buttons in it. */}
        <div
          ref={list}
          role="presentation"
          className={classes.types}
          onKeyDown={moveThroughLines}
          onFocus={({ target }) => setFocused(target.closest<HTMLElement>('[data-type-line]')?.dataset.typeLine)}
        >
          {groups.map((group) => (
            <div key={group.id}>
              {groups.length > 1 && (
                <Text size="xs" c="dimmed" fw={500} id={`${id}-${group.id}`} className={classes.heading}>
                  {t(HEADINGS[group.id])}
                </Text>
              )}
              <ul
                className={lines.list}
                aria-label={groups.length > 1 ? undefined : t('types.title')}
                aria-labelledby={groups.length > 1 ? `${id}-${group.id}` : undefined}
              >
                {group.types.map((type) => (
                  <TypeLine
                    key={type.uid}
                    line={lineOf(group, type)}
                    type={type}
                    pinned={pins.includes(type.uid)}
                    onPin={() => {
                      moved.current = type.uid;
                      togglePin(type.uid);
                    }}
                    isStop={lineOf(group, type) === stop}
                  />
                ))}
              </ul>
            </div>
          ))}
        </div>
      </div>
    </>
  );
}
