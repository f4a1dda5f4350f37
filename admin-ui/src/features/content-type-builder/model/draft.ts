import type { Changes, Definitions, Schema, SchemaAttribute } from '@/api/schemaChanges';
import { withNameInCondition } from './conditions';
import { withNameInPresentation } from './presentation';

/** The two sorts of definitions. */
export type Section = 'contentTypes' | 'components';

/** Nothing is changed. */
export const UNCHANGED: Changes = { contentTypes: {}, components: {} };

/** The definitions with the changes made. */
export function mergeDefinitions(base: Definitions, changes: Changes): Definitions {
  const section = (name: Section): Record<string, Schema> => {
    const all: Record<string, Schema> = { ...base[name] };
    for (const [uid, schema] of Object.entries(changes[name])) {
      if (schema) all[uid] = schema;
      else delete all[uid];
    }
    return all;
  };
  return { contentTypes: section('contentTypes'), components: section('components') };
}

/** Of which sort a uid is. */
export function sectionOf(uid: string): Section {
  return uid.includes('::') ? 'contentTypes' : 'components';
}

/** How many definitions differ. */
export function countChanges(changes: Changes): number {
  return Object.keys(changes.contentTypes).length + Object.keys(changes.components).length;
}

/** Sets a definition (`null`: it goes). What ends up as it was is no change. The order of attributes counts. */
export function setDefinition(base: Definitions, changes: Changes, uid: string, schema: Schema | null): Changes {
  const name = sectionOf(uid);
  const { [uid]: _old, ...others } = changes[name];
  const was = base[name][uid];
  const same = schema === null ? was === undefined : JSON.stringify(schema) === JSON.stringify(was);
  return { ...changes, [name]: same ? others : { ...others, [uid]: schema } };
}

/** A definition as it shall be. */
export function schemaOf(base: Definitions, changes: Changes, uid: string): Schema | undefined {
  const name = sectionOf(uid);
  const changed = changes[name][uid];
  return changed === null ? undefined : (changed ?? base[name][uid]);
}

/** Changes one definition. */
export function editDefinition(
  base: Definitions,
  changes: Changes,
  uid: string,
  change: (schema: Schema) => Schema,
): Changes {
  const schema = schemaOf(base, changes, uid);
  return schema ? setDefinition(base, changes, uid, change(schema)) : changes;
}

/** The uid under which the content of a definition is stored, where there is any. */
export function storedUid(base: Definitions, changes: Changes, uid: string): string | undefined {
  if (base[sectionOf(uid)][uid]) return uid;
  return schemaOf(base, changes, uid)?.renamedFrom;
}

/** The name under which the content of an attribute is stored, where there is any. */
export function storedName(base: Definitions, changes: Changes, uid: string, name: string): string | undefined {
  const stored = storedUid(base, changes, uid);
  const before = stored ? base[sectionOf(stored)][stored]?.attributes : undefined;
  const from = schemaOf(base, changes, uid)?.attributes[name]?.renamedFrom;
  // A word of an earlier change, which is long done, says nothing.
  if (before?.[name]) return name;
  return from && before?.[from] ? from : undefined;
}

/** Gives an attribute another definition, in its place. */
export function setAttribute(schema: Schema, name: string, attribute: SchemaAttribute): Schema {
  return { ...schema, attributes: { ...schema.attributes, [name]: attribute } };
}

/** Moves an attribute among its neighbours. */
export function moveAttribute(schema: Schema, name: string, to: number): Schema {
  const entries = Object.entries(schema.attributes);
  const from = entries.findIndex(([each]) => each === name);
  const entry = entries[from];
  const index = Math.max(0, Math.min(entries.length - 1, to));
  if (!entry || from === index) return schema;
  return { ...schema, attributes: Object.fromEntries(entries.toSpliced(from, 1).toSpliced(index, 0, entry)) };
}

/** Calls an attribute otherwise. Its content goes with it, and so does whatever names it. */
export function renameAttribute(base: Definitions, changes: Changes, uid: string, from: string, to: string): Changes {
  if (from === to) return changes;
  const stored = storedName(base, changes, uid, from);
  let next = editDefinition(base, changes, uid, (schema) => {
    const attributes = Object.entries(schema.attributes).map(([name, old]): [string, SchemaAttribute] => {
      const attribute = withNameInCondition(old, from, to);
      if (name === from) {
        const { renamedFrom: _old, ...rest } = attribute;
        // Back to the name it was stored by, the attribute is what the file says of that name, with its own old word.
        const before = stored === to ? base[sectionOf(uid)][uid]?.attributes[to]?.renamedFrom : stored;
        return [to, before ? { ...rest, renamedFrom: before } : rest];
      }
      return [name, attribute.targetField === from ? { ...attribute, targetField: to } : attribute];
    });
    const named = withNameInOptions({ ...schema, attributes: Object.fromEntries(attributes) }, from, to);
    return withNameInPresentation(named, from, to);
  });
  const relation = schemaOf(base, changes, uid)?.attributes[from];
  const other = otherSide(relation);
  if (relation?.target && other) {
    next = editDefinition(base, next, relation.target, (schema) => {
      const attribute = schema.attributes[other];
      if (!attribute) return schema;
      const key = attribute.mappedBy === from ? 'mappedBy' : 'inversedBy';
      return setAttribute(schema, other, { ...attribute, [key]: to });
    });
  }
  return next;
}

