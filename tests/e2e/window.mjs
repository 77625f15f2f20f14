// Whole sessions in the real window, and what goes wrong in it: MADOGUCHI_BIN (or target/debug/madoguchi), built with
// `--features simulator`, kioskctl beside it. Run it with a display and a session bus of its own:
//   xvfb-run -a -s "-screen 0 1600x1000x24" dbus-run-session -- npm --prefix ui run e2e:window [-- SCENARIO...]
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, Counter, root, SPECIMEN } from './counter.mjs';
import { Pcscd, ServedCard } from './pcsc.mjs';
import { Way } from './way.mjs';

const SCENARIOS = { ja, en, vi, cards, reader, troubles, passport };

if (!existsSync(binary)) throw new Error(`no ${binary}: cargo build --features simulator`);
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SCENARIOS);
const notRun = [];
for (const name of wanted) {
  const started = Date.now();
  await SCENARIOS[name]();
  console.log(`${name}: ${Date.now() - started} ms`);
}
console.log(`window: ${wanted.join(', ')}: done`);
for (const what of notRun) console.error(`✗ NOT RUN: ${what}`);

/** Wrong number, then a card that is no passport; both put right. */
async function ja() {
  const counter = await Counter.open('ja', { MADOGUCHI_PROFILES: join(root, 'tests/e2e/cards/not-a-passport.json') });
  await counter.during(() =>
    session(counter, 'ja', {
      key: async () => {
        await counter.chooses(['XTEST0002', ...SPECIMEN.slice(1)]);
        await counter.at('await_card');
        await counter.places('specimen');
        await counter.at('access_key');
        await counter.told('ACCESS_KEY_MRZ_MISMATCH');
        await counter.removes();
        await counter.types(SPECIMEN, { pictures: true });
      },
      place: async () => {
        await counter.places('not-a-passport');
        await counter.at('choose_document');
        await counter.told('DOCUMENT_NOT_EXPECTED');
        await counter.removes();
        await counter.chooses(SPECIMEN);
        await counter.at('await_card');
        await counter.places('specimen');
      },
    }),
  );
}

async function en() {
  const counter = await Counter.open('en');
  await counter.during(() => session(counter, 'en', {}));
}

/** The page is loaded again in the middle of everything. */
async function vi() {
  const counter = await Counter.open('vi');
  await counter.during(() => session(counter, 'vi', { fields: true, reload: true }));
}

async function session(counter, language, { key, place, fields = false, reload = false }) {
  const started = Date.now();
  const again = () => (reload ? counter.reload() : undefined);
  await counter.greet(language, { pictures: true });
  if (key) await key();
  else await counter.chooses(SPECIMEN, { fields, pictures: true });
  await counter.at('await_card');
  await again();
  await counter.picture('await-card');
  if (place) await place();
  else await counter.places('specimen');
  await counter.at('reading', 'verifying', 'show_chip_data');
  await counter.picture('reading', 0);
  await counter.at('show_chip_data');
  await again();
  const level = await counter.confirms({ pictures: true });
  await counter.until('the preview is live', 'return document.querySelector("[data-testid=surface-customer] [data-testid=preview]")?.dataset.live === "true"');
  await again();
  await counter.until('the preview is live', 'return document.querySelector("[data-testid=surface-customer] [data-testid=preview]")?.dataset.live === "true"');
  await counter.picture('face-capture');
  await counter.customerDoes('take-photo');
  await counter.until('photo taken', 'return Boolean(document.querySelector("[data-testid=surface-customer] [data-testid=use-photo]"))');
  await again();
  await counter.picture('photo-taken');
  await counter.customerDoes('use-photo');
  await counter.at('face_compare');
  await equalFaces(counter);
  await counter.same({ pictures: true });
  await again();
  await counter.tellerDoes('residence-later');
  await counter.picture('decide');
  await counter.tellerDoes('accept');
  await counter.at('receipt');
  await counter.delivery('receipted');
  await again();
  await counter.picture('receipt');
  await counter.removes();
  await counter.wiped();
  await counter.waiting(0);
  await counter.picture('wiped');
  console.log(`${language}: verdict ${level}, delivered, wiped, ${Date.now() - started} ms`);
}

/**
 * A licence with a wrong PIN first, a My Number card after another card was placed, and a residence card whose name is an image: each
 * with its own key, in a language each, accepted and delivered.
 */
