import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconExternalLink, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { makePreview, type Subject } from '@/api/editorial';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import classes from './Edit.module.css';
import type { EntrySession } from './session';

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

/** The entry's draft as the front end shows it, at the width of a phone, a tablet or a desk. Drawn anew after each save. */
export default function PreviewPane({ subject, session }: { subject: Subject; session: EntrySession }) {
  const { t } = useTranslation('editor');
  const [width, setWidth] = useState<Width>('desktop');
  const [room, setRoom] = useState(0);
  const [draws, setDraws] = useState(0);
  const pane = useRef<HTMLDivElement>(null);
  const link = useQuery({
    queryKey: ['entry-preview', subject.uid, subject.documentId, subject.locale ?? ''],
    queryFn: () => makePreview(subject),
    staleTime: 6 * 60 * 60_000,
  });
  const version = useSyncExternalStore(session.subscribe, () => session.version);
  useEffect(() => {
    const element = pane.current;
    if (!element) return undefined;
    const watch = new ResizeObserver(() => setRoom(element.clientWidth));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  if (link.isError) return <ErrorMessage error={link.error} retry={() => void link.refetch()} />;
  const url = link.data?.url && /^https?:\/\//.test(link.data.url) ? link.data.url : null;
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
      {url && link.data && (
        <Text size="sm" className={classes.dim}>
          {t('preview.sharedUntil', { at: formatDateTime(link.data.expiresAt) })}{' '}
          {link.data.pastReadPolicy && t('preview.pastPolicy')}
        </Text>
      )}
      {link.isSuccess && !url && <Text className={classes.dim}>{t('preview.none')}</Text>}
      <div ref={pane} className={classes.frame}>
        {url && (
          <iframe
            key={`${version ?? ''} ${draws}`}
            title={t('preview.title')}
            src={url}
            sandbox={sandboxOf(url)}
            referrerPolicy="no-referrer"
            style={{ width: widths[width], transform: `scale(${scale})`, transformOrigin: '0 0' }}
          />
        )}
      </div>
    </Stack>
  );
}