function withNameInOptions(schema: Schema, from: string, to: string): Schema {
  const cairn = schema.options?.cairn;
  if (!cairn) return schema;
  const previewUrl = cairn.previewUrl?.replaceAll(`{${from}}`, `{${to}}`);
  const indexes = cairn.indexes?.map((names) => names.map((name) => (name === from ? to : name)));
  return {
    ...schema,
    options: {
      ...schema.options,
      cairn: { ...cairn, ...(previewUrl ? { previewUrl } : {}), ...(indexes ? { indexes } : {}) },
    },
  };
}

/** The attribute at the other end of a relation. */
export function otherSide(attribute: SchemaAttribute | undefined): string | undefined {
  return attribute?.type === 'relation' ? (attribute.mappedBy ?? attribute.inversedBy) : undefined;
}

/**
 * Takes an attribute away, and what stands on it: the other end of its relation, its place in indexes. Conditions that name it stay: what
 * they should be instead somebody has to say.
 */
export function removeAttribute(base: Definitions, changes: Changes, uid: string, name: string): Changes {
  const attribute = schemaOf(base, changes, uid)?.attributes[name];
  if (!attribute) return changes;
  let next = editDefinition(base, changes, uid, (schema) => {
    const left = Object.entries(schema.attributes).filter(([each]) => each !== name);
    const attributes = left.map(([each, one]): [string, SchemaAttribute] => {
      if (one.targetField !== name) return [each, one];
      const { targetField: _gone, ...rest } = one;
      return [each, rest as SchemaAttribute];
    });
    const without = withNameInPresentation({ ...schema, attributes: Object.fromEntries(attributes) }, name, null);
    const cairn = schema.options?.cairn;
    if (!cairn?.indexes) return without;
    const indexes = cairn.indexes.filter((names) => !names.includes(name));
    return { ...without, options: { ...schema.options, cairn: { ...cairn, indexes } } };
  });
  const other = otherSide(attribute);
  if (attribute.target && other) next = withoutOther(base, next, attribute, attribute.target, other);
  return next;
}

function withoutOther(
  base: Definitions,
  changes: Changes,
  removed: SchemaAttribute,
  target: string,
  other: string,
): Changes {
  return editDefinition(base, changes, target, (schema) => {
    const attribute = schema.attributes[other];
    if (!attribute) return schema;
    const { [other]: _other, ...attributes } = schema.attributes;
    // Without the end that has the links the other has nothing; without the other one this end stays by itself.
    if (removed.inversedBy) return { ...schema, attributes };
    const { inversedBy: _name, ...rest } = attribute;
    return setAttribute(schema, other, rest as SchemaAttribute);
  });
}

const OPPOSITE = {
  oneToOne: 'oneToOne',
  oneToMany: 'manyToOne',
  manyToOne: 'oneToMany',
  manyToMany: 'manyToMany',
} as const;

/** A relation that can be seen from both ends. */
export type PlainRelation = keyof typeof OPPOSITE;

/** Whether a relation may have another end. */
export function isPlainRelation(relation: string | undefined): relation is PlainRelation {
  return relation !== undefined && relation in OPPOSITE;
}

/**
 * Sets a relation, with an attribute at the other end (`other`) or without. The links are kept by the end that leads to one,
 * as Strapi does: `oneToMany` is `mappedBy` the other end.
 */
export function setRelation(
  base: Definitions,
  changes: Changes,
  uid: string,
  name: string,
  attribute: SchemaAttribute,
  other: string | undefined,
): Changes {
  const before = schemaOf(base, changes, uid)?.attributes[name];
  const { mappedBy, inversedBy: _inversed, ...rest } = attribute;
  const relation = attribute.relation;
  const bothEnds = other && attribute.target && isPlainRelation(relation);
  const mapped =
    relation === 'oneToMany' || (relation !== 'manyToOne' && mappedBy !== undefined && before?.mappedBy !== undefined);
  const own = bothEnds ? { ...rest, [mapped ? 'mappedBy' : 'inversedBy']: other } : rest;
  let next = editDefinition(base, changes, uid, (schema) => setAttribute(schema, name, own as SchemaAttribute));
  const was = otherSide(before);
  if (before?.target && was && (before.target !== attribute.target || was !== other || !bothEnds)) {
    next =
      bothEnds && before.target === attribute.target
        ? renameAttribute(base, next, before.target, was, other)
        : editDefinition(base, next, before.target, (schema) => {
            const { [was]: _gone, ...attributes } = schema.attributes;
            return { ...schema, attributes };
          });
  }
  if (!bothEnds || !attribute.target) return next;
  return editDefinition(base, next, attribute.target, (schema) => {
    const { mappedBy: _m, inversedBy: _i, ...old } = schema.attributes[other] ?? { type: 'relation' as const };
    const opposite = {
      ...old,
      type: 'relation' as const,
      relation: OPPOSITE[relation],
      target: uid,
      [mapped ? 'inversedBy' : 'mappedBy']: name,
    };
    return setAttribute(schema, other, opposite as SchemaAttribute);
  });
}

