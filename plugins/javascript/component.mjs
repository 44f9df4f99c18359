// Makes a component of plugin.js; `naryad plugin build` calls it with the file to write.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { componentize } from '@bytecodealliance/componentize-js';

const [to] = process.argv.slice(2);
const { component } = await componentize({
  sourcePath: 'plugin.js',
  witPath: 'wit',
  worldName: 'connector',
  // A plugin has no system but Naryad: without these nothing of WASI is imported.
  disableFeatures: ['clocks', 'fetch-event', 'http', 'random', 'stdio'],
});
await mkdir(dirname(to), { recursive: true });
await writeFile(to, component);
