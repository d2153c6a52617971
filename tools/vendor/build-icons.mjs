// Writes static/ui/icons.svg: one <symbol> per line of icons.txt.
import { readFileSync, writeFileSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const outlines = new URL('node_modules/@tabler/icons/icons/outline/', here);
const target = new URL('../../static/ui/icons.svg', here);

const symbols = readFileSync(new URL('icons.txt', here), 'utf8')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => {
    const [id, source = id] = line.split(/\s+/);
    const shapes = readFileSync(new URL(`${source}.svg`, outlines), 'utf8')
      .replace(/^[^]*?<svg[^>]*>/, '')
      .replace(/<\/svg>[^]*$/, '')
      .split('\n')
      .map((shape) => shape.trim())
      .filter((shape) => shape && !shape.includes('M0 0h24v24H0z'))
      .join('');
    return `<symbol id="${id}" viewBox="0 0 24 24">${shapes}</symbol>`;
  });

writeFileSync(
  target,
  '<svg xmlns="http://www.w3.org/2000/svg">\n'
    + '<!-- Tabler Icons, MIT licence, see static/vendor/licences/tabler-icons.txt -->\n'
    + `${symbols.join('\n')}\n</svg>\n`,
);
console.log(`${symbols.length} icons`);
