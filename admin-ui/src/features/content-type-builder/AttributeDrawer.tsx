import { Button, Checkbox, Drawer, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttributeType } from '@/api/model';
import type { Schema, SchemaAttribute } from '@/api/schemaChanges';
import { optionForms } from '@/fields/optionForms';
import classes from './Builder.module.css';
import { AttributePresentation } from './AttributePresentation';
import { filterProblems, useBuilder } from './builder';
import { ConditionFields } from './ConditionFields';
import { conditionProblems, isComplete, isOfCondition, readCondition } from './model/conditions';
import {
  editDefinition,
  isPlainRelation,
  otherSide,
  renameAttribute,
  sectionOf,
  setAttribute,
  setRelation,
  storedName,
} from './model/draft';
import { hasLongText, trimTexts } from './model/presentation';
import { attributeNameProblem, toAttributeName, toCamelCase, pluralize } from './model/names';

interface Props {
  uid: string;
  schema: Schema;
  /** Its name, or `+kind` for a new one. */
  field: string;
  onClose: () => void;
}

/** Kinds whose text differs by language, where the type has locales. */
const TEXT_TYPES: readonly AttributeType[] = [
  'string',
  'text',
  'richtext',
  'blocks',
  'uid',
  'component',
  'dynamiczone',
];