async function cards() {
  const licence = (pin1, pin2) => ({ pin1, pin2 });
  await japanese('ja', 'dl', 'licence', async (counter) => {
    await counter.opens(licence('9999', '5678'));
    await counter.at('await_card');
    await counter.places('licence');
    await counter.until('the tries left are said', 'return Boolean(document.querySelector("[data-testid=surface-customer] [data-testid=card-tries]"))');
    await counter.until('staff are told how many tries are left', 'return document.querySelector(arguments[0])?.innerText.includes("残り2回")', counter.teller('message'));
    await counter.picture('pin-wrong');
    await counter.opens(licence('1234', '5678'), { pictures: true });
  });
  await japanese('en', 'mnc', 'mynumber-specimen', async (counter) => {
    const key = { birth: '19900203', expiry: '2035', code: '0007' };
    await counter.opens(key, { pictures: true });
    await counter.at('await_card');
    await counter.picture('await-card');
    await counter.places('residence-second');
    await counter.at('choose_document');
    await counter.until('what it looks like is said', 'return document.querySelector(arguments[0])?.innerText.includes("Residence card")', counter.customer('message'));
    await counter.picture('looks-like');
    await counter.removes();
    await counter.customerDoes('document-mnc');
    await counter.opens(key);
    await counter.at('await_card');
    await counter.places('mynumber-specimen');
  });
  await japanese('vi', 'rc', 'residence-first', async (counter) => {
    await counter.opens({ number: 'ZZ00000001TT' }, { pictures: true });
    await counter.at('await_card');
    await counter.places('residence-first');
    await counter.at('show_chip_data');
    await counter.picture('printed-expiry');
    await counter.driver.type(counter.teller('printed-expiry'), '20300501');
    await counter.tellerDoes('submit-expiry');
    await counter.until('the expiry is taken', 'return Boolean(document.querySelector("[data-testid=surface-teller] [data-testid=holder-expiry]"))');
  });
}

async function japanese(language, document, card, open) {
  const started = Date.now();
  const counter = await Counter.open(`card-${document}`);
  await counter.during(async () => {
    await counter.greet(language);
    await counter.customerDoes(`document-${document}`);
    await counter.at('access_key');
    await open(counter);
    const level = await counter.confirms({ pictures: true });
    await counter.until('the preview is live', 'return document.querySelector("[data-testid=surface-customer] [data-testid=preview]")?.dataset.live === "true"');
    await counter.customerDoes('take-photo');
    await counter.customerDoes('use-photo');
    await counter.at('face_compare');
    await equalFaces(counter);
    await counter.same({ pictures: true });
    await counter.picture('decide');
    await counter.tellerDoes('accept');
    await counter.at('receipt');
    await counter.delivery('receipted');
    await counter.picture('receipt');
    await counter.removes();
    await counter.wiped();
    await counter.waiting(0);
    console.log(`${card} (${language}): verdict ${level}, delivered, wiped, ${Date.now() - started} ms`);
  });
}

/** The chip's photo and the new one beside each other, equally large, both drawn. */
async function equalFaces(counter) {
  await counter.until(
    'two drawn faces of one size',
    `const [a, b] = ['face-chip', 'face-live'].map((id) => document.querySelector('[data-testid=surface-teller] [data-testid=' + id + '] canvas'));
     if (a?.dataset.drawn !== 'true' || b?.dataset.drawn !== 'true') return false;
     const [p, q] = [a, b].map((canvas) => canvas.getBoundingClientRect());
     return Math.abs(p.width - q.width) < 1 && Math.abs(p.height - q.height) < 1 && Math.abs(p.top - q.top) < 1;`,
  );
}

/** No smart-card service: nobody can start, and both are told why in every language. */
async function reader() {
  const counter = await Counter.open('reader', { MADOGUCHI_READER: 'pcsc', PCSCLITE_CSOCK_NAME: join(tmpdir(), 'madoguchi-no-service') });
  await counter.during(async () => {
    for (const language of ['ja', 'en', 'vi']) {
      counter.language = language;
      const texts = JSON.parse(readFileSync(join(root, `crates/session/texts/${language}.json`), 'utf8')).READER_SERVICE_LOST;
      await counter.at('idle');
      await counter.tellerDoes(`language-${language}`);
      await counter.customerDoes(`language-${language}`);
      await counter.until('staff are told', 'return document.querySelector("[data-testid=surface-teller] main").innerText.includes(arguments[0])', texts.staff);
      await counter.until('the customer is told', 'return document.querySelector("[data-testid=surface-customer] [data-testid=closed]")?.innerText.includes(arguments[0])', texts.customer);
      const open = await counter.run('return [...document.querySelectorAll("[data-testid=start]")].some((button) => !button.disabled)');
      if (open) throw new Error('a session could be started without a reader');
      await counter.picture(`no-reader-${language}`);
    }
  });
}

