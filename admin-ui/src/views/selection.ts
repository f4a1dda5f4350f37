import { type ContentType, type Model, targetTypeOf } from '@/api/model';
import type { QueryValue } from '@/api/queryString';
import { resolveField, titleFields } from './fieldPath';

interface FieldSelection {
  fields: string[];
  populate: { [key: string]: QueryValue };
}

/**
 * `fields` and `populate` for what a view shows and no more: a list of a hundred long articles is otherwise megabytes.
 */
export function selectFields(model: Model, type: ContentType, paths: Iterable<string>): FieldSelection {
  const selection: FieldSelection = { fields: [], populate: {} };
  for (const path of paths) addPath(selection, model, type, path);
  if (selection.fields.length === 0) selection.fields.push('documentId');
  return selection;
}

function addPath(selection: FieldSelection, model: Model, type: ContentType, path: string): void {
  const resolved = resolveField(model, type, path);
  if (!resolved) return;
  const [first = '', ...rest] = path.split('.');
  const attribute = type.attributes[first];
  switch (attribute?.type) {
    case undefined:
      if (!selection.fields.includes(first)) selection.fields.push(first);
      return;
    case 'media':
      selection.populate[first] = { fields: ['url', 'name', 'mime', 'formats', 'alternativeText', 'width', 'height'] };
      return;
    case 'relation': {
      const target = targetTypeOf(model, attribute.target);
      // A relation to whatever type has no fields that are known beforehand.
      if (!target) {
        selection.populate[first] = true;
        return;
      }
      const inner = rest.length > 0 ? [rest.join('.')] : titleFields(target);
      selection.populate[first] = mergePopulate(selection.populate[first], selectFields(model, target, inner));
      return;
    }
    case 'component':
    case 'dynamiczone':
      selection.populate[first] = true;
      return;
    default:
      if (!selection.fields.includes(first)) selection.fields.push(first);
  }
}

/** What several paths through one relation ask of it. */
function mergePopulate(before: QueryValue, more: FieldSelection): QueryValue {
  if (typeof before !== 'object' || before === null || !('fields' in before)) return { ...more };
  const old = before as unknown as FieldSelection;
  return { fields: [...new Set([...old.fields, ...more.fields])], populate: { ...old.populate, ...more.populate } };
}