/** Sets up a field: its name, what its kind offers, and of a relation its other end. */
export function AttributeDrawer({ uid, schema, field, onClose }: Props) {
  const { t } = useTranslation(['builder', 'fields']);
  const { base, all, draft, change, problems } = useBuilder();
  const isNew = field.startsWith('+');
  const localizedType = schema.pluginOptions?.i18n?.localized === true;
  const known = isNew ? undefined : schema.attributes[field];
  const kind = isNew ? field.slice(1) : known?.type;
  const [typedName, setTypedName] = useState(isNew ? '' : field);
  // What is there keeps its name, also one that would be made otherwise today.
  const name = typedName === field ? field : toAttributeName(typedName);
  const [attribute, setAttributeState] = useState<SchemaAttribute>(
    () => known ?? initialAttribute(kind as AttributeType, localizedType, all, uid),
  );
  const [other, setOther] = useState(otherSide(known) ?? '');
  const [bothEnds, setBothEnds] = useState(other !== '');
  const [tried, setTried] = useState(false);
  const Options = kind && kind in optionForms ? optionForms[kind as AttributeType] : undefined;
  if (!Options || (!isNew && !known)) return null;
  const siblings = Object.keys(schema.attributes).filter((each) => each !== field);
  const nameProblem = attributeNameProblem(name, siblings);
  const { [field]: _own, ...others } = schema.attributes;
  const terms = readCondition(attribute.conditions?.visible)?.terms ?? [];
  const hasWholeCondition = terms.every((term) => isComplete(term, others[term.field]));
  const canHaveOther =
    attribute.type === 'relation' &&
    isPlainRelation(attribute.relation) &&
    sectionOf(uid) === 'contentTypes' &&
    attribute.target?.startsWith('api::');
  const target = attribute.target ? all.contentTypes[attribute.target] : undefined;
  const wasOther = otherSide(known);
  const otherTaken = Object.keys(target?.attributes ?? {}).filter(
    (each) => each !== wasOther && !(attribute.target === uid && each === field),
  );
  const suggested = suggestOther(schema, attribute);
  const otherName = other || suggested;
  const otherProblem =
    canHaveOther && bothEnds
      ? attributeNameProblem(otherName, attribute.target === uid ? [...otherTaken, name] : otherTaken)
      : undefined;
  const stored = isNew ? undefined : storedName(base, draft.present, uid, field);
  const save = (): void => {
    setTried(true);
    if (nameProblem || otherProblem || hasLongText(attribute) || !hasWholeCondition) return;
    change((changes) => {
      const renamed = isNew ? changes : renameAttribute(base, changes, uid, field, name);
      const set = (each: typeof changes): typeof changes => {
        // What the rename has written on it stays on it.
        const now = isNew ? undefined : (each[sectionOf(uid)][uid] ?? base[sectionOf(uid)][uid])?.attributes[name];
        const { renamedFrom: _old, ...rest } = trimTexts(attribute);
        const whole: SchemaAttribute = now?.renamedFrom ? { ...rest, renamedFrom: now.renamedFrom } : rest;
        if (attribute.type === 'relation')
          return setRelation(base, each, uid, name, whole, canHaveOther && bothEnds ? otherName : undefined);
        return editDefinition(base, each, uid, (old) => setAttribute(old, name, whole));
      };
      return set(renamed);
    });
    onClose();
  };
  let nameHint = t('builder:field.nameHint');
  if (stored && stored !== name) nameHint = t('builder:field.renamed', { name: stored });
  else if (name && name !== typedName) nameHint = t('builder:field.apiName', { name });
  const ofCondition = conditionProblems({ ...others, [field]: attribute }, field);
  // The server says the same of a condition, in English.
  const ownProblems = isNew
    ? []
    : filterProblems(problems, uid, field).filter(({ path }) => ofCondition.length === 0 || !isOfCondition(path));
  const choices = {
    attributes: siblings
      .filter((each) => ['string', 'text', 'email'].includes(schema.attributes[each]?.type ?? ''))
      .map((value) => ({ value, label: value })),
    contentTypes: Object.entries(all.contentTypes)
      .map(([value, each]) => ({ value, label: each.info.displayName ?? value }))
      .concat([{ value: 'plugin::users-permissions.user', label: t('builder:endUsers') }]),
    components: Object.entries(all.components)
      .filter(([value]) => value !== uid)
      .map(([value, each]) => ({ value, label: `${each.info.displayName ?? value} (${value})` })),
    localized: localizedType,
  };
  return (
    <Drawer
      opened
      onClose={onClose}
      size="lg"
      title={
        isNew
          ? t('builder:field.new', { kind: t(`fields:kind.${attribute.type}`) })
          : t('builder:field.change', { name: field, kind: t(`fields:kind.${attribute.type}`) })
      }
      closeButtonProps={{ 'aria-label': t('builder:close') }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Stack gap="md">
          {ownProblems.map((problem) => (
            <Text key={`${problem.path} ${problem.message}`} className={classes.error} role="alert">
              {problem.message}
            </Text>
          ))}
          <TextInput
            data-autofocus
            label={t('builder:field.name')}
            description={nameHint}
            required
            value={typedName}
            error={(tried || typedName !== '') && nameProblem ? t(`builder:name.attribute.${nameProblem}`) : undefined}
            onChange={(event) => setTypedName(event.currentTarget.value)}
            onBlur={() => name && setTypedName(name)}
          />
          <Options attribute={attribute} onChange={setAttributeState} choices={choices} />
          <AttributePresentation
            attribute={attribute}
            isOfType={sectionOf(uid) === 'contentTypes'}
            onChange={setAttributeState}
          />
          <ConditionFields
            attribute={attribute}
            siblings={others}
            problems={ofCondition}
            tried={tried}
            onChange={setAttributeState}
          />
          {canHaveOther && (
            <Stack gap="xs">
              <Checkbox
                label={t('builder:relation.bothEnds', { type: target?.info.displayName ?? attribute.target })}
                description={t('builder:relation.bothEndsHint')}
                checked={bothEnds}
                onChange={(event) => setBothEnds(event.currentTarget.checked)}
              />
              {bothEnds && (
                <TextInput
                  label={t('builder:relation.otherName', { type: target?.info.displayName ?? attribute.target })}
                  value={other}
                  placeholder={suggested}
                  error={otherProblem ? t(`builder:name.attribute.${otherProblem}`) : undefined}
                  onChange={(event) => setOther(event.currentTarget.value)}
                />
              )}
            </Stack>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('builder:cancel')}
            </Button>
            <Button type="submit">{t(isNew ? 'builder:field.addIt' : 'builder:field.done')}</Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  );
}

function initialAttribute(
  type: AttributeType,
  localized: boolean,
  all: ReturnType<typeof useBuilder>['all'],
  uid: string,
): SchemaAttribute {
  const localization = localized && TEXT_TYPES.includes(type) ? { pluginOptions: { i18n: { localized: true } } } : {};
  switch (type) {
    case 'relation':
      return { type, relation: 'oneToOne', target: Object.keys(all.contentTypes).find((each) => each !== uid) ?? uid };
    case 'component':
      return {
        type,
        repeatable: false,
        component: Object.keys(all.components).find((each) => each !== uid),
        ...localization,
      };
    case 'dynamiczone':
      return { type, components: [], ...localization };
    case 'media':
      return { type, multiple: false, allowedTypes: ['images'] };
    case 'enumeration':
      return { type, enum: [] };
    default:
      return { type, ...localization };
  }
}

function suggestOther(schema: Schema, attribute: SchemaAttribute): string {
  const own = toCamelCase((schema.info.singularName ?? schema.info.displayName ?? '').replaceAll('-', ' '));
  return attribute.relation === 'manyToOne' || attribute.relation === 'manyToMany' ? pluralize(own) : own;
}
