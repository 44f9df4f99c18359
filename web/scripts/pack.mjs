// Packs every script, style and text of the build with brotli and with gzip; the server sends the one that fits and unpacks it for who takes neither.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = new URL("../dist", import.meta.url).pathname;
/** Below this packing saves nothing worth two files. */
const PACKED_BYTES_MIN = 1024;
const PACKED = /\.(js|css|svg|md)$/;

function pack(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) pack(path);
    else if (PACKED.test(entry.name)) packFile(path);
  }
}

function packFile(path) {
  const bytes = readFileSync(path);
  if (bytes.length < PACKED_BYTES_MIN) return;
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  rmSync(path);
}

pack(DIST);
// Only the budget's check reads it.
rmSync(join(DIST, "manifest.json"));
