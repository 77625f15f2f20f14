// The built page with the browser host in Chromium: every screen × language × text size, axe, overflow, target sizes, and one
// whole walk by keyboard alone. Screenshots go to artifacts/ui, in high contrast to artifacts/ui/contrast.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { contentSecurityPolicy, serve } from './serve.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const ui = join(root, 'ui');
const require = createRequire(join(ui, 'package.json'));
const { chromium } = require('playwright-core');
const { AxeBuilder } = require('@axe-core/playwright');

const LANGUAGES = ['ja', 'en', 'vi'];
const SCREENS = ['idle', 'opening', 'language', 'notice', 'declare', 'choose_document', 'access_key', 'await_card', 'reading', 'verifying', 'show_chip_data', 'confirm_data', 'face_capture', 'face_compare', 'decide', 'sealing', 'receipt', 'wiping'];
const EXTRA = [['notice', 'consent'], ['access_key', 'fields'], ['face_capture', 'timeout'], ['decide', 'refuse'], ['declare', 'stop']];
// Screens that depend on the document, for each; a licence is also shown at its last try.
const DOCUMENTS = [['access_key', 'dl'], ['access_key', 'dl-asked'], ['access_key', 'mnc'], ['access_key', 'mnc-pin'], ['access_key', 'rc'], ['await_card', 'dl'], ['show_chip_data', 'dl'], ['show_chip_data', 'rc'], ['confirm_data', 'dl'], ['confirm_data', 'rc']];
// What opens each Japanese card, typed without a touch.
const KEYS = { dl: { pin1: '1234', pin2: '5678' }, mnc: { birth: '19900203', expiry: '2035', code: '0007' }, rc: { number: 'ZZ00000001TT' } };
const OF_ONE_ROLE = { consent: 'customer', fields: 'customer', timeout: 'customer', stop: 'customer', refuse: 'teller' };
// What goes wrong, on the screen that shows it: a failure of the session in the message, one of a device in its place.
const TROUBLES = [
  ['access_key', 'code', 'ACCESS_KEY_MRZ_MISMATCH'],
  ['choose_document', 'code', 'DOCUMENT_NOT_EXPECTED'],
  ['await_card', 'code', 'CARD_REMOVED'],
  ['decide', 'code', 'STORE_FULL'],
  ['wiping', 'code', 'STORE_FULL'],
  ['idle', 'failed', 'READER_MISSING'],
  ['idle', 'failed', 'BACKEND_UNREACHABLE'],
  ['await_card', 'failed', 'READER_SERVICE_LOST'],
  ['face_capture', 'failed', 'CAMERA_MISSING'],
];
const only = process.argv.slice(2);
const problems = { all: [], push(text) { this.all.push(text); console.error(text); } };

