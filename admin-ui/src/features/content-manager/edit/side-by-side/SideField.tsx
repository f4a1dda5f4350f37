import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react';
import { useCallback, useContext, useMemo, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attribute } from '@/api/model';
import { FormContext, useForm, useValue } from '@/fields/form/context';
import { Field } from '@/fields/form/Field';
import { labelOf } from '@/fields/label';
import { registry } from '@/fields/registry';
import { formatDateTime, languageName } from '@/ui/format';
import { showToast } from '@/ui/toast';
import type { EntrySession } from '../session';
import { sessionOf } from '../sessions';
import { copyField, hasTwoSides, previewCopy } from './copyAcross';
import { GlossaryHints } from './GlossaryHints';
import { isMachineTranslated } from './machineTranslations';
import { ReplaceFieldDialog } from './ReplaceFieldDialog';
import { type Side, SIDE_FORM, SideContext } from './side';
import { TranslateFieldButton } from './TranslateButtons';
import classes from './SideBySide.module.css';

interface SideFieldProps {
  path: string;
  name: string;
  attribute: Attribute;
}

/** A field of the second language, beside that of the open one. Its label is the field's, with the language for those who do not see where it stands. */
export function SideField(props: SideFieldProps) {
  const side = useContext(SideContext);
  if (!side || !hasTwoSides(props.attribute)) return null;
  return <OwnField {...props} side={side} />;
}

function OwnField({ path, name, attribute, side }: SideFieldProps & { side: Side }) {
  const { t } = useTranslation('sides');
  const open = useForm();
  const { host, session } = side;
  const openSession = sessionOf(open.store);
  const own = useMemo(() => ({ ...open, ...host }), [open, host]);
  const language = languageName(session.locale ?? '');
  const { attributes } = session.type;
  const label = t('of', { field: labelOf(name, attribute), language });
  const labelled = useMemo(() => ({ ...attribute, label, width: undefined }), [attribute, label]);
  return (
    <div className={classes.field} data-beside data-form={SIDE_FORM}>
      <Head path={path} name={name} attribute={attribute} side={side} language={language} />
      <div className={classes.input}>
        <FormContext value={own}>
          <Field path={path} name={name} attribute={labelled as Attribute} siblings={attributes} registry={registry} />
        </FormContext>
      </div>
      {openSession && side.glossary && (
        <GlossaryHints
          name={name}
          attribute={attribute}
          glossary={side.glossary}
          {...(side.source === 'open' ? { from: openSession, to: session } : { from: session, to: openSession })}
        />
      )}
    </div>
  );
}

/** Above the second language: what it is, which of the two was written later, and copying in both directions. */
function Head({ path, name, attribute, side, language }: SideFieldProps & { side: Side; language: string }) {
  const { t } = useTranslation('sides');
  const { store, access } = useForm();
  const beside = side.session;
  const open = sessionOf(store);
  // Typing on either side decides what can be copied.
  useValue(path);
  const subscribe = useCallback((listener: () => void) => beside.store.subscribe(path, listener), [beside, path]);
  useSyncExternalStore(subscribe, () => beside.store.get(path));
  const [asking, setAsking] = useState<'open' | 'beside' | null>(null);
  if (!open) return null;
  const openLanguage = languageName(open.locale ?? '');
  const field = labelOf(name, attribute);
  // What was changed and is not saved yet was written after everything that is.
  const isSaved = (session: EntrySession) => session.store.values[name] === session.store.saved[name];
  const later =
    side.outdated.open.has(name) && isSaved(open)
      ? { at: side.outdated.open.get(name), language }
      : side.outdated.beside.has(name) && isSaved(beside)
        ? { at: side.outdated.beside.get(name), language: openLanguage }
        : null;
  const translation = side.source === 'open' ? { from: open, to: beside } : { from: beside, to: open };
  const isWritable = !access(path, attribute).disabled;
  const directions = {
    open: { from: beside, to: open, names: { field, from: language, to: openLanguage }, Icon: IconArrowLeft },
    beside: { from: open, to: beside, names: { field, from: openLanguage, to: language }, Icon: IconArrowRight },
  } as const;
  const copy = (direction: 'open' | 'beside') => {
    const { from, to, names } = directions[direction];
    setAsking(null);
    const { undo } = copyField(from, to, name);
    showToast({ message: t('copied', names), undo });
  };
  return (
    <div className={classes.head}>
      <span className={classes.language} aria-hidden>
        {language}
      </span>
      {later && (
        <span className={classes.newer} title={later.at === undefined ? undefined : formatDateTime(later.at)}>
          {t('later', { language: later.language })}
        </span>
      )}
      {isMachineTranslated(translation.to, name) && (
        <span className={classes.machine} data-machine-translated>
          {t('translate.machine')}
        </span>
      )}
      <span className={classes.copy}>
        {isWritable && side.translates && <TranslateFieldButton name={name} field={field} {...translation} />}
        {isWritable &&
          (['open', 'beside'] as const).map((direction) => {
            const { from, to, names, Icon } = directions[direction];
            const outcome = previewCopy(from, to, name);
            if (outcome === 'nothing') return null;
            return (
              <Tooltip key={direction} label={t('copy', names)}>
                <ActionIcon
                  size={24}
                  variant="subtle"
                  color="gray"
                  aria-label={t('copy', names)}
                  onClick={() => (outcome === 'replaces' ? setAsking(direction) : copy(direction))}
                >
                  <Icon size={16} aria-hidden />
                </ActionIcon>
              </Tooltip>
            );
          })}
      </span>
      {asking && (
        <ReplaceFieldDialog
          names={directions[asking].names}
          by="copying"
          onClose={() => setAsking(null)}
          onReplace={() => copy(asking)}
        />
      )}
    </div>
  );
}
