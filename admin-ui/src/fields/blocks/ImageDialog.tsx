import { Button, Checkbox, Group, Modal, Stack, TextInput, Textarea } from '@mantine/core';
import type { Editor } from '@tiptap/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { safeUrl } from '../media/files';
import classes from './Blocks.module.css';
import { imageOf } from './accessibility';
import { isNode } from './json';

interface ImageDialogProps {
  editor: Editor;
  /** Where the picture is. The dialog keeps the text from changing meanwhile. */
  pos: number;
  onClose: () => void;
}

/** What a picture shows, for those who do not see it, and what is written below it. Holds for this place; the library keeps its own. */
export default function ImageDialog({ editor, pos, onClose }: ImageDialogProps) {
  const { t } = useTranslation('fields');
  const [node] = useState(() => editor.state.doc.nodeAt(pos));
  const image = node ? imageOf(node) : {};
  const currentAlt = typeof image.alternativeText === 'string' ? image.alternativeText : null;
  const [alt, setAlt] = useState(currentAlt ?? '');
  const [decorative, setDecorative] = useState(currentAlt === '');
  const [caption, setCaption] = useState(typeof image.caption === 'string' ? image.caption : '');
  const url = safeUrl(typeof image.url === 'string' ? image.url : null);
  const close = () => {
    onClose();
    editor.view.focus();
  };
  const save = () => {
    const block: unknown = node?.attrs.json;
    if (node && isNode(block) && editor.state.doc.nodeAt(pos)?.type === node.type) {
      // Nothing said is not the same as "it only decorates".
      const newAlt = decorative ? '' : alt.trim() || null;
      const json = { ...block, image: { ...image, alternativeText: newAlt, caption: caption.trim() || null } };
      editor.view.dispatch(editor.state.tr.setNodeMarkup(pos, undefined, { ...node.attrs, json }));
    }
    close();
  };
  return (
    <Modal opened onClose={close} title={t('blocks.imageTitle')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        onSubmit={(event) => {
          // Forms in a portal bubble to the page's own.
          event.preventDefault();
          event.stopPropagation();
          save();
        }}
      >
        <Stack gap="sm">
          {url && <img src={url} alt="" className={classes.shown} />}
          <Textarea
            data-autofocus
            autosize
            label={t('blocks.imageAlt')}
            description={t('blocks.imageAltHint')}
            maxLength={1000}
            disabled={decorative}
            value={decorative ? '' : alt}
            onChange={(event) => setAlt(event.currentTarget.value)}
            onKeyDown={(event) => {
              // It is read aloud in one go: there are no lines in it.
              if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
              event.preventDefault();
              save();
            }}
          />
          <Checkbox
            label={t('blocks.imageDecorative')}
            checked={decorative}
            onChange={(event) => setDecorative(event.currentTarget.checked)}
          />
          <TextInput
            label={t('blocks.imageCaption')}
            maxLength={1000}
            value={caption}
            onChange={(event) => setCaption(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('blocks.imageLater')}
            </Button>
            <Button type="submit">{t('blocks.imageDo')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
