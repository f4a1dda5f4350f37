import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconExternalLink, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { beginSeeAs, makePreview, type SeeAs, type Subject } from '@/api/editorial';
import { useSession } from '@/api/session';
import { hasPermission } from '@/app/permissions';
import { goToField } from '@/fields/form/reveal';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { showToast } from '@/ui/toast';
import { entryAddress } from './addresses';
import classes from './Edit.module.css';
import { LivePreview, scriptAddress, type TextSource } from './live-preview/LivePreview';
import { SeeAsBar } from './SeeAsBar';
import type { EntrySession } from './session';

const SEE_AS_PERMISSIONS = ['preview.see-as'];
/** How long a see-as preview is shown before it begins anew: it would end by itself after fifteen minutes. */
const SEE_AS_MS = 12 * 60_000;

const widths = { phone: 390, tablet: 820, desktop: 1280 } as const;
type Width = keyof typeof widths;

/**
 * The front end's own scripts, in its own origin; it may not steer this page. One that is served by this very server would
 * have the rights of who is signed in here, so it gets no origin at all.
 */
function sandboxOf(url: string): string {
  const foreign = new URL(url).origin !== window.location.origin;
  return `allow-scripts allow-forms allow-popups${foreign ? ' allow-same-origin' : ''}`;
}

/** How long a page may take to load its script before it is said that it has none. */
const SCRIPT_MS = 4000;

/**
 * The entry's draft as the front end shows it, at the width of a phone, a tablet or a desk. Drawn anew after each save, or kept up to date by
 * the script of the page, which also opens the field of a text that is clicked.
 */
