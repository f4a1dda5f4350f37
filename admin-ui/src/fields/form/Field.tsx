import { Button } from '@mantine/core';
import { IconLock, IconWorld } from '@tabler/icons-react';
import { memo, useCallback, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { variablesOf } from '@/api/conditions';
import type { Attribute, Attributes, AttributeType } from '@/api/model';
import { namedView } from '../customField/base';
import { labelOf } from '../label';
import { plainValueOf } from '../plain';
import type { FieldUi, InputProps } from '../types';
import { isVisible } from './conditions';
import { parentOf, useError, useForm, useOthers, useStructure, useValue } from './context';
import classes from './Form.module.css';
import { isShared } from './shared';

interface FieldProps {
  path: string;
  name: string;
  attribute: Attribute;
  /** All attributes that it is one of. */
  siblings: Attributes;
  registry: Record<AttributeType, FieldUi>;
}

/** Whether the attributes beside it say that the field is shown. */
function useVisible({ path, attribute, siblings }: FieldProps): boolean {
  const { store } = useForm();
  const rule = attribute.conditions?.visible;
  const parent = parentOf(path);
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = variablesOf(rule).map((name) =>
        store.subscribe(parent === '' ? name : `${parent}.${name}`, listener),
      );
      return () => {
        for (const stop of stops) stop();
      };
    },
    [store, parent, rule],
  );
  return useSyncExternalStore(subscribe, () =>
    isVisible(rule, siblings, (name) => store.get(parent === '' ? name : `${parent}.${name}`)),
  );
}

/** One attribute: its input, what is wrong with it, who else is in it. Draws again for its own value only. */
export const Field = memo(function Field(props: FieldProps) {
  const visible = useVisible(props);
  const { access } = useForm();
  const may = access(props.path, props.attribute);
  // What is hidden keeps its value: a condition that is met again shows what was there.
  return visible && !may.hidden ? <VisibleField {...props} disabled={may.disabled} reason={may.reason} /> : null;
});

type VisibleFieldProps = FieldProps & { disabled: boolean; reason?: string | undefined };

function VisibleField(props: VisibleFieldProps) {
  const { type } = props.attribute;
  // A field stays of its kind as long as it is on the page.
  return type === 'component' || type === 'dynamiczone' ? <FieldOfItems {...props} /> : <FieldOfValue {...props} />;
}

function FieldOfItems(props: VisibleFieldProps) {
  return <FieldInput {...props} value={useStructure(props.path)} />;
}

function FieldOfValue(props: VisibleFieldProps) {
  return <FieldInput {...props} value={useValue(props.path)} />;
}

function FieldInput({
  path,
  name,
  attribute,
  registry,
  disabled,
  reason,
  value,
}: VisibleFieldProps & { value: unknown }) {
  const { t } = useTranslation('fields');
  const { store, Tools, Beside, CustomField, locale, marksShared } = useForm();
  const error = useError(path);
  const others = useOthers(path);
  const onChange = useCallback((next: unknown) => store.set(path, next), [store, path]);
  const Input = registry[attribute.type].Input as React.ComponentType<InputProps>;
  const unseen = value === undefined && (attribute.type === 'relation' || attribute.type === 'media');
  const view = plainValueOf(attribute) && namedView(attribute);
  const inputProps: InputProps = {
    name: path,
    label: labelOf(name, attribute),
    attribute,
    value,
    onChange,
    error,
    disabled: disabled || others.locked || unseen,
    // Who holds it stands below it, once.
    reason: reason ?? (unseen ? t('unseen') : undefined),
    locale,
    required: attribute.required ?? false,
  };
  return (
    <div className={classes.field} data-field={path} data-width={attribute.width}>
      <div className={classes.own}>
        {Tools && (
          <div className={classes.tools}>
            <Tools path={path} name={name} attribute={attribute} />
          </div>
        )}
        {CustomField && view ? <CustomField {...inputProps} view={view} Input={Input} /> : <Input {...inputProps} />}
        {marksShared && !path.includes('.') && isShared(attribute) && (
          <div className={classes.marks}>
            <IconWorld size={14} aria-hidden />
            <span>{t('shared')}</span>
          </div>
        )}
        {others.names.length > 0 && (
          <div className={classes.marks}>
            <IconLock size={14} aria-hidden />
            <span>{t(others.locked ? 'others.locked' : 'others.here', { names: others.names.join(', ') })}</span>
            {others.takeOver && (
              <Button size="compact-xs" variant="default" onClick={others.takeOver}>
                {t('others.takeOver')}
              </Button>
            )}
          </div>
        )}
      </div>
      {Beside && !path.includes('.') && <Beside path={path} name={name} attribute={attribute} />}
    </div>
  );
}
