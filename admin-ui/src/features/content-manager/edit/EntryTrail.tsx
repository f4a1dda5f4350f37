import { ActionIcon, Text, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type ContentType, pluralNameOf } from '@/api/model';
import { useShortcut } from '@/app/shortcuts';
import { keyNames } from '@/ui/keys';
import { listAddress } from '../addresses';
import { type Neighbours, useNeighbours } from '../trail/useNeighbours';
import { type EntrySearch, entryAddress } from './addresses';
import classes from './EntryTrail.module.css';

interface Props {
  type: ContentType;
  documentId: string | undefined;
  title: string;
  search: EntrySearch;
}

/** Where an entry stands: the list from which it was opened, as it was left, and the entries before and after it there. */
export function EntryTrail({ type, documentId, title, search }: Props) {
  const { t } = useTranslation('editor');
  const { search: listSearch, neighbours } = useNeighbours(type, documentId);
  const name = pluralNameOf(type);
  return (
    <nav className={classes.trail} aria-label={t('trail.label')}>
      <ol className={classes.crumbs}>
        <li className={classes.type}>
          <Link {...listAddress.to({ uid: type.uid }, listSearch ?? {})} className={classes.link} title={name}>
            {name}
          </Link>
        </li>
        <li className={classes.entry} aria-current="page" title={title}>
          {title}
        </li>
      </ol>
      {neighbours && <NeighbourButtons uid={type.uid} neighbours={neighbours} search={search} />}
    </nav>
  );
}

/** Leads to the entry before and the one after. In place of this one: the way back leads to the list, however many were looked at. */
function NeighbourButtons({ uid, neighbours, search }: { uid: string; neighbours: Neighbours; search: EntrySearch }) {
  const { t } = useTranslation('editor');
  const navigate = useNavigate();
  const { number, total, rest } = neighbours;
  // The field that a link led to, and what was chosen in a plugin's page, are of this entry.
  const { locale, panel, preview, beside, form } = search;
  const kept = Object.fromEntries(
    Object.entries({ locale, panel, preview, beside, form }).filter(([, value]) => value !== undefined),
  );
  const go = (documentId: string | undefined): void => {
    if (documentId) void navigate({ ...entryAddress.to({ uid, documentId }, kept), replace: true });
  };
  useShortcut('alt+PageUp', () => go(neighbours.previous), { whileTyping: true, inDialogs: false });
  useShortcut('alt+PageDown', () => go(neighbours.next), { whileTyping: true, inDialogs: false });
  const ways = [
    { way: 'previous', end: 'first', keys: 'alt+PageUp', Icon: IconChevronUp, to: neighbours.previous },
    { way: 'next', end: 'last', keys: 'alt+PageDown', Icon: IconChevronDown, to: neighbours.next },
  ] as const;
  return (
    <div className={classes.neighbours} role="group" aria-label={t('trail.neighbours')}>
      <Text size="xs" c="dimmed" className={classes.number}>
        {t('trail.number', { number, total })}
      </Text>
      {ways.map(({ way, end, keys, Icon, to }) => {
        const reason = to ? undefined : t(`trail.${rest === 'none' ? end : rest}`);
        return (
          <Tooltip key={way} label={reason ?? `${t(`trail.${way}`)} (${keyNames(keys).join('+')})`}>
            {/* Not `disabled`: what has no focus cannot say why. */}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={reason ? `${t(`trail.${way}`)}: ${reason}` : t(`trail.${way}`)}
              aria-disabled={to === undefined}
              className={classes.way}
              onClick={() => go(to)}
            >
              <Icon size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        );
      })}
    </div>
  );
}
