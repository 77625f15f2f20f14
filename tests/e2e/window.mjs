// A whole session in the real window, in Japanese, English and Vietnamese: MADOGUCHI_BIN (or target/debug/madoguchi), built with
// `--features simulator`. Run it with a display and a session bus of its own:
//   xvfb-run -a -s "-screen 0 1600x1000x24" dbus-run-session -- npm --prefix ui run e2e:window
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Driver } from './webdriver.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const binary = process.env.MADOGUCHI_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/madoguchi');
const profile = process.env.MADOGUCHI_CARD ?? 'specimen';
const line = process.env.MADOGUCHI_MRZ;
const languages = process.argv.length > 2 ? process.argv.slice(2) : ['ja', 'en', 'vi'];
// The synthetic holder of the built-in card; another card's key comes with MADOGUCHI_KEY or MADOGUCHI_MRZ.
const KEY = JSON.parse(process.env.MADOGUCHI_KEY ?? '["XTEST0001","900203","350531"]');

if (!existsSync(binary)) throw new Error(`no ${binary}: cargo build --features simulator`);
const data = mkdtempSync(join(tmpdir(), 'madoguchi-window-'));
const opened = Date.now();
const driver = await Driver.start(binary, [], { MADOGUCHI_DATA_DIR: data });
console.log(`window open after ${Date.now() - opened} ms`);
try {
  for (const language of languages) await walk(language);
} catch (error) {
  driver.screenshot(join(root, 'artifacts/window/failed.png'));
  throw error;
} finally {
  await driver.stop();
  rmSync(data, { recursive: true, force: true });
}
console.log('window: whole sessions delivered and wiped');

async function walk(language) {
  const started = Date.now();
  const folder = join(root, 'artifacts/window', language);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let number = 0;
  const customer = (testid) => `[data-testid=surface-customer] [data-testid=${testid}]`;
  const teller = (testid) => `[data-testid=surface-teller] [data-testid=${testid}]`;
  const at = (screen) => driver.until(`screen ${screen} (${language})`, () => driver.run('return document.querySelector("[data-testid=surface-customer]")?.dataset.screen === arguments[0]', screen), 60_000);
  const shot = async (name) => {
    await driver.run('return document.fonts.status');
    await new Promise((resolve) => setTimeout(resolve, 250));
    driver.screenshot(join(folder, `${String(++number).padStart(2, '0')}-${name}.png`));
  };

  await at('idle');
  await driver.click(teller(`language-${language}`));
  await driver.click(customer(`language-${language}`));
  await shot('idle');
  await driver.click(teller('start'));
  await at('language');
  await shot('language');
  await driver.click(customer(`choose-${language}`));
  await at('notice');
  await shot('what-happens');
  await driver.click(customer('next'));
  for (const id of ['C1', 'C2', 'C3']) await driver.click(customer(`notice-${id}`));
  await shot('consent');
  await driver.click(customer('consent'));
  await at('declare');
  await driver.click(customer('purpose-salary'));
  await shot('purpose');
  await driver.click(customer('next'));
  await driver.click(customer('occupation-employee'));
  await shot('occupation');
  await driver.click(customer('next'));
  await shot('behalf');
  await driver.click(customer('declare'));
  await at('choose_document');
  await shot('choose-document');
  await driver.click(customer('document-passport'));
  await at('access_key');
  if (line ?? language !== 'vi') {
    await driver.type(customer('mrz-line'), line ?? secondLine(KEY));
  } else {
    await driver.click(customer('method-fields'));
    for (const [index, name] of ['documentNumber', 'birth', 'expiry'].entries()) await driver.type(customer(`field-${name}`), KEY[index]);
  }
  await shot('access-key');
  await driver.click(customer('submit-key'));
  await at('await_card');
  await shot('await-card');
  await choose('qa-profile', profile);
  await driver.click('[data-testid=qa-insert]');
  await driver.until('reading or beyond', () => driver.run('return ["reading","verifying","show_chip_data"].includes(document.querySelector("[data-testid=surface-customer]").dataset.screen)'));
  driver.screenshot(join(folder, `${String(++number).padStart(2, '0')}-reading.png`));
  await at('show_chip_data');
  await driver.until('the chip photo is drawn', () => driver.run('return document.querySelector("[data-testid=surface-teller] canvas")?.dataset.drawn === "true"'));
  await shot('chip-data');
  const level = await driver.run('return document.querySelector("[data-testid=verdict]").dataset.level');
  await driver.click(teller('staff-displayed'));
  await at('confirm_data');
  await shot('confirm-data');
  await driver.click(customer('confirm-data'));
  await at('face_capture');
  await driver.until('the preview is live', () => driver.run('return document.querySelector("[data-testid=surface-customer] [data-testid=preview]")?.dataset.live === "true"'));
  await shot('face-capture');
  await driver.click(customer('take-photo'));
  await driver.until('photo taken', () => driver.run('return Boolean(document.querySelector("[data-testid=surface-customer] [data-testid=use-photo]"))'));
  await shot('photo-taken');
  await driver.click(customer('use-photo'));
  await at('face_compare');
  await new Promise((resolve) => setTimeout(resolve, 2200));
  await shot('face-compare');
  await driver.click(teller('face-same'));
  await at('decide');
  await driver.click(teller('residence-later'));
  await shot('decide');
  await driver.click(teller('accept'));
  await at('receipt');
  await driver.until('the backend confirmed the delivery', () => driver.run('return document.querySelector("[data-testid=surface-teller] [data-testid=delivery]")?.dataset.step === "receipted"'), 60_000);
  await shot('receipt');
  await driver.click('[data-testid=qa-remove]');
  await driver.click(customer('finish'));
  await at('idle');
  const waiting = await driver.run('return document.querySelector("[data-testid=deliveries-waiting]").dataset.count');
  if (waiting !== '0') throw new Error(`${waiting} deliveries still wait`);
  const left = await driver.run('return document.body.innerText.includes("HANAKO") || document.querySelectorAll("canvas").length > 0');
  if (left) throw new Error('personal data is still on the page');
  await shot('wiped');
  console.log(`${language}: ${number} screens, verdict ${level}, delivered, wiped, ${Date.now() - started} ms`);
}

/** Line 2 of the built-in card's machine readable zone (Doc 9303-4, 4.2.2). */
function secondLine([number, birth, expiry]) {
  const digit = (text) =>
    [...text].reduce((sum, c, i) => sum + (c === '<' ? 0 : /[0-9]/.test(c) ? Number(c) : c.charCodeAt(0) - 55) * [7, 3, 1][i % 3], 0) % 10;
  const optional = 'TEST<ONLY<<<<<';
  const [n, b, e, o] = [number, birth, expiry, optional].map((text) => text + digit(text));
  return `${n}UTO${b}F${e}${o}${digit(n + b + e + o)}`;
}

async function choose(testid, value) {
  await driver.run(
    'const s = document.querySelector(`[data-testid=${arguments[0]}]`); s.value = arguments[1]; s.dispatchEvent(new Event("change", {bubbles: true}));',
    testid,
    value,
  );
}
