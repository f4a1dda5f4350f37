import { Modal, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Keys } from '@/ui/Keys';
import type { PaletteItem } from './items';
import classes from './PaletteDialog.module.css';
import { useItems } from './useItems';

/** Milliseconds after the last key until the server is asked. */
const SEARCH_DELAY_MS = 120;

/** One field that reaches every screen, entry and action: type, arrows, Enter. */
export default function PaletteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('frame');
  const router = useRouter();
  const [query, setQuery] = useState('');
  const [looked] = useDebouncedValue(query, SEARCH_DELAY_MS);
  const { items, searching, failed } = useItems(query, looked);
  const [at, setAt] = useState(0);
  const current = items[Math.min(at, items.length - 1)];
  // Enter, pressed before the server answered: it means the first result, and is forgotten with the next key.
  const [awaited, setAwaited] = useState<{ inNewTab: boolean }>();
  const answered = useRef(false);
  const id = useId();
  const idOf = (item: PaletteItem): string => `${id}-${items.indexOf(item)}`;
  const currentId = current && idOf(current);

  useEffect(() => {
    if (currentId) document.getElementById(currentId)?.scrollIntoView({ block: 'nearest' });
  }, [currentId]);

  const choose = (item: PaletteItem, inNewTab: boolean): void => {
    if (item.target) {
      const href = typeof item.target === 'string' ? item.target : router.buildLocation(item.target).href;
      if (inNewTab) window.open(`${router.basepath}${href.replace(router.basepath, '')}`, '_blank', 'noopener');
      else if (typeof item.target === 'string') router.history.push(`${router.basepath}${href}`);
      else void router.navigate(item.target);
    }
    onClose();
    void item.run?.();
  };
  useEffect(() => {
    const [first] = items;
    if (!awaited || searching || !first || answered.current) return;
    answered.current = true;
    choose(first, awaited.inNewTab);
  });
  const keyed = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && searching && (!current || current.outdated)) {
      event.preventDefault();
      setAwaited({ inNewTab: event.ctrlKey || event.metaKey });
    }
    if (items.length === 0) return;
    const last = items.length - 1;
    const to: Record<string, number> = {
      ArrowDown: at >= last ? 0 : at + 1,
      ArrowUp: at <= 0 ? last : at - 1,
      PageDown: Math.min(at + 8, last),
      PageUp: Math.max(at - 8, 0),
    };
    const next = to[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setAwaited(undefined);
      setAt(next);
    } else if (event.key === 'Enter' && current && !current.outdated) {
      event.preventDefault();
      choose(current, event.ctrlKey || event.metaKey);
    }
  };

  const groups = [...new Set(items.map((item) => item.group))];
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      yOffset="10vh"
      size="lg"
      padding={0}
      transitionProps={{ duration: 80 }}
      attributes={{ content: { 'aria-label': t('palette.title') } }}
    >
      <TextInput
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setAwaited(undefined);
          setAt(0);
        }}
        onKeyDown={keyed}
        placeholder={t('palette.placeholder')}
        aria-label={t('palette.placeholder')}
        leftSection={<IconSearch size={18} aria-hidden />}
        size="md"
        variant="unstyled"
        className={classes.input}
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={currentId}
        autoComplete="off"
        spellCheck={false}
      />
      <div id={`${id}-list`} role="listbox" aria-label={t('palette.results')} className={classes.list} tabIndex={-1}>
        {groups.map((group) => (
          <div key={group} role="group" aria-label={group}>
            <Text size="xs" c="dimmed" fw={500} px="sm" pt="xs" pb={4} aria-hidden>
              {group}
            </Text>
            {items
              .filter((item) => item.group === group)
              .map((item) => {
                const Icon = item.icon;
                return (
                  // The keys are those of the field, which keeps the focus (aria-activedescendant).
                  // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
                  <div
                    key={item.id}
                    id={idOf(item)}
                    role="option"
                    tabIndex={-1}
                    aria-selected={item === current}
                    className={classes.item}
                    onPointerMove={() => setAt(items.indexOf(item))}
                    onClick={(event) => choose(item, event.ctrlKey || event.metaKey)}
                  >
                    {Icon ? <Icon size={16} aria-hidden /> : <span className={classes.noIcon} />}
                    <Text size="sm" truncate flex={1}>
                      {item.title}
                    </Text>
                    {item.detail && (
                      <Text size="xs" c="dimmed" truncate maw="40%">
                        {item.detail}
                      </Text>
                    )}
                    {item.shortcut && <Keys keys={item.shortcut} />}
                  </div>
                );
              })}
          </div>
        ))}
      </div>
      <div className={classes.foot}>
        <Text size="xs" c="dimmed" role="status">
          {searching && t(awaited ? 'palette.opensFirst' : 'palette.searching')}
          {!searching && failed && t('palette.failed')}
          {!searching && !failed && items.length === 0 && t('palette.nothing', { query })}
          {!searching && items.length > 0 && (
            <VisuallyHidden>{t('palette.count', { count: items.length })}</VisuallyHidden>
          )}
        </Text>
        <Text size="xs" c="dimmed" visibleFrom="xs">
          {t('palette.hint')}
        </Text>
      </div>
    </Modal>
  );
}
