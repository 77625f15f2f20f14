// From the last byte of the chip to its content and verdict on the teller's display, in the real window: judging, the view, the page's
// two frames. The kiosk's own log says both ends. Release build, a display of its own:
//   MADOGUCHI_BIN=KIOSK xvfb-run -a -s "-screen 0 1600x1000x24" dbus-run-session -- node benches/verdict.mjs
import { readFileSync } from 'node:fs';
import { Counter, SPECIMEN } from '../tests/e2e/counter.mjs';

const LIMIT = 50;
const rounds = Number(process.env.ROUNDS ?? 9);
const counter = await Counter.open('bench', { MADOGUCHI_LOG: 'info,madoguchi=debug', NO_COLOR: '1' });
await counter.during(async () => {
  await counter.greet('ja');
  for (let round = 0; round < rounds; round++) {
    await counter.chooses(SPECIMEN);
    await counter.at('await_card');
    await counter.places('specimen');
    await counter.confirms();
    await counter.customerDoes('skip-face');
    await counter.same();
    await counter.removes();
    await counter.tellerDoes('another-document');
    await counter.at('choose_document');
  }
});

const times = [];
let read;
for (const line of readFileSync(counter.log, 'utf8').split('\n')) {
  const at = Date.parse(line.slice(0, line.indexOf('Z') + 1).replace(/(\.\d{3})\d+/, '$1')) + Number(/\.\d{3}(\d{3})/.exec(line)?.[1] ?? 0) / 1000;
  if (line.includes('chip read')) read = at;
  if (read !== undefined && line.includes('painted') && line.includes('Teller') && line.includes('show_chip_data')) {
    times.push(at - read);
    read = undefined;
  }
}
if (times.length !== rounds) throw new Error(`${times.length} of ${rounds} readings were seen in ${counter.log}`);
times.sort((a, b) => a - b);
const [median, worst] = [times[Math.floor(rounds / 2)], times.at(-1)];
console.log(`| last byte of the chip to content and verdict (${rounds} readings) | median ${median.toFixed(1)} ms | worst ${worst.toFixed(1)} ms | ${(median / LIMIT).toFixed(2)} | ${LIMIT} ms |`);
if (median > LIMIT) process.exitCode = 1;
