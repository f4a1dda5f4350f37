interface Size {
  width: number;
  height: number;
}

interface Point {
  x: number;
  y: number;
}

/** Shapes that websites cut pictures to, as width by height. */
export const COMMON_RATIOS = [
  { name: '16:9', width: 16, height: 9 },
  { name: '1:1', width: 1, height: 1 },
  { name: '4:5', width: 4, height: 5 },
] as const;

/**
 * Where a picture lies in a box that it fills, in percent, for `object-position`. As the server cuts it: around the focal point, and within the
 * picture. CSS itself means something else by the number: at 20 % it puts what is a fifth into the picture on what is a fifth into the box.
 */
export function cropPosition(picture: Size, box: Size, point: Point): Point {
  const [ratio, boxRatio] = [picture.width / picture.height, box.width / box.height];
  return {
    x: alignOf(Math.min(1, boxRatio / ratio), point.x),
    y: alignOf(Math.min(1, ratio / boxRatio), point.y),
  };
}

/** Of one side: `visible` is the part of it that is seen. */
function alignOf(visible: number, percent: number): number {
  const hidden = 1 - visible;
  if (!(hidden > 0.0001)) return 50;
  const start = Math.max(0, Math.min(hidden, percent / 100 - visible / 2));
  return Math.round((start / hidden) * 10_000) / 100;
}
