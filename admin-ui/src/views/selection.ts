import { contentTypeOf, type ContentType, type Model } from '@/api/model';
import type { QueryValue } from '@/api/queryString';
import { attributeAt } from './fieldPath';

interface Asked {
  fields: string[];
  populate: { [key: string]: QueryValue };
}

/**
 * `fields` and `populate` for what a view shows and no more: a list of a hundred long articles is otherwise megabytes.
 */
export function selectionOf(model: Model, type: ContentType, paths: Iterable<string>): Asked {
  const asked: Asked = { fields: [], populate: {} };
  for (const path of paths) add(asked, model, type, path);
  if (asked.fields.length === 0) asked.fields.push('documentId');
  return asked;
}

function add(asked: Asked, model: Model, type: ContentType, path: string): void {
  const found = attributeAt(model, type, path);
  if (!found) return;
  const [first = '', ...rest] = path.split('.');
  const attribute = type.attributes[first];
  switch (attribute?.type) {
    case undefined:
      if (!asked.fields.includes(first)) asked.fields.push(first);
      return;
    case 'media':
      asked.populate[first] = { fields: ['url', 'name', 'mime', 'formats', 'alternativeText', 'width', 'height'] };
      return;
    case 'relation': {
      const target = contentTypeOf(model, attribute.target);
      // A relation to whatever type has no fields that are known beforehand.
      if (!target) {
        asked.populate[first] = true;
        return;
      }
      const inner = rest.length > 0 ? [rest.join('.')] : target.titleField ? [target.titleField] : [];
      asked.populate[first] = merged(asked.populate[first], selectionOf(model, target, inner));
      return;
    }
    case 'component':
    case 'dynamiczone':
      asked.populate[first] = true;
      return;
    default:
      if (!asked.fields.includes(first)) asked.fields.push(first);
  }
}

/** What several paths through one relation ask of it. */
function merged(before: QueryValue, more: Asked): QueryValue {
  if (typeof before !== 'object' || before === null || !('fields' in before)) return { ...more };
  const old = before as unknown as Asked;
  return { fields: [...new Set([...old.fields, ...more.fields])], populate: { ...old.populate, ...more.populate } };
}
