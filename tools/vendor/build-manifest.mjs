// Writes static/vendor/MANIFEST.json: what each vendored file is, and its hash.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const files = {
  'vendor/bootstrap.min.css': 'bootstrap',
  'vendor/bootstrap.bundle.min.js': 'bootstrap',
  'vendor/plotly.min.js': 'plotly.js',
  'vendor/plotly.css': 'plotly.js',
  'ui/icons.svg': '@tabler/icons',
};

const entries = Object.entries(files).map(([path, name]) => {
  const about = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, here)));
  const content = readFileSync(new URL(`../../static/${path}`, here));
  return {
    file: path,
    name,
    version: about.version,
    licence: about.license,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
});

writeFileSync(
  new URL('../../static/vendor/MANIFEST.json', here),
  `${JSON.stringify(entries, null, 2)}\n`,
);