const built = spawnSync('npx', ['vite', 'build', '--mode', 'browser', '--outDir', 'dist-browser', '--emptyOutDir'], { cwd: ui, encoding: 'utf8' });
if (built.status !== 0) throw new Error(built.stderr);
const artifacts = join(root, 'artifacts/ui');
if (only.length === 0) rmSync(artifacts, { recursive: true, force: true });
mkdirSync(artifacts, { recursive: true });
const server = await serve(join(ui, 'dist-browser'), contentSecurityPolicy(root));
const profile = mkdtempSync(join(tmpdir(), 'madoguchi-ui-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  viewport: { width: 1280, height: 800 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage();
let where = 'start';
page.on('pageerror', (error) => problems.push(`${where}: ${error.message}`));
page.on('console', (message) => message.type() === 'error' && problems.push(`${where}: console: ${message.text()}`));

try {
  for (const role of ['customer', 'teller']) {
    for (const language of LANGUAGES) {
      for (const [screen, variant] of [...SCREENS.map((name) => [name, '']), ...EXTRA.filter(([, variant]) => OF_ONE_ROLE[variant] === role)]) {
        if (only.length > 0 && !only.includes(screen)) continue;
        await inspect(role, language, screen, variant);
      }
      for (const [screen, variant] of DOCUMENTS) {
        if (only.length === 0 || only.includes('documents')) await inspect(role, language, screen, variant);
      }
      if (only.length === 0 || only.includes('troubles')) for (const trouble of TROUBLES) await inspectTrouble(role, language, trouble);
    }
  }
  if (only.length === 0 || only.includes('keyboard')) {
    for (const language of LANGUAGES) await walkByKeyboard(language);
  }
  if (only.length === 0 || only.includes('contrast')) await highContrast();
} finally {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}

if (problems.all.length > 0) {
  console.error(`${problems.all.length} problems`);
  process.exit(1);
}
console.log(only.length > 0 ? `page: ${only.join(', ')}: no violation` : 'page: every screen, three languages, two text sizes: no violation, no overflow; walked by keyboard in three languages');

async function open(query) {
  await page.goto(`${server.origin}/?${new URLSearchParams(query)}`);
  await page.getByTestId('title').first().waitFor();
}

async function inspect(role, language, screen, variant) {
  const name = `${role}/${language}/${screen}${variant && `-${variant}`}`;
  where = name;
  const query = { surface: role, screen, language, still: '' };
  if (variant === 'timeout') query.warning = '20';
  if (/^(dl|mnc|rc)/.test(variant)) query.document = variant.split('-')[0];
  if (variant === 'dl-asked') query.lastTry = 'asked';
  await open(query);
  if (role === 'teller') await page.getByTestId(`language-${language}`).click();
  if (variant === 'consent') await page.getByTestId('next').click();
  if (variant === 'fields') await page.getByTestId('method-fields').click();
  if (variant === 'mnc-pin' && role === 'customer') await page.getByTestId('method-pin').click();
  if (variant === 'refuse') await page.getByTestId('refuse').click();
  if (variant === 'stop') await page.getByTestId('stop').click();
  if (role === 'customer' && screen === 'access_key' && variant === '') await page.getByTestId('mrz-line').fill('L898902C36UTO7408122F1204159ZE184226B<<<<<1');
  for (const canvas of await page.locator('canvas').all()) await canvas.and(page.locator('[data-drawn=true]')).waitFor();
  if (role === 'teller' && (screen === 'show_chip_data' || screen === 'face_compare')) {
    await page.locator(`[data-testid=${screen === 'face_compare' ? 'face-same' : 'staff-displayed'}]:enabled`).waitFor();
  }
  for (const size of ['normal', 'larger']) {
    where = `${name}/${size}`;
    await enlarge(size);
    await picture(where);
    await assess(role, size === 'normal' || language === 'ja');
  }
}

/** The sentence and what to do next, in the language of the surface; the session is still there to go on with. */
async function inspectTrouble(role, language, [screen, kind, code]) {
  where = `${role}/${language}/${screen}-${code}`;
  await open({ surface: role, screen, language, still: '', [kind]: code });
  if (role === 'teller') await page.getByTestId(`language-${language}`).click();
  const texts = JSON.parse(readFileSync(join(root, `crates/session/texts/${language}.json`), 'utf8'))[code];
  const said = await page.locator('main').innerText();
  if (kind === 'code') {
    if (!said.includes(texts.customer)) problems.push(`${where}: the sentence is not shown`);
    if ((await page.locator('[data-testid=message] p').count()) < 2) problems.push(`${where}: what to do next is not shown`);
  } else if (role === 'teller' && !said.includes(texts.staff)) problems.push(`${where}: staff are not told what to do`);
  if (role === 'customer' && said.includes(code)) problems.push(`${where}: the customer sees a code`);
  if (role === 'teller' && screen !== 'wiping' && !said.includes(code)) problems.push(`${where}: staff see no code`);
  for (const size of ['normal', 'larger']) {
    await enlarge(size);
    await picture(`${where}/${size}`);
    await assess(role, false);
  }
}

async function enlarge(size) {
  await page.evaluate((size) => (textSize.value = size), size);
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

async function picture(name) {
  await page.screenshot({ path: join(artifacts, `${name.replaceAll('/', '-')}.png`), animations: 'disabled' });
}

/** Nothing wider than the window, what leads out always in sight, no target too small, no finding of axe. */
async function assess(role, axe = true) {
  const hidden = await page.evaluate(() => {
    const main = document.querySelector('main');
    const out = (node) => node.getBoundingClientRect().bottom > innerHeight + 1 || node.getBoundingClientRect().top < -1;
    const gone = [];
    for (const end of [0, main.scrollHeight]) {
      main.scrollTo(0, end);
      gone.push(...[...document.querySelectorAll('.page > header button, section > footer button')].filter(out));
    }
    main.scrollTo(0, 0);
    gone.push(...[...document.querySelectorAll('[data-testid=title]')].filter(out));
    return gone.slice(0, 3).map((node) => node.textContent.trim().slice(0, 30));
  });
  if (hidden.length > 0) problems.push(`${where}: out of sight: ${hidden.join(', ')}`);
  const overflow = await page.evaluate(() => {
    const wide = [...document.querySelectorAll('body *')].filter((node) => {
      if (node.closest('svg') || node.classList.contains('visually-hidden') || node.matches('input, .picture *')) return false;
      const box = node.getBoundingClientRect();
      return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
    });
    const scrolls = [...document.querySelectorAll('main, .surface, html')].filter((node) => node.scrollWidth > node.clientWidth + 1);
    return [...wide, ...scrolls].slice(0, 3).map((node) => `${node.tagName}.${node.className} "${node.textContent.trim().slice(0, 30)}"`);
  });
  if (overflow.length > 0) problems.push(`${where}: wider than the window: ${overflow.join(', ')}`);
  const least = role === 'customer' ? 64 : 48;
  const small = await page.evaluate((least) => {
    return [...document.querySelectorAll('button, summary, select, label:has(input), input[type=text], input[type=password]')]
      .filter((node) => node.getBoundingClientRect().height > 0 && node.getBoundingClientRect().height < least - 0.5)
      .map((node) => `${node.textContent.trim().slice(0, 20)} ${node.getBoundingClientRect().height}`);
  }, least);
  if (small.length > 0) problems.push(`${where}: target under ${least} px: ${small.slice(0, 3).join(', ')}`);
  if (!axe) return;
  const { violations } = await new AxeBuilder({ page }).analyze();
  for (const { id, nodes } of violations) problems.push(`${where}: axe ${id}: ${nodes.slice(0, 2).map((node) => node.html.slice(0, 120)).join(' | ')}`);
}

/** Tab until the wanted control has the focus, then press it: nothing is clicked. */
async function walkByKeyboard(language) {
  where = `keyboard/${language}`;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open({ surface: 'qa', screen: 'idle', language });
  await press('surface-customer', 'start');
  await press('surface-customer', `choose-${language}`);
  await press('surface-customer', 'next');
  for (const id of ['C1', 'C2', 'C3']) await press('surface-customer', `notice-${id}`, 'Space');
  await press('surface-customer', 'consent');
  await press('surface-customer', 'purpose-living', 'Space');
  await press('surface-customer', 'next');
  await press('surface-customer', 'occupation-officer', 'Space');
  await press('surface-customer', 'next');
  await press('surface-customer', 'declare');
  await press('surface-customer', 'document-passport');
  await focus('surface-customer', 'mrz-line');
  await page.keyboard.type('L898902C36UTO7408122F1204159ZE184226B<<<<<10');
  await press('surface-customer', 'submit-key');
  await focus(null, 'qa-insert');
  await page.keyboard.press('Enter');
  await press('surface-teller', 'staff-displayed');
  await press('surface-customer', 'confirm-data');
  await press('surface-customer', 'take-photo');
  await press('surface-teller', 'face-same');
  await press('surface-teller', 'residence-later', 'Space');
  await press('surface-teller', 'accept');
  await page.locator('[data-testid=surface-customer][data-screen=receipt]').waitFor();
  await page.screenshot({ path: join(artifacts, `qa-${language}-receipt.png`) });
  await press('surface-customer', 'finish');
  await page.locator('[data-testid=surface-customer][data-screen=idle]').waitFor();
  for (const [document, keys] of Object.entries(KEYS)) {
    await open({ surface: 'qa', screen: 'choose_document', language });
    await press('surface-customer', `document-${document}`);
    for (const [field, text] of Object.entries(keys)) {
      await focus('surface-customer', `field-${field}`);
      await page.keyboard.type(text);
    }
    await press('surface-customer', 'submit-key');
    await page.locator('[data-testid=surface-customer][data-screen=await_card]').waitFor();
  }
}


async function focus(surface, testid) {
  const scope = surface ? page.getByTestId(surface) : page;
  const wanted = scope.getByTestId(testid);
  await wanted.waitFor();
  // A control that waits for its time, such as the confirmation of the shown data, opens and stays open.
  for (let tries = 0; !(await wanted.isEnabled()); tries++) {
    if (tries === 100) throw new Error(`${where}: ${testid} never opens`);
    await page.waitForTimeout(50);
  }
  for (let tabs = 0; tabs < 250; tabs++) {
    if (await wanted.evaluate((node) => node === document.activeElement)) {
      const visible = await wanted.evaluate((node) => [node, node.closest('label')].some((shown) => shown && getComputedStyle(shown).boxShadow !== 'none'));
      if (!visible) problems.push(`${where}: focus on ${testid} is not visible`);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`${where}: ${testid} cannot be reached by Tab`);
}

async function press(surface, testid, key = 'Enter') {
  await focus(surface, testid);
  await page.keyboard.press(key);
}

/** Every screen once with the system's own colours, and once with more contrast: what is chosen, closed or wrong keeps its mark. */
async function highContrast() {
  mkdirSync(join(artifacts, 'contrast'), { recursive: true });
  for (const [name, media] of [['forced', { forcedColors: 'active' }], ['more', { contrast: 'more' }]]) {
    await page.emulateMedia({ reducedMotion: 'reduce', ...media });
    for (const role of ['customer', 'teller']) {
      for (const [index, screen] of SCREENS.entries()) {
        const language = LANGUAGES[index % LANGUAGES.length];
        where = `contrast/${name}-${role}-${screen}-${language}`;
        await open({ surface: role, screen, language, still: '' });
        await page.screenshot({ path: join(artifacts, `${where}.png`), animations: 'disabled' });
        await assess(role, false);
      }
    }
    await page.emulateMedia({ forcedColors: 'none', contrast: 'no-preference' });
  }
}