/**
 * No camera, a full disk and a backend out of reach in one session of each language: each is told with what to do next, nothing is
 * lost, and the session is delivered once the way is open.
 */
async function troubles() {
  for (const language of ['ja', 'en', 'vi']) {
    const disk = mkdtempSync(join(tmpdir(), 'madoguchi-disk-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=640m', 'tmpfs', disk]).status === 0;
    if (!mounted) notRun.push(`full disk in the window (${language}): no file system can be mounted here (root is needed)`);
    const way = await Way.open();
    const data = join(disk, 'data');
    try {
      const counter = await Counter.open(`troubles-${language}`, { MADOGUCHI_DATA_DIR: data, MADOGUCHI_CAMERA: 'webcam', MADOGUCHI_BACKEND_URL: way.url });
      const filler = join(disk, 'filler');
      await counter.during(async () => {
        way.leadsTo(await embeddedBackend(counter));
        await counter.greet(language);
        await counter.chooses(SPECIMEN);
        await counter.at('await_card');
        await counter.places('specimen');
        await counter.confirms();
        await says(counter, counter.customer('no-camera'));
        await device(counter, 'CAMERA_MISSING');
        await counter.picture('no-camera');
        await counter.customerDoes('skip-face');
        await counter.same();
        await counter.tellerDoes('residence-later');
        if (mounted) {
          fill(filler);
          await counter.tellerDoes('accept');
          await counter.told('STORE_FULL');
          rmSync(filler);
        }
        await counter.tellerDoes('accept');
        await counter.at('receipt');
        await counter.delivery('retry_wait');
        await counter.picture('not-delivered-yet');
        await counter.removes();
        await counter.wiped();
        await counter.waiting(1);
        await device(counter, 'BACKEND_UNREACHABLE');
        await counter.picture('waiting');
        way.opens();
        await counter.waiting(0);
        await counter.picture('delivered');
        console.log(`troubles ${language}: no camera,${mounted ? ' full disk,' : ''} backend out of reach: told; accepted and delivered`);
      });
    } finally {
      await way.close();
      if (mounted) spawnSync('umount', ['--lazy', disk]);
      rmdirSync(disk);
    }
  }
}

/** Something is said there, and it is not empty. */
function says(counter, css) {
  return counter.until(`${css} says something`, 'return Boolean(document.querySelector(arguments[0])?.innerText.trim())', css);
}

/** Staff see which device fails, with the sentence that says what to do. */
function device(counter, code) {
  const { staff } = JSON.parse(readFileSync(join(root, `crates/session/texts/${counter.language}.json`), 'utf8'))[code];
  return counter.until(
    `${code} is told to staff`,
    'return document.querySelector(`[data-testid=surface-teller] [data-testid=device-failure][data-code=${arguments[0]}]`)?.innerText.includes(arguments[1])',
    code,
    staff,
  );
}

