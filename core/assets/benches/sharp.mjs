// The four variants of one picture, made by sharp: the other half of `pictures.rs`, which starts this script in a folder
// where sharp is installed and passes the path of the picture. For each line it reads (`separate` or `cascade`) it
// writes the milliseconds that took, on the clock and on all processors; at the end its peak memory in kB.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const sharp = createRequire(`${process.cwd()}/`)('sharp');
const file = process.argv[2];
const boxes = [[245, 156], [500, 500], [750, 750], [1000, 1000]];
const smaller = (source, [width, height]) => sharp(source).resize({ width, height, fit: 'inside' });

const ways = {
  // As Strapi does it: each variant from the original, all at once.
  separate: () => Promise.all(boxes.map((box) => smaller(file, box).jpeg({ quality: 80 }).toBuffer())),
  // The original is read once: the smaller ones are made of the largest.
  cascade: async () => {
    const { data, info } = await smaller(file, boxes[3]).raw().toBuffer({ resolveWithObject: true });
    const raw = { raw: { width: info.width, height: info.height, channels: info.channels } };
    return Promise.all(boxes.map(([width, height]) =>
      sharp(data, raw).resize({ width, height, fit: 'inside' }).jpeg({ quality: 80 }).toBuffer()));
  },
};

sharp.cache(false);
for await (const way of createInterface({ input: process.stdin })) {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await ways[way]();
  const { user, system } = process.cpuUsage(before);
  console.log(`${performance.now() - start} ${(user + system) / 1000}`);
}
console.log(readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s*(\d+)/)[1]);
