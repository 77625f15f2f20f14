// One counter in its real window: opens the program, acts as customer and teller, keeps pictures.
import { mkdirSync, openSync, readFileSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Driver } from './webdriver.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = process.env.MADOGUCHI_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/madoguchi');
/** The synthetic holder of the built-in card. */
export const SPECIMEN = ['XTEST0001', '900203', '350531'];

export class Counter {
  #number = 0;

  /** Opens the window; pictures and the log go to artifacts/window/<name>. */
  static async open(name, env = {}) {
    const folder = join(root, 'artifacts/window', name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const data = env.MADOGUCHI_DATA_DIR ?? mkdtempSync(join(tmpdir(), 'madoguchi-window-'));
    const log = join(folder, 'log.txt');
    const driver = await Driver.start(binary, [], { ...env, MADOGUCHI_DATA_DIR: data }, openSync(log, 'a'));
    return new Counter(driver, folder, data, log);
  }

  constructor(driver, folder, data, log) {
    Object.assign(this, { driver, folder, data, log, language: 'ja' });
  }

  /** Runs `work`; a failure leaves a picture. */
  async during(work) {
    try {
      await work(this);
    } catch (error) {
      this.driver.screenshot(join(this.folder, 'failed.png'));
      throw error;
    } finally {
      await this.close();
    }
  }

  async close() {
    await this.driver.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  customer(testid) {
    return `[data-testid=surface-customer] [data-testid=${testid}]`;
  }

  teller(testid) {
    return `[data-testid=surface-teller] [data-testid=${testid}]`;
  }

  run(script, ...args) {
    return this.driver.run(script, ...args);
  }

  until(what, script, ...args) {
    return this.driver.until(`${what} (${this.language})`, () => this.driver.run(script, ...args), 60_000);
  }

  at(...screens) {
    return this.until(`screen ${screens.join(' or ')}`, 'return arguments[0].includes(document.querySelector("[data-testid=surface-customer]")?.dataset.screen)', screens);
  }

  customerDoes(testid) {
    return this.driver.click(this.customer(testid));
  }

  tellerDoes(testid) {
    return this.driver.click(this.teller(testid));
  }

  attribute(css, name) {
    return this.run('return document.querySelector(arguments[0])?.dataset[arguments[1]]', css, name);
  }

  text(css) {
    return this.run('return document.querySelector(arguments[0])?.innerText', css);
  }

  async picture(name, settle = 200) {
    await new Promise((resolve) => setTimeout(resolve, settle));
    this.driver.screenshot(join(this.folder, `${String(++this.#number).padStart(2, '0')}-${name}.png`));
  }

  get pictures() {
    return this.#number;
  }

  /** The page is loaded again, as after the death of its process, and shows the same screen from what the core knows. */
  async reload() {
    const before = await this.attribute('[data-testid=surface-customer]', 'screen');
    await this.run('window.before = true; location.reload();');
    await this.until('the page is back', 'return !window.before && Boolean(document.querySelector("[data-testid=surface-customer]")?.dataset.screen)');
    const after = await this.attribute('[data-testid=surface-customer]', 'screen');
    if (after !== before) throw new Error(`${before} became ${after} over a reload`);
  }

  /** Both surfaces say what went wrong in the language of the session, and what to do; the teller gets the code. */
  async told(code) {
    const texts = JSON.parse(readFileSync(join(root, `crates/session/texts/${this.language}.json`), 'utf8'))[code];
    for (const [surface, sentence] of [[this.customer, texts.customer], [this.teller, texts.customer], [this.teller, texts.staff], [this.teller, code]]) {
      await this.until(`${code} is said`, 'return document.querySelector(arguments[0])?.innerText.includes(arguments[1])', surface('message'), sentence);
    }
    const lines = await this.run('return document.querySelectorAll(arguments[0] + " p").length', this.customer('message'));
    if (lines < 2) throw new Error(`${code}: the customer is not told what to do next`);
    await this.picture(code.toLowerCase());
  }

  /** From nobody there to the choice of a document. */
  async greet(language, { pictures = false } = {}) {
    const shot = (name) => (pictures ? this.picture(name) : undefined);
    this.language = language;
    await this.at('idle');
    await this.tellerDoes(`language-${language}`);
    await this.customerDoes(`language-${language}`);
    await shot('idle');
    await this.tellerDoes('start');
    await this.at('language');
    await shot('language');
    await this.customerDoes(`choose-${language}`);
    await this.at('notice');
    await shot('what-happens');
    await this.customerDoes('next');
    for (const id of ['C1', 'C2', 'C3']) await this.customerDoes(`notice-${id}`);
    await shot('consent');
    await this.customerDoes('consent');
    await this.at('declare');
    await this.customerDoes('purpose-salary');
    await shot('purpose');
    await this.customerDoes('next');
    await this.customerDoes('occupation-employee');
    await shot('occupation');
    await this.customerDoes('next');
    await shot('behalf');
    await this.customerDoes('declare');
    await this.at('choose_document');
    await shot('choose-document');
  }

  /** The passport and its key, as line 2 or as three fields. */
  async chooses(key, { fields = false, pictures = false } = {}) {
    await this.customerDoes('document-passport');
    await this.at('access_key');
    await this.types(key, { fields, pictures });
  }

  async types(key, { fields = false, pictures = false } = {}) {
    if (fields) {
      await this.customerDoes('method-fields');
      for (const [index, name] of ['documentNumber', 'birth', 'expiry'].entries()) await this.driver.type(this.customer(`field-${name}`), key[index]);
    } else {
      await this.driver.type(this.customer('mrz-line'), typeof key === 'string' ? key : secondLine(key));
    }
    if (pictures) await this.picture('access-key');
    await this.customerDoes('submit-key');
  }

  /** The key of a Japanese card, field by field. */
  async opens(fields, { pictures = false } = {}) {
    for (const [name, text] of Object.entries(fields)) await this.driver.type(this.customer(`field-${name}`), text);
    if (pictures) await this.picture('access-key');
    await this.customerDoes('submit-key');
  }

  /** The teller has looked, the customer has confirmed. */
  async confirms({ pictures = false } = {}) {
    await this.at('show_chip_data');
    await this.until('the chip photo is drawn', 'return document.querySelector("[data-testid=surface-teller] canvas")?.dataset.drawn === "true"');
    if (pictures) await this.picture('chip-data');
    const level = await this.attribute('[data-testid=verdict]', 'level');
    await this.tellerDoes('staff-displayed');
    await this.at('confirm_data');
    if (pictures) await this.picture('confirm-data');
    await this.customerDoes('confirm-data');
    await this.at('face_capture');
    return level;
  }

  async same({ pictures = false } = {}) {
    await this.at('face_compare');
    if (pictures) await this.picture('face-compare', 2200);
    await this.tellerDoes('face-same');
    await this.at('decide');
  }

  async accepts() {
    await this.tellerDoes('residence-later');
    await this.tellerDoes('accept');
  }

  delivery(step) {
    return this.until(`delivery ${step}`, 'return document.querySelector("[data-testid=surface-teller] [data-testid=delivery]")?.dataset.step === arguments[0]', step);
  }

  /** Nothing of the customer is left on the page. */
  async wiped() {
    await this.customerDoes('finish');
    await this.at('idle');
    const left = await this.run('return document.querySelectorAll("canvas").length > 0 || ["HANAKO", "MUSTERMANN", "見本　", "ZZ**"].some((name) => document.body.innerText.includes(name))');
    if (left) throw new Error('personal data is still on the page');
  }

  waiting(count) {
    return this.until(`${count} deliveries wait`, 'return document.querySelector("[data-testid=deliveries-waiting]")?.dataset.count === arguments[0]', String(count));
  }

  /** The virtual reader of the tester's bar. */
  async places(profile) {
    await this.run(
      'const s = document.querySelector("[data-testid=qa-profile]"); s.value = arguments[0]; s.dispatchEvent(new Event("change", {bubbles: true}));',
      profile,
    );
    await this.driver.click('[data-testid=qa-insert]');
  }

  removes() {
    return this.driver.click('[data-testid=qa-remove]');
  }
}

/** Line 2 of a TD3 machine readable zone (Doc 9303-4, 4.2.2), as on the built-in card. */
export function secondLine([number, birth, expiry]) {
  const digit = (text) =>
    [...text].reduce((sum, c, i) => sum + (c === '<' ? 0 : /[0-9]/.test(c) ? Number(c) : c.charCodeAt(0) - 55) * [7, 3, 1][i % 3], 0) % 10;
  const optional = 'TEST<ONLY<<<<<';
  const [n, b, e, o] = [number, birth, expiry, optional].map((text) => text + digit(text));
  return `${n}UTO${b}F${e}${o}${digit(n + b + e + o)}`;
}
