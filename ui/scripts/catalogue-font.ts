// One small font with every character of our own texts, in the two weights the page uses. The full font comes in 124 parts by
// frequency, of which the first screen alone needs 19, and each costs the page milliseconds before anything is drawn. The parts
// stay for what is on documents: names and addresses.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import subsetFont from 'subset-font';
import type { Plugin } from 'vite';

const ui = join(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = ['src', '../crates/session/texts'];
/** Below are Latin letters and Vietnamese, three parts of the full font. */
const FIRST = 0x2000;

export async function writeCatalogueFont(): Promise<void> {
  const characters = new Set<string>();
  for (const source of SOURCES) {
    for (const file of readdirSync(join(ui, source), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|svelte|json)$/.test(file)) continue;
      for (const character of readFileSync(join(ui, source, file), 'utf8')) if ((character.codePointAt(0) ?? 0) >= FIRST) characters.add(character);
    }
  }
  const text = [...characters].sort().join('');
  const folder = join(ui, 'src/fonts');
  mkdirSync(folder, { recursive: true });
  let css = '';
  for (const weight of [400, 700]) {
    const whole = readFileSync(join(ui, `node_modules/@fontsource/noto-sans-jp/files/noto-sans-jp-japanese-${weight}-normal.woff2`));
    writeFileSync(join(folder, `catalogue-${weight}.woff2`), await subsetFont(whole, text, { targetFormat: 'woff2' }));
    css += `@font-face {\n  font-family: 'Madoguchi Catalogue';\n  font-weight: ${weight};\n  font-display: block;\n  src: url(./catalogue-${weight}.woff2) format('woff2');\n}\n`;
  }
  writeFileSync(join(folder, 'catalogue.css'), css);
}

/** Vite: the font is written before anything is built or served. */
export function catalogueFont(): Plugin {
  return { name: 'catalogue-font', buildStart: writeCatalogueFont };
}
