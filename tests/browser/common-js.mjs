// Packages as npm delivers them, in a page: unbundled and unpatched.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** The files of a CommonJS package as they are, with the little around them that Node would have. */
export async function commonJs(entry) {
  const files = new Map();
  async function add(file) {
    if (files.has(file)) return;
    files.set(file, null);
    const text = await readFile(file, 'utf8');
    const needs = {};
    for (const [, needed] of text.matchAll(/require\("([^"]+)"\)/g)) {
      needs[needed] = createRequire(file).resolve(needed);
      await add(needs[needed]);
    }
    const code = file.endsWith('.json') ? `module.exports = ${text};` : text;
    files.set(file, `${JSON.stringify(file)}: [${JSON.stringify(needs)}, function (module, exports, require) {${code}\n}]`);
  }
  const start = createRequire(import.meta.url).resolve(entry);
  await add(start);
  return `(() => {
    const files = {${[...files.values()].join(',\n')}}, loaded = {};
    const load = file => {
      if (loaded[file]) return loaded[file].exports;
      const module = loaded[file] = { exports: {} };
      files[file][1](module, module.exports, needed => load(files[file][0][needed]));
      return module.exports;
    };
    window.falClient = load(${JSON.stringify(start)});
  })();`;
}
