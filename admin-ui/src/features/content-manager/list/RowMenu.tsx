import { Menu } from '@mantine/core';
import {
  IconCopy,
  IconExternalLink,
  IconLanguage,
  IconPackage,
  IconPencil,
  IconTrash,
  IconUserPlus,
  IconWorldOff,
  IconWorldUpload,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DocumentState, Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { useSession } from '@/api/session';
import { languageName } from '@/ui/format';
import { entryTarget } from '../addresses';
import { allowedActions } from './BulkBar';
import type { BulkKind } from './bulk';

/** The row whose menu is open, and where its button is. */
export interface OpenMenu {
  entry: Entry;
  state: DocumentState | undefined;
  box: DOMRect;
}

interface Props {
  type: ContentType;
  staged: boolean;
  opened: OpenMenu | null;
  locale: string | undefined;
  busy: boolean;
  choose: (kind: BulkKind, entry: Entry) => void;
  close: () => void;
}

const ICONS = {
  assign: IconUserPlus,
  publish: IconWorldUpload,
  unpublish: IconWorldOff,
  duplicate: IconCopy,
  release: IconPackage,
  delete: IconTrash,
};

/** One menu for all rows: one for each would be thousands of components. */
export function RowMenu({ type, staged, opened, locale, busy, choose, close }: Props) {
  const { t } = useTranslation(['list', 'common']);
  const { locales } = useSession();
  if (!opened) return null;
  const { entry, box, state } = opened;
  const existingLocales = new Set(state?.locales.map((each) => each.locale));
  const others = type.localized
    ? locales.available.filter(
        ({ code }) => code !== (entry.locale ?? locale) && (existingLocales.has(code) || type.can.update),
      )
    : [];
  const target = entryTarget(type.uid, entry.documentId, type.localized ? (entry.locale ?? locale) : undefined);
  return (
    <Menu opened onChange={(stays) => !stays && close()} position="bottom-end" withinPortal returnFocus>
      <Menu.Target>
        <span
          style={{
            position: 'fixed',
            left: box.left,
            top: box.top,
            width: box.width,
            height: box.height,
            pointerEvents: 'none',
          }}
        />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconPencil size={16} aria-hidden />}
          renderRoot={(props) => <Link {...target} {...props} />}
        >
          {t('list:row.open')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconExternalLink size={16} aria-hidden />}
          renderRoot={(props) => <Link {...target} target="_blank" {...props} />}
        >
          {t('list:row.newTab')}
        </Menu.Item>
        {others.map(({ code }) => (
          <Menu.Item
            key={code}
            leftSection={<IconLanguage size={16} aria-hidden />}
            renderRoot={(props) => <Link {...entryTarget(type.uid, entry.documentId, code)} {...props} />}
          >
            {t(existingLocales.has(code) ? 'list:row.openIn' : 'list:row.makeIn', { language: languageName(code) })}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {allowedActions(type, staged)
          .filter((kind) => kind !== 'edit')
          .map((kind) => {
            const Icon = ICONS[kind];
            return (
              <Menu.Item
                key={kind}
                disabled={busy}
                color={kind === 'delete' ? 'red' : undefined}
                leftSection={<Icon size={16} aria-hidden />}
                onClick={() => choose(kind, entry)}
              >
                {t(`list:bulk.action.${kind}`)}
              </Menu.Item>
            );
          })}
      </Menu.Dropdown>
    </Menu>
  );
}
