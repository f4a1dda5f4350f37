import type { RelationType } from '@/api/model';
import type { Definitions } from '@/api/schemaChanges';
import { findUses } from './draft';

export const WIDTH = 200;
export const LINE = 15;
const GAP_X = 90;
const GAP_Y = 32;
/** Fields named in a box; the others are counted. */
const MAX_LINES = 7;

export interface DiagramNode {
  uid: string;
  x: number;
  y: number;
  height: number;
  lines: string[];
}

export interface DiagramEdge {
  id: string;
  from: string;
  to: string;
  attribute: string;
  kind: 'relation' | 'component' | 'dynamiczone';
  relation?: RelationType;
  path: string;
}

/**
 * Places definitions in columns: what is led to most stands first, what leads to it beside it. A relation that is seen from
 * both ends is drawn once.
 */
export function layout(
  all: Definitions,
  withComponents: boolean,
): { nodes: DiagramNode[]; edges: DiagramEdge[]; width: number; height: number } {
  const schemas = { ...all.contentTypes, ...(withComponents ? all.components : {}) };
  const uids = Object.keys(schemas);
  const edges = uids.flatMap((to) =>
    findUses(all, to)
      .filter((use) => use.uid in schemas && !schemas[use.uid]?.attributes[use.attribute]?.mappedBy)
      .map((use) => ({
        from: use.uid,
        to,
        attribute: use.attribute,
        kind: use.kind,
        relation: schemas[use.uid]?.attributes[use.attribute]?.relation,
      })),
  );
  const ordered = neighbours(uids, edges);
  const columns = Math.max(1, Math.min(5, Math.ceil(Math.sqrt(uids.length * 0.8))));
  const bottoms = Array.from({ length: columns }, () => GAP_Y / 2);
  const nodes = ordered.map((uid): DiagramNode => {
    const names = Object.keys(schemas[uid]?.attributes ?? {});
    const lines =
      names.length > MAX_LINES ? [...names.slice(0, MAX_LINES - 1), `+ ${names.length - MAX_LINES + 1}`] : names;
    const height = 34 + lines.length * LINE;
    const column = bottoms.indexOf(Math.min(...bottoms));
    const y = bottoms[column] ?? 0;
    bottoms[column] = y + height + GAP_Y;
    return { uid, x: GAP_X / 2 + column * (WIDTH + GAP_X), y, height, lines };
  });
  const at = new Map(nodes.map((node) => [node.uid, node]));
  const diagramEdges = edges.flatMap((edge): DiagramEdge[] => {
    const [from, to] = [at.get(edge.from), at.get(edge.to)];
    return from && to ? [{ ...edge, id: `${edge.from} ${edge.attribute} ${edge.to}`, path: curvePath(from, to) }] : [];
  });
  return {
    nodes,
    edges: diagramEdges,
    width: GAP_X + columns * (WIDTH + GAP_X) - GAP_X,
    height: Math.max(...bottoms, 80),
  };
}

/** Breadth first from the one with most lines, so that what belongs together stands together. */
function neighbours(uids: readonly string[], edges: readonly { from: string; to: string }[]): string[] {
  const near = new Map(uids.map((uid) => [uid, new Set<string>()]));
  for (const { from, to } of edges) {
    near.get(from)?.add(to);
    near.get(to)?.add(from);
  }
  const byDegree = uids.toSorted((a, b) => (near.get(b)?.size ?? 0) - (near.get(a)?.size ?? 0) || a.localeCompare(b));
  const seen = new Set<string>();
  for (const start of byDegree) {
    const queue = [start];
    for (let uid = queue.shift(); uid !== undefined; uid = queue.shift()) {
      if (seen.has(uid)) continue;
      seen.add(uid);
      queue.push(...byDegree.filter((other) => near.get(uid)?.has(other)));
    }
  }
  return [...seen];
}

function curvePath(from: DiagramNode, to: DiagramNode): string {
  const [fromY, toY] = [from.y + from.height / 2, to.y + to.height / 2];
  if (from.x === to.x) {
    const x = from.x + WIDTH;
    const out = x + 40;
    return from === to
      ? `M ${x} ${fromY - 10} C ${out} ${fromY - 30} ${out} ${fromY + 30} ${x} ${fromY + 10}`
      : `M ${x} ${fromY} C ${out} ${fromY} ${out} ${toY} ${x} ${toY}`;
  }
  const right = from.x < to.x;
  const [x1, x2] = [right ? from.x + WIDTH : from.x, right ? to.x : to.x + WIDTH];
  const middle = (x1 + x2) / 2;
  return `M ${x1} ${fromY} C ${middle} ${fromY} ${middle} ${toY} ${x2} ${toY}`;
}
