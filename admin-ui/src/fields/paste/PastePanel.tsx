import { ActionIcon, Anchor, Button, Checkbox, CloseButton, Group, Progress, Text, TextInput } from '@mantine/core';
import { IconInfoCircle, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '@/ui/live';
import { safeUrl } from '../media/files';
import type { DroppedContent } from './document';
import type { PasteNotice } from './notice';
import classes from './Paste.module.css';
import type { TextImage } from './imageQueue';
import type { TextImages } from './useTextImages';

interface PastePanelProps {
  notice: PasteNotice | null;
  onDismiss: () => void;
  images: TextImages;
}

/** Below a text: what of a paste was not kept, and the pictures that came with it, to be described. */
export default function PastePanel({ notice, onDismiss, images }: PastePanelProps) {
  const { t } = useTranslation('fields');
  const panel = useRef<HTMLDivElement>(null);
  const count = images.images.length;
  // Whenever it becomes taller.
  // oxlint-disable-next-line react/exhaustive-deps
  useEffect(() => showCursor(panel.current), [notice, count]);
  return (
    <div ref={panel} className={classes.panel}>
      {notice && <Notice notice={notice} onDismiss={onDismiss} />}
      {images.images.length > 0 && (
        <ul className={classes.images} aria-label={t('paste.images')}>
          {images.images.map((image) => (
            <li key={image.key} className={classes.image}>
              {image.state === 'describe' ? (
                <Describe image={image} images={images} />
              ) : (
                <Group gap="xs" wrap="nowrap">
                  <span className={classes.name}>{image.name}</span>
                  {image.state === 'failed' ? (
                    <Text size="sm" className={classes.failed} role="alert">
                      {image.error}
                    </Text>
                  ) : (
                    <Progress
                      flex={1}
                      value={image.share * 100}
                      aria-label={t('media.uploading', { name: image.name })}
                    />
                  )}
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={image.state === 'failed' ? t('close') : t('media.stop', { name: image.name })}
                    onClick={() => (image.state === 'failed' ? images.dismiss(image.key) : images.stop(image.key))}
                  >
                    <IconX size={16} aria-hidden />
                  </ActionIcon>
                </Group>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Room between the cursor and what is below it. */
const CURSOR_MARGIN = 16;

/** Scrolls on where the panel has come over the cursor of its text. */
function showCursor(panel: HTMLElement | null): void {
  const selection = document.getSelection();
  if (!panel || !selection || selection.rangeCount === 0) return;
  if (!panel.parentElement?.contains(selection.focusNode)) return;
  const cursor = selection.getRangeAt(0).getBoundingClientRect();
  const hidden = cursor.bottom + CURSOR_MARGIN - panel.getBoundingClientRect().top;
  if (cursor.height > 0 && hidden > 0) window.scrollBy({ top: hidden });
}

function Notice({ notice, onDismiss }: { notice: PasteNotice; onDismiss: () => void }) {
  const { t } = useTranslation('fields');
  const title = t(notice.kind === 'dropped' ? 'paste.title' : `paste.${notice.kind}`);
  useEffect(() => announce(title), [title]);
  return (
    <div className={classes.notice} role="group" aria-label={t('paste.notice')}>
      <IconInfoCircle size={18} aria-hidden className={classes.icon} />
      <div className={classes.text}>
        <Text size="sm" fw={500}>
          {title}
        </Text>
        {notice.kind === 'dropped' && (
          <ul className={classes.dropped}>
            {notice.dropped.map((each) => (
              <li key={each.reason}>
                <DroppedLine dropped={each} />
              </li>
            ))}
          </ul>
        )}
      </div>
      <CloseButton aria-label={t('close')} onClick={onDismiss} />
    </div>
  );
}

function DroppedLine({ dropped: { reason, count, items = [] } }: { dropped: DroppedContent }) {
  const { t } = useTranslation('fields');
  return (
    <>
      {t(`paste.dropped.${reason}`, { count })}
      {items.length > 0 && (
        <ul className={classes.items}>
          {items.map((item, at) => {
            const url = safeUrl(item.url);
            // Two of them may be the same.
            // oxlint-disable-next-line react/no-array-index-key
            const key = at;
            return (
              <li key={key}>
                {url ? (
                  <Anchor size="sm" href={url} target="_blank" rel="noopener noreferrer">
                    {item.name}
                  </Anchor>
                ) : (
                  item.name
                )}
              </li>
            );
          })}
          {count > items.length && <li>{t('paste.others', { count: count - items.length })}</li>}
        </ul>
      )}
    </>
  );
}

function Describe({ image, images }: { image: TextImage; images: TextImages }) {
  const { t } = useTranslation('fields');
  const [alt, setAlt] = useState(image.alt);
  const [decorative, setDecorative] = useState(false);
  const url = safeUrl(image.url);
  const save = () => {
    if (decorative || alt.trim() !== '') void images.describe(image, decorative ? '' : alt.trim());
  };
  // A form in a form would send the page's.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    save();
  };
  return (
    <div className={classes.describe} role="group" aria-label={image.name}>
      {url && <img src={url} alt="" className={classes.thumbnail} />}
      <TextInput
        flex={1}
        miw={180}
        size="xs"
        label={t('paste.alt', { name: image.name })}
        description={t('blocks.imageAltHint')}
        maxLength={1000}
        disabled={decorative}
        value={decorative ? '' : alt}
        onChange={(event) => setAlt(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Group gap="xs">
        <Checkbox
          size="xs"
          label={t('blocks.imageDecorative')}
          checked={decorative}
          onChange={(event) => setDecorative(event.currentTarget.checked)}
        />
        <Button size="compact-sm" variant="default" onClick={() => images.dismiss(image.key)}>
          {t('blocks.imageLater')}
        </Button>
        <Button size="compact-sm" disabled={!decorative && alt.trim() === ''} onClick={save}>
          {t('blocks.imageDo')}
        </Button>
      </Group>
    </div>
  );
}