/** Gives a content type or component another uid. Its content and whatever names it go with it. */
export function renameDefinition(
  base: Definitions,
  changes: Changes,
  from: string,
  to: string,
  info: Partial<Schema['info']>,
): Changes {
  const schema = schemaOf(base, changes, from);
  if (!schema || from === to) return changes;
  const stored = storedUid(base, changes, from);
  const { renamedFrom: _old, ...rest } = schema;
  const before = stored === to ? base[sectionOf(to)][to]?.renamedFrom : stored;
  const renamed: Schema = { ...rest, ...(before ? { renamedFrom: before } : {}), info: { ...schema.info, ...info } };
  let next = setDefinition(base, setDefinition(base, changes, from, null), to, renamed);
  const all = mergeDefinitions(base, next);
  for (const uid of [...Object.keys(all.contentTypes), ...Object.keys(all.components)]) {
    next = editDefinition(base, next, uid, (each) => {
      const attributes = Object.entries(each.attributes).map(([name, attribute]): [string, SchemaAttribute] => [
        name,
        withTarget(attribute, from, to),
      ]);
      return attributes.some(([name, attribute]) => attribute !== each.attributes[name])
        ? { ...each, attributes: Object.fromEntries(attributes) }
        : each;
    });
  }
  return next;
}

function withTarget(attribute: SchemaAttribute, from: string, to: string): SchemaAttribute {
  if (attribute.type === 'relation' && attribute.target === from) return { ...attribute, target: to };
  if (attribute.type === 'component' && attribute.component === from) return { ...attribute, component: to };
  if (attribute.type === 'dynamiczone' && attribute.components?.includes(from)) {
    return { ...attribute, components: attribute.components.map((uid) => (uid === from ? to : uid)) };
  }
  return attribute;
}

/** Where a definition is used: attributes of others that lead to it. */
export interface DefinitionUse {
  uid: string;
  attribute: string;
  kind: 'relation' | 'component' | 'dynamiczone';
}

/** All places that use a definition. */
export function findUses(all: Definitions, usedUid: string): DefinitionUse[] {
  const uses: DefinitionUse[] = [];
  for (const [uid, schema] of [...Object.entries(all.contentTypes), ...Object.entries(all.components)]) {
    for (const [attribute, { type, target, component, components }] of Object.entries(schema.attributes)) {
      if (type === 'relation' && target === usedUid) uses.push({ uid, attribute, kind: type });
      if (type === 'component' && component === usedUid) uses.push({ uid, attribute, kind: type });
      if (type === 'dynamiczone' && components?.includes(usedUid)) uses.push({ uid, attribute, kind: type });
    }
  }
  return uses;
}

/** The change that takes an applied one back, from the files as they were before it. Names go back with their content. */
export function invertChanges(files: readonly { uid: string; before: Schema | null; after: Schema | null }[]): Changes {
  let back: Changes = UNCHANGED;
  const oldUids = new Map(
    files.flatMap(({ uid, before, after }) =>
      !before && after?.renamedFrom ? [[after.renamedFrom, uid] as const] : [],
    ),
  );
  const afterOf = new Map(files.map(({ uid, after }) => [uid, after]));
  for (const { uid, before } of files) {
    const name = sectionOf(uid);
    if (!before) {
      back = { ...back, [name]: { ...back[name], [uid]: null } };
      continue;
    }
    const now = oldUids.get(uid) ?? uid;
    const after = afterOf.get(now) ?? undefined;
    const went = new Map(
      Object.entries(after?.attributes ?? {}).flatMap(([to, { renamedFrom }]) =>
        renamedFrom && before.attributes[renamedFrom] && !before.attributes[to] ? [[renamedFrom, to] as const] : [],
      ),
    );
    const attributes = Object.entries(before.attributes).map(([each, attribute]): [string, SchemaAttribute] => {
      const to = went.get(each);
      return [each, to && !after?.attributes[each] ? { ...attribute, renamedFrom: to } : attribute];
    });
    const restored: Schema = {
      ...before,
      attributes: Object.fromEntries(attributes),
      ...(now !== uid ? { renamedFrom: now } : {}),
    };
    back = { ...back, [name]: { ...back[name], [uid]: restored } };
  }
  return back;
}