export default function PreviewPane({ subject, session }: { subject: Subject; session: EntrySession }) {
  const { t } = useTranslation('editor');
  const [width, setWidth] = useState<Width>('desktop');
  const [room, setRoom] = useState(0);
  const [draws, setDraws] = useState(0);
  const pane = useRef<HTMLDivElement>(null);
  const { seeAs: person } = entryAddress.useSearch();
  const [seeAs, setSeeAs] = useState<SeeAs | null>(person ? { person } : null);
  const { permissions } = useSession();
  const subjectKey = [subject.uid, subject.documentId, subject.locale ?? ''];
  const link = useQuery({
    queryKey: ['entry-preview', ...subjectKey],
    queryFn: () => makePreview(subject),
    staleTime: 6 * 60 * 60_000,
    enabled: seeAs === null,
  });
  const seen = useQuery({
    queryKey: ['entry-see-as', ...subjectKey, seeAs],
    queryFn: () => beginSeeAs(subject, seeAs ?? {}),
    staleTime: SEE_AS_MS,
    refetchInterval: SEE_AS_MS,
    gcTime: 0,
    retry: false,
    enabled: seeAs !== null,
  });
  const shown = seeAs === null ? link : seen;
  const url = shown.data?.url && /^https?:\/\//.test(shown.data.url) ? shown.data.url : null;
  const [frame, setFrame] = useState<HTMLIFrameElement | null>(null);
  const hasScript = useLivePreview({ session, frame, url, showsDraft: seeAs === null, onDraw: setDraws });
  useEffect(() => {
    const element = pane.current;
    if (!element) return undefined;
    const watch = new ResizeObserver(() => setRoom(element.clientWidth));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  if (link.isError) return <ErrorMessage error={link.error} retry={() => void link.refetch()} />;
  // Wider than the pane: smaller, as one steps back from a screen.
  const scale = room > 0 ? Math.min(1, room / widths[width]) : 1;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <SegmentedControl
          size="xs"
          aria-label={t('preview.width')}
          value={width}
          onChange={(value) => setWidth(value as Width)}
          data={(Object.keys(widths) as Width[]).map((value) => ({ value, label: t(`preview.${value}`) }))}
        />
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={() => setDraws(draws + 1)}
        >
          {t('preview.again')}
        </Button>
        {url && (
          <Button
            size="xs"
            variant="subtle"
            component="a"
            href={url}
            target="_blank"
            rel="noreferrer"
            leftSection={<IconExternalLink size={16} aria-hidden />}
          >
            {t('preview.open')}
          </Button>
        )}
      </Group>
      {hasPermission(permissions, SEE_AS_PERMISSIONS) && <SeeAsBar value={seeAs} onChange={setSeeAs} />}
      {seeAs !== null && seen.isError && <ErrorMessage error={seen.error} retry={() => void seen.refetch()} />}
      {url && seeAs === null && link.data && (
        <Text size="sm" className={classes.dim}>
          {t('preview.sharedUntil', { at: formatDateTime(link.data.expiresAt) })}{' '}
          {link.data.pastReadPolicy && t('preview.pastPolicy')}
        </Text>
      )}
      {shown.isSuccess && !url && <Text className={classes.dim}>{t('preview.none')}</Text>}
      {url && hasScript === false && (
        <Text size="sm" className={classes.dim}>
          {t('preview.noScript')} <code>{`<script src="${scriptAddress()}" defer></script>`}</code>
        </Text>
      )}
      <div ref={pane} className={classes.frame}>
        {url && (
          <iframe
            ref={setFrame}
            key={draws}
            title={t('preview.title')}
            src={url}
            sandbox={sandboxOf(url)}
            referrerPolicy="no-referrer"
            // As much higher as it is made smaller: it fills the pane.
            style={{
              width: widths[width],
              height: `${100 / scale}%`,
              transform: `scale(${scale})`,
              transformOrigin: '0 0',
            }}
          />
        )}
      </div>
    </Stack>
  );
}

interface LivePreviewUse {
  session: EntrySession;
  frame: HTMLIFrameElement | null;
  url: string | null;
  showsDraft: boolean;
  /** Counts how often the page was drawn. */
  onDraw: (next: (draws: number) => number) => void;
}

/** Connects the page with the editor. Answers whether the page has the script for it; `null` while it may still be loading. */
function useLivePreview({ session, frame, url, showsDraft, onDraw }: LivePreviewUse): boolean | null {
  const { t } = useTranslation('editor');
  const navigate = useNavigate();
  const [hasScript, setHasScript] = useState<boolean | null>(null);
  const other = useEffectEvent(({ uid, documentId, locale, path }: TextSource) => {
    const type = session.model.contentTypes.find((each) => each.uid === uid);
    if (!type) return;
    const search = { preview: true, field: path, ...(locale === undefined ? {} : { locale }) };
    const isHere = documentId === session.documentId;
    showToast({
      message: isHere ? t('preview.otherLanguage') : t('preview.otherEntry', { type: type.info.displayName }),
      next: {
        label: t('preview.openOther'),
        run: () => void navigate(entryAddress.to({ uid, documentId }, search)),
      },
    });
  });
  useEffect(() => {
    const origin = url === null ? null : new URL(url).origin;
    let live: LivePreview | undefined;
    // A page of this very server has no origin in its frame: nothing tells it from another.
    if (frame && origin !== null && origin !== window.location.origin) {
      live = new LivePreview({
        session,
        frame,
        origin,
        showsDraft,
        onConnect: () => setHasScript(true),
        onField: (path) => {
          // The focus is in the page: the window has to have it before a field can.
          window.focus();
          goToField(session.store, path);
        },
        onOther: other,
      });
    }
    let { version } = session;
    const stopHearing = session.subscribe(() => {
      if (session.version === version) return;
      version = session.version;
      if (!live?.saved()) onDraw((drawn) => drawn + 1);
    });
    const late = live && setTimeout(() => setHasScript((has) => has ?? false), SCRIPT_MS);
    return () => {
      clearTimeout(late);
      stopHearing();
      live?.stop();
    };
  }, [session, frame, url, showsDraft, onDraw]);
  return hasScript;
}
