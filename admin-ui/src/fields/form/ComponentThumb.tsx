import { memo } from 'react';
import type { Attribute, Attributes } from '@/api/model';
import classes from './Form.module.css';

interface Shape {
  x: number;
  y: number;
  width: number;
  height: number;
  kind: 'line' | 'text' | 'box' | 'pill';
}

const width = 56;
const height = 40;
const edge = 5;
const room = width - 2 * edge;

function line(at: number, part: number, thick = 2): Shape {
  return { x: edge, y: at, width: room * part, height: thick, kind: 'line' };
}

/** What an attribute looks like from far: media are boxes, long texts several lines, choices pills. */
function shapeOf(attribute: Attribute, y: number, first: boolean): Shape[] {
  switch (attribute.type) {
    case 'media':
      return [{ x: edge, y, width: room, height: 13, kind: 'box' }];
    case 'text':
    case 'richtext':
    case 'blocks':
      return [line(y, 1), line(y + 4, 0.9), line(y + 8, 0.6)].map((shape) => ({ ...shape, kind: 'text' }));
    case 'boolean':
    case 'enumeration':
    case 'relation':
      return [{ x: edge, y, width: room * 0.45, height: 5, kind: 'pill' }];
    case 'component':
    case 'dynamiczone':
      return [0, 1, 2].map((at) => ({ x: edge + at * (room / 3), y, width: room / 3 - 3, height: 10, kind: 'box' }));
    default:
      return [line(y, first ? 0.7 : 0.5, first ? 4 : 2)];
  }
}

/** A component from far, drawn from its attributes: what people know it by when they cannot know its name. */
export const ComponentThumb = memo(function ComponentThumb({ attributes }: { attributes: Attributes }) {
  const shapes: Shape[] = [];
  let y = edge;
  for (const attribute of Object.values(attributes)) {
    const added = shapeOf(attribute, y, shapes.length === 0);
    const end = Math.max(...added.map((shape) => shape.y + shape.height));
    if (end > height - edge + 1) break;
    shapes.push(...added);
    y = end + 4;
  }
  return (
    <svg className={classes.thumb} viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden>
      {shapes.map(({ kind, ...rest }) => (
        <rect key={`${rest.x} ${rest.y}`} {...rest} rx={kind === 'pill' ? 2.5 : 1} data-kind={kind} />
      ))}
    </svg>
  );
});
