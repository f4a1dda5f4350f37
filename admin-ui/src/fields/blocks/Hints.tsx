import { Button, Group, Text, UnstyledButton } from '@mantine/core';
import { IconAccessible, IconChevronDown } from '@tabler/icons-react';
import type { Editor } from '@tiptap/core';
import { NodeSelection, TextSelection } from '@tiptap/pm/state';
import { memo, useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Blocks.module.css';
import { type AccessibilityFinding, findingsOf } from './accessibility';

/** Looking waits until nobody types: it goes through the whole text. */
const CHECK_DELAY_MS = 600;

interface HintsProps {
  editor: Editor;
  /** Asks what the picture at a place shows. */
  onDescribe: (pos: number) => void;
}

/** Below the text: what keeps people from reading it, and how it is put right. Hints; nothing is refused for them. */
export const Hints = memo(function Hints({ editor, onDescribe }: HintsProps) {
  const { t } = useTranslation('fields');
  const [findings, setFindings] = useState<readonly AccessibilityFinding[]>(() => findingsOf(editor.state.doc));
  const [open, setOpen] = useState(false);
  const list = useId();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = ({ transaction }: { transaction: { docChanged: boolean } }) => {
      if (!transaction.docChanged) return;
      clearTimeout(timer);
      timer = setTimeout(() => setFindings(findingsOf(editor.state.doc)), CHECK_DELAY_MS);
    };
    editor.on('transaction', look);
    return () => {
      clearTimeout(timer);
      editor.off('transaction', look);
    };
  }, [editor]);
  if (findings.length === 0) return null;

  const { view } = editor;
  // The text may have changed since it was looked at.
  const there = (finding: AccessibilityFinding) => {
    const node = finding.pos < view.state.doc.content.size ? view.state.doc.nodeAt(finding.pos) : null;
    return node?.type.name === (finding.kind === 'noAlt' ? 'image' : 'heading') ? node : null;
  };
  const show = (finding: AccessibilityFinding) => {
    if (!there(finding)) return;
    const { doc, tr } = view.state;
    const selection =
      finding.kind === 'noAlt' ? NodeSelection.create(doc, finding.pos) : TextSelection.create(doc, finding.pos + 1);
    view.dispatch(tr.setSelection(selection).scrollIntoView());
    view.focus();
  };
  const fix = (finding: AccessibilityFinding) => {
    const node = there(finding);
    if (!node) return;
    if (finding.kind === 'noAlt') onDescribe(finding.pos);
    if (finding.kind === 'skipped')
      view.dispatch(view.state.tr.setNodeMarkup(finding.pos, undefined, { ...node.attrs, level: finding.fits }));
  };
  return (
    <div className={classes.findings}>
      <UnstyledButton
        className={classes.findingsHead}
        aria-expanded={open}
        aria-controls={list}
        onClick={() => setOpen(!open)}
      >
        <IconAccessible size={16} aria-hidden />
        {t('blocks.findings', { count: findings.length })}
        <IconChevronDown size={14} aria-hidden className={classes.chevron} data-open={open || undefined} />
      </UnstyledButton>
      <ul id={list} className={classes.findingsList} hidden={!open}>
        {findings.map((finding) => (
          <li key={`${finding.kind} ${finding.pos}`}>
            <Text size="sm">{textOf(finding)}</Text>
            <Group gap={4}>
              <Button size="compact-xs" variant="subtle" onClick={() => show(finding)}>
                {t('blocks.findingShow')}
              </Button>
              {finding.kind !== 'emptyHeading' && (
                <Button size="compact-xs" variant="subtle" onClick={() => fix(finding)}>
                  {finding.kind === 'noAlt'
                    ? t('blocks.findingDescribe')
                    : t('blocks.findingLevel', { level: finding.fits })}
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ul>
    </div>
  );

  function textOf(finding: AccessibilityFinding): string {
    switch (finding.kind) {
      case 'skipped':
        return t('blocks.findingSkipped', {
          text: finding.text.slice(0, 60),
          level: finding.level,
          fits: finding.fits,
        });
      case 'emptyHeading':
        return t('blocks.findingEmpty', { level: finding.level });
      case 'noAlt':
        return t('blocks.findingNoAlt', { name: finding.name });
    }
  }
});