/** Where the backend in the window's process listens: it says so when it starts. */
async function embeddedBackend(counter) {
  for (let tries = 0; tries < 100; tries++) {
    const port = /embedded backend.*127\.0\.0\.1:(\d+)/.exec(readFileSync(counter.log, 'utf8'));
    if (port) return Number(port[1]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the embedded backend does not say where it listens');
}

function fill(path) {
  const file = openSync(path, 'w');
  for (const size of [65_536, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size));
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
}

/** The BSI reference passport in the real smart-card service: with BAC, lifted and put back, then with PACE alone. */
async function passport() {
  const data = join(process.env.MADOGUCHI_TEST_DATA ?? join(root, '../shared/data'), 'emrtd/bsi-tr03105-5');
  if (!existsSync(data)) {
    notRun.push(`the BSI reference passport in the window: no test data at ${data} (set MADOGUCHI_TEST_DATA)`);
    return;
  }
  const cards = mkdtempSync(join(tmpdir(), 'madoguchi-cards-'));
  const bac = profile(cards, data, 'bsi-bac', { bac: true });
  const lifted = profile(cards, data, 'bsi-bac-lifted', { bac: true }, { faults: [{ kind: 'lift', at: 12 }] });
  // Doc 9303-11, 9.2.1: id-PACE-ECDH-GM-AES-CBC-CMAC-128, version 2, parameters 13 (brainpoolP256r1).
  const access = '31143012060a04007f0007020204020202010202010d';
  const pace = profile(cards, data, 'bsi-pace', { bac: false, pace: [{ cipher: 'aes-128', parameter_id: 13 }] }, {}, { '011C': { hex: access } });
  const mrz = readFileSync(join(data, 'Datagroup1.bin')).subarray(-44).toString('latin1');
  const pcscd = await Pcscd.start();
  let card;
  try {
    const counter = await Counter.open('passport', { MADOGUCHI_READER: 'pcsc' });
    await counter.during(async () => {
      await counter.greet('en');
      await counter.chooses(['C11T002JM', '960812', '231031'], { fields: true });
      await counter.at('await_card');
      card = new ServedCard(lifted);
      await card.lifted();
      await counter.at('await_card');
      await counter.told('CARD_REMOVED');
      card = new ServedCard(bac);
      await referenceVerdict(counter, 'bac');
      await card.take();
      await counter.tellerDoes('another-document');
      await counter.at('choose_document');
      await counter.chooses(mrz);
      await counter.at('await_card');
      card = new ServedCard(pace);
      await referenceVerdict(counter, 'pace');
      await card.take();
      // Nobody knows the issuer of the reference passport, so it is not accepted; the session ends with a document that is.
      await counter.tellerDoes('another-document');
      await counter.at('choose_document');
      await counter.chooses(SPECIMEN);
      await counter.at('await_card');
      card = new ServedCard('specimen');
      await counter.confirms();
      await counter.customerDoes('skip-face');
      await counter.same();
      await counter.accepts();
      await counter.at('receipt');
      await counter.delivery('receipted');
      await card.take();
      await counter.picture('receipt');
      await counter.wiped();
      await counter.waiting(0);
    });
  } finally {
    await card?.take();
    await pcscd.stop();
    rmSync(cards, { recursive: true, force: true });
  }
}

/**
 * What staff see of the reference passport: data and chip proven, the issuer unknown, and no way to accept it. Its SOD does not list
 * DG15, so Active Authentication is complete but not bound to the document, and only Chip Authentication counts.
 */
async function referenceVerdict(counter, access) {
  await counter.at('show_chip_data');
  await counter.until('the chip photo is drawn', 'return document.querySelector("[data-testid=surface-teller] canvas")?.dataset.drawn === "true"');
  await counter.picture(`chip-data-${access}`);
  const codes = await counter.run('return [...document.querySelectorAll("[data-testid=verdict-code]")].map((code) => code.textContent.trim().split(" ").at(-1))');
  const state = Object.fromEntries(
    await counter.run('return [...document.querySelectorAll("[data-testid^=verdict-][data-state]")].map((line) => [line.dataset.testid.slice(8), line.dataset.method ? `${line.dataset.state} ${line.dataset.method}` : line.dataset.state])'),
  );
  const level = await counter.confirms();
  console.log(`passport ${access}: ${level}, ${codes.join(', ')}; ${JSON.stringify(state)}`);
  const expected = { read: 'ok', data_signature: 'valid', chain: 'untrusted_issuer', chip_genuine: 'proven chip_authentication', validity: 'expired' };
  for (const [part, value] of Object.entries(expected)) if (state[part] !== value) throw new Error(`${part} is ${state[part]}, not ${value}`);
  if (level !== 'amber') throw new Error(`the verdict is ${level}`);
  for (const code of ['CSCA_UNKNOWN', 'DG_NOT_IN_SOD(15)', 'DOCUMENT_EXPIRED']) if (!codes.includes(code)) throw new Error(`${code} is not shown`);
  await counter.customerDoes('skip-face');
  await counter.same();
  const open = await counter.run('return !document.querySelector("[data-testid=accept]").disabled');
  if (open || !(await counter.text(counter.teller('closed')))) throw new Error('a passport of an unknown issuer could be accepted, or nothing says why not');
  await counter.picture(`decide-${access}`);
}

function profile(folder, data, name, access, more = {}, masterFiles = {}) {
  const file = (path) => ({ path: join(data, path) });
  const files = { '011E': file('EF_COM.bin'), '011D': file('EF_SOD.bin') };
  for (const number of [1, 2, 3, 4, 14, 15]) files[`01${number.toString(16).toUpperCase().padStart(2, '0')}`] = file(`Datagroup${number}.bin`);
  const path = join(folder, `${name}.json`);
  const content = {
    name,
    access,
    files,
    // EF.ATR/INFO (Doc 9303-10, 3.11.3): 2048 bytes of command, 65535 of response.
    master_files: { '2F01': { hex: '7f6608020208000202ffff' }, ...masterFiles },
    active: { pkcs8: file('DG15_sk.pkcs8'), hash: 'sha-1' },
    chip: [{ cipher: '3des', pkcs8: file('DG14_sk.pkcs8') }],
    ...more,
  };
  writeFileSync(path, JSON.stringify(content));
  return path;
}
