import { Button, Group } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useForm } from '../form/context';
import { emptyItem } from '../form/emptyItem';
import classes from '../form/Form.module.css';
import { FieldsOf } from '../form/FieldsOf';
import { ItemList } from '../form/ItemList';
import { attributesOf, isItem, type Item } from '../form/values';
import { useFieldId } from '../shared/inputProps';
import type { InputProps } from '../types';

/** A component: its fields in a frame; of a repeatable one, any number of them. */
export function Input(props: InputProps<Item | Item[] | null>) {
  const { attribute, value } = props;
  const uid = attribute.component ?? '';
  if (attribute.repeatable) {
    return <ItemList {...props} value={Array.isArray(value) ? value : []} allowed={[uid]} />;
  }
  return <OneComponent {...props} value={isItem(value) ? value : null} uid={uid} />;
}

function OneComponent({
  name,
  label,
  attribute,
  value,
  onChange,
  disabled,
  reason,
  error,
  required,
  uid,
}: InputProps<Item | null> & { uid: string }) {
  const { t } = useTranslation('fields');
  const { model } = useForm();
  const id = useFieldId(name);
  return (
    <fieldset className={classes.group} id={id}>
      <legend className={classes.legend}>
        {label}
        {required && (
          <span aria-hidden className={classes.error}>
            {' '}
            *
          </span>
        )}
      </legend>
      {(reason ?? attribute.hint) && <p className={classes.marks}>{reason ?? attribute.hint}</p>}
      {value ? (
        <div className={classes.item} style={{ contentVisibility: 'visible' }}>
          <div className={classes.body} style={{ borderBlockStart: 'none' }}>
            <FieldsOf at={name} attributes={attributesOf(model, uid)} />
            {!disabled && (
              <Group justify="flex-end" mt="xs">
                <Button size="compact-xs" mih={24} variant="subtle" color="red" onClick={() => onChange(null)}>
                  {t('items.removeOne', { label })}
                </Button>
              </Group>
            )}
          </div>
        </div>
      ) : (
        <Button
          size="xs"
          variant="light"
          mt={4}
          disabled={disabled ?? false}
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => onChange(emptyItem(model, uid))}
        >
          {t('items.addOne', { name: label })}
        </Button>
      )}
      {error && <p className={classes.error}>{error}</p>}
    </fieldset>
  );
}
